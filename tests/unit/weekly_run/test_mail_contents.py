"""What students and the trainer read: right, harmless, and no more than they may see."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest

from common.run.mail_text import local_time, number, prose, visible
from get_test.presentation import questions_for
from report_run.gradebook import cell, gradebook
from report_run.results import Row
from support.documents import question, questions
from support.weekly_class import SUBJECT, TEST, make_students, make_test
from support.weekly_run import ENDPOINT, TRAINER, World

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202egnp.exe\x07 & \"quoted\" 'single'"


def hostile_world() -> World:
    world = World()
    test = make_test(title=HOSTILE)
    test["questions"][0]["text"] = HOSTILE
    test["questions"][1]["text"] = "x" * 10_000
    test["questions"][0]["options"][0]["text"] = HOSTILE
    test["key"]["questions"]["1"]["explanation"] = HOSTILE
    test["key"]["questions"]["1"]["correction"] = {"reason": HOSTILE, "alsoAccept": ["b"]}
    students = make_students()
    for student in students:
        student["name"] = HOSTILE
    world.publish(SUBJECT, [test], students)
    world.submit(SUBJECT, TEST, "s1", {"1": "a"})
    world.run()
    return world


def bodies(mail: Any) -> tuple[str, str]:
    """Text and HTML, with the lines' ends of text instead of those of mail."""
    text, html = (mail.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))
    return text, html


def test_hostile_text_is_shown_harmless_in_every_mail() -> None:
    world = hostile_world()
    page = next(body for key, body in world.s3.objects.items() if key.endswith("report.html")).decode()
    shown = [page]
    for mail in world.ses.sent:
        text, html = bodies(mail)
        shown += [text, html, str(mail["Subject"])]
        assert "<script" not in html
        assert "&lt;script&gt;" in html
    assert "<script" not in page
    for part in shown:
        assert not set(part) & set("\x1b\x07\u202e")
    assert all(len(part) < 20_000 for part in shown)


def test_hostile_names_cannot_add_a_header() -> None:
    world = World()
    students = make_students(1)
    students[0]["name"] = "A\r\nBcc: evil@example.org"
    world.publish(SUBJECT, [make_test(title="B\r\nBcc: evil@example.org")], students)
    world.submit(SUBJECT, TEST, "s1", {"1": "a"})
    world.run()
    assert all(mail["Bcc"] is None for mail in world.ses.sent)


def test_code_in_a_question_keeps_its_lines() -> None:
    world = World()
    test = make_test()
    test["questions"][0]["text"] = "What does it print?\n\n    for x in y:\n        print(x)"
    world.publish(SUBJECT, [test], make_students(1))
    world.submit(SUBJECT, TEST, "s1", {"1": "a"})
    world.run()
    assert all("    for x in y:\n        print(x)" in body for body in bodies(world.ses.sent[0]))


@pytest.mark.parametrize("text", ["plain", "Łódź ❤", "tab\tand\nline", "\u0627\u0644\u0639\u0631\u0628\u064a\u0629"])
def test_honest_text_is_left_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(("value", "shown"), [(5, "5"), (5.0, "5"), (4.5, "4.5"), (0.33, "0.33"), (10, "10"), (0, "0")])
def test_points_are_written_as_people_write_them(value: float, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        ("2026-11-23T22:00:00Z", "Mon 23 Nov 2026, 23:00 (Europe/Warsaw)"),
        ("2026-07-06T21:00:00Z", "Mon 6 Jul 2026, 23:00 (Europe/Warsaw)"),
    ],
)
def test_times_are_the_classes_own(time: str, shown: str) -> None:
    assert local_time(time, "Europe/Warsaw") == shown


@pytest.mark.parametrize("shuffle", [False, True])
def test_the_answers_are_numbered_and_lettered_in_the_order_in_which_the_student_saw_them(shuffle: bool) -> None:
    test = make_test(shuffle=shuffle)
    test["questions"][2]["options"] = [{"id": option, "text": f"choice {option}"} for option in "abcd"]
    for entry in "13":
        test["key"]["questions"][entry]["correction"] = {"reason": f"slip in {entry}", "allCredit": True}
    world = World()
    world.publish(SUBJECT, [test], make_students())
    for student in ("s1", "s2", "s3", "s4"):
        world.submit(SUBJECT, TEST, student, {"1": "b", "3": ["a", "c"]})
    world.run()
    orders = set()
    for student in ("s1", "s2", "s3", "s4"):
        seen = questions_for(student, questions(SUBJECT, TEST, test["questions"], shuffle=shuffle))
        orders.add(str(seen))
        text, html = bodies(world.ses.to(f"{student}@example.org")[0])
        for place, asked in enumerate(seen, 1):
            letters = {option["id"]: letter for letter, option in zip("abcd", asked["options"], strict=True)}
            assert f"Question {place} of 3\nQuestion {asked['number']}?\n" in text
            if asked["number"] == 3:
                chosen, right = (
                    sorted(f"{letters[option]}: choice {option}" for option in options) for options in ("ac", "bc")
                )
                assert "\n    ".join(["Your answer:", *chosen]) + "\n    ".join(["\nRight answer:", *right]) in text
                assert re.findall(r">([a-d]: choice .)<", html.replace('<span dir="auto">', "")) == [*chosen, *right]
            if asked["number"] != 2:
                told = f"Question {place} was corrected: slip in {asked['number']}"
                assert told in text
                assert told in html
    assert len(orders) == (4 if shuffle else 1)


# --- the gradebook ---


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_that_a_spreadsheet_would_compute_is_neutralised(start: str) -> None:
    assert cell(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


def test_the_gradebook_survives_names_with_commas_quotes_and_lines() -> None:
    name = 'O"Hara, =Ann\nLee'
    first_row = Row("-s1", name, "scored", 1, 4, True, "2026-11-23T20:00:00Z", (1, 0, 0.5), handed_in=True)
    rows = [first_row, Row("s2", "=1+1", "open")]
    book = gradebook(SUBJECT, TEST, ["1", "2", "3"], rows)
    assert book.startswith(b"\xef\xbb\xbf")
    head, first, second = csv.reader(io.StringIO(book.decode("utf-8-sig"), newline=""))
    assert head[-3:] == ["question 1", "question 2", "question 3"]
    assert first == [
        SUBJECT,
        TEST,
        "'-s1",
        name,
        "scored",
        "1",
        "4",
        "25.00",
        "yes",
        "yes",
        "2026-11-23T20:00:00Z",
        "1",
        "0",
        "0.5",
    ]
    assert second[:6] == [SUBJECT, TEST, "s2", "'=1+1", "open", ""]


# --- large classes ---


def large(count: int) -> World:
    world = World(batch_size=100)
    world.publish(SUBJECT, [make_test()], make_students(count))
    for n in range(1, count + 1, 2):
        world.submit(SUBJECT, TEST, f"s{n}", {"1": "a"})
    world.run()
    return world


def test_up_to_200_students_are_listed_in_the_mail() -> None:
    text, html = bodies(large(200).ses.to(TRAINER)[0])
    for body in (text, html):
        assert "s199" in body
        assert "s200" in body


def test_the_trainers_email_leads_to_the_report_on_the_trainers_page() -> None:
    world = hostile_world()
    [page] = [key for key in world.s3.objects if key.endswith("/report.html")]
    address = f"{ENDPOINT}/?trainer#report={SUBJECT}/{TEST}/{page.split('/')[-2]}"
    text, html = bodies(world.ses.to(TRAINER)[0])
    note = "The page asks for your key, which ./bin/pull-api-config.sh --trainer --show prints."
    assert f"\nFull report: {address}\n{note}\n" in text
    assert f'<a href="{address}"' in html
    assert "--status" not in text + html


def test_if_an_earlier_version_published_the_class_the_email_says_how_to_get_a_link() -> None:
    world = World()
    world.publish(SUBJECT, [make_test()], make_students(1))
    del world.s3.objects["class.json"]
    world.submit(SUBJECT, TEST, "s1", {"1": "a"})
    world.run()
    text, html = bodies(world.ses.to(TRAINER)[0])
    assert "\nTo get a link to the full report, run ./bin/run-scoring.sh --status.\n" in text
    assert f"To get a link to the full report of {TEST}, run <code>./bin/run-scoring.sh --status</code>" in html
    assert "?trainer" not in text + html


def test_above_200_students_the_mail_has_the_summary_and_the_link_and_the_page_has_all() -> None:
    world = large(201)
    (mail,) = world.ses.to(TRAINER)
    for body in bodies(mail):
        assert "Student 7" not in body
        assert "101" in body
        assert f"{ENDPOINT}/?trainer#report={SUBJECT}/{TEST}/" in body
    page = next(body for key, body in world.s3.objects.items() if key.endswith("report.html")).decode()
    assert all(f"s{n}<" in page for n in (1, 2, 200, 201))
    (attachment,) = mail.iter_attachments()
    assert len(attachment.get_content().splitlines()) == 202


def test_the_mail_has_50_changed_scores_and_the_page_all() -> None:
    world = World(batch_size=100)
    students = make_students(52)
    world.publish(SUBJECT, [make_test()], students)
    for student in students:
        world.submit(SUBJECT, TEST, student["studentId"], {"1": "b"})
    world.run()
    test = make_test()
    test["key"]["questions"]["1"]["correction"] = {"reason": "slip", "alsoAccept": ["b"]}
    world.publish(SUBJECT, [test], students)
    world.run()
    for body in bodies(world.ses.to(TRAINER)[1]):
        assert body.count(": changed from ") == 50
        assert "And 2 more." in body
    pages = [body.decode() for key, body in world.s3.objects.items() if key.endswith("report.html")]
    assert max(page.count(": changed from ") for page in pages) == 52


def test_small_classes_are_warned_of_their_statistics() -> None:
    for count, warned in ((58, True), (60, False)):  # every second one submits
        text, html = bodies(large(count).ses.to(TRAINER)[0])
        assert ("not reliable" in text, "not reliable" in html) == (warned, warned)


def test_test_that_nobody_submitted_has_missing_results_and_no_empty_tables() -> None:
    world = World()
    world.publish(SUBJECT, [make_test()], make_students(2))
    world.run()
    for body in bodies(world.ses.to(TRAINER)[0]):
        assert "Missing results: 2" in body
        assert not {"Grades", "Distribution", "Questions", "reliable"} & set(re.findall(r"\w+", body))


def test_undefined_statistics_are_blank_in_the_report() -> None:
    world = World()
    world.publish(SUBJECT, [make_test()], make_students(1))
    world.submit(SUBJECT, TEST, "s1", {"1": "a"})
    world.run()
    text, _ = bodies(world.ses.to(TRAINER)[0])
    assert "  1. 100 - -" in text
    assert question(1)["text"] in bodies(world.ses.to(TRAINER)[0])[1]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain <b>", "plain &lt;b&gt;"),
        ("the `<b>` tag", 'the <code dir="ltr" style="background:#eef1f5">&lt;b&gt;</code> tag'),
        ("a ` alone", "a ` alone"),
        ("`no\nend`", "`no\nend`"),
        ("one\n`two`\nthree", 'one\n<code dir="ltr" style="background:#eef1f5">two</code>\nthree'),
    ],
)
def test_code_is_shown_as_code_and_never_as_html(text: str, html: str) -> None:
    assert prose(text) == f'<span dir="auto">{html}</span>'


def test_a_code_block_loses_its_fence_and_its_language() -> None:
    shown = prose("Before:\n```bash\necho '<b>'\n```\nAfter")
    assert shown.startswith('<span dir="auto">Before:</span><pre ')
    assert shown.endswith('>echo &#39;&lt;b&gt;&#39;</pre><span dir="auto">After</span>')


def test_a_code_block_without_an_end_is_code_to_the_end_of_the_text() -> None:
    assert re.fullmatch(r"<pre [^>]*>open &lt;b&gt;</pre>", prose("```\nopen <b>"))


def test_code_keeps_every_space_and_loses_its_fences_in_questions_answers_and_explanations() -> None:
    test = make_test()
    code = "for  x in  y:\n\tprint( x )"
    test["questions"][0]["text"] = f"What does\n```py\n{code}\n```\nprint?"
    test["questions"][0]["options"][0]["text"] = f"```\n{code}\n```"
    test["key"]["questions"]["1"]["explanation"] = f"See `a  b`:\n~~~\n{code}\n~~~"
    world = World()
    world.publish(SUBJECT, [test], make_students())
    world.submit(SUBJECT, TEST, "s1", {"1": "a"})
    world.run()
    text, html = bodies(world.ses.to("s1@example.org")[0])
    assert text.split("Question 2 of 3")[0].endswith("""
Question 1 of 3
What does
| for  x in  y:
| \tprint( x )
print?
Your answer:
    a: | for  x in  y:
       | \tprint( x )
Right answer:
    a: | for  x in  y:
       | \tprint( x )
Points: 1 of 1
See `a  b`:
| for  x in  y:
| \tprint( x )

""")
    assert "```" not in text + html
    assert "~~~" not in text + html
    assert re.findall(r"<pre [^>]*>([^<]*)</pre>", html) == [code] * 4
    assert ">a  b</code>" in html


def every_kind_of_student_mail(world: World) -> dict[str, tuple[str, str]]:
    """Bodies by subject: an opening, an extension, a reminder, a score."""
    test = make_test(announce=True)
    students = make_students(3, s3="2026-11-25T22:00:00Z")
    students[2]["extended"] = {
        f"{SUBJECT}/{TEST}": {"before": "2026-11-23T22:00:00Z", "grantedAt": "2026-11-20T09:00:00Z"}
    }
    world.publish(SUBJECT, [test], students)
    world.submit(SUBJECT, TEST, "s1", {"1": "a"})
    world.now -= timedelta(hours=10)
    world.run()
    world.now += timedelta(hours=10)
    world.run()
    return {str(mail["Subject"]): bodies(mail) for mail in world.ses.sent if TRAINER not in mail["To"]}


@pytest.mark.parametrize("record", ["as published", "missing", "broken"])
def test_every_mail_to_a_student_says_where_the_page_is_and_how_to_get_the_client(
    record: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(reminder_hours=24)
    publish = world.publish

    def published(*given: Any) -> None:
        publish(*given)
        if record == "missing":
            del world.s3.objects["class.json"]
        if record == "broken":
            world.s3.objects["class.json"] = b"{"

    monkeypatch.setattr(world, "publish", published)
    mails = every_kind_of_student_mail(world)
    for kind in ("Reminder", "is open", "Your deadline", "Your score"):
        assert any(kind in subject for subject in mails), kind
    for text, html in mails.values():
        for body in (text, html):
            assert (f"{ENDPOINT}/" in body) == (record == "as published")
            assert (f"curl -fsS {ENDPOINT}/install | bash" in body) == (record == "as published")
            assert "bin/test-time.sh" not in body
            assert "sent you its address" not in body
    reminder = next(text for subject, (text, _) in mails.items() if subject.startswith("Reminder"))
    if record == "as published":
        assert f"Take it on the class's web page, {ENDPOINT}/, or in a terminal:\n" in reminder
