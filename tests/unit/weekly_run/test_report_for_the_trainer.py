"""What the report says about each option, about answer keys that are probably wrong, and about who is missing."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from report_run.choices import FEWEST_RESULTS
from support.weekly_class import SUBJECT, TEST, make_students, make_test
from support.weekly_run import TRAINER, World


def world_with_doubtful_key(students: int = 12, missing: int = 2, **correction: Any) -> World:
    """The upper half answers b in question 1, whose key says a, and the lower half a."""
    world = World()
    test: Any = make_test()
    if correction:
        test["key"]["questions"]["1"]["correction"] = {"reason": "slip", **correction}
    world.publish(SUBJECT, [test], make_students(students + missing))
    for number in range(1, students + 1):
        strong = number <= students // 2
        answers = {"1": "b", "2": "b", "3": ["b", "c"]} if strong else {"1": "a", "2": "d"}
        world.submit(SUBJECT, TEST, f"s{number}", answers)
    world.run()
    return world


def mail_of(world: World) -> tuple[str, str]:
    """The text and the HTML of the trainer's email."""
    mail: Any
    [mail] = world.ses.to(TRAINER)
    text, markup = (mail.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))
    return text, markup


def stored(world: World, name: str) -> str:
    [body] = [body for key, body in world.s3.objects.items() if key.startswith("reports/") and key.endswith(name)]
    return body.decode()


def words(markup: str) -> str:
    """What a person reads of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def test_each_option_has_the_numbers_of_both_halves() -> None:
    world = world_with_doubtful_key()
    text, markup = mail_of(world)
    assert "     a* 0 + 6, b 6 + 0, c 0 + 0, d 0 + 0, no answer 0 + 0\n" in text
    assert "     a 0, b* 6, c* 6, d 0, no answer 6\n" in text  # all have a point for the other questions
    assert "a (right) 0 + 6, b 6 + 0, c 0 + 0, d 0 + 0, no answer 0 + 0" in words(markup)
    assert "a. option a (right) 0 + 6 b. option b 6 + 0" in words(stored(world, "report.html"))


def test_a_key_that_is_probably_wrong_is_marked_at_the_top_and_at_the_question() -> None:
    world = world_with_doubtful_key()
    text, markup = mail_of(world)
    assert 'CHECK THE KEY of question 1: see "Questions" below.' in text
    assert "     CHECK THE KEY: b was chosen by more of the upper half than the right answer." in text
    for page in (markup, stored(world, "report.html")):
        assert "Check the key of question 1: see the questions below." in words(page)
        assert "Check the key: b was chosen by more of the upper half than the right answer." in words(page)


@pytest.mark.parametrize("correction", [{"drop": True}, {"allCredit": True}, {"alsoAccept": ["b"]}])
def test_a_question_that_has_been_corrected_is_not_marked(correction: Any) -> None:
    text, markup = mail_of(world_with_doubtful_key(**correction))
    assert "CHECK THE KEY" not in text
    assert "Check the key" not in markup


@pytest.mark.parametrize("students", [FEWEST_RESULTS - 2, FEWEST_RESULTS])
def test_with_few_results_it_says_how_many_are_needed_instead(students: int) -> None:
    world = world_with_doubtful_key(students)
    few = students < FEWEST_RESULTS
    for page in (*mail_of(world), stored(world, "report.html")):
        assert (f"is marked from {FEWEST_RESULTS} results on" in words(page)) is few
        assert ("check the key" in page.lower()) is not few


def test_grades_come_before_the_missing_names() -> None:
    world = world_with_doubtful_key()
    for page in (*mail_of(world), stored(world, "report.html")):
        assert page.index("Grades") < page.index("Missing results") < page.index("Student 14")


def test_the_trainer_can_write_to_the_missing_without_showing_them_to_each_other() -> None:
    text, markup = mail_of(world_with_doubtful_key())
    assert "  To write to them, put these addresses into Bcc:\n  s13@example.org, s14@example.org\n" in text
    link = f'href="mailto:?bcc=s13@example.org,s14@example.org&amp;subject={TEST}%20in%20{SUBJECT}"'
    assert link in markup
    assert "s13@example.org, s14@example.org" in words(markup)


def test_addresses_are_in_the_trainers_email_and_nowhere_else() -> None:
    world = world_with_doubtful_key()
    kept = [key for key, body in world.s3.objects.items() if b"s13@example.org" in body]
    assert {key.split("/")[0] for key in kept} == {"roster.jsonl", "runs"}
    assert all("/batches/" in key for key in kept if key.startswith("runs/"))
    for mail in world.ses.sent:
        assert mail["To"] == TRAINER or "s13@example.org" not in mail.as_string()
    [mail] = world.ses.to(TRAINER)
    assert not any("s13@example.org" in part.get_content() for part in mail.iter_attachments())


def test_an_address_cannot_change_the_link() -> None:
    world = World()
    students = make_students(2)
    students[0]["email"] = "a&subject=x,b?c@example.org"
    world.publish(SUBJECT, [make_test()], students)
    world.run()
    assert "mailto:?bcc=a%26subject%3Dx%2Cb%3Fc@example.org,s2@example.org&amp;subject=" in mail_of(world)[1]


def test_addresses_that_are_too_many_for_a_link_are_a_list() -> None:
    markup = mail_of(world_with_doubtful_key(missing=120))[1]
    assert "mailto:" not in markup
    assert "To write to them, put these addresses into Bcc: s13@example.org" in words(markup)


def test_if_the_email_does_not_list_every_student_it_says_where_addresses_are() -> None:
    text, markup = mail_of(world_with_doubtful_key(missing=200))
    for page in (text, markup):
        assert f"./bin/results.sh --test {SUBJECT}/{TEST} --format csv" in words(page)
        assert "s13@example.org" not in page


def test_nobody_missing_is_no_empty_list_of_addresses() -> None:
    text, markup = mail_of(world_with_doubtful_key(missing=0))
    assert "Bcc" not in text + markup
