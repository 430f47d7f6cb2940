"""The endpoint and keys that pull-api-config.sh prints, and how they are masked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from ansible_collections.training.test_time.plugins.module_utils.deployment.endpoint import api_endpoint
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import trainer_key
from cli import api_config
from cli.command import CommandError
from moto import mock_aws

from support.fake_cloudformation import FakeCloudFormation
from support.memory_s3 import MemoryS3

AWS = "https://abc.execute-api.eu-central-1.amazonaws.com/api"
CONFIG = api_config.ApiConfig(AWS, {"s002": "key-two", "s001": "key-one"})


@pytest.fixture
def apigateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("apigateway", region_name="eu-central-1")
        for name in ("trainings-tests/s1", "trainings-tests/s10", "trainings-tests-other/s1", "somebody"):
            client.create_api_key(name=name, value=f"key of {name} {'x' * 20}")
        yield client


def pull(apigateway: Any, student: str | None, stage: str = "main") -> dict[str, str]:
    deployed = FakeCloudFormation("CREATE_COMPLETE")
    return dict(api_config.pull(deployed, apigateway, stage, student, "http://127.0.0.1:4566").keys)


def test_student_gets_their_own_key_and_not_one_whose_name_begins_alike(apigateway: Any) -> None:
    assert list(pull(apigateway, "s1")) == ["s1"]
    assert pull(apigateway, "s1")["s1"].startswith("key of trainings-tests/s1 ")


def test_stages_keys_are_kept_apart(apigateway: Any) -> None:
    assert sorted(pull(apigateway, None)) == ["s1", "s10"]
    assert pull(apigateway, "s1", stage="other")["s1"].startswith("key of trainings-tests-other/s1 ")


@pytest.mark.parametrize("student", ["s", "s2", "S1"])
def test_unknown_student_is_an_error(apigateway: Any, student: str) -> None:
    with pytest.raises(CommandError, match=f"no API key for student '{student}'"):
        pull(apigateway, student)


def test_stage_that_is_not_deployed_is_an_error() -> None:
    with pytest.raises(CommandError, match="'other' is not deployed"):
        api_config.pull(FakeCloudFormation(None), None, "other", None, None)


def test_endpoint_is_awss_own_or_below_the_local_cloud() -> None:
    outputs = {"ApiId": "abc", "ApiEndpoint": AWS}
    assert api_endpoint(outputs, None) == AWS
    local = "http://127.0.0.1:4566/restapis/abc/api/_user_request_"
    assert api_endpoint(outputs, "http://127.0.0.1:4566") == local


def test_text_masks_keys_unless_told_to_show_them() -> None:
    masked = api_config.as_text(CONFIG, "s001", show=False, banner=False)
    assert masked == f"API Endpoint URL: {AWS}\nAPI Key: ********************"
    assert api_config.as_text(CONFIG, "s001", show=True, banner=False).endswith("\nAPI Key: key-one")


def test_text_lists_every_student_where_none_is_named() -> None:
    text = api_config.as_text(CONFIG, None, show=False, banner=False)
    assert text.splitlines()[1:] == ["API Key of s001: ********************", "API Key of s002: ********************"]


def test_banner_comes_first_where_it_is_wanted() -> None:
    text = api_config.as_text(CONFIG, None, show=False, banner=True)
    assert text.index("_____") < text.index("API Endpoint URL:")


def test_env_has_the_three_lines_of_a_student_and_no_key_of_others() -> None:
    lines = api_config.as_env(CONFIG, "s001").splitlines()
    assert lines == [f"TEST_TIME_ENDPOINT={AWS}", "TEST_TIME_API_KEY=key-one", "TEST_TIME_STUDENT_ID=s001"]


def test_json_is_sorted_by_student() -> None:
    assert json.loads(api_config.as_json(CONFIG)) == {
        "endpoint": AWS,
        "students": [{"studentId": "s001", "apiKey": "key-one"}, {"studentId": "s002", "apiKey": "key-two"}],
    }


# --- the trainer's key ---


@pytest.fixture
def s3() -> Any:
    return MemoryS3()


def pull_trainers(apigateway: Any, s3: Any, rotate: bool = False) -> api_config.ApiConfig:
    deployed = FakeCloudFormation("CREATE_COMPLETE")
    plan = apigateway.create_usage_plan(name="trainer")["id"]
    deployed.outputs |= {"DataBucketName": "data", "TrainerUsagePlanId": plan}
    return api_config.pull_trainers(deployed, apigateway, s3, "main", "http://127.0.0.1:4566", rotate)


def test_trainers_key_is_the_trainers_and_no_students(apigateway: Any, s3: Any) -> None:
    with pytest.raises(CommandError, match=r"no API key of the trainer: run ./deploy-api-gateway.sh"):
        pull_trainers(apigateway, s3)
    apigateway.create_api_key(name="trainings-tests:trainer", value="key of the trainer xxxxxxxxxxxx")
    assert pull_trainers(apigateway, s3).keys == {api_config.TRAINER: "key of the trainer xxxxxxxxxxxx"}
    assert sorted(pull(apigateway, None)) == ["s1", "s10"]


def test_rotated_key_is_the_one_that_is_printed(apigateway: Any, s3: Any) -> None:
    apigateway.create_api_key(name="trainings-tests:trainer", value="key of the trainer xxxxxxxxxxxx")
    new = pull_trainers(apigateway, s3, rotate=True).keys[api_config.TRAINER]
    assert new != "key of the trainer xxxxxxxxxxxx"
    assert list(s3.objects) == [trainer_key(new)]
    assert pull_trainers(apigateway, s3).keys == {api_config.TRAINER: new}


def test_trainer_of_a_stage_of_an_earlier_version_is_told_to_deploy() -> None:
    with pytest.raises(CommandError, match=r"earlier version: run ./deploy-api-gateway.sh"):
        api_config.pull_trainers(FakeCloudFormation("CREATE_COMPLETE"), None, None, "main", None, False)


def test_trainers_key_has_the_formats_of_a_students() -> None:
    config = api_config.ApiConfig(AWS, {api_config.TRAINER: "key-of-trainer"})
    assert api_config.as_env(config, api_config.TRAINER).splitlines() == [
        f"TEST_TIME_ENDPOINT={AWS}",
        "TEST_TIME_API_KEY=key-of-trainer",
    ]
    assert json.loads(api_config.as_json(config)) == {"endpoint": AWS, "trainer": {"apiKey": "key-of-trainer"}}
    masked = api_config.as_text(config, api_config.TRAINER, show=False, banner=False)
    assert masked == f"API Endpoint URL: {AWS}\nAPI Key: ********************"
