"""What each function's role is denied, asked with the role itself: a probe function runs under it."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from typing import Any

import pytest

from support.deployed_project import Project

PROBE = """
import boto3
from botocore.exceptions import ClientError


def lambda_handler(event, context):
    try:
        getattr(boto3.client("s3"), event["operation"])(**event["parameters"])
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "allowed"
"""

STUDENT_FACING = ["authorizer", "list-tests", "get-test", "upload-test", "student", "web-page"]


def as_role_of(project: Project, function: str, operation: str, **parameters: Any) -> str:
    """Call S3 with the role of one of the functions: `allowed`, or the code of the error."""
    client = project.client("lambda")
    role = client.get_function_configuration(FunctionName=f"trainings-tests-{function}")["Role"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("probe.py", PROBE)
    name = f"probe-{uuid.uuid4().hex[:12]}"
    client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="probe.lambda_handler",
        Role=role,
        Code={"ZipFile": archive.getvalue()},
        Timeout=30,
    )
    try:
        reply = client.invoke(
            FunctionName=name, Payload=json.dumps({"operation": operation, "parameters": parameters}).encode()
        )
        result = json.loads(reply["Payload"].read())
    finally:
        client.delete_function(FunctionName=name)
    assert isinstance(result, str), result
    return result


@pytest.fixture(scope="module")
def data(project: Project) -> str:
    """The data bucket, with a submission of nobody's in it."""
    bucket = project.outputs()["DataBucketName"]
    project.client("s3").put_object(
        Bucket=bucket, Key="answers/operating-systems/probe/test01.json", Body=b"{}", ServerSideEncryption="AES256"
    )
    return bucket


@pytest.mark.parametrize("function", STUDENT_FACING)
@pytest.mark.parametrize(
    "key", ["answer-keys/operating-systems/test01.json", "answers/operating-systems/probe/test01.json", "roster.jsonl"]
)
def test_no_student_facing_role_reads_answers_keys_or_the_roster(
    project: Project, data: str, function: str, key: str
) -> None:
    project.client("s3").head_object(Bucket=data, Key=key)
    assert as_role_of(project, function, "get_object", Bucket=data, Key=key) == "AccessDenied"


def test_upload_role_writes_answers_and_nothing_else(project: Project, data: str) -> None:
    def write(key: str) -> str:
        return as_role_of(
            project, "upload-test", "put_object", Bucket=data, Key=key, Body="{}", ServerSideEncryption="AES256"
        )

    assert write("answers/operating-systems/probe/test02.json") == "allowed"
    for key in ("answer-keys/operating-systems/test01.json", "scores/a/b/c.json", "roster.jsonl", "subjects/x.json"):
        assert write(key) == "AccessDenied", key


def test_upload_role_may_not_delete_an_answer(project: Project, data: str) -> None:
    denied = as_role_of(
        project, "upload-test", "delete_object", Bucket=data, Key="answers/operating-systems/probe/test01.json"
    )
    assert denied == "AccessDenied"


def test_listing_is_limited_to_answers(project: Project, data: str) -> None:
    assert as_role_of(project, "upload-test", "list_objects_v2", Bucket=data, Prefix="answers/x/y/") == "allowed"
    assert as_role_of(project, "upload-test", "list_objects_v2", Bucket=data, Prefix="answer-keys/") == "AccessDenied"
    assert as_role_of(project, "upload-test", "list_objects_v2", Bucket=data) == "AccessDenied"


def test_scoring_role_reads_answers_and_keys(project: Project, data: str) -> None:
    """The other way round: without this, the denials above could be those of a broken probe."""
    for key in ("answer-keys/operating-systems/test01.json", "answers/operating-systems/probe/test01.json"):
        assert as_role_of(project, "score-batch", "get_object", Bucket=data, Key=key) == "allowed", key
