"""What is a student's own in an object, and what is left of it."""

from __future__ import annotations

import json
from html import escape
from typing import Any

import pytest
from cli.students.own_parts import mentions, parts
from cli.students.report_page import cut

from common.shared.canonical_json import canonical_json
from report_run.gradebook import gradebook
from report_run.results import Row
from support.class_life import DEADLINE
from support.weekly_class import SUBJECT, TEST, make_world

ROWS = [{"studentId": "s1", "name": "A"}, {"studentId": "s10", "name": "B"}]


@pytest.mark.parametrize(
    ("document", "own", "rest"),
    [
        ({"rows": ROWS, "n": 1}, [ROWS[0]], {"rows": [ROWS[1]], "n": 1}),
        ({"a": [{"b": ROWS}, {"c": ROWS}]}, [ROWS[0]] * 2, {"a": [{"b": [ROWS[1]]}, {"c": [ROWS[1]]}]}),
        (ROWS[0], [ROWS[0]], None),
    ],
)
def test_rows_of_json(document: Any, own: list[Any], rest: Any) -> None:
    found = parts("runs/r/results/0.json", canonical_json(document), "s1")
    assert found.own == own
    assert found.rest == (None if rest is None else canonical_json(rest))


@pytest.mark.parametrize(
    ("key", "body"),
    [
        ("runs/r/results/0.json", b'{"rows": [{"studentId": "s10"}]}'),
        ("runs/r/plan.json", b"not JSON"),
        ("roster.jsonl", b'{"studentId": "s10"}\n'),
        ("reports/os/t/1/gradebook.csv", b"studentId\r\ns10\r\n"),
        ("reports/os/t/1/gradebook.csv", b"nothing,known\r\ns1,x\r\n"),
        ("reports/os/t/1/gradebook.csv", b""),
        ("reports/os/t/1/report.html", b"<p>A <span>s10</span></p>"),
        ("images/s1.png", b"\x89PNG"),
    ],
)
def test_what_is_about_others_is_left_as_it_is(key: str, body: bytes) -> None:
    assert parts(key, body, "s1") == ([], body)


def test_the_row_of_a_gradebook() -> None:
    """Whatever is in the others' cells, they are the same as without the student."""
    others = [Row("s10", '=1+"2"', "scored", 1.5, 3, marks=(1, 0.5)), Row("s2", "B, C\u2028", "missing")]
    own = Row("s1", "A", "scored", 3, 3, marks=(1, 2))
    whole = gradebook("os", "t", ["1", "2"], [others[0], own, others[1]])
    found = parts("reports/os/t/1/gradebook.csv", whole, "s1")
    assert [row["points"] for row in found.own] == ["3"]
    assert found.rest == gradebook("os", "t", ["1", "2"], others)


def test_lines_of_a_roster() -> None:
    body = b'{"studentId":"s1","name":"A"}\n{"studentId":"s10"}\n'
    assert parts("roster.jsonl", body, "s1") == ([{"studentId": "s1", "name": "A"}], b'{"studentId":"s10"}\n')


# --- the page of a report ---


def page_of_everything() -> str:
    """A page in which s1 is scored, s2 changed and rejected, s3 failed, s4 open and s5 missing."""
    world = make_world(attempts="last")
    world.now = DEADLINE
    roster = [json.loads(line) for line in world.s3.objects["roster.jsonl"].splitlines()]
    roster[3]["deadlines"] = {f"{SUBJECT}/{TEST}": "2026-12-01T22:00:00Z"}
    world.s3.objects["roster.jsonl"] = b"".join(canonical_json(each) + b"\n" for each in roster)
    world.run({})
    key = json.loads(world.s3.objects[f"answer-keys/{SUBJECT}/{TEST}.json"])
    key["questions"]["1"]["correct"] = ["b"]
    world.put(f"answer-keys/{SUBJECT}/{TEST}.json", key)
    world.put(f"answers/{SUBJECT}/s3/{TEST}.json", {"answers": 1})
    world.ses.unverified.add(roster[1]["email"])
    world.run({})
    newest = max((key for key in world.s3.objects if key.endswith(".html")), key=lambda key: world.s3.written[key])
    return world.s3.objects[newest].decode()


@pytest.fixture(scope="module")
def page() -> str:
    return page_of_everything()


@pytest.mark.parametrize(
    ("student", "lines"),
    [
        ("s1", ["s1: changed from", "s1 3 of 4"]),
        ("s2", ["score email rejected : s2:", "s2: changed from", "s2 4 of 4"]),
        ("s3", ["result failed : s3:"]),
        ("s4", ["s4 until"]),
        ("s5", ["s5"]),
    ],
)
def test_every_line_about_a_student_is_cut_out_and_no_other(page: str, student: str, lines: list[str]) -> None:
    found, rest = cut(page, student)
    assert len(found) == len(lines)
    assert all(line in text for line, text in zip(lines, found, strict=True)), found
    assert not mentions("x.html", rest.encode(), [student, f"Student {student[1:]}"])
    others = {f"s{n}" for n in range(1, 6)} - {student}
    assert {each: rest.count(f"{each}<") + rest.count(f"{each}:") for each in others} == {
        each: page.count(f"{each}<") + page.count(f"{each}:") for each in others
    }
    assert rest.count("<table") == rest.count("</table")
    assert rest.count("<tr") == rest.count("</tr")


def test_a_number_in_a_table_is_not_a_student(page: str) -> None:
    assert cut(page, "1") == ([], page)


# --- words that are left ---

NAME = 'Żółta "Ada" <O\'Neil>'


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("a.json", json.dumps({"reason": f"to {NAME}"})),
        ("a.json", json.dumps({"Cause": json.dumps({"errorMessage": NAME})})),
        ("a.json", json.dumps({NAME: 1}, ensure_ascii=False)),
        ("a.html", f"<p>{escape(NAME)}</p>"),
        ("a.html", "<p>&#379;ółta &#34;Ada&#34; &lt;O&#x27;Neil&gt;</p>"),
        ("a.html", '<a href="mailto:?bcc=%C5%BB%C3%B3%C5%82ta%20%22Ada%22%20%3CO%27Neil%3E">'),
        ("a.txt", NAME.upper()),
    ],
)
def test_a_word_is_found_however_it_is_escaped(key: str, text: str) -> None:
    assert mentions(key, text.encode(), [NAME])


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("s1", "s1", True),
        ("answers/os/s1/test01", "s1", True),
        ("s10 s1.b xs1 s1-2 s1_ a.s1", "s1", False),
        ("It was s1.", "s1", True),
        ("to ada@example.org.", "ada@example.org", True),
        ("to lada@example.org, x.ada@example.org, ada@example.organic", "ada@example.org", False),
        ("Liam", "Li", False),
    ],
)
def test_a_word_within_a_longer_one_does_not_count(text: str, word: str, found: bool) -> None:
    assert mentions("a.txt", text.encode(), [word]) is found
