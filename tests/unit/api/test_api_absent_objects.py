"""What is not in the bucket is absent, whether S3 says 404 (emulators) or 403 (AWS, to a role that may not list)."""

from __future__ import annotations

import pytest

from common.shared.object_keys import student_key
from support.student_api import KEYS, Api

pytestmark = pytest.mark.parametrize("api", [True, False], indirect=True, ids=["403", "404"])
UPLOAD = {"subjectName": "operating-systems", "testId": "test01", "studentId": "s001", "answers": {"1": "a"}}


@pytest.mark.parametrize("absent", ["index.json", "test01/questions.json"])
def test_a_subject_or_test_that_is_absent_is_not_found(api: Api, absent: str) -> None:
    api.s3.delete_object(Bucket="data", Key=f"subjects/operating-systems/{absent}")
    assert api.call("POST /v1/test", body=UPLOAD)[0] == 404
    query = {"subjectName": "operating-systems", "testId": "test01"}
    assert api.call("GET /v1/test", query=query)[0] == 404


def test_a_student_who_is_absent_is_denied(api: Api) -> None:
    api.s3.delete_object(Bucket="data", Key=student_key(KEYS["s001"]))
    assert api.authorize("s001")["policyDocument"]["Statement"][0]["Effect"] == "Deny"


def test_an_absent_receipt_is_no_submission(api: Api) -> None:
    query = {"subjectName": "operating-systems", "testId": "test01"}
    assert api.call("GET /v1/test", query=query)[0] == 200
    assert api.call("POST /v1/test", body=UPLOAD)[0] == 201


def test_an_absent_score_is_no_score(api: Api) -> None:
    api.call("POST /v1/test", body=UPLOAD)
    _, reply = api.call("GET /v1/student")
    assert {test["state"] for test in reply["tests"]} == {"submitted", "open"}
