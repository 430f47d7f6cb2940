"""`students.sh export` and `erase`: what they print, ask and refuse, and the file that they write."""

from __future__ import annotations

import argparse
import io
import stat
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cli.command import errors_as_messages
from cli.students import person_commands
from cli.students.erase import NotErased
from cli.weekly_run import WeeklyRun

from common.storage import Bucket
from support.class_life import MACHINE, ClassLife, class_life, students
from support.weekly_run import BUCKET, ENDPOINT

Run = Callable[..., None]


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClassLife]:
    with class_life(tmp_path / "class", students("s1", "s10"), monkeypatch) as life:
        life.publish()
        life.submit("os/test01", "s1", {"1": "a"})
        yield life


@pytest.fixture
def run(life: ClassLife, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command line on the class."""
    clients = {"s3": life.world.s3, "apigateway": life.cloud.clients.apigateway}
    values = {"stage": "main", "class_dir": "class", "class_name": "Demo"}
    values |= {"authorizer_ttl_seconds": "60", "timezone": "Europe/Warsaw"}
    runs = WeeklyRun(life.stage.states, MACHINE, Bucket(BUCKET, life.world.s3, lists=True), ENDPOINT)
    monkeypatch.setattr(person_commands, "ROOT", tmp_path)
    monkeypatch.setattr(person_commands, "weekly_run", {"main": runs}.__getitem__)
    monkeypatch.setattr(person_commands, "parameter", lambda name, stage: values[name])
    monkeypatch.setattr("cli.students.person_commands.boto3.client", lambda name, **_: clients[name])

    def command(*arguments: str) -> None:
        parser = argparse.ArgumentParser()
        parser.add_argument("--stage", default="main")
        person_commands.add_person_commands(parser.add_subparsers())
        options = parser.parse_args(arguments)
        with errors_as_messages("students.sh"):
            options.run(options)

    return command


def answered(monkeypatch: pytest.MonkeyPatch, line: str, is_terminal: bool = True) -> None:
    typed = io.StringIO(line)
    monkeypatch.setattr(typed, "isatty", lambda: is_terminal)
    monkeypatch.setattr("sys.stdin", typed)


def remove(life: ClassLife) -> None:
    life.remove("s1")
    life.world.now += timedelta(minutes=5)


def test_the_export_is_a_file_for_its_owner_only(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "s1.zip"
    run("export", "s1", "--output", str(output))
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert {"index.html", "summary.json", "stored/answers/os/s1/test01.json"} < set(zipfile.ZipFile(output).namelist())
    assert f"{output} has everything that is stored about s1" in capsys.readouterr().out


def test_an_unknown_student_leaves_no_file(run: Run, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"students\.sh: nothing is stored about a student with the ID s2"):
        run("export", "s2", "--output", str(tmp_path / "s2.zip"))
    assert not list(tmp_path.glob("*.zip*"))


@pytest.mark.parametrize(
    "arguments", [("export", "s1"), ("export", "../x", "--output", "f"), ("erase", ""), ("erase",)]
)
def test_wrong_usage(run: Run, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as error:
        run(*arguments)
    assert error.value.code == 2


def test_an_erasure_asks_and_ends_with_a_certificate(
    life: ClassLife, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    remove(life)
    answered(monkeypatch, "yes\n")
    run("erase", "s1")
    printed = capsys.readouterr()
    assert "are about s1 (Student 1, student1@example.org)." in printed.err
    assert printed.out.startswith("Everything about student s1 was deleted from stage main.")
    assert "answers/os/s1/test01.json" not in life.world.s3.versions


@pytest.mark.parametrize(("line", "is_terminal"), [("y\n", True), ("", True), ("yes\n", False)])
def test_without_a_yes_nothing_is_erased(
    life: ClassLife, run: Run, monkeypatch: pytest.MonkeyPatch, line: str, is_terminal: bool
) -> None:
    remove(life)
    before = life.world.s3.versions
    answered(monkeypatch, line, is_terminal)
    with pytest.raises(SystemExit, match="nothing was deleted"):
        run("erase", "s1")
    assert life.world.s3.versions == before


def test_with_yes_nobody_is_asked_and_a_second_time_finds_nothing(
    life: ClassLife, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    remove(life)
    answered(monkeypatch, "", is_terminal=False)
    run("erase", "s1", "--yes")
    capsys.readouterr()
    run("erase", "s1", "--yes")
    assert capsys.readouterr().out == "Nothing is stored about a student with the ID s1.\n"


def test_who_is_in_the_classs_file_is_not_erased(run: Run) -> None:
    with pytest.raises(SystemExit, match=r"students\.sh: s1 is in students\.yml"):
        run("erase", "s1", "--yes")


@pytest.mark.parametrize("text", ["students: [", "", "students: 1\n", None])
def test_nobody_is_erased_while_the_file_cannot_be_read(tmp_path: Path, text: str | None) -> None:
    (tmp_path / "subjects").mkdir()
    if text is not None:
        (tmp_path / "students.yml").write_text(text)
    with pytest.raises(NotErased, match=r"class/students\.yml cannot be read"):
        person_commands.written_ids(tmp_path, "class")


def test_ids_are_read_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "subjects").mkdir()
    (tmp_path / "students.yml").write_text("students: [{id: 007}, {id: s1, name: x}, 3]\n")
    assert person_commands.written_ids(tmp_path, "class") == {"007", "s1"}


def test_where_the_bucket_does_not_delete_the_message_says_so(
    life: ClassLife, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove(life)
    refusal: dict[str, Any] = {"Errors": [{"Key": "answers/os/s1/test01.json", "Code": "AccessDenied"}]}
    monkeypatch.setattr(life.world.s3, "delete_objects", lambda **_: refusal)
    with pytest.raises(SystemExit, match=r"cannot delete answers/os/s1/test01\.json \(AccessDenied\)"):
        run("erase", "s1", "--yes")
