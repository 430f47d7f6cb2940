"""A small class on disk that questions are imported into."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.class_folder import ClassFolder

from support.class_files import WEEKLY

TEST = """\
title: One
questions:
  - {text: "What is `ls`?", options: {a: a command, b: a file}, answer: a, points: 2, explanation: It lists.}
  - {text: "Which are shells?", options: {a: bash, b: zsh, c: ls}, answer: [a, b]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> ClassFolder:
    """A class with one subject `os` and its test `test01`."""
    path = tmp_path / "class"
    (path / "subjects" / "os").mkdir(parents=True)
    (path / "subjects" / "os" / "test01.yml").write_text(TEST)
    (path / "students.yml").write_text("students:\n  - {id: s001, name: Ada, email: a@example.org, subjects: [os]}\n")
    return ClassFolder(path, "class", WEEKLY)
