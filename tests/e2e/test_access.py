"""What each function's role is denied, asked with the role itself: a probe function runs under it."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from typing import Any

import pytest

from support.api_calls import call
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

STUDENT_FACING = ["authorizer", "list-tests", "get-test", "upload-test", "draft", "student", "web-page"]


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


NAMES = "subjectName=operating-systems&testId=test01"
TRAINERS_ROUTES = [
    "/v1/class",
    f"/v1/class/test?{NAMES}",
    f"/v1/class/image?{NAMES}&image=0123456789abcdef",
    f"/v1/class/results?{NAMES}",
    "/v1/class/student?studentId=s001",
    f"/v1/class/report?{NAMES}&digest=1a2b",
]
BODY = {"studentId": "s001", "subjectName": "operating-systems", "testId": "test01", "answers": {"1": "a"}}
DRAFT_BODY = {name: BODY[name] for name in ("subjectName", "testId", "answers")}
STUDENTS_ROUTES = [
    ("POST", "/v1/tests", {name: BODY[name] for name in ("studentId", "subjectName")}),
    ("GET", f"/v1/test?{NAMES}", None),
    ("POST", "/v1/test", BODY),
    ("GET", f"/v1/draft?{NAMES}", None),
    ("PUT", "/v1/draft", {**DRAFT_BODY, "version": None}),
    ("GET", f"/v1/review?{NAMES}", None),
    ("GET", "/v1/student", None),
]


@pytest.mark.parametrize("path", TRAINERS_ROUTES)
def test_a_trainers_route_is_open_to_the_trainers_key_only(project: Project, path: str) -> None:
    status, refusal = call(project.student("s001"), "GET", path)
    assert (status, refusal["code"]) == (403, "TrainerOnly")
    status, answer = call(project.trainer(), "GET", path)
    # The deployment has no such report and image. That the trainer may see one is what this asks.
    absent = {"report": "ReportNotFound", "image": "ImageNotFound"}
    code = absent.get(path.removeprefix("/v1/class/").partition("?")[0])
    assert (status, answer.get("code")) == ((404, code) if code else (200, None))


@pytest.mark.parametrize(("method", "path", "body"), STUDENTS_ROUTES)
def test_the_trainers_key_takes_and_submits_nothing(project: Project, method: str, path: str, body: Any) -> None:
    status, refusal = call(project.trainer(), method, path, body)
    assert (status, refusal["code"]) == (403, "StudentsOnly")


@pytest.mark.parametrize(
    "key",
    [
        "answer-keys/operating-systems/test01.json",
        "answers/operating-systems/probe/test01.json",
        "drafts/operating-systems/probe/test01.json",
        "subjects/operating-systems/test01/questions.json",
    ],
)
def test_the_role_behind_the_trainers_page_reads_the_content_of_no_answer(
    project: Project, data: str, key: str
) -> None:
    if key.startswith("drafts/"):
        project.client("s3").put_object(Bucket=data, Key=key, Body=b"{}", ServerSideEncryption="AES256")
    project.client("s3").head_object(Bucket=data, Key=key)
    assert as_role_of(project, "class-view", "get_object", Bucket=data, Key=key) == "AccessDenied"


def test_the_role_behind_the_trainers_page_reads_the_roster_and_who_has_answers(project: Project, data: str) -> None:
    assert as_role_of(project, "class-view", "get_object", Bucket=data, Key="roster.jsonl") == "allowed"
    for prefix in ("answers/", "drafts/"):
        assert as_role_of(project, "class-view", "list_objects_v2", Bucket=data, Prefix=prefix) == "allowed"
    for prefix in ("answer-keys/", "students/", ""):
        assert as_role_of(project, "class-view", "list_objects_v2", Bucket=data, Prefix=prefix) == "AccessDenied"


def test_upload_role_writes_answers_and_nothing_else(project: Project, data: str) -> None:
    def write(key: str) -> str:
        return as_role_of(
            project, "upload-test", "put_object", Bucket=data, Key=key, Body="{}", ServerSideEncryption="AES256"
        )

    assert write("answers/operating-systems/probe/test02.json") == "allowed"
    for key in ("answer-keys/operating-systems/test01.json", "scores/a/b/c.json", "roster.jsonl", "subjects/x.json"):
        assert write(key) == "AccessDenied", key


def test_draft_role_reads_and_writes_drafts_and_nothing_else(project: Project, data: str) -> None:
    def write(key: str) -> str:
        return as_role_of(
            project, "draft", "put_object", Bucket=data, Key=key, Body="{}", ServerSideEncryption="AES256"
        )

    assert write("drafts/operating-systems/probe/test02.json") == "allowed"
    assert as_role_of(
        project, "draft", "get_object", Bucket=data, Key="drafts/operating-systems/probe/test02.json"
    ) == ("allowed")
    for key in ("answers/a/b/c.json", "answer-keys/operating-systems/test01.json", "scores/a/b/c.json", "roster.jsonl"):
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
