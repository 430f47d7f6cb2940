"""A draft over HTTP: saved on one device, found on another, and handed in by a run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from support.api_calls import call
from support.deployed_project import Project

SUBJECT, TEST, STUDENT = "operating-systems", "drafts01", "s003"
PATH = f"/v1/draft?subjectName={SUBJECT}&testId={TEST}"
QUESTIONS = """
title: Drafts
unsubmitted_drafts: submit
questions:
  - {text: One?, options: {a: x, b: y}, answer: a}
  - {text: Two?, options: {a: x, b: y}, answer: b}
"""


@pytest.fixture(scope="module")
def student(project: Project) -> Iterator[dict[str, str]]:
    """A student of a test whose drafts are handed in, which is published while these tests run."""
    file = project.folder / "class" / "subjects" / SUBJECT / f"{TEST}.yml"
    file.write_text(QUESTIONS)
    update = ("./update-subjects-or-students.sh", "--local")
    try:
        project.run(*update)
        yield project.student(STUDENT)
    finally:
        file.unlink()
        project.run(*update)


def save(student: dict[str, str], answers: Any, version: str | None) -> tuple[int, Any]:
    body = {"subjectName": SUBJECT, "testId": TEST, "answers": answers, "version": version}
    return call(student, "PUT", "/v1/draft", body)


def test_a_draft_follows_the_student_and_is_handed_in(project: Project, student: dict[str, str]) -> None:
    status, refusal = call(student, "GET", PATH)
    assert (status, refusal["code"]) == (404, "DraftNotFound")

    # Begun on the phone, continued on the laptop.
    status, phone = save(student, {"1": "b"}, None)
    assert status == 200
    assert call(student, "GET", PATH) == (200, phone)
    status, laptop = save(student, {"1": "a"}, phone["version"])
    assert status == 200

    # The phone has not seen that.
    status, refusal = save(student, {"1": "b", "2": "a"}, phone["version"])
    assert (status, refusal["code"], refusal["draft"]) == (409, "DraftConflict", laptop)

    # Two devices at once: exactly one wins, and the other is shown its draft.
    both = [{"1": "a", "2": answer} for answer in "ab"]
    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(lambda answers: save(student, answers, laptop["version"]), both))
    stored = call(student, "GET", PATH)[1]
    assert sorted(status for status, _ in replies) == [200, 409]
    assert [reply if status == 200 else reply["draft"] for status, reply in replies] == [stored, stored]
    status, last = save(student, {"1": "a", "2": "b"}, stored["version"])
    assert status == 200

    project.score()
    [test] = [
        each
        for each in call(student, "GET", "/v1/student")[1]["tests"]
        if (each["subjectName"], each["testId"]) == (SUBJECT, TEST)
    ]
    assert test["state"] in {"scored", "open"}
    mails = [mail for mail in project.mails() if f"{TEST} in {SUBJECT}" in mail["subject"]]
    [own] = [mail for mail in mails if "2 of 2" in mail["subject"]]
    assert "handed in automatically" in " ".join(own["text"].split())
    receipt = next(line.split()[-1] for line in own["text"].splitlines() if line.startswith("Receipt:"))
    assert receipt.startswith("draft-")
    reports = [mail for mail in project.mails() if "trainer@example.org" in json.dumps(mail["to"])]
    assert any("handed in automatically" in mail["text"] for mail in reports)
    assert last["answers"] == {"1": "a", "2": "b"}


@pytest.mark.usefixtures("people_policy")
def test_the_receipt_of_the_draft_is_verified(project: Project, student: dict[str, str]) -> None:
    mails = [mail for mail in project.mails() if f"{TEST} in {SUBJECT}: 2 of 2" in mail["subject"]]
    receipt = next(line.split()[-1] for line in mails[0]["text"].splitlines() if line.startswith("Receipt:"))
    verdict = project.run("./bin/verify-receipt.sh", "--local", receipt).stdout
    assert "nothing: a saved draft was handed in automatically" in verdict
    assert STUDENT in verdict
