"""The weekly run over the deployed class: scores, mails, reports, and what a second run adds: nothing."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.shared import probe
from common.shared.deadlines import format_time
from support.api_calls import call
from support.deployed_project import AFTER_EVERY_DEADLINE, Project, wait_until

SUBJECT, TEST = "operating-systems", "test01"
RIGHT = {"1": "a"}
STUDENT = "s005"
IN_A_MONTH = format_time(datetime.now(UTC) + timedelta(days=30))


@pytest.fixture(scope="module")
def scored(project: Project) -> str:
    """What `run-scoring.sh` printed after s005 had submitted."""
    body = {"subjectName": SUBJECT, "testId": TEST, "studentId": STUDENT, "answers": RIGHT}
    status, _ = call(project.student(STUDENT), "POST", "/v1/test", body)
    assert status in (200, 201)
    return project.score().stdout


def to(mails: list[dict[str, Any]], address: str) -> list[dict[str, Any]]:
    return [mail for mail in mails if address in json.dumps(mail["to"])]


def address_of(project: Project, student: str) -> str:
    students = yaml.safe_load((project.folder / "class" / "students.yml").read_text())["students"]
    (address,) = [entry["email"] for entry in students if entry["id"] == student]
    return str(address)


def ended(project: Project, execution: str) -> str:
    """Wait for a run to end; its status."""

    def status() -> str | None:
        state = project.client("stepfunctions").describe_execution(executionArn=execution)["status"]
        return None if state == "RUNNING" else state

    return wait_until(status, 120, "the run to end") or ""


def test_student_is_mailed_the_right_score(project: Project, scored: str) -> None:
    (mail,) = [mail for mail in to(project.mails(), address_of(project, STUDENT)) if TEST in mail["subject"]]
    assert "1 of 6" in mail["subject"] + mail["text"]
    assert "1 of 6" in mail["html"]


def test_trainer_is_mailed_grades_and_missing_results(project: Project, scored: str) -> None:
    reports = to(project.mails(), "trainer@example.org")
    text = reports[-1]["text"]
    assert STUDENT in text
    assert "missing" in text.lower()


def test_score_is_kept_and_shown_to_that_student_alone(project: Project, scored: str) -> None:
    status, mine = call(project.student(STUDENT), "GET", "/v1/student")
    assert status == 200
    (test,) = [test for test in mine["tests"] if (test["subjectName"], test["testId"]) == (SUBJECT, TEST)]
    assert (test["state"], test["points"], test["maxPoints"]) == ("scored", 1, 6)


@pytest.mark.parametrize(
    "command",
    [
        ("./bin/results.sh",),
        ("./bin/verify-receipt.sh", "R-0123456789abcdef"),
        (
            "./bin/run-scoring.sh",
            "--rehearsal",
            "--as-of",
            f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}",
        ),
        ("./update-subjects-or-students.sh", "--check", "--json"),
    ],
    ids=lambda command: command[0],
)
def test_whoever_may_only_deploy_sees_no_answers_or_scores(
    project: Project, scored: str, command: tuple[str, ...]
) -> None:
    done = project.run(*command, "--local", check=False)
    assert done.returncode == 1
    assert "docs/people-policy.json" in done.stderr.splitlines()[-1]
    assert done.stdout == ""


def test_whoever_may_only_deploy_is_shown_what_would_be_published(project: Project, scored: str) -> None:
    checked = project.run("./update-subjects-or-students.sh", "--local", "--check").stdout
    assert checked.startswith("Nothing changed.")
    assert "The effect on the scores is not known: " in checked


@pytest.mark.usefixtures("people_policy")
def test_trainer_sees_the_result_its_receipt_and_the_effect_of_a_correction(project: Project, scored: str) -> None:
    asked = ("--local", "--test", f"{SUBJECT}/{TEST}", "--student", STUDENT, "--format", "json")
    [test] = json.loads(project.run("./bin/results.sh", *asked).stdout)["tests"]
    assert (test["students"][0]["status"], test["students"][0]["points"]) == ("scored", 1)
    receipt = call(project.student(STUDENT), "GET", "/v1/student")[1]["tests"]
    [receipt_id] = [each["receiptId"] for each in receipt if (each["subjectName"], each["testId"]) == (SUBJECT, TEST)]
    verdict = project.run("./bin/verify-receipt.sh", "--local", receipt_id).stdout
    assert "yes: it was scored with 1 of 6 points" in verdict
    checked = project.run("./update-subjects-or-students.sh", "--local", "--check")
    assert f"{SUBJECT}/{TEST}: no score changes (" in checked.stdout
    effect = project.run("./update-subjects-or-students.sh", "--local", "--check", "--json")
    assert (SUBJECT, TEST) in {(each["subjectName"], each["testId"]) for each in json.loads(effect.stdout)["tests"]}


@pytest.mark.usefixtures("people_policy")
def test_a_rehearsal_sends_nothing_and_saves_what_would_be_sent(project: Project, scored: str) -> None:
    before = len(project.mails())
    name = f"{SUBJECT}/{TEST}"
    shown = project.run("./bin/results.sh", "--local", "--test", name, "--format", "json").stdout
    closes_at = json.loads(shown)["tests"][0]["closesAt"]
    done = project.run("./bin/run-scoring.sh", "--local", "--rehearsal", "--as-of", closes_at, "--regrade", name)
    assert Path(done.stdout.splitlines()[-1]).is_file()
    assert len(project.mails()) == before


def test_scoring_again_sends_nothing(project: Project, scored: str) -> None:
    before = len(project.mails())
    project.score()
    assert len(project.mails()) == before


def test_two_runs_at_once_send_each_mail_once(project: Project, scored: str) -> None:
    student = "s004"
    body = {"subjectName": SUBJECT, "testId": TEST, "studentId": student, "answers": RIGHT}
    assert call(project.student(student), "POST", "/v1/test", body)[0] in (200, 201)
    states = project.client("stepfunctions")
    machine = project.outputs()["StateMachineArn"]
    runs = [
        states.start_execution(stateMachineArn=machine, input=json.dumps({"asOf": AFTER_EVERY_DEADLINE, "trial": True}))
        for _ in range(2)
    ]
    for run in runs:
        assert ended(project, run["executionArn"]) == "SUCCEEDED"
    mails = Counter(
        (json.dumps(mail["to"]), mail["subject"])
        for mail in project.mails()
        if "score" in mail["subject"] and probe.SUBJECT not in mail["subject"]  # which each check of a deployment sends
    )
    assert mails
    assert set(mails.values()) == {1}


def test_a_run_that_was_stopped_is_finished_by_the_next(project: Project, scored: str) -> None:
    student, subject = "s006", "networks"
    body = {"subjectName": subject, "testId": TEST, "studentId": student, "answers": RIGHT}
    assert call(project.student(student), "POST", "/v1/test", body)[0] == 201
    states = project.client("stepfunctions")
    run = states.start_execution(
        stateMachineArn=project.outputs()["StateMachineArn"],
        input=json.dumps({"asOf": AFTER_EVERY_DEADLINE, "trial": True}),
    )
    states.stop_execution(executionArn=run["executionArn"], cause="stopped in the middle")
    project.score()
    mails = [mail for mail in to(project.mails(), address_of(project, student)) if subject in mail["subject"]]
    assert len(mails) == 1
