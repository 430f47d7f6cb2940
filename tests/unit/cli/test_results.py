"""What bin/results.sh shows of a class, in each of its formats."""

from __future__ import annotations

import csv
import io
import json
import shutil
import stat
import subprocess
import sys
import time
import warnings
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import SCORES
from cli import elapsed
from cli.class_data import read_class
from cli.command import CommandError
from cli.private_file import write_private
from cli.results import __main__ as command
from cli.results.__main__ import FORMATS, results
from openpyxl import load_workbook

from common.shared.deadlines import parse_time
from common.storage import Bucket
from support.documents import roster_entry
from support.trainer import client_of_trainer
from support.weekly_class import SUBJECT, TEST, make_students, make_test, make_world
from support.weekly_run import World

OPEN, OVER = "2026-11-23T21:00:00Z", "2026-11-23T22:00:05Z"
NAME = f"{SUBJECT}/{TEST}"
FORMULA = '=HYPERLINK("http://evil","x")'


@pytest.fixture
def world() -> World:
    return make_world()


def shown(
    world: World, style: str = "json", at: str = OVER, test: str | None = None, student: str | None = None
) -> Any:
    """What the command prints at a time, with the rights to deploy and no others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "utc_now", lambda: parse_time(at))
        printed = results(Bucket("class-data", client_of_trainer(world.s3), lists=True), test, student, style)
    return json.loads(printed) if style == "json" else printed


def statuses(world: World, at: str = OVER) -> list[str]:
    [test] = shown(world, at=at)["tests"]
    return [student["status"] for student in test["students"]]


def rows_of(printed: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(printed.decode("utf-8-sig"))))


def test_before_the_deadline_it_shows_who_has_submitted_who_has_begun_and_who_has_not(world: World) -> None:
    for student in ("s4", "s5"):  # s4 has submitted
        world.put(f"drafts/{SUBJECT}/{student}/{TEST}.json", {})
    world.publish(SUBJECT, [make_test()], make_students(6))
    assert statuses(world, OPEN) == ["submitted"] * 4 + ["begun", "open"]


def test_after_the_deadline_who_has_not_submitted_is_missing_draft_or_not(world: World) -> None:
    world.put(f"drafts/{SUBJECT}/s5/{TEST}.json", {})
    assert statuses(world) == ["submitted"] * 4 + ["missing"]


def test_a_student_with_own_time_left_is_not_missing(world: World) -> None:
    world.publish(SUBJECT, [make_test()], make_students(5, s5="2026-11-24T22:00:00Z"))
    assert statuses(world)[-1] == "open"


def test_late_time_counts_as_time(world: World) -> None:
    world.publish(SUBJECT, [make_test(late={"untilHours": 24, "credit": 0.5})], make_students())
    assert statuses(world)[-1] == "open"
    assert statuses(world, "2026-11-24T22:00:00Z")[-1] == "missing"


def test_after_the_run_it_shows_points(world: World) -> None:
    world.run()
    assert shown(world) == {
        "tests": [
            {
                "subjectName": SUBJECT,
                "testId": TEST,
                "title": "Kernels",
                "closesAt": "2026-11-23T22:00:00Z",
                "students": [
                    *(
                        {
                            "studentId": f"s{n}",
                            "name": f"Student {n}",
                            "email": f"s{n}@example.org",
                            "status": "scored",
                            "submittedAt": "2026-11-23T20:00:00Z",
                            "points": points,
                            "maxPoints": 4,
                        }
                        for n, points in enumerate((4, 3, 1, 0), 1)
                    ),
                    {"studentId": "s5", "name": "Student 5", "email": "s5@example.org", "status": "missing"},
                ],
            }
        ]
    }


def test_the_time_of_a_submission_is_that_of_its_receipt(world: World) -> None:
    key = f"answers/{SUBJECT}/s1/{TEST}.json"
    world.s3.written[key] = datetime.fromisoformat("2026-11-23T20:00:03+00:00")  # when S3 had stored it
    assert shown(world)["tests"][0]["students"][0]["submittedAt"] == "2026-11-23T20:00:00Z"


def test_of_several_attempts_the_newest_is_shown_until_one_is_scored(world: World) -> None:
    world.publish(SUBJECT, [make_test(attempts="last")], make_students())
    for attempt in range(2, 12):
        world.submit(SUBJECT, TEST, "s1", {"1": "a"}, f"2026-11-23T21:00:{attempt:02}Z", attempt)
    assert shown(world)["tests"][0]["students"][0]["submittedAt"] == "2026-11-23T21:00:11Z"


def test_a_score_whose_answers_have_expired_is_shown(world: World) -> None:
    world.run()
    world.s3.objects.pop(f"answers/{SUBJECT}/s1/{TEST}.json")
    assert statuses(world)[0] == "scored"


def test_a_broken_score_does_not_hide_the_others(world: World) -> None:
    world.run()
    world.s3.objects[f"{SCORES}{NAME}/s1.json"] = b"{"
    assert statuses(world) == ["submitted", "scored", "scored", "scored", "missing"]


def test_who_enrolled_after_the_end_is_not_in_the_test(world: World) -> None:
    late = roster_entry(6, [SUBJECT])
    late["since"] = {SUBJECT: "2026-11-25T09:00:00Z"}
    world.publish(SUBJECT, [make_test()], [*make_students(), late])
    assert len(statuses(world)) == 5


def test_the_content_of_answers_and_drafts_is_not_read_and_nothing_is_written(world: World) -> None:
    world.put(f"drafts/{SUBJECT}/s5/{TEST}.json", {})
    before = dict(world.s3.objects)
    shown(world)
    assert world.s3.objects == before
    read = [call.key for call in world.calls.made if call.name == "s3:GetObject"]
    assert read == ["roster.jsonl", f"subjects/{SUBJECT}/index.json"]


def test_one_test_and_one_student_can_be_asked_for(world: World) -> None:
    world.publish(SUBJECT, [make_test(), make_test("test02")], make_students())
    tests = shown(world, test=NAME, student="s2")["tests"]
    assert [(test["testId"], [each["studentId"] for each in test["students"]]) for test in tests] == [(TEST, ["s2"])]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"test": f"{SUBJECT}/test9"}, f"there is no test {SUBJECT}/test9: the tests are {NAME}"),
        ({"student": "s9"}, "there is no student s9 in the published class: check the ID"),
    ],
)
def test_an_unknown_test_or_student_is_an_error(world: World, asked: Any, message: str) -> None:
    with pytest.raises(CommandError) as error:
        shown(world, **asked)
    assert str(error.value) == message


@pytest.mark.parametrize("body", [None, b"{\n"])
def test_a_class_that_cannot_be_read_says_what_to_do(world: World, body: bytes | None) -> None:
    world.s3.objects.pop("roster.jsonl")
    if body:
        world.s3.objects["roster.jsonl"] = body
    with pytest.raises(CommandError, match=r"publish|update-subjects-or-students"):
        shown(world)


def with_two_tests(world: World) -> World:
    """test01 is scored, test02 open; s1 has an ID in the learning platform and a name that would be a formula."""
    world.run()
    students: list[Any] = make_students()
    students[0] |= {"externalId": "4711", "name": FORMULA}
    later = make_test("test02", closesAt="2026-11-30T22:00:00Z", lastDeadline="2026-11-30T22:00:00Z")
    world.publish(SUBJECT, [make_test(), later], students)
    return world


def test_text_has_a_table_for_each_test_and_one_of_all(world: World) -> None:
    first, second, matrix = shown(with_two_tests(world), "text").decode().split("\n\n")
    assert first.splitlines()[0] == f"{NAME}: Kernels (closes 2026-11-23T22:00:00Z; 1 missing, 4 scored)"
    assert first.splitlines()[3].split() == ["s2", "Student", "2", "scored", "2026-11-23T20:00:00Z", "3", "of", "4"]
    assert "5 open" in second
    assert matrix.splitlines()[1].split() == ["student", "name", "email", NAME, f"{SUBJECT}/test02", "total", "of"]
    assert matrix.splitlines()[3].split()[-5:] == ["s2@example.org", "3", "open", "3", "4"]


def test_csv_has_every_row_with_every_column_and_no_formula(world: World) -> None:
    head, *rows = rows_of(shown(with_two_tests(world), "csv"))
    assert len(rows) == 10
    assert {len(row) for row in rows} == {len(head)}
    assert rows[0][head.index("name")] == f"'{FORMULA}"
    assert rows[1][-4:] == ["3", "4", "75.0", ""]
    assert rows[4][-6:] == ["missing", "", "", "", "", ""]


def test_a_score_of_a_draft_that_was_handed_in_is_marked_where_people_read_it() -> None:
    """Not in the files for Moodle and Canvas, whose columns are theirs."""
    world = make_world(unsubmittedDrafts="submit")
    world.put(f"drafts/{SUBJECT}/s5/{TEST}.json", {"answers": {"1": "a"}, "savedAt": "2026-11-23T21:30:00Z"})
    world.run()
    *others, handed_in = shown(world)["tests"][0]["students"]
    assert handed_in["handedIn"] is True
    assert not any("handedIn" in each for each in others)
    head, *rows = rows_of(shown(world, "csv"))
    assert [row[head.index("handedIn")] for row in rows] == ["", "", "", "", "yes"]
    lines = shown(world, "text").decode().split("All tests")[0].splitlines()
    assert [line.split()[0] for line in lines if "2026-11-23T21:30:00Z (handed in automatically)" in line] == ["s5"]
    assert "handed" not in shown(world, "moodle").decode() + shown(world, "canvas").decode()


def test_moodle_gets_addresses_id_numbers_and_a_column_for_each_scored_test(world: World) -> None:
    assert rows_of(shown(with_two_tests(world), "moodle")) == [
        ["Email address", "ID number", NAME],
        ["s1@example.org", "4711", "4"],
        *([f"s{number}@example.org", f"s{number}", points] for number, points in ((2, "3"), (3, "1"), (4, "0"))),
    ]


def test_canvas_gets_its_columns_and_the_points_possible(world: World) -> None:
    assert rows_of(shown(with_two_tests(world), "canvas")) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", NAME],
        ["Points Possible", "", "", "", "", "4"],
        [f"'{FORMULA}", "4711", "s1", "s1@example.org", "", "4"],
        ["Student 2", "", "s2", "s2@example.org", "", "3"],
        ["Student 3", "", "s3", "s3@example.org", "", "1"],
        ["Student 4", "", "s4", "s4@example.org", "", "0"],
    ]


@pytest.mark.parametrize("style", ["moodle", "canvas"])
def test_the_file_of_one_test_removes_no_grade_from_a_gradebook(world: World, style: str) -> None:
    """Both take an empty cell for the removal of a grade, such as one that the trainer has given for a missing test."""
    head, *rows = rows_of(shown(with_two_tests(world), style, test=NAME))
    assert [row[head.index(NAME)] for row in rows if row[0] != "Points Possible"] == ["4", "3", "1", "0"]


@pytest.mark.parametrize(
    ("style", "rows"),
    [
        ("moodle", [["Email address", "ID number"]]),
        ("canvas", [["Student", "ID", "SIS User ID", "SIS Login ID", "Section"], ["Points Possible", "", "", "", ""]]),
    ],
)
def test_before_anything_is_scored_a_gradebook_gets_only_the_head(world: World, style: str, rows: Any) -> None:
    assert rows_of(shown(world, style)) == rows


def test_a_workbook_has_numbers_as_numbers_text_as_text_and_a_frozen_head(world: World) -> None:
    book = load_workbook(io.BytesIO(shown(with_two_tests(world), "xlsx")))
    everything, each = book["All tests"], book["Each test"]
    assert [cell.value for cell in everything[1]] == [
        *("student", "name", "email", NAME, f"{SUBJECT}/test02", "total", "of")
    ]
    assert [cell.value for cell in everything[2]] == ["s1", FORMULA, "s1@example.org", 4, "open", 4, 4]
    assert [cell.data_type for cell in everything[2]] == ["s", "s", "s", "n", "s", "n", "n"]
    assert (everything.freeze_panes, each.freeze_panes) == ("A2", "A2")
    assert each.max_row == 11


def test_a_workbook_leaves_out_the_characters_that_its_format_forbids(world: World) -> None:
    students: Any = make_students()
    students[0]["name"] = "Ada\x07 \x1bLovelace"
    world.publish(SUBJECT, [make_test()], students)
    assert load_workbook(io.BytesIO(shown(world, "xlsx")))["All tests"]["B2"].value == "Ada Lovelace"


def test_a_long_read_shows_that_it_works(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    def slow(*_: Any) -> bytes:
        time.sleep(0.1)
        return b"results"

    monkeypatch.setattr(elapsed, "SHOW_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(command, "stage_bucket", lambda _: world.bucket)
    monkeypatch.setattr(command, "results", slow)
    monkeypatch.setattr(sys, "argv", ["results", "--stage", "main"])
    command.main()
    printed = capfdbinary.readouterr()
    assert printed.out == b"results"
    assert b" s\n" in printed.err


@pytest.mark.parametrize("style", FORMATS)
def test_a_class_without_tests_has_results_in_every_format(world: World, style: str) -> None:
    world.publish(SUBJECT, [], make_students())
    assert shown(world, style)


def test_libreoffice_opens_the_workbook_and_the_csv_with_the_right_names(world: World, tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        warnings.warn("LibreOffice is not installed: nothing has opened the files", stacklevel=1)
        pytest.skip("LibreOffice is not installed")
    students: Any = make_students()
    students[0]["name"] = "Žofia Łęcka"
    world.publish(SUBJECT, [make_test()], students)
    for style in ("xlsx", "csv"):
        (tmp_path / f"results.{style}").write_bytes(shown(world, style))
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        convert = [soffice, profile, "--headless", "--convert-to", "html", "--outdir", str(tmp_path)]
        subprocess.run([*convert, str(tmp_path / f"results.{style}")], check=True, capture_output=True, timeout=120)
        assert "Žofia Łęcka" in (tmp_path / "results.html").read_text()


def test_a_file_is_written_for_the_trainer_only_and_replaces_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["folder", "missing/results.csv"])
def test_a_file_that_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(CommandError, match=name.partition("/")[0]):
        write_private(tmp_path / name, b"x")
    assert [path.name for path in tmp_path.rglob("*")] == ["folder"]


def test_a_write_that_fails_keeps_the_older_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "results.csv"
    path.write_text("old")

    def full(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(CommandError, match="No space left"):
        write_private(path, b"new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("students", [200, 400])
def test_the_number_of_requests_grows_with_the_class(world: World, students: int) -> None:
    world.publish(SUBJECT, [make_test()], make_students(students))
    for number in range(5, students + 1):
        world.submit(SUBJECT, TEST, f"s{number}", {"1": "a"})
    shown(world)
    assert world.calls.count == 5 + students  # the roster, the index, three lists, and a tag for each


def test_the_probe_of_a_check_is_not_in_the_class(world: World) -> None:
    world.put("subjects/check-deployment/index.json", {"subjectName": "check-deployment", "tests": []})
    assert list(read_class(world.bucket).indexes) == [SUBJECT]
