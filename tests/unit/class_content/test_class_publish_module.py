"""The module that publishes: what it returns, and that SES, which it asks as a courtesy, cannot stop it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.modules import class_publish
from ansible_collections.training.test_time.plugins.plugin_utils.in_process import _output
from botocore.exceptions import ConnectTimeoutError

from support.aws_calls import aws_error
from support.class_cloud import STACK, Cloud
from support.class_files import WEEKLY, WriteClass, question

SCHEMAS = Path(__file__).parents[3] / "schemas"


class Ses:
    """SES's suppression list, or the error with which SES answers. Counts how often it is asked."""

    def __init__(self, *suppressed: str, error: Exception | None = None) -> None:
        self.suppressed = suppressed
        self.error = error
        self.asked = 0

    def list_suppressed_destinations(self, **_: Any) -> dict[str, Any]:
        self.asked += 1
        if self.error:
            raise self.error
        return {"SuppressedDestinationSummaries": [{"EmailAddress": address} for address in self.suppressed]}


class Module:
    """The module, run against a fake of AWS."""

    def __init__(self, cloud: Cloud, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ses = Ses()
        self._cloud, self._folder = cloud, folder
        client = f"{class_publish.__name__}.AnsibleAWSModule.client"
        monkeypatch.setattr(client, lambda _module, name, **_: self._client(name))

    def run(self, *, check_mode: bool, **options: str) -> dict[str, Any]:
        target = self._cloud.deployment().schedules
        arguments = {
            "class_dir": str(self._folder),
            "class_folder": "class",
            "class_name": "demo",
            "endpoint": "https://api.example",
            "schemas_dir": str(SCHEMAS),
            "bucket": "data",
            "usage_plan_id": self._cloud.plan,
            "api_key_prefix": STACK,
            "schedule_group": target.group,
            "state_machine_arn": target.state_machine_arn,
            "scheduler_role_arn": target.role_arn,
            "dead_letter_queue_arn": target.dead_letter_queue_arn,
            "timezone": WEEKLY.timezone,
            "deadline_weekday": WEEKLY.weekday,
            "deadline_time": WEEKLY.local_time,
            "reminder_hours": 0,
            "attempts": 1,
            "partial_credit": "off",
            "grace_minutes": 0,
            "announce": False,
            "unsubmitted_drafts": "ignore",
            "retention_days": 365,
            "region": "eu-central-1",
            "_ansible_check_mode": check_mode,
        }
        result: dict[str, Any] = json.loads(_output(class_publish.main, arguments | options))
        return result

    def _client(self, name: str) -> Any:
        return self.ses if name == "sesv2" else getattr(self._cloud.clients, name)


@pytest.fixture
def module(cloud: Cloud, write_class: WriteClass, monkeypatch: pytest.MonkeyPatch) -> Module:
    return Module(cloud, write_class(), monkeypatch)


CHANGES = ["+ test01 in os", "+ student s001", "+ student s002"]


def test_students_on_the_suppression_list_are_named_before_anything_is_published(module: Module, cloud: Cloud) -> None:
    module.ses = Ses("S002@example.org", "x@example.org")
    result = module.run(check_mode=True)
    assert (result["changed"], result["changes"]) == (True, CHANGES)
    assert result["suppressed_students"] == ["s002"]
    assert "suppression_list_error" not in result
    assert cloud.objects() == {}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (aws_error("AccessDeniedException", 403, "ListSuppressedDestinations"), "AccessDeniedException"),
        (aws_error("TooManyRequestsException", 429, "ListSuppressedDestinations"), "TooManyRequestsException"),
        (ConnectTimeoutError(endpoint_url="https://email"), "ConnectTimeoutError"),
    ],
)
def test_ses_that_does_not_answer_does_not_stop_the_publication(module: Module, error: Exception, code: str) -> None:
    module.ses = Ses(error=error)
    result = module.run(check_mode=True)
    assert "failed" not in result
    assert (result["changes"], result["suppressed_students"]) == (CHANGES, [])
    assert result["suppression_list_error"] == code


def test_ses_is_asked_only_if_something_changes_and_only_in_check_mode(
    module: Module, cloud: Cloud, write_class: WriteClass
) -> None:
    cloud.publish(write_class())
    result = module.run(check_mode=True)
    assert (result["changed"], result["suppressed_students"], module.ses.asked) == (False, [], 0)
    write_class(tests={"os/test01": [question(text="New?")]})
    assert module.run(check_mode=True)["changed"]
    assert module.ses.asked == 1
    module.run(check_mode=False)
    assert module.ses.asked == 1


def test_publishing_writes_what_check_mode_has_shown(module: Module, cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    write_class(tests={"os/test01": [question(text="New?")]})
    shown = module.run(check_mode=True)
    before = cloud.objects()
    assert module.run(check_mode=False)["changes"] == shown["changes"] == ["~ test01 in os (questions)"]
    assert cloud.objects() != before
    assert not module.run(check_mode=True)["changed"]


def test_a_class_with_problems_and_a_cloud_that_refuses_fail_the_module(
    module: Module, cloud: Cloud, write_class: WriteClass
) -> None:
    write_class(tests={"os/test01": [question(answer="x")]})
    assert "'x' is not one of the options" in module.run(check_mode=True)["msg"]
    write_class()
    cloud.clients.s3.delete_bucket(Bucket="data")
    result = module.run(check_mode=True)
    assert result["failed"]
    assert result["msg"].startswith("Cannot publish the class: ")


def test_another_class_is_published_only_if_that_is_confirmed(
    module: Module, cloud: Cloud, write_class: WriteClass
) -> None:
    cloud.publish(write_class())
    before = cloud.objects()
    assert json.loads(before["class.json"]) == {
        "endpoint": "https://api.example",
        "className": "demo",
        "classDir": "class",
    }
    refused = module.run(check_mode=False, class_folder="class-evening")
    assert refused["failed"]
    assert refused["msg"].startswith("Another class is published here: 'demo' from class.")
    assert cloud.objects() == before
    assert "failed" not in module.run(check_mode=True, class_folder="class-evening")
    confirmed = module.run(check_mode=False, class_folder="class-evening", confirmed=refused["confirm"])
    assert confirmed["changes"] == ["~ stored objects (1 written, 0 removed)"]
    assert json.loads(cloud.objects()["class.json"])["classDir"] == "class-evening"
    assert "failed" not in module.run(check_mode=False, class_folder="class-evening")
