"""`questions.sh import`: new tests that publishing accepts, and what is said of each question that is not in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import class_problems
from cli.class_folder import ClassFolder
from cli.command import CommandError
from cli.questions.importing import Import, plan_import, write_tests
from cli.questions.text_file import MAX_BYTES

SUBJECT = "networks"
BANK = """\
::Ports:: Which port does HTTPS use? {=443#Yes ~80 ~22 ####Web servers listen there.}

Name a shell. {=bash =%50%*sh#Which one? =%0%cmd#On Windows.}

How many bits has an IPv4 address? {#32 =%50%31..33}

Which capital is whose? {=Poland -> Warsaw =Italy -> Rome = -> Berlin}

Describe TCP. {}

Linux is a kernel. {TRUE}

Which are shells? {~%50%bash ~%50%zsh ~%-100%ls}
"""


def imported(folder: ClassFolder, content: str | bytes, name: str = "bank.gift", test: str | None = None) -> Import:
    file = folder.path.parent / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return plan_import(file, folder, SUBJECT, test, None)


def data(plan: Import, number: int = 0) -> Mapping[str, Any]:
    read: Mapping[str, Any] = yaml.safe_load(plan.tests[number].text)
    return read


def test_a_bank_becomes_a_test_and_what_is_lost_is_said(folder: ClassFolder) -> None:
    plan = imported(folder, BANK)
    write_tests(plan.tests)
    assert data(plan) == {
        "title": "Bank",
        "partial_credit": "net-correct",
        "questions": [
            {
                "text": "Which port does HTTPS use?",
                "options": {"a": "443", "b": "80", "c": "22"},
                "answer": "a",
                "feedback": {"a": "Yes"},
                "explanation": "Web servers listen there.",
            },
            {"text": "Name a shell.", "accept": ["bash", {"text": "*sh", "share": 50, "feedback": "Which one?"}]},
            {
                "text": "How many bits has an IPv4 address?",
                "number": [32, {"from": 31, "to": 33, "share": 50}],
            },
            {
                "text": "Which capital is whose?",
                "match": [{"item": "Poland", "option": "Warsaw"}, {"item": "Italy", "option": "Rome"}],
                "other_options": ["Berlin"],
            },
            {"text": "Linux is a kernel.", "options": {"a": "True", "b": "False"}, "answer": "a"},
            {
                "text": "Which are shells?",
                "options": {"a": "bash", "b": "zsh", "c": "ls"},
                "answer": {"a": 50, "b": 50, "c": -100},
            },
        ],
    }
    assert [line.strip() for line in plan.lines[1:]] == [
        "line 9: not imported: it is of the kind 'essay', which a test cannot have",
        'line 3: imported, but the feedback for the wrong answer "cmd" is left out: "On Windows."',
        "partial_credit is net-correct, because banks give points for partly right answers",
        "6 of 7 imported into class/subjects/networks/bank.yml",
    ]
    assert (
        '  # Imported from line 3: the feedback for the wrong answer "cmd" is left out: "On Windows."\n  - text: Name'
        in plan.tests[0].text
    )
    assert "  # Ports\n  - text: Which port" in plan.tests[0].text
    assert class_problems(folder.load(), folder.weekly) == []


def test_partial_credit_is_set_only_if_a_question_needs_it(folder: ClassFolder) -> None:
    plan = imported(folder, "One? {=a ~b}\n\nTwo? {~%100%a ~b}\n\nThree? {#3}\n")
    assert "partial_credit" not in plan.tests[0].text + "".join(plan.lines[1:])


def test_texts_that_yaml_would_read_otherwise_come_back_as_they_were(folder: ClassFolder) -> None:
    texts = ["yes", "no", "1.10", "0x1F", "2026-11-23", "null", "@x", "-x", "a#b", "'\"", "ż漢😀", "[x]", "x:", "*y"]
    options = " ".join(f"~{text}" for text in texts).replace("#", "\\#").replace(":", "\\:")
    plan = imported(folder, f"Which? {{{options.replace('~', '=', 1)}}}\n")
    write_tests(plan.tests)
    question = folder.load().tests[SUBJECT, "bank"].data["questions"][0]
    assert list(question["options"].values()) == texts
    assert (len(texts), question["answer"]) == (14, "a")


def test_a_text_of_several_lines_is_a_block(folder: ClassFolder) -> None:
    plan = imported(folder, "What does it print?\\n```\\nfor x in *\\n  do echo $x\\n``` {=a ~b}\n")
    assert data(plan)["questions"][0]["text"] == "What does it print?\n```\nfor x in *\n  do echo $x\n```"
    block = ["What does it print?", "```", "for x in *", "  do echo $x", "```"]
    block = ["What does it print?", "```", "for x in *", "  do echo $x", "```"]
    assert "  - text: |-\n" + "".join(f"      {line}\n" for line in block) in plan.tests[0].text


def test_what_publishing_would_refuse_is_not_imported(folder: ClassFolder) -> None:
    plan = imported(folder, "One? {=a ~b}\n\nTwo? {=x ~x}\n\nThree? {=c ~d}\n\nFour? {=e ~" + "x" * 10_001 + "}\n")
    assert [question["text"] for question in data(plan)["questions"]] == ["One?", "Three?"]
    assert plan.lines[1].startswith("  line 3: not imported: questions[2].options.b: has the same text as option a")
    assert plan.lines[2].startswith("  line 7: not imported: questions[4].options.b: must be text of 1 to 10,000")
    assert (plan.imported, plan.total) == (2, 4)


def test_many_wrong_questions_do_not_keep_the_right_ones_out(folder: ClassFolder) -> None:
    plan = imported(folder, "One? {=a ~b}\n\n" + "Two? {=x ~x}\n\n" * 150)
    assert [question["text"] for question in data(plan)["questions"]] == ["One?"]
    assert (plan.imported, plan.total) == (1, 151)


def test_more_questions_than_a_test_can_have_make_several_tests(folder: ClassFolder) -> None:
    plan = imported(folder, "\n\n".join(f"Question {number}? {{=a ~b}}" for number in range(450)))
    assert [test.shown_as.rpartition("/")[2] for test in plan.tests] == ["bank-1.yml", "bank-2.yml", "bank-3.yml"]
    assert [len(data(plan, number)["questions"]) for number in range(3)] == [200, 200, 50]
    assert [data(plan, number)["title"] for number in range(3)] == [f"Bank, part {part}" for part in (1, 2, 3)]


def test_a_file_without_a_question_that_can_come_in_makes_no_test(folder: ClassFolder) -> None:
    plan = imported(folder, "Describe TCP. {}\n")
    assert (plan.tests, plan.imported, plan.total) == ([], 0, 1)
    assert plan.lines[-1] == "0 of 1 imported"


def test_no_existing_test_is_replaced(folder: ClassFolder) -> None:
    plan = imported(folder, BANK)
    write_tests(plan.tests)
    with pytest.raises(CommandError, match=r"class/subjects/networks/bank.yml exists already; nothing was changed"):
        imported(folder, BANK)
    with pytest.raises(CommandError, match="exists already"):
        write_tests(plan.tests)
    assert (folder.path / "subjects" / SUBJECT / "bank.yml").read_text() == plan.tests[0].text


def test_all_tests_are_written_or_none(folder: ClassFolder) -> None:
    first, second = imported(folder, BANK, test="one"), imported(folder, BANK, test="two")
    (folder.path / "subjects" / SUBJECT).mkdir()
    second.tests[0].path.write_text("mine")
    with pytest.raises(CommandError):
        write_tests([*first.tests, *second.tests])
    assert [path.name for path in (folder.path / "subjects" / SUBJECT).iterdir()] == ["two.yml"]
    second.tests[0].path.unlink()
    (folder.path / "subjects" / SUBJECT).rmdir()
    write_tests([*first.tests, *second.tests])
    assert len(list((folder.path / "subjects" / SUBJECT).iterdir())) == 2


@pytest.mark.parametrize(
    ("name", "id"), [("Week 3 (ports).txt", "week-3-ports"), ("ÜBUNG.gift", "bung"), ("a" * 99 + ".txt", "a" * 64)]
)
def test_the_id_is_made_of_the_files_name(folder: ClassFolder, name: str, id: str) -> None:
    assert imported(folder, BANK, name).tests[0].path.stem == id


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ("Hello, this is a letter.\n", "x.txt", "x.txt: is in none of the formats moodle-xml, qti12, aiken, gift"),
        (b"\x00\x01\x02\xff" * 99, "x.bin", "x.bin: "),
        (b"x" * (MAX_BYTES + 1), "x.txt", "x.txt: is larger than 20 MB; split it"),
        (BANK, "漢字.txt", "漢字.txt: its name makes no test ID; choose one with --test"),
        (BANK, "answers.txt", "class/subjects/networks/answers.yml: .*Test time uses this name itself"),
    ],
)
def test_one_clear_error(folder: ClassFolder, content: str | bytes, name: str, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        imported(folder, content, name)


def test_a_file_that_cannot_be_read_is_one_clear_error(folder: ClassFolder, tmp_path: Path) -> None:
    for file, reason in ((tmp_path / "none", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(CommandError, match=f"{file}: .*{reason}"):
            plan_import(file, folder, SUBJECT, None, None)
