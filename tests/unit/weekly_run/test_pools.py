"""A test with pools in a run: scores, reviews, emails and the report are about what each student got."""

from __future__ import annotations

import csv
import io
import json
from copy import deepcopy
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from common.shared.object_keys import answer_key_key, draft_key, questions_key, score_key
from support.pooled import (
    COUNT,
    ENTRIES,
    MOST,
    POOLS,
    QUESTIONS,
    SALT,
    not_drawn_for,
    numbers_of,
    pooled_questions,
    pooled_test,
)
from support.weekly_class import SUBJECT, TEST, make_students
from support.weekly_run import TRAINER, World

STUDENTS = [f"s{number}" for number in range(1, 13)]


def world_of(**changes: Any) -> World:
    """Twelve students; those with an even number choose b in the last of their questions, which is wrong."""
    world = World()
    world.publish(SUBJECT, [pooled_test(**changes)], make_students(len(STUDENTS)))
    for place, student in enumerate(STUDENTS, 1):
        answers = dict.fromkeys(numbers_of(student), "a")
        if place % 2 == 0:
            answers[numbers_of(student)[-1]] = "b"
        world.submit(SUBJECT, TEST, student, answers)
    return world


@pytest.fixture(scope="module")
def scored() -> World:
    world = world_of()
    world.run()
    return world


def score_of(world: World, student: str) -> Any:
    return world.get(score_key(SUBJECT, TEST, student))


def mailed(world: World, to: str, part: str = "plain") -> str:
    """The only email to an address."""
    [mail] = world.ses.to(to)
    body: Any = mail.get_body((part,))
    text: str = body.get_content()
    return text


@pytest.mark.parametrize("student", STUDENTS)
def test_a_score_is_of_the_questions_that_the_student_got(scored: World, student: str) -> None:
    score = score_of(scored, student)
    assert list(score["questions"]) == numbers_of(student)
    assert score["maxPoints"] == MOST
    assert score["points"] == (MOST if int(student[1:]) % 2 else MOST - 2)


def test_answers_to_questions_of_another_draw_are_not_scored_but_reported() -> None:
    """The upload does not take them. So the salt is another one: nobody is told that they have lost their points."""
    world = world_of()
    world.run()
    before = {student: score_of(world, student) for student in STUDENTS}
    sent = len(world.ses.to("s1@example.org"))
    test = pooled_test(salt="0ff5" * 8)
    world.publish(SUBJECT, [test], make_students(len(STUDENTS)))
    world.run({"regrade": f"{SUBJECT}/{TEST}"})
    now = pooled_questions(salt="0ff5" * 8)
    unlucky = [student for student in STUDENTS if set(numbers_of(student)) - set(numbers_of(student, now))]
    for student in unlucky:
        assert score_of(world, student) == before[student]
    assert "s1" in unlucky
    assert len(world.ses.to("s1@example.org")) == sent
    body: Any = world.ses.to(TRAINER)[-1].get_body(("plain",))
    text = body.get_content()
    assert "other questions were drawn for it: the test was removed and published again" in text


def test_an_answer_to_a_question_that_was_taken_out_of_a_test_earns_nothing() -> None:
    world = World()
    world.publish(SUBJECT, [pooled_test()], make_students())
    world.submit(SUBJECT, TEST, "s1", {"1": "a", "99": "a"})
    world.run()
    assert (score_of(world, "s1")["points"], score_of(world, "s1")["maxPoints"]) == (1, MOST)


@pytest.mark.parametrize("student", STUDENTS[:4])
def test_a_review_and_an_email_show_only_what_the_student_got(scored: World, student: str) -> None:
    review = scored.get(f"reviews/{SUBJECT}/{TEST}/{student}.json")
    assert [str(each["number"]) for each in review["questions"]] == numbers_of(student)
    for part in ("plain", "html"):
        text = mailed(scored, f"{student}@example.org", part)
        assert f"Question {COUNT} of {COUNT}" in text
        for number in range(1, len(QUESTIONS) + 1):
            assert (f"Question {number}?" in text) == (str(number) in numbers_of(student))


def test_a_question_that_is_dropped_counts_0_of_0_for_those_who_got_it() -> None:
    key: Any = deepcopy(pooled_test()["key"])
    key["questions"]["6"]["correction"] = {"reason": "slip", "drop": True}
    world = world_of()
    world.run()
    world.put(answer_key_key(SUBJECT, TEST), key)
    world.run()
    for student in STUDENTS:
        assert score_of(world, student)["maxPoints"] == (MOST - 2 if "6" in numbers_of(student) else MOST)


def test_a_draft_that_is_handed_in_is_without_the_answers_to_what_was_not_drawn() -> None:
    """Such answers are only there if the draft is older than the pools."""
    world = World()
    world.publish(SUBJECT, [pooled_test(unsubmittedDrafts="submit")], make_students())
    world.submit(SUBJECT, TEST, "s1", {"1": "a"})
    answers = {str(each["number"]): "a" for each in QUESTIONS}
    world.put(draft_key(SUBJECT, "s5", TEST), {"answers": answers, "savedAt": "2026-11-23T21:30:00Z"})
    world.run()
    score = score_of(world, "s5")
    assert score["points"] == MOST
    assert score["draft"] == {"leftOut": not_drawn_for("s5")}


def reminded() -> World:
    """A day before the deadline."""
    world = World(reminder_hours=24)
    world.publish(SUBJECT, [pooled_test()], make_students())
    world.now -= timedelta(hours=23)
    return world


@pytest.mark.parametrize(("answers", "count"), [("own", COUNT), ("others", 0), ("all", COUNT)])
def test_a_reminder_counts_the_answers_to_what_the_student_got(answers: str, count: int) -> None:
    world = reminded()
    numbers = {"own": numbers_of("s5"), "others": not_drawn_for("s5"), "all": [*numbers_of("s5"), *not_drawn_for("s5")]}
    given = dict.fromkeys(numbers[answers], "a")
    world.put(draft_key(SUBJECT, "s5", TEST), {"answers": given, "savedAt": "2026-11-23T10:00:00Z"})
    world.run()
    text = mailed(world, "s5@example.org")
    assert (f"{count} of {COUNT} questions answered" in text) == bool(count)
    assert ("questions answered" in text) == bool(count)


def test_without_questions_a_reminder_says_nothing_of_a_draft() -> None:
    world = reminded()
    world.put(draft_key(SUBJECT, "s5", TEST), {"answers": {"1": "a"}, "savedAt": "2026-11-23T10:00:00Z"})
    del world.s3.objects[questions_key(SUBJECT, TEST)]
    world.run()
    assert "answered" not in mailed(world, "s5@example.org")


def statistics_of(world: World) -> Any:
    [key] = [key for key in world.s3.objects if key.endswith("/statistics.json")]
    return json.loads(world.s3.objects[key])


def test_the_report_counts_who_got_a_question(scored: World) -> None:
    figures = {each["number"]: each for each in statistics_of(scored)["questions"]}
    assert "shown" not in figures["1"]
    for number in "234567":
        got = [student for student in STUDENTS if number in numbers_of(student)]
        right = [student for student in got if int(student[1:]) % 2 or numbers_of(student)[-1] != number]
        assert figures[number]["shown"] == len(got)
        assert figures[number]["facility"] == pytest.approx(100 * len(right) / len(got))
        assert sum((each["upper"] or 0) + each["lower"] for each in figures[number]["options"]) == len(got)
    assert f"(drawn for {figures['6']['shown']})" in mailed(scored, TRAINER)


def test_the_gradebook_is_empty_where_a_student_did_not_get_a_question(scored: World) -> None:
    [mail] = scored.ses.to(TRAINER)
    [attached] = mail.iter_attachments()
    content: Any = attached.get_content()
    text = content.decode("utf-8-sig") if isinstance(content, bytes) else content.lstrip("\ufeff")
    for row in csv.DictReader(io.StringIO(text)):
        marks = {number: row[f"question {number}"] for number in map(str, range(1, len(QUESTIONS) + 1))}
        assert [number for number, mark in marks.items() if mark] == numbers_of(row["studentId"])


def test_neither_the_salt_nor_a_pools_name_is_in_a_students_email_review_or_score_or_in_the_log(
    log: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    world = world_of()
    world.run()
    texts = [mail.as_string() for student in STUDENTS for mail in world.ses.to(f"{student}@example.org")]
    texts += [str(body) for key, body in world.s3.objects.items() if key != questions_key(SUBJECT, TEST)]
    printed = capsys.readouterr()
    for text in (*texts, log.getvalue(), printed.out, printed.err):
        for secret in (SALT, *POOLS):
            assert secret not in text


def test_every_entry_of_the_key_is_checked() -> None:
    """Also of a question that no student got."""
    key: Any = deepcopy(pooled_test()["key"])
    assert len(key["questions"]) == len(ENTRIES)
    del key["questions"]["7"]
    world = world_of(key=key)
    summary = world.run()
    assert summary
    assert summary["tests"][0]["failed"] == len(STUDENTS)
