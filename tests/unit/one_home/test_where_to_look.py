"""The table "Where to look" of CONTRIBUTING.md names files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def table() -> list[tuple[str, list[str]]]:
    """Each row of the table: the question, and the paths that answer it."""
    section = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("\n## Where to look\n")[1].split("\n## ")[0]
    rows = [row for row in re.findall(r"^\| (.+?) \| (.+) \|$", section, re.MULTILINE) if row[0] != "question"]
    return [(question, re.findall(r"`([\w./-]*[./][\w./-]*)`", answer)) for question, answer in rows]


def test_the_table_answers_at_least_a_dozen_questions() -> None:
    assert len(table()) >= 12


@pytest.mark.parametrize(("question", "paths"), table(), ids=[question for question, _ in table()])
def test_every_path_of_an_answer_exists(question: str, paths: list[str]) -> None:
    assert paths, question
    assert [path for path in paths if not (ROOT / path).exists()] == []
