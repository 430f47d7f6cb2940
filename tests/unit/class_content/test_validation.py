"""What a class's files may hold, and what is said of those that hold something else."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.closing_times import WeeklyDeadline
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import class_problems

from support.class_files import WEEKLY, WriteClass, question, student

SAMPLE = Path(__file__).parents[3] / "class"


def problems(folder: Path, weekly: WeeklyDeadline = WEEKLY) -> list[str]:
    return [str(problem) for problem in class_problems(load_class(folder, "class"), weekly)]


def of_test(write_class: WriteClass, **changes: Any) -> list[str]:
    """What is told of a test with these fields."""
    test = {"title": "A test", "questions": [question()]} | changes
    return problems(
        write_class(tests={"os/test01": {name: value for name, value in test.items() if value != "absent"}})
    )


def test_sample_class_is_right() -> None:
    assert problems(SAMPLE) == []


def test_small_class_is_right(write_class: WriteClass) -> None:
    assert problems(write_class()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"session_date": "2026-11-17"},
        {"closes": "2026-11-25 23:00"},
        {"closes": "2026-11-25T23:00:30"},
        {"closes": "2026-11-25 22:00Z"},
        {"closes": "2026-11-25T23:00+01:00"},
        {"closes": "2026-10-25 02:30"},  # shown twice by clocks in Warsaw: the later one is meant
        {"attempts": "last"},
        {"attempts": 1},
        {"late": None},
        {"late": "none"},
        {"late": False},  # YAML 1.1's `off`
        {"late": {"until_hours": 24, "credit": 0.8}},
        {"partial_credit": False},  # YAML 1.1's `off`
        {"partial_credit": "each-answer"},
        {"grace_minutes": 10},
        {"shuffle": True},
        {"opens": "2026-11-25 08:00"},
        {"opens": "2026-11-25 08:00", "closes": "2026-11-25 08:01"},
        {"opens": "2026-11-16 08:00Z", "session_date": "2026-11-17"},
        {"session_date": "2026-11-17", "extensions": {"s001": "2026-11-25 23:00"}},
        {"extensions": {"s001": "2020-01-01 00:00"}},  # whether that is too early, publishing knows
    ],
)
def test_good_fields_of_a_test_pass(write_class: WriteClass, changes: dict[str, Any]) -> None:
    assert of_test(write_class, **changes) == []


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"title": "absent"}, "title", "is missing; add `title:`"),
        ({"title": ""}, "title", "1 to 200 characters"),
        ({"title": "two\nlines"}, "title", "on one line"),
        ({"title": "line's end\n"}, "title", "on one line"),
        ({"title": None}, "title", "1 to 200 characters"),
        ({"questions": []}, "questions", "must have 1 entry or more"),
        ({"questions": {"a": 1}}, "questions", "must be a list"),
        ({"question": []}, "question", "did you mean `questions`?"),
        ({"session_date": "17.11.2026"}, "session_date", "must be a date such as"),
        ({"session_date": "2026-02-30"}, "session_date", "not a date in the calendar"),
        ({"session_date": ["2026-11-17"]}, "session_date", "must be a date such as"),
        ({"session_date": "9999-12-31"}, "session_date", "must be a date such as"),  # no deadline comes after it
        ({"session_date": "0202-11-17"}, "session_date", "must be a date such as"),
        ({"closes": "0001-01-01 00:00"}, "closes", "must be a time"),  # in UTC it was the year before
        ({"closes": "Monday"}, "closes", "must be a time"),
        ({"closes": "2026-11-25"}, "closes", "must be a time"),
        ({"closes": "2026-13-25 23:00"}, "closes", "is not a valid date and time"),
        ({"closes": "2026-11-25 24:30"}, "closes", "is not a valid date and time"),
        ({"closes": "2026-03-29 02:30"}, "closes", "skip 2026-03-29 02:30"),
        ({"opens": "2026-11-25"}, "opens", "must be a time"),
        ({"opens": "2026-03-29 02:30"}, "opens", "skip 2026-03-29 02:30"),
        ({"opens": "2026-02-30 08:00", "closes": "2026-11-25 08:00"}, "opens", "is not a valid date and time"),
        (
            {"opens": "2026-11-25 08:00", "closes": "2026-11-25 08:00"},
            "opens",
            "is not before the test closes (2026-11-25 07:00 UTC)",
        ),
        ({"opens": "2026-11-23 22:00Z", "session_date": "2026-11-17"}, "opens", "is not before the test closes"),
        ({"closes": "2026-11-10 23:00", "session_date": "2026-11-17"}, "closes", "before the session"),
        ({"attempts": 2}, "attempts", "must be 1 or last"),
        ({"late": {"credit": 0.5}}, "late", "must be none, or"),
        ({"partial_credit": "half"}, "partial_credit", "must be one of: off"),
        ({"attempts": 1.0}, "attempts", "must be 1 or last"),
        ({"late": {"until_hours": 24.0, "credit": 1}}, "late.until_hours", "not the number 24.0; write 24"),
        ({"late": {"until_hours": 24.0, "credit": 2}}, "late.until_hours", "not the number 24.0; write 24"),
        ({"grace_minutes": 10.0}, "grace_minutes", "must be a whole number, not the number 10.0; write 10"),
        ({"grace_minutes": int("1" * 400)}, "grace_minutes", "must be a whole number, not one with 400 digits"),
        ({"grace_minutes": -1}, "grace_minutes", "0 or more"),
        ({"shuffle": "maybe"}, "shuffle", "must be true or false"),
        ({"extensions": {"s009": "2026-11-25 23:00"}}, "extensions.s009", "no student has the ID s009"),
        ({"extensions": {"s001": "soon"}}, "extensions.s001", "must be a time"),
        ({"extensions": ["s001"]}, "extensions", "must be a mapping"),
        (
            {"session_date": "2026-11-17", "extensions": {"s001": "2026-11-22 23:00"}},
            "extensions.s001",
            "before the test closes (2026-11-23 22:00 UTC)",
        ),
    ],
)
def test_bad_field_of_a_test_is_told(write_class: WriteClass, changes: dict[str, Any], field: str, words: str) -> None:
    [problem] = of_test(write_class, **changes)
    assert problem.startswith("class/subjects/os/test01.yml:")
    assert f": {field}: " in problem
    assert words in problem


@pytest.mark.parametrize(
    ("zone", "day", "day_before"),
    [
        ("Africa/Cairo", "2026-04-24", "2026-04-23"),
        ("Asia/Beirut", "2026-03-29", "2026-03-28"),
        ("America/Santiago", "2026-09-06", "2026-09-05"),
        ("America/Havana", "2026-03-08", "2026-03-07"),
    ],
)
def test_session_on_a_day_whose_midnight_clocks_skip_is_like_any_other(
    write_class: WriteClass, zone: str, day: str, day_before: str
) -> None:
    weekly = WeeklyDeadline("monday", "23:00", zone)

    def told(closes: str) -> list[str]:
        test = {"title": "A test", "session_date": day, "closes": closes, "questions": [question()]}
        return problems(write_class(tests={"os/test01": test}), weekly)

    assert told(f"{day} 01:00") == []
    [problem] = told(f"{day_before} 22:59")
    assert f"closes: is before the session ({day})" in problem


@pytest.mark.parametrize(
    "changes",
    [
        {"answer": ["a", "c"], "points": 2.5},
        {"answer": ["a", "b", "c"]},
        {"answer": ["b"]},  # several may be chosen, one is right
        {"options": {"a": 42, "b": 4.2, "c": True}},  # text as written
        {"options": {"n": "north", "y": "yes"}, "answer": "n"},  # letters that other YAML readers take for no and yes
        {"text": "x" * 10_000, "explanation": "<script>\x1b[31m \u202e"},
        {"correction": {"reason": "Ambiguous", "drop": True}},
        {"correction": {"reason": "Ambiguous", "also_accept": ["b"]}},
        {"answer": ["a"], "correction": {"reason": "Ambiguous", "all_credit": True}},
    ],
)
def test_good_question_passes(write_class: WriteClass, changes: dict[str, Any]) -> None:
    assert of_test(write_class, questions=[question(**changes)]) == []


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"text": None}, "text", "is missing"),
        ({"text": " "}, "text", "must be text of 1 to 10,000 characters"),
        ({"text": "x" * 10_001}, "text", "must be text of 1 to 10,000 characters"),
        ({"options": None}, "options", "is missing"),
        ({"options": {"a": "only"}}, "options", "must have 2 entries or more"),
        ({"options": {"a": "x", "B": "y"}}, "options.B", "one lower-case letter"),
        ({"options": {"a": "x", "ab": "y"}}, "options.ab", "one lower-case letter"),
        ({"options": {"a": "x", "b": "  x "}}, "options.b", "has the same text as option a"),
        ({"options": {"a": "x", "b": None}}, "options.b", "must be text"),
        ({"options": {"a": "x", "b": ["y"]}}, "options.b", "must be text"),
        ({"options": ["x", "y"]}, "options", "must be a mapping of fields, not a list"),
        ({"answer": None}, "answer", "is missing"),
        ({"answer": "d"}, "answer", "'d' is not one of the options (a, b, c)"),
        ({"answer": ["a", "d"]}, "answer[2]", "'d' is not one of the options"),
        ({"answer": ["a", "a"]}, "answer", "must be the letter of an option, or a list of different letters"),
        ({"answer": []}, "answer", "must be the letter of an option"),
        ({"answer": "first"}, "answer", "must be the letter of an option"),
        ({"points": 0}, "points", "must be more than 0"),
        ({"points": "two"}, "points", "must be a number, not text"),
        ({"explanation": 5.5, "reason": "x"}, "reason", "is not a known field"),
        ({"correction": {"drop": True}}, "correction.reason", "is missing"),
        ({"correction": {"reason": "x"}}, "correction", "needs exactly one of"),
        ({"correction": {"reason": "x", "drop": True, "all_credit": True}}, "correction", "needs exactly one of"),
        ({"correction": {"reason": "x", "drop": False}}, "correction.drop", "must be true, or left out"),
        ({"correction": {"reason": "x", "also_accept": ["d"]}}, "correction.also_accept[1]", "not one of the options"),
        ({"correction": {"reason": "x", "also_accept": ["a"]}}, "correction.also_accept[1]", "is already the answer"),
    ],
)
def test_bad_question_is_told(write_class: WriteClass, changes: dict[str, Any], field: str, words: str) -> None:
    told = of_test(write_class, questions=[question(), question(**changes)])
    assert any(f": questions[2].{field}: " in problem and words in problem for problem in told), told


def test_also_accept_is_for_one_answer_alone(write_class: WriteClass) -> None:
    several = question(answer=["a"], correction={"reason": "x", "also_accept": ["b"]})
    [problem] = of_test(write_class, questions=[several])
    assert "questions[1].correction.also_accept: is only for questions with one answer" in problem


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"id": "s/1"}, "id", "1 to 64 letters, digits, dots"),
        ({"id": "../x"}, "id", "beginning with a letter or digit"),
        ({"id": "s" * 65}, "id", "1 to 64"),
        ({"id": "s002\n"}, "id", "1 to 64"),
        ({"id": "s001"}, "id", "already belongs to another student (line 2)"),
        ({"id": "S001"}, "id", "already belongs to another student"),
        ({"name": ""}, "name", "1 to 200 characters"),
        ({"name": "Eve\nBcc: all@example.org"}, "name", "on one line"),
        ({"name": "x" * 201}, "name", "1 to 200"),
        ({"email": "nobody"}, "email", "is not a valid email address"),
        ({"email": "a b@example.org"}, "email", "is not a valid email address"),
        ({"email": "S001@Example.org"}, "email", "already belongs to another student"),
        ({"email": None}, "email", "must be text, not empty"),
        ({"subjects": ["os", "history"]}, "subjects[2]", "'history' has no tests"),
        ({"subjects": ["os", "os"]}, "subjects", "has a duplicate entry"),
        ({"subjects": "os"}, "subjects", "must be a list, not text"),
        ({"subjects": ["o/s"]}, "subjects[1]", "1 to 64 letters, digits, dots"),
        ({"external_id": ""}, "external_id", "1 to 200 characters"),
        ({"external_id": " "}, "external_id", "1 to 200 characters"),
        ({"extra_hours": -1}, "extra_hours", "0 or more"),
        ({"extra_hours": "many"}, "extra_hours", "must be a number"),
        ({"e_mail": "x"}, "e_mail", "did you mean `email`?"),
    ],
)
def test_bad_student_is_told(write_class: WriteClass, changes: dict[str, Any], field: str, words: str) -> None:
    told = problems(write_class(students=[student(1), student(2, **changes)]))
    assert any(f": students[2].{field}: " in problem and words in problem for problem in told), told


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1:30", "90"),
        ("010", "8"),
        ("0x10", "16"),
        ("0b11", "3"),
        ("1_000", "1000"),
        ("1.5e+1", "15.0"),
        (".nan", "nan"),
        (".inf", "inf"),
        ("-.inf", "-inf"),
        ("9" * 400 + ".0", "inf"),
    ],
)
def test_number_that_is_not_written_as_a_decimal_number_is_told_wherever_one_is_expected(
    write_class: WriteClass, written: str, read: str
) -> None:
    students = f"students:\n- {{id: s1, name: A, email: a@example.org, subjects: [os], extra_hours: {written}}}\n"
    test = (
        f"title: T\ngrace_minutes: {written}\nattempts: {written}\n"
        f"late:\n  until_hours: {written}\n  credit: {written}\n"
        f"questions:\n- {{text: One?, options: {{a: x, b: y}}, answer: a, points: {written}}}\n"
    )
    told = problems(write_class(students=students, tests={"os/test01": test}))
    words = f"YAML reads {written} as {read}; write a decimal number such as 90 or 1.5"
    assert {problem for problem in told if "late: must be none" not in problem} == {
        f"class/students.yml:2: students[1].extra_hours: {words}",
        f"class/subjects/os/test01.yml:2: grace_minutes: {words}",
        f"class/subjects/os/test01.yml:3: attempts: {words}",
        f"class/subjects/os/test01.yml:5: late.until_hours: {words}",
        f"class/subjects/os/test01.yml:6: late.credit: {words}",
        f"class/subjects/os/test01.yml:8: questions[1].points: {words}",
    }


@pytest.mark.parametrize("written", ["0", "2", "+2", "2.", ".5", "00.5", "0.50", "2.50"])
def test_decimal_number_passes(write_class: WriteClass, written: str) -> None:
    students = f"students:\n- {{id: 010, name: 1:30, email: a@example.org, subjects: [os], extra_hours: {written}}}\n"
    assert problems(write_class(students=students)) == []


def test_text_that_yaml_reads_as_an_odd_number_is_told_once_in_its_own_words(write_class: WriteClass) -> None:
    test = "title: 1:30\nshuffle: 010\nquestions: [{text: 0x1, options: {a: 1_0, b: .nan}, answer: a}]\n"
    [problem] = problems(write_class(tests={"os/test01": test}))
    assert problem == "class/subjects/os/test01.yml:2: shuffle: must be true or false, not the number 8"


@pytest.mark.parametrize(
    "other", ["INFO@B\u00dcCHER.example", "info@bu\u0308cher.example", "info@xn--bcher-kva.Example"]
)
def test_two_spellings_of_an_address_belong_to_one_student(write_class: WriteClass, other: str) -> None:
    [problem] = problems(write_class(students=[student(1, email="info@b\u00fccher.example"), student(2, email=other)]))
    assert "students[2].email: already belongs to another student (line 4)" in problem


def test_two_students_cannot_have_the_same_external_id(write_class: WriteClass) -> None:
    [problem] = problems(write_class(students=[student(1, external_id=48213), student(2, external_id="48213")]))
    assert "students[2].external_id: already belongs to another student (line " in problem


def test_address_that_another_address_would_be_read_from_is_told(write_class: WriteClass) -> None:
    [problem] = problems(write_class(students=[student(1), student(2, email="=?utf-8?q?eve?=@example.org")]))
    assert "students[2].email: is not a valid email address: " in problem


def test_tests_of_a_subject_and_subjects_that_differ_in_case_alone_are_told(write_class: WriteClass) -> None:
    tests = {
        name: [question()] for name in ("os/test01", "os/Test01", "os/test02", "OS/test01", "OS/test03", "net/test01")
    }
    assert problems(write_class(tests=tests)) == [
        "class/subjects/os:1: differs from the subject OS only in upper and lower case; rename one of them",
        "class/subjects/os/test01.yml:1: differs from Test01.yml only in upper and lower case; rename one of them",
    ]


def test_two_students_on_one_line_are_told_apart(write_class: WriteClass) -> None:
    twin = "{id: s001, name: A, email: a@example.org, subjects: [os]}"
    told = problems(write_class(students=f"students: [{twin}, {twin}]\n"))
    assert [problem.split(": ")[1] for problem in told] == ["students[2].email", "students[2].id"]


def test_ids_and_texts_that_look_like_numbers_are_text(write_class: WriteClass) -> None:
    text = "students:\n  - {id: 007, name: No, email: a@example.org, subjects: [1984]}\n"
    folder = write_class(students=text, tests={"1984/01": [question()]})
    files = load_class(folder, "class")
    assert class_problems(files, WEEKLY) == []
    assert files.students.data["students"][0] | {"email": ""} == {
        "id": "007",
        "name": "No",
        "email": "",
        "subjects": ["1984"],
    }


def test_extension_of_a_student_who_is_not_enrolled_is_told(write_class: WriteClass) -> None:
    test = {"title": "T", "questions": [question()], "extensions": {"s002": "2026-11-25 23:00"}}
    folder = write_class(students=[student(1), student(2, subjects=[])], tests={"os/test01": test})
    [problem] = problems(folder)
    assert "extensions.s002: s002 is not enrolled in os" in problem


@pytest.mark.parametrize(
    ("students", "words"),
    [
        ("students: []\n", "must have 1 entry or more"),
        ("students:\n", "must be a list, not empty"),
        ("- id: s001\n", "must be a mapping of fields, not a list"),
        ("pupils: []\n", "is missing; add `students:`"),
        ("", "is empty; write its fields, as docs/authoring.md describes"),
        ("students: [s001]\n", "must be a mapping of fields, not text"),
    ],
)
def test_students_file_of_another_shape_is_told(write_class: WriteClass, students: str, words: str) -> None:
    assert any(words in problem for problem in problems(write_class(students=students)))


@pytest.mark.parametrize(
    "text",
    ["", "title: x", "- 1\n", "7\n", "questions: 7\n", "questions: [[1]]\n", "extensions: 5\n", "{{{", "a: *b\n"],
)
def test_test_file_of_any_shape_is_told_and_nothing_breaks(write_class: WriteClass, text: str) -> None:
    assert problems(write_class(tests={"os/test01": text, "os/test02": [question()]}))


def test_stray_files_are_told(write_class: WriteClass) -> None:
    folder = write_class()
    (folder / "subjects/os/test02.yaml").write_text("title: x\n")
    (folder / "subjects/os/test03.yml.txt").write_text("title: x\n")
    (folder / "subjects/os/bad name.yml").write_text("title: x\n")
    (folder / "subjects/os/test04.yml").mkdir()
    (folder / "subjects/loose.yml").write_text("title: x\n")
    (folder / "subjects/bad name").mkdir()
    (folder / "subjects/os/.DS_Store").write_bytes(b"\xff")
    (folder / "subjects/os/README.md").write_text("Notes.")
    assert [problem.split(";")[0].removeprefix("class/subjects/") for problem in problems(folder)] == [
        "bad name:1: the folder's name is not a valid subject ID",
        "loose.yml:1: is not in a subject's folder",
        "os/bad name.yml:1: the file's name is not a valid test ID",
        "os/test02.yaml:1: is not a test file, because its name does not end in .yml",
        "os/test03.yml.txt:1: is not a test file, because its name does not end in .yml",
        "os/test04.yml:1: is a folder",
    ]


def test_class_with_too_many_tests_is_told_at_once(write_class: WriteClass, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_class(tests={f"os/test{number}": "{{{" for number in range(4)})
    monkeypatch.setattr("ansible_collections.training.test_time.plugins.module_utils.class_content.files.MAX_TESTS", 3)
    assert problems(folder) == ["class/subjects:1: has 4 tests, and a class can have 3; move old ones out of it"]


def test_class_with_too_much_text_is_told_at_once(write_class: WriteClass) -> None:
    folder = write_class()
    for number in range(6):
        (folder / f"subjects/os/test{number}.yml").write_text("{{{")
        os.truncate(folder / f"subjects/os/test{number}.yml", 1_000_000)
    began = time.process_time()
    assert problems(folder) == ["class/subjects:1: has more than 2 MB of tests; move old ones out of it"]
    assert time.process_time() - began < 1


def test_test_or_list_of_students_that_is_too_large_is_told_at_once(write_class: WriteClass) -> None:
    folder = write_class()
    os.truncate(folder / "subjects/os/test01.yml", 1_000_001)
    os.truncate(folder / "students.yml", 10_000_001)
    assert problems(folder) == [
        "class/students.yml:1: is larger than 10 MB; make it smaller",
        "class/subjects/os/test01.yml:1: is larger than 1 MB; make it smaller",
    ]


def test_missing_files_are_told(tmp_path: Path) -> None:
    assert "does not exist; set class_dir" in problems(tmp_path / "none")[0]
    (tmp_path / "class").mkdir()
    (tmp_path / "class/students.yaml").write_text("students: []\n")
    assert [problem.split(": ", 1)[1].split(";")[0] for problem in problems(tmp_path / "class")] == [
        "is ignored",
        "does not exist",
    ]


def test_file_in_the_folders_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "class").write_text("x")
    assert "is not a folder; set class_dir" in problems(tmp_path / "class")[0]


@pytest.mark.parametrize("name", ["subjects", "subjects/os"])
def test_folder_that_cannot_be_read_is_told(
    write_class: WriteClass, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = write_class(students=[student(1)])
    list_folder = Path.iterdir

    def refuse(path: Path) -> Iterator[Path]:  # the tests may run as root, whom no mode stops
        if path == folder / name:
            raise PermissionError(13, "Permission denied")
        return list_folder(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert f"class/{name}:1: cannot be read: Permission denied; check its permissions" in problems(folder)


@pytest.mark.parametrize("below", ["", "subjects", "subjects/os", "subjects/os/test01.yml", "students.yml"])
def test_what_cannot_even_be_looked_at_is_told(
    write_class: WriteClass, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    folder = write_class(students=[student(1)])
    look_at = Path.stat

    def refuse(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:  # as in a folder of mode 744
        if path == folder / below or folder / below in path.parents:
            raise PermissionError(13, "Permission denied")
        return look_at(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", refuse)
    name = f"class/{below}".rstrip("/")
    assert f"{name}:1: cannot be read: Permission denied; check its permissions" in problems(folder)


@pytest.mark.parametrize("below", ["", "subjects", "subjects/os", "subjects/os/test02.yml", "students.yml"])
def test_link_whose_target_is_too_long_is_told(write_class: WriteClass, below: str) -> None:
    folder = write_class(students=[student(1)])
    path = folder / below
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.symlink_to("x" * 300)
    name = f"class/{below}".rstrip("/")
    assert f"{name}:1: cannot be read: File name too long; check its permissions" in problems(folder)


def test_more_students_than_a_class_can_have_are_told_without_being_checked(write_class: WriteClass) -> None:
    wrong = "- {id: '', name: '', email: nobody, subjects: [none]}\n"
    assert problems(write_class(students="students:\n" + wrong * 50_001)) == [
        "class/students.yml:1: students: must have 50,000 entries or fewer; it has 50,001"
    ]


QUESTION = "- {text: q%d, options: {a: '1', b: '2', c: '3', d: '4'}, answer: [a, b], points: 2}\n"


def timed_problems(folder: Path) -> tuple[float, list[str]]:
    """How many seconds the processor takes to check a class, and what is told."""
    began = time.process_time()
    told = problems(folder)
    return time.process_time() - began, told


def test_class_with_a_megabyte_of_short_questions_is_checked_in_a_few_seconds(write_class: WriteClass) -> None:
    """What a class can have is twice as much, and publishing checks it three times."""
    test = "title: T\nquestions:\n" + "".join(QUESTION % number for number in range(200))
    folder = write_class(tests={f"os/test{number}": test for number in range(1_000_000 // len(test))})
    seconds, told = timed_problems(folder)
    assert told == []
    assert seconds < 5


def test_ten_thousand_students_are_checked_in_a_few_seconds(write_class: WriteClass) -> None:
    entry = "- {id: s%d, name: N, email: s%d@example.org, subjects: [os]}\n"
    folder = write_class(students="students:\n" + "".join(entry % (number, number) for number in range(10_000)))
    seconds, told = timed_problems(folder)
    assert told == []
    assert seconds < 2


MAPPINGS = "[" + ",".join(f"{{a: {number}}}" for number in range(4_000)) + "]"


@pytest.mark.parametrize("place", ["answer", "subjects", "extensions"])
def test_time_for_a_file_with_many_problems_grows_no_faster_than_the_file(write_class: WriteClass, place: str) -> None:
    test = "title: T\nquestions:\n" + QUESTION % 1
    if place == "answer":
        folder = write_class(tests={"os/test01": test.replace("[a, b]", MAPPINGS)})
    elif place == "subjects":
        students = f"students:\n- {{id: s001, name: A, email: a@example.org, subjects: {MAPPINGS}}}\n"
        folder = write_class(students=students)
    else:
        extensions = "".join(f"  u{number}: 2030-01-01 00:00\n" for number in range(15_000))
        folder = write_class(tests={"os/test01": f"{test}extensions:\n{extensions}"})
    seconds, told = timed_problems(folder)
    assert told
    assert seconds < 4


@pytest.mark.parametrize("rule", ["schema", "students"])
def test_of_many_problems_in_a_file_the_first_are_told(write_class: WriteClass, rule: str) -> None:
    field = "nothing" if rule == "schema" else "subjects"
    students = [student(number, **{field: ["none"]}) for number in range(1, 151)]
    told = problems(write_class(students=students))
    assert told[0] == "class/students.yml:1: has more than 100 problems, of which the first follow"
    assert len(told) == 101
    assert f": students[1].{field}" in told[1]
    assert f": students[100].{field}" in told[100]


def test_all_errors_of_all_files_come_at_once_sorted_and_without_addresses(write_class: WriteClass) -> None:
    folder = write_class(
        students=[student(1, email="secret@@example.org"), student(1, subjects=["none"])],
        tests={
            "os/test01": [question(answer="z"), question(points=-1)],
            "os/test02": "title: x\n  bad: indent\n",
        },
    )
    told = problems(folder)
    places = [problem.split(": ")[0] for problem in told]
    assert places == [
        "class/students.yml:4",
        "class/students.yml:7",
        "class/students.yml:11",
        "class/subjects/os/test01.yml:8",
        "class/subjects/os/test01.yml:15",
        "class/subjects/os/test02.yml:2",
    ]
    assert "secret" not in "".join(told)
