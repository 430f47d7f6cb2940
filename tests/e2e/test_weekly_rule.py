"""Nobody starts anything by hand: the rule scores at the deadline, a one-time schedule after an extension."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pexpect

from support.api_calls import call
from support.deployed_project import Project, wait_until
from support.near_deadline import NearDeadline
from support.terminal_client import Terminal, finish


def seconds_until(moment: datetime) -> float:
    return (moment - datetime.now(UTC)).total_seconds()


def wait_for_score(project: Project, near: NearDeadline, student: str, until: datetime) -> datetime:
    """Wait until the student's score is there; when it was written."""
    s3, bucket = project.client("s3"), project.outputs(near.stack)["DataBucketName"]
    prefix = f"scores/{near.subject}/{near.test}/{student}.json"

    def listed() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        return found

    written: datetime = wait_until(listed, max(0.0, seconds_until(until)) + 120, f"the score of {student}")[0][
        "LastModified"
    ]
    return written


def test_the_rule_scores_the_class_at_its_deadline(project: Project, near_deadline: NearDeadline) -> None:
    written = wait_for_score(project, near_deadline, near_deadline.on_time, near_deadline.closes_at)
    assert near_deadline.closes_at <= written < near_deadline.extended_until
    body = {
        "subjectName": near_deadline.subject,
        "testId": near_deadline.test,
        "studentId": near_deadline.late,
        "answers": {"1": "a"},
    }
    status, refused = call(project.student(near_deadline.late, *near_deadline.options), "POST", "/v1/test", body)
    assert (status, refused["code"]) == (410, "TestClosed")


def test_a_schedule_scores_the_extended_student_after_the_extension(
    project: Project, near_deadline: NearDeadline
) -> None:
    written = wait_for_score(project, near_deadline, near_deadline.extended, near_deadline.extended_until)
    assert written >= near_deadline.extended_until


def test_each_was_mailed_once_by_runs_that_were_given_no_time(project: Project, near_deadline: NearDeadline) -> None:
    wait_for_score(project, near_deadline, near_deadline.extended, near_deadline.extended_until)
    states = project.client("stepfunctions")
    machine = project.outputs(near_deadline.stack)["StateMachineArn"]

    def all_ended() -> list[dict[str, Any]]:
        runs: list[dict[str, Any]] = states.list_executions(stateMachineArn=machine)["executions"]
        return [] if any(run["status"] == "RUNNING" for run in runs) else runs

    for run in wait_until(all_ended, 120, "the runs to end"):
        assert run["status"] == "SUCCEEDED"
        assert "asOf" not in json.loads(states.describe_execution(executionArn=run["executionArn"])["input"])
    scores = [mail for mail in project.mails(near_deadline.sender) if mail["subject"].startswith("Your score")]
    assert len(scores) == 2
    assert len({str(mail["to"]) for mail in scores}) == 2


def test_the_answers_are_released_once_nobody_has_time_left(project: Project, near_deadline: NearDeadline) -> None:
    near = near_deadline
    wait_for_score(project, near, near.extended, near.extended_until)

    def released() -> bool:
        return near.review(project, near.late)[0] == 404

    wait_until(released, 240, "the release")
    assert near.review(project, near.late)[1]["code"] == "NothingSubmitted"
    status, review = near.review(project, near.on_time)
    assert (status, review["studentId"], review["points"]) == (200, near.on_time, 1)
    assert (review["questions"][0]["answer"], review["questions"][0]["right"]) == (["a"], ["a"])
    assert review["classMean"] is None
    terminal: Terminal = pexpect.spawn(
        "./bin/test-time.sh",
        ["--review", f"{near.subject}/{near.test}"],
        cwd=str(project.folder),
        env=project.environment | project.student(near.on_time, *near.options) | {"TERM": "xterm"},
        encoding="utf-8",
        timeout=60,
        dimensions=(40, 100),
    )
    _, screen = finish(terminal)
    assert "Score: 1 of 6 points" in screen
    assert "Your answer: a\r\nRight answer: a\r\nPoints: 1 of 1" in screen
