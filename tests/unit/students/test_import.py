"""`students.sh import`: which lists are read, whom they add, change and remove, and what stays in students.yml."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from cli.class_folder import ClassFolder
from cli.students.importing import Import, NotImported, plan_import, write_students
from cli.students.participants import read_participants

ADA = "Ada Lovelace,ada@example.org"
PLAIN = f"name,email\n{ADA}\n"


def import_text(
    folder: ClassFolder, content: str | bytes, subjects: list[str] | None = None, *, remove_missing: bool = False
) -> Import:
    path = folder.path.parent / "list.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return plan_import(path, folder, subjects, remove_missing=remove_missing)


def students(plan: Import) -> dict[str, dict[str, object]]:
    return {each["id"]: each for each in yaml.safe_load(plan.text)["students"]}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PLAIN, "name and email, UTF-8, separated by commas, 1 student"),
        ("﻿Name;E-Mail\r\nAda Lovelace;ada@example.org\r\n", "name and email, UTF-8, separated by semicolons"),
        ("email\tname\nada@example.org\tAda Lovelace\n".encode("utf-16"), "name and email, UTF-16, separated by tabs"),
        (
            "First name,Last name,ID number,Email address,Groups\nAda,Lovelace,77,ada@example.org,A\n",
            "Moodle, UTF-8, separated by commas",
        ),
        (
            "First name,Surname,Email address\nAda,Lovelace,ada@example.org\n",
            "Moodle or Google Classroom, UTF-8, separated by commas",
        ),
        ("Vorname;Nachname;ID-Nummer;E-Mail-Adresse\nAda;Lovelace;;ada@example.org\n", "Moodle, UTF-8"),
        (
            "Imię;Nazwisko;Numer ID;Adres e-mail\nAda;Lovelace;77;ada@example.org\n".encode("cp1250"),
            "Moodle, Windows-1250, separated by semicolons",
        ),
        (
            "Last Name,First Name,Email Address,Homework\nDate,,,2026-11-02\nPoints,,,10\n"
            "Lovelace,Ada,ada@example.org,9\nClass average,,,9\n",
            "Moodle or Google Classroom, UTF-8, separated by commas, 1 student",
        ),
        (
            "Student,ID,SIS User ID,SIS Login ID,Section,One (12)\n,,,,,Manual Posting\n    Points Possible,,,,,9\n"
            '"Lovelace, Ada",48213,77,ada@example.org,A,9\n"Student, Test",99,,fb1c,A,\n',
            "Canvas, UTF-8, separated by commas, 1 student",
        ),
        (
            "LastName,FirstName,ID,SIS User ID,SIS Login ID,Section,One (12)\n,,,,,,Manual Posting\n"
            "    Points Possible,,,,,,9\nLovelace,Ada,48213,77,ada@example.org,A,9\nStudent,Test,99,,fb1c,A,\n",
            "Canvas, UTF-8, separated by commas, 1 student",
        ),
        (f"sep=,\n{PLAIN}", "name and email, UTF-8, separated by commas, 1 student"),
        ("sep=\t\r\nname\temail\r\nAda Lovelace\tada@example.org\r\n", "name and email, UTF-8, separated by tabs"),
        (f"\n,\n{PLAIN},\n", "name and email, UTF-8, separated by commas, 1 student"),
    ],
)
def test_every_kind_of_list_gives_the_same_student(folder: ClassFolder, content: str | bytes, kind: str) -> None:
    plan = import_text(folder, content)
    assert plan.taken_as.startswith(kind)
    new = [each for id, each in students(plan).items() if id not in ("s001", "s004")]
    assert [(each["name"], each["email"]) for each in new] == [("Ada Lovelace", "ada@example.org")]


def test_canvas_protects_names_from_being_formulas_but_they_are_written_as_they_are(folder: ClassFolder) -> None:
    plan = import_text(folder, 'Student,ID,SIS Login ID\n"=""=Lovelace, Ada""",1,ada@example.org\n')
    assert plan.lines == ["+ s005 Ada =Lovelace, ada@example.org"]


@pytest.mark.parametrize("name", ["می\u200cنو", "क्\u200dष", "Ada Łoś"])
def test_names_have_the_characters_that_their_scripts_need(folder: ClassFolder, name: str) -> None:
    assert import_text(folder, f"name,email\n{name},ada@example.org\n").lines == [f"+ s005 {name}, ada@example.org"]


def test_names_in_windows_1250_keep_their_letters(folder: ClassFolder) -> None:
    plan = import_text(folder, "name;email\nŁucja Świąć;lucja@example.org\n".encode("cp1250"))
    assert plan.lines == ["+ s005 Łucja Świąć, lucja@example.org"]


def test_the_difference_shows_what_each_field_becomes(folder: ClassFolder) -> None:
    plan = import_text(folder, "name,email,external_id\nZo,zofia@example.org,7\n", ["git"], remove_missing=True)
    assert plan.lines == ["~ s001 Zofia Żak (name: Zo, external_id: 7)"]


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        ("name,email,id\nAda,ada@example.org,ada.l\n", ("ada.l", None)),
        ("name,email,id,external_id\nAda,ada@example.org,ada.l,9\n", ("ada.l", "9")),
        ("First name,Surname,Email address,ID number\nAda,L,ada@example.org,2024/7\n", ("s005", "2024/7")),
        ("First name,Surname,Email address,ID number\nAda,L,ada@example.org,77\n", ("77", "77")),
        ("Student,ID,SIS Login ID\nAda,48213,ada@example.org\n", ("s005", "48213")),
        ("Student,ID,SIS User ID,SIS Login ID\nAda,48213,s004,ada@example.org\n", ("s005", "48213")),
    ],
    ids=["own", "own and external", "number that is no ID", "number", "Canvas", "number of somebody else"],
)
def test_the_id_comes_from_the_list_or_is_the_next_free_one(
    folder: ClassFolder, content: str, ids: tuple[str, str | None]
) -> None:
    added = list(students(import_text(folder, content)).values())[-1]
    assert (added["id"], added.get("external_id")) == ids


def test_the_id_of_a_former_student_is_never_given_again(folder: ClassFolder) -> None:
    plan = import_text(folder, "name,email\nZofia Żak,ZOFIA@EXAMPLE.ORG\n", remove_missing=True)
    assert plan.lines == ["- s004 李 小龙"]
    write_students(folder.students, plan.text)
    assert import_text(folder, PLAIN).lines == ["+ s005 Ada Lovelace, ada@example.org"]


def test_students_are_matched_by_their_normalised_addresses(folder: ClassFolder) -> None:
    plan = import_text(folder, "name,email\nZofia Żak,Zofia@Example.org\nBruce Lee,xiaolong@xn--bcher-kva.example\n")
    assert plan.lines == ["~ s004 李 小龙 (name: Bruce Lee)"]
    assert import_text(folder, "name,email\nZofia Żak,zofia@example.org\n").lines == []


def test_only_what_changes_is_written(folder: ClassFolder) -> None:
    before = folder.students.read_text(encoding="utf-8")
    listed = "Zofia Nowak,zofia@example.org,7\n李 小龙,xiaolong@bücher.example,\n"
    plan = import_text(folder, f"name,email,external_id\n{listed}{ADA},\n", ["git"])
    new = "\n  - id: s005\n    name: Ada Lovelace\n    email: ada@example.org\n    subjects: [git]\n"
    assert plan.text == (
        before.replace('"Zofia Żak"', "Zofia Nowak")
        .replace("email: zofia@example.org\n", "email: zofia@example.org\n    external_id: '7'\n")
        .replace("- os  # since October", "- os\n      - git  # since October")
        .replace("extra_hours: 24\n", f"extra_hours: 24\n{new}")
    )


def test_students_who_are_not_in_the_list_of_a_subject_leave_that_subject(folder: ClassFolder) -> None:
    plan = import_text(folder, PLAIN, ["os"], remove_missing=True)
    assert plan.lines == ["+ s005 Ada Lovelace, ada@example.org", "~ s001 Zofia Żak (subjects: git)", "- s004 李 小龙"]
    assert students(plan)["s001"]["subjects"] == ["git"]
    kept = [
        "# The morning group.",
        "# prefers email",
        "# Entitled to extra time.",
        "# Former student: s004",
        "# The end",
    ]
    assert [line for line in kept if line not in plan.text] == []


@pytest.mark.parametrize("text", [None, "students: []\n", "# Mine.\nstudents:\n"])
def test_a_class_without_students_gets_its_first(folder: ClassFolder, text: str | None) -> None:
    folder.students.unlink()
    if text is not None:
        folder.students.write_text(text)
    plan = import_text(folder, PLAIN + "Bob,bob@example.org\n")
    assert list(students(plan)) == ["s001", "s002"]
    assert students(plan)["s002"]["subjects"] == ["git", "os"]
    assert plan.text.endswith("]\n")


@pytest.mark.parametrize(
    "rewritten",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.removesuffix("# The end.\n").rstrip(),
        lambda _: (
            "students:\n- {id: s001, name: Z, email: zofia@example.org, subjects: [os]}\n"
            "- {id: s004, name: L, email: l@example.org, subjects: []}\n"
        ),
    ],
    ids=["CRLF", "BOM", "no line break at the end", "flow"],
)
def test_other_ways_to_write_the_file_are_kept(folder: ClassFolder, rewritten: Callable[[str], str]) -> None:
    text = rewritten(folder.students.read_text(encoding="utf-8"))
    folder.students.write_bytes(text.encode())
    plan = import_text(
        folder, "name,email,external_id\nZofia: new,zofia@example.org,1\nAda,ada@example.org,2\n", ["git"]
    )
    after = students(plan)
    assert after["s001"] | {"subjects": []} == {
        "id": "s001",
        "name": "Zofia: new",
        "email": "zofia@example.org",
        "external_id": "1",
        "subjects": [],
    }
    assert after["s005"]["name"] == "Ada"
    assert plan.text.count("\r\n") in (0, plan.text.count("\n"))
    assert plan.text.startswith("﻿") == text.startswith("﻿")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ["list.csv:1: is empty"]),
        ("name,email\n,\n", ["list.csv:1: has no students"]),
        ("Student,ID,SIS Login ID\n    Points Possible,,\n", ["list.csv:1: has no students"]),
        ("id,age\n1,2\n", ["list.csv:1: has no header that is known"]),
        ("\n;\nid;age\n1;2\n", ["list.csv:3: has no header that is known"]),
        ("\nname,email\nAda,ada@example\n", ["list.csv:3: email: is not a valid email address"]),
        ("name,email\nA\u200bda,ada@example.org\n", ["list.csv:2: name: has a character that is not shown (U+200B)"]),
        (
            "Student,ID,SIS Login ID\nAda,1,alovelace\nBob,2,bob@example.org\nC,3,\n",
            [
                "list.csv:2: email: 'alovelace' in the column SIS Login ID is not an address",
                "list.csv:4: email: is missing",
            ],
        ),
        (b"name,email\nAda\x81,ada@example.org\n", ["list.csv:1: is not text in UTF-8"]),
        (PLAIN.encode("utf-16-le"), ["list.csv:1: is not text in UTF-8"]),
        ('name,email\n"Ada,ada@example.org\n', ["list.csv:2: is not valid CSV"]),
        (
            "name,email,id\nAda,ada@example,\n,bob@example.org,\nC,C@example.org,a b\n\nD,c@EXAMPLE.org,reports\n"
            "Lovelace, Ada,l@example.org,x\nE,,\nZ,zofia@example.org,s009\nF,f@example.org,S004\n",
            [
                "list.csv:2: email: is not a valid email address",
                "list.csv:3: name: must be 1 to 200",
                "list.csv:4: id: must be 1 to 64 letters",
                "list.csv:6: email: is the same as in row 4",
                "list.csv:6: id: already belongs to",
                "list.csv:7: has 4 cells, but the header has 3",
                "list.csv:8: email: is missing",
                "list.csv:9: id: is s001 in students.yml",
                "list.csv:10: id: already belongs to a student with another address",
            ],
        ),
    ],
)
def test_all_problems_of_a_list_are_reported_with_their_rows(
    folder: ClassFolder, content: str | bytes, expected: list[str]
) -> None:
    with pytest.raises(NotImported) as refused:
        import_text(folder, content)
    lines = [line.removeprefix(f"{folder.path.parent}/") for line in str(refused.value).splitlines()]
    assert [found[: len(line)] for found, line in zip(lines, expected, strict=True)] == expected


def test_the_whole_class_is_checked_before_anything_is_written(folder: ClassFolder) -> None:
    test = folder.path / "subjects" / "os" / "test01.yml"
    test.write_text(test.read_text() + "extensions: {s004: 2035-01-01 23:00}\n")
    with pytest.raises(NotImported, match=r"class/subjects/os/test01\.yml:3: .*no student has the ID s004"):
        import_text(folder, PLAIN, remove_missing=True)
    with pytest.raises(NotImported, match="--subjects: 'nets' has no tests; the class has git, os"):
        import_text(folder, PLAIN, ["nets"])
    folder.students.write_text("students: [{id: s001, name: Z, email: z@example.org, subjects: [os]}]\n")
    with pytest.raises(NotImported, match=r"students is written as \[\.\.\.\]"):
        import_text(folder, PLAIN)
    folder.students.write_text("students:\n- id: s/1\n")
    with pytest.raises(NotImported, match=r"class/students\.yml:2: students\[1\]\.id"):
        import_text(folder, PLAIN)


def test_the_file_is_replaced_at_once_behind_a_link_too(folder: ClassFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    real = folder.path.parent / "real.yml"
    folder.students.rename(real)
    real.chmod(0o640)
    folder.students.symlink_to(real)
    write_students(folder.students, "new\n")
    assert (folder.students.is_symlink(), real.read_text(), real.stat().st_mode & 0o777) == (True, "new\n", 0o640)

    def fail(_: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space left"):
        write_students(folder.students, "newer\n")
    assert real.read_text() == "new\n"
    assert [path.name for path in real.parent.iterdir() if path.name.startswith(".")] == []


def test_what_is_no_file_is_reported(tmp_path: Path) -> None:
    assert "does not exist" in str(read_participants(tmp_path / "none.csv").problems[0])
    os.mkfifo(tmp_path / "pipe")
    assert "is not a regular file" in str(read_participants(tmp_path / "pipe").problems[0])
