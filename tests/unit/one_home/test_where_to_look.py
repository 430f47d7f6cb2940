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


def test_the_first_check_of_a_deployment_is_named_first() -> None:
    """The scripts run `cli.validate` before they touch the cloud."""
    assert "run_cli validate" in (ROOT / "bin/lib/trainer.sh").read_text(encoding="utf-8")
    assert dict(table())["What does a deployment check first?"][0] == "cli/validate.py"


def test_a_new_field_of_a_question_leads_to_all_who_read_a_questions_fields() -> None:
    paths = dict(table())["Which files change when a question gets a new field?"]
    assert {
        "bin/test-time.sh",
        "lambda_src/web_page/page/drafts.js",
        "lambda_src/common/api/answers.py",
        "lambda_src/score_batch/question_points.py",
        "lambda_src/common/run/review.py",
        "lambda_src/mail_batch/letters.py",
        "lambda_src/report_run/question_report.py",
    } <= set(paths)
