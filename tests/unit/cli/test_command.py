"""How the commands report errors."""

from __future__ import annotations

import pytest
from ansible_collections.training.test_time.plugins.module_utils.documents.inventory import UnknownStage
from botocore.exceptions import ClientError
from cli.check_deployment.findings import Check, Finding
from cli.command import CommandError, errors_as_messages
from cli.deployed_stage import deployed_outputs

from common.errors import StorageError
from common.storage import Bucket
from support.fake_cloudformation import FakeCloudFormation
from support.memory_s3 import MemoryS3


@pytest.mark.parametrize("error", [CommandError("one\ntwo"), ValueError("one\ntwo"), OSError("one\ntwo")])
def test_each_line_of_an_error_names_the_command(error: Exception) -> None:
    with pytest.raises(SystemExit) as ended, errors_as_messages("results.sh"):
        raise error
    assert ended.value.code == "results.sh: one\nresults.sh: two"


def test_an_unknown_stage_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, errors_as_messages("results.sh"):
        raise UnknownStage("there is no stage 'other'")
    assert ended.value.code == 2
    assert capsys.readouterr().err == "results.sh: there is no stage 'other'\n"


@pytest.mark.parametrize("status", [None, "REVIEW_IN_PROGRESS"])
def test_a_stage_without_outputs_is_not_deployed(status: str | None) -> None:
    cloud = FakeCloudFormation(status)
    cloud.outputs = {}
    with pytest.raises(CommandError, match=r"^stage 'main' is not deployed here: run ./deploy-api-gateway.sh first$"):
        deployed_outputs("main", "UsagePlanId", cloudformation=cloud)


def test_a_stage_without_a_newer_output_is_of_an_earlier_version() -> None:
    cloud = FakeCloudFormation("CREATE_COMPLETE")
    with pytest.raises(CommandError, match=r"^stage 'main' was deployed by an earlier version: run "):
        deployed_outputs("main", "UsagePlanId", cloudformation=cloud)
    cloud.outputs["UsagePlanId"] = "plan"
    assert deployed_outputs("main", "UsagePlanId", cloudformation=cloud)["UsagePlanId"] == "plan"


@pytest.mark.parametrize(("code", "state"), [("AccessDenied", "not checked"), ("NoSuchBucket", "wrong")])
def test_a_check_that_may_not_read_the_bucket_finds_nothing_wrong(
    monkeypatch: pytest.MonkeyPatch, code: str, state: str
) -> None:
    s3 = MemoryS3()

    def refused(**_: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetObject")

    monkeypatch.setattr(s3, "get_object", refused)

    def look() -> Finding:
        Bucket("data", s3, lists=True).get_json("runs/run/summary.json")
        raise AssertionError

    assert Check("weekly run", look)().state == state


def test_a_check_does_not_hide_that_s3_did_not_answer() -> None:
    def look() -> Finding:
        raise StorageError("cannot read runs/")

    with pytest.raises(StorageError):
        Check("weekly run", look)()
