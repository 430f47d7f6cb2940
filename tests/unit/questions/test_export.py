"""`questions.sh export`: which questions are written, and that they come back."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from cli.class_folder import ClassFolder
from cli.command import CommandError
from cli.questions.exporting import exported, questions_of
from cli.questions.formats import FORMATS
from cli.questions.importing import plan_import

SHELLS = Path(__file__).parents[3] / "class" / "subjects" / "operating-systems" / "test01.yml"


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_exported_comes_back(folder: ClassFolder, format: str) -> None:
    path = folder.path / "subjects" / "os" / "test01.yml"
    if format == "aiken":
        path.write_text("title: One\nquestions:\n  - {text: 'Q?', options: {a: x, b: y}, answer: b}\n")
    file = folder.path.parent / "bank"
    data, lines, count = exported(questions_of(folder, "os/test01"), format)
    file.write_bytes(data)
    plan = plan_import(file, folder, "os", "copy", None)
    original = yaml.safe_load(path.read_text())["questions"]
    copy = yaml.safe_load(plan.tests[0].text)["questions"]
    if format == "gift":
        # GIFT has no points.
        original = [{name: value for name, value in each.items() if name != "points"} for each in original]
    assert copy == original
    assert count == plan.imported == plan.total == len(original)
    assert bool(lines) == (format == "gift")  # the points


EVERY_TYPE = """\
title: All
questions:
  - {text: One?, options: {a: x, b: y}, answer: a, feedback: {b: No.}}
  - {text: Some?, options: {a: x, b: y, c: z}, answer: [a, c]}
  - {text: Shares?, options: {a: x, b: y, c: z}, answer: {a: 66.66667, b: 33.33333, c: -50}}
  - {text: Bits?, number: 128}
  - text: g?
    number: [9.810, {value: 9.8, tolerance: 1%, share: 50}, {value: 1e3, tolerance: 0.5, share: 10, feedback: Why?}]
  - {text: List?, accept: ls}
  - {text: List again?, accept: [ls, {text: 1.10, share: 50, feedback: No.}]}
  - {text: Order?, order: [fork, exec, 3]}
  - {text: Whose?, match: [{item: Poland, option: Warsaw}, {item: Mazovia, option: Warsaw}], other_options: [1]}
"""


@pytest.mark.parametrize("format", ["moodle-xml", "qti12", "gift"])
def test_every_type_comes_back(folder: ClassFolder, format: str) -> None:
    path = folder.path / "subjects" / "os" / "test01.yml"
    path.write_text(EVERY_TYPE)
    file = folder.path.parent / "bank"
    data, lines, count = exported(questions_of(folder, "os/test01"), format)
    file.write_bytes(data)
    plan = plan_import(file, folder, "os", "copy", None)
    held = "Order?" if format == "gift" else ""
    original = [each for each in folder.load().tests["os", "test01"].data["questions"] if each["text"] != held]
    path.write_text(plan.tests[0].text)
    copy = folder.load().tests["os", "test01"].data["questions"]
    assert copy[4].pop("number") == [
        "9.810",
        {"value": "9.8", "tolerance": "0.098", "share": 50},
        {"value": "1E+3" if format != "gift" else "1000", "tolerance": "0.5", "share": 10, "feedback": "Why?"},
    ]
    del original[4]["number"]
    assert copy == original
    assert count == plan.imported == plan.total == len(original)
    assert "partial_credit: net-correct" in plan.tests[0].text
    assert any("Canvas" in line for line in lines) == (format == "qti12")


@pytest.mark.parametrize(
    ("policy", "lost"),
    [
        ("", []),
        ("net-correct", []),
        ("off", ["question 2", "question 4"]),
        ("each-answer", ["question 2", "question 4"]),
    ],
)
def test_another_way_of_partial_credit_is_said_to_be_lost(folder: ClassFolder, policy: str, lost: list[str]) -> None:
    test = folder.path / "subjects" / "os" / "test01.yml"
    more = "  - {text: Shares?, options: {a: x, b: y}, answer: {a: 100}}\n  - {text: Order?, order: [fork, exec]}\n"
    setting = f"partial_credit: {policy}\n" if policy else ""
    test.write_text(setting + test.read_text() + more)
    lines = exported(questions_of(folder, "os/test01"), "moodle-xml")[1]
    reason = f"partial_credit: {policy} is left out: the other system has its own rule"
    assert lines == [f"test01, {question}: {reason}" for question in lost]


def test_a_subject_is_exported_as_a_whole_in_the_order_of_its_tests(folder: ClassFolder) -> None:
    (folder.path / "subjects" / "os" / "test02.yml").write_text(SHELLS.read_text())
    questions = questions_of(folder, "os").questions
    assert [question.where for question in questions[:3]] == [
        "test01, question 1",
        "test01, question 2",
        "test02, question 1",
    ]
    assert [question.name for question in questions[:3]] == ["test01-01", "test01-02", "test02-01"]
    assert len(questions) == 8


def test_a_correction_is_said_to_be_lost(folder: ClassFolder) -> None:
    test = folder.path / "subjects" / "os" / "test01.yml"
    test.write_text(test.read_text().replace("points: 2", "correction: {reason: r, drop: true}"))
    assert "test01, question 1: its correction is left out" in exported(questions_of(folder, "os"), "moodle-xml")[1]


def test_the_questions_of_a_pool_are_exported_one_by_one_and_the_pool_is_said_to_be_lost(folder: ClassFolder) -> None:
    (folder.path / "subjects" / "os" / "test01.yml").write_text(
        "title: One\nquestions:\n"
        "  - {text: 'Q?', number: 1}\n"
        "  - {pool: p, questions: [{text: 'A?', number: 1}, {text: 'B?', number: 1}]}\n"
        "  - {pool: sums, question: {text: '{a} + 1?', number: '{b}'}, values: [{a: 1, b: 2}, {a: 2, b: 3}]}\n"
    )
    data, lines, count = exported(questions_of(folder, "os/test01"), "moodle-xml")
    assert count == 5
    assert [text in data for text in (b"A?", b"2 + 1?", b"{a}")] == [True, True, False]
    lost = "is left out: in the other system, every student gets the question"
    assert lines == [
        f"test01, question {n}: the pool {name} {lost}" for n, name in [(2, "p"), (3, "p"), (4, "sums"), (5, "sums")]
    ]


def test_what_is_not_there_and_what_is_wrong_is_one_clear_error(folder: ClassFolder) -> None:
    with pytest.raises(CommandError, match="the class has no test or subject os/test09"):
        questions_of(folder, "os/test09")
    test = folder.path / "subjects" / "os" / "test01.yml"
    test.write_text(test.read_text().replace("answer: a,", "answer: q,"))
    with pytest.raises(CommandError, match=r"class/subjects/os/test01.yml:3: questions\[1\].answer: 'q' is not one of"):
        questions_of(folder, "os/test01")
