"""The example of a pull request's check: its role may do what the check does, and only reads."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from cli.correction_effect import __main__ as command
from cli.correction_effect.compare import Change, Effect
from cli.correction_effect.effects import Effects

from common.shared.canonical_json import canonical_json
from common.shared.object_keys import answers_key
from common.storage import Bucket
from support.class_cloud import Cloud
from support.deployer import Policy, each_alone, policy_statements
from support.deployer_calls import CALLS
from support.documents import submission
from support.packaged import REGION
from support.permissions import Permission
from support.templates import ROOT

STATEMENTS = policy_statements("examples/class-check-policy")
POLICY = Policy(STATEMENTS)
WORKFLOW = yaml.safe_load((ROOT / "docs/examples/class-check.yml").read_text())
BUCKET = "arn:aws:s3:::trainings-tests-storage-databucket-1abc"
GAIN = Change("s001", "Student 1", (1, 2), (2, 2))
PARAMETERS = {
    "class_dir": "class",
    "class_name": "Demo",
    "deadline_weekday": "monday",
    "deadline_time": "23:00",
    "timezone": "Europe/Warsaw",
    "attempts": 1,
    "late": None,
    "partial_credit": "off",
    "grace_minutes": 0,
    "announce": False,
    "unsubmitted_drafts": "ignore",
    "retention_days": 365,
}
API = f"arn:aws:apigateway:{REGION}::"


def asked(operation: str, parameters: Any) -> Permission:
    """What IAM is asked about a call of the check; KeyError for a call that the role is not to make."""
    found: dict[str, Callable[[], Permission]] = {
        "ListObjectsV2": lambda: Permission("s3:ListBucket", BUCKET),
        "GetObject": lambda: Permission("s3:GetObject", f"{BUCKET}/{parameters['Key']}"),
        "GetApiKeys": lambda: Permission("apigateway:GET", f"{API}/apikeys"),
        "GetUsagePlanKeys": lambda: Permission("apigateway:GET", f"{API}/usageplans/{parameters['usagePlanId']}/keys"),
        "ListSchedules": lambda: Permission("scheduler:ListSchedules", "*"),
    }
    return found[operation]()


def test_the_role_may_do_what_the_check_does(
    cloud: Cloud, write_class: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_class()
    cloud.publish(folder)
    cloud.put(answers_key("os", "s001", "test01"), canonical_json(submission("os", "test01", "s001", {"1": "a"})))
    made: list[Permission] = []

    def note(params: Any, model: Any, **_: Any) -> None:
        made.append(asked(model.name, params))

    for client in (cloud.clients.s3, cloud.clients.apigateway, cloud.clients.scheduler):
        client.meta.events.register("before-parameter-build", note)
    cloud.publish(folder, now=cloud.now, check=True)
    bucket = Bucket("data", cloud.clients.s3, lists=True)
    monkeypatch.setattr(command, "ROOT", folder.parent)
    monkeypatch.setattr(command, "load_parameters", lambda *_: SimpleNamespace(problems=[], data=PARAMETERS))
    monkeypatch.setattr(command, "stage_bucket", lambda _: bucket)
    monkeypatch.setattr("boto3.client", lambda *_, **__: cloud.clients.s3)
    assert command.find("main").tests
    read = {permission.resource.removeprefix(f"{BUCKET}/").partition("/")[0] for permission in made}
    assert {"answers", "answer-keys", "roster.jsonl", "class.json", "subjects"} <= read
    actions = {permission.action for permission in made}
    assert actions == {"s3:ListBucket", "s3:GetObject", "apigateway:GET", "scheduler:ListSchedules"}
    assert [permission for permission in made if not POLICY.allows(permission)] == []


@pytest.mark.parametrize("operation", ["describe_stacks", "list_suppressed_destinations"])
def test_the_role_may_find_the_deployment_and_ask_ses(operation: str) -> None:
    action, resources = CALLS[operation]
    of_stage = [resource.format(root="trainings-tests") for resource in resources[:2]]
    assert all(POLICY.allows(Permission(action, resource)) for resource in of_stage)


def test_the_role_only_reads() -> None:
    actions = {statement["Action"].partition(":")[2] for statement in each_alone(STATEMENTS)}
    assert all(action.startswith(("Get", "List", "Describe")) or action == "GET" for action in actions), actions


@pytest.mark.parametrize("prefix", ["students", "states", "notifications", "runs", "reports", "drafts"])
def test_the_role_cannot_read_what_the_check_does_not_need(prefix: str) -> None:
    assert not POLICY.allows(Permission("s3:GetObject", f"{BUCKET}/{prefix}/os/test01.json"))


@pytest.mark.parametrize(
    ("tests", "shown"),
    [
        ([], "Nothing has been submitted to a test that stays."),
        ([Effect("os", "test01", scored=2, changes=[GAIN])], "| os/test01 | 2 | 1 | 0 | 0.5 points | 0 | 0 |"),
    ],
)
def test_the_workflow_shows_the_document(tmp_path: Path, tests: list[Effect], shown: str) -> None:
    *_, check, show = WORKFLOW["jobs"]["check"]["steps"]
    assert check["run"] == "./update-subjects-or-students.sh --check --json > effect.json"
    (tmp_path / "effect.json").write_text(command.as_json(Effects(tests), verbose=False))
    summary = tmp_path / "summary.md"
    environment = {**os.environ, "GITHUB_STEP_SUMMARY": str(summary)}
    subprocess.run(["bash", "-e", "-c", show["run"]], cwd=tmp_path, env=environment, check=True)
    assert shown in summary.read_text().splitlines()


def test_the_workflow_runs_only_with_a_reviewers_consent_and_no_stored_credentials() -> None:
    job = WORKFLOW["jobs"]["check"]
    assert job["environment"] == "class-check"
    assert WORKFLOW["permissions"] == {"contents": "read", "id-token": "write"}
    assert "secrets." not in str(WORKFLOW)
