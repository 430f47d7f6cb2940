"""Reading YAML with the line of every field."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.training.test_time.plugins.module_utils.documents.yaml_lines import (
    MAX_BYTES,
    field_name,
    load_file,
    load_text,
)


def told(text: str) -> list[str]:
    return [str(problem) for problem in load_text(text, "f.yml").problems]


def test_every_field_knows_its_line() -> None:
    document = load_text("a: 1\nlist:\n  - x: 1\n    y:\n      z: q\n  - {x: 2}\n", "f.yml")
    assert document.data == {"a": 1, "list": [{"x": 1, "y": {"z": "q"}}, {"x": 2}]}
    assert document.line(("a",)) == 1
    assert document.line(("list", 0, "y", "z")) == 5
    assert document.line(("list", 1, "x")) == 6


def test_missing_field_is_blamed_on_what_is_around_it() -> None:
    document = load_text("a:\n  - b: 1\n  - c: 2\n", "f.yml")
    assert document.line(("a", 1, "nothing")) == 3


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("off", False),  # YAML 1.1, as Ansible reads it
        ("yes", True),
        ("'off'", "off"),
        ("~", None),
        ("23:00", 1380),  # base 60, as Ansible reads it
        ("2026-11-25 23:00", "2026-11-25 23:00"),  # dates stay text
        ("2026-11-25", "2026-11-25"),
        ("0x", "0x"),
        ("n", "n"),
        ("1.10", 1.1),
        ("9" * 250, int("9" * 250)),
        ("9" * 251, "9" * 251),  # too long to be calculated with or shown
        ("1" + ":59" * 1000 + ".5", "1" + ":59" * 1000 + ".5"),
    ],
)
def test_plain_values_are_read_as_ansible_reads_them(text: str, value: object) -> None:
    read = load_text(f"key: {text}\n", "f.yml").data["key"]
    assert read == value
    assert type(read) is type(value)


def test_scalars_are_remembered_as_written() -> None:
    assert load_text("v: 1.10\n", "f.yml").raw["v",] == "1.10"


def test_every_repeated_key_is_told_with_both_lines_and_the_first_one_stands() -> None:
    document = load_text("a: 1\nb: {c: 1}\na: 2\nb: {c: 2, d: {e: 5}}\n", "f.yml")
    assert [str(problem) for problem in document.problems] == [
        "f.yml:3: a: appears twice (first on line 1); keep one",
        "f.yml:4: b: appears twice (first on line 2); keep one",
    ]
    assert document.data == {"a": 1, "b": {"c": 1}}
    assert ("b", "d", "e") not in document.raw


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: x\nb: Note: y\n", 2, "is not valid YAML: a text with ': ' must be in quotes"),
        ("a: @x\n", 1, "is not valid YAML: a text that begins with @"),
        ("a: [1\nb: 2\n", 2, "is not valid YAML"),
        ("a:\n\tb: 1\n", 2, "is indented with a tab; use spaces"),
        ("a:\n  - b: 1\n  \tc: 2\n", 3, "is indented with a tab"),
        ("a:\n  -\tb: 1\n    c: 2\n", 2, "is indented with a tab"),
        ("a: 'x\n", 2, "is not valid YAML"),
        ("a: 1\n---\nb: 2\n", 2, "second YAML document"),
        ("a: &x 1\nb: *x\n", 2, "alias"),
        ("a: !!python/object:os.system x\n", 1, "tag"),
        ("\n? [a]\n: 1\n", 2, "in place of a field name"),
        ("[" * 100_000, 1, "nested more than"),
        ("", 1, "is empty; write its fields, as docs/authoring.md describes"),
        ("# only a comment\n", 1, "is empty; write its fields, as docs/authoring.md describes"),
        ("a: 1\nb: \x00\n", 2, "does not allow"),
    ],
)
def test_what_yaml_or_we_do_not_take_is_one_problem_with_its_line(text: str, line: int, words: str) -> None:
    [problem] = told(text)
    assert problem.startswith(f"f.yml:{line}: ")
    assert words in problem


def test_odd_files_are_told_not_raised(tmp_path: Path) -> None:
    (tmp_path / "folder.yml").mkdir()
    (tmp_path / "latin1.yml").write_bytes("a: 1\nname: Søren\n".encode("latin-1"))
    (tmp_path / "bom.yml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert [str(problem) for problem in load_file(tmp_path / "folder.yml", "f.yml").problems] == [
        "f.yml:1: is a folder; replace it with a file"
    ]
    assert [str(problem) for problem in load_file(tmp_path / "latin1.yml", "f.yml").problems] == [
        "f.yml:2: is not UTF-8 text; save the file as UTF-8"
    ]
    assert [str(problem) for problem in load_file(tmp_path / "no.yml", "f.yml").problems] == ["f.yml:1: does not exist"]
    assert load_file(tmp_path / "bom.yml", "f.yml").data == {"a": 1}


@pytest.fixture
def in_three_seconds() -> Iterator[None]:
    """Ends a test that hangs."""

    def give_up(*_: object) -> None:
        pytest.fail("the test hangs")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(3)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("in_three_seconds")
@pytest.mark.parametrize("kind", ["named pipe", "link to a named pipe", "endless device", "empty device", "socket"])
def test_what_is_not_a_regular_file_is_told_without_being_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "f.yml"
    if kind == "named pipe":
        os.mkfifo(path)
    elif kind == "link to a named pipe":
        os.mkfifo(tmp_path / "pipe")
        path.symlink_to(tmp_path / "pipe")
    elif kind == "socket":
        path.symlink_to(tmp_path / "s")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(tmp_path / "s"))
    else:
        path.symlink_to("/dev/zero" if kind == "endless device" else "/dev/null")
    assert [str(problem) for problem in load_file(path, "f.yml").problems] == [
        "f.yml:1: is not a regular file; replace it with one"
    ]


@pytest.mark.usefixtures("in_three_seconds")
@pytest.mark.skipif(not Path("/proc/kmsg").exists(), reason="only Linux has such files")
def test_file_of_size_0_that_never_ends_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "f.yml"
    path.symlink_to("/proc/kmsg")
    assert "is empty; write its fields" in str(load_file(path, "f.yml").problems)


def test_link_to_a_regular_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "real.yml").write_text("a: 1\n")
    (tmp_path / "f.yml").symlink_to("real.yml")
    assert load_file(tmp_path / "f.yml", "f.yml").data == {"a": 1}


def test_file_that_is_too_large_is_told_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "f.yml"
    path.write_text("a: 1\n")
    os.truncate(path, MAX_BYTES)
    assert "larger" not in str(load_file(path, "f.yml").problems)
    os.truncate(path, MAX_BYTES + 1)
    assert [str(problem) for problem in load_file(path, "f.yml").problems] == [
        "f.yml:1: is larger than 1 MB; make it smaller"
    ]


def test_control_characters_reach_no_terminal() -> None:
    document = load_text('"a\\e[31m\\nb": "1"\n', "f\x1b[2J\n\x9b\udce9.yml")
    [path] = document.raw
    document.problem(path, field_name(path), "'\u202e\r\n\x07' is not good: \u00e9")
    [problem] = document.problems
    assert str(problem) == (
        "f\\x1b[2J\\x0a\\x9b\\udce9.yml:1: a\\x1b[31m\\x0ab: '\\x202e\\x0a\\x07' is not good: \u00e9"
    )


def test_field_names_count_from_one() -> None:
    assert field_name(("questions", 1, "options", "b")) == "questions[2].options.b"
