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


def test_a_subject_is_exported_as_a_whole_in_the_order_of_its_tests(folder: ClassFolder) -> None:
    (folder.path / "subjects" / "os" / "test02.yml").write_text(SHELLS.read_text())
    questions = questions_of(folder, "os")
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


def test_what_is_not_there_and_what_is_wrong_is_one_clear_error(folder: ClassFolder) -> None:
    with pytest.raises(CommandError, match="the class has no test or subject os/test09"):
        questions_of(folder, "os/test09")
    test = folder.path / "subjects" / "os" / "test01.yml"
    test.write_text(test.read_text().replace("answer: a,", "answer: q,"))
    with pytest.raises(CommandError, match=r"class/subjects/os/test01.yml:3: questions\[1\].answer: 'q' is not one of"):
        questions_of(folder, "os/test01")
