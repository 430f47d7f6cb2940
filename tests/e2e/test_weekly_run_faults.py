"""The deployed weekly run after crashes: uncertain and rejected mails, broken submissions, corrected keys."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.api_calls import call
from support.deployed_project import Project

SUBJECT, TEST = "networks", "test01"
STUDENT = "s001"


class Run:
    """The class's bucket and runs, behind the scenes."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.s3 = project.client("s3")
        self.bucket = project.outputs("trainings-tests-storage")["DataBucketName"]

    def get(self, key: str) -> Any:
        return json.loads(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())

    def put(self, key: str, value: Any) -> None:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, ServerSideEncryption="AES256")

    def mails_to_student(self) -> list[dict[str, Any]]:
        name = f"{TEST} in {SUBJECT}"
        address = f"{self.address}"
        return [m for m in self.project.mails() if name in m["subject"] and address in json.dumps(m["to"])]

    @property
    def address(self) -> str:
        lines = self.s3.get_object(Bucket=self.bucket, Key="roster.jsonl")["Body"].read().splitlines()
        return str(next(s["email"] for s in map(json.loads, lines) if s["studentId"] == STUDENT))


@pytest.fixture(scope="module")
def run(project: Project) -> Run:
    """s001 submitted and was mailed their score."""
    run = Run(project)
    body = {"subjectName": SUBJECT, "testId": TEST, "studentId": STUDENT, "answers": {"1": "a"}}
    status, reply = call(project.student(STUDENT), "POST", "/v1/test", body)
    assert status in (200, 201), reply
    project.score()
    assert len(run.mails_to_student()) == 1
    return run


def test_an_uncertain_mail_is_told_and_sent_again_only_when_asked(run: Run) -> None:
    ledger = f"notifications/score/{SUBJECT}/{TEST}/{STUDENT}.json"
    entry = run.get(ledger)
    try:
        # As a function that died between the entry and the reply of SES leaves it.
        run.put(ledger, {**entry, "state": "begun", "begunAt": "2026-01-01T00:00:00Z", "runId": "dead"})
        before = len(run.mails_to_student())
        told = run.project.score(check=False)
        assert told.returncode == 3
        assert f"{SUBJECT}/{TEST}: score email uncertain: {STUDENT}" in told.stdout
        assert len(run.mails_to_student()) == before
        run.project.score("--resend-uncertain")
        assert len(run.mails_to_student()) == before + 1
        run.project.score("--resend-uncertain")
        assert len(run.mails_to_student()) == before + 1
    finally:
        run.put(ledger, entry)


def test_a_broken_submission_is_named_and_the_others_are_scored(run: Run) -> None:
    key = f"answers/{SUBJECT}/{STUDENT}/{TEST}.json"
    good = run.get(key)
    try:
        run.put(key, b"{")
        told = run.project.score(check=False)
        assert told.returncode == 3
        assert f"{SUBJECT}/{TEST}: result failed: {STUDENT}" in told.stdout
    finally:
        run.put(key, good)
    assert run.project.score().returncode == 0


def test_a_regrade_prints_the_difference_and_mails_whom_it_concerns(run: Run) -> None:
    key = f"answer-keys/{SUBJECT}/{TEST}.json"
    good = run.get(key)
    before = len(run.mails_to_student())
    try:
        changed = json.loads(json.dumps(good))
        changed["questions"]["1"]["correction"] = {"reason": "It was ambiguous.", "drop": True}
        run.put(key, changed)
        printed = run.project.score("--regrade", f"{SUBJECT}/{TEST}").stdout
        assert f"{SUBJECT}/{TEST}: {STUDENT} had " in printed
        assert "changed" in run.mails_to_student()[-1]["subject"]
        assert len(run.mails_to_student()) == before + 1
    finally:
        run.put(key, good)
        run.project.score()


def test_status_lists_the_runs(run: Run) -> None:
    printed = run.project.run("./bin/run-scoring.sh", "--local", "--status").stdout
    assert "succeeded" in printed
