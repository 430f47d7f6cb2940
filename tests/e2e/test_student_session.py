"""A student at a terminal: from the first question to the receipt, and what the API refuses."""

from __future__ import annotations

import json
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pexpect
import pytest

from support.api_calls import call
from support.deployed_project import Project

SUBJECT, TEST = "operating-systems", "test01"


def submission(student_id: str, **answers: Any) -> dict[str, Any]:
    return {"subjectName": SUBJECT, "testId": TEST, "studentId": student_id, "answers": answers or {"1": "a"}}


def take_test(project: Project, student: dict[str, str], answers: str) -> str:
    """Take operating-systems/test01 at a pseudo-terminal; returns everything the screen showed."""
    terminal = pexpect.spawn(
        "./bin/test-time.sh",
        ["--subject", SUBJECT, "--test", TEST],
        cwd=str(project.folder),
        env=project.environment | student | {"TERM": "xterm"},
        encoding="utf-8",
        timeout=30,
        dimensions=(40, 100),
    )
    screen = ""
    for answer in answers:
        terminal.expect("Your answer:")
        screen += f"{terminal.before}{terminal.after}"
        terminal.sendline(answer)
    while terminal.expect([r"\[[Yy]/[Nn]\]|[Yy]/[Nn]|yes/no|Upload", pexpect.EOF]) == 0:
        screen += f"{terminal.before}{terminal.after}"
        terminal.sendline("y")
    return f"{screen}{terminal.before}"


def test_whole_session_from_the_first_question_to_the_receipt(project: Project) -> None:
    student = project.student("s001")
    screen = take_test(project, student, "aaaaad")
    assert "[1] What is kernel?" in screen
    assert "[6] Which desktop environment is not used in any linux distribution?" in screen
    assert "Test test01 uploaded with success" in screen

    again = project.run("./bin/test-time.sh", "--subject", SUBJECT, "--test", TEST, environment=student, check=False)
    assert again.returncode != 0
    assert "already" in (again.stdout + again.stderr).lower()


def test_open_tests_leave_out_what_was_submitted(project: Project) -> None:
    student = project.student("s002")
    body = {"studentId": "s002", "subjectName": SUBJECT}
    status, listed = call(student, "POST", "/v1/tests", body)
    assert status == 200
    assert TEST in [test["testId"] for test in listed["tests"]]
    status, receipt = call(student, "POST", "/v1/test", submission("s002"))
    assert status == 201
    assert receipt["message"] == "Test test01 uploaded with success"
    assert call(student, "POST", "/v1/test", submission("s002")) == (200, receipt)
    status, refused = call(student, "POST", "/v1/test", submission("s002", **{"1": "b"}))
    assert (status, refused["code"]) == (409, "AlreadySubmitted")
    status, listed = call(student, "POST", "/v1/tests", body)
    assert TEST not in [test["testId"] for test in listed["tests"]]


def test_questions_come_without_any_right_answer(project: Project) -> None:
    status, test = call(project.student("s003"), "GET", f"/v1/test?subjectName={SUBJECT}&testId={TEST}")
    assert status == 200
    assert set(test["questions"][0]) <= {"number", "text", "type", "points", "options"}
    assert all(set(option) == {"id", "text"} for question in test["questions"] for option in question["options"])


def test_anothers_student_id_is_refused_on_every_route(project: Project) -> None:
    student = project.student("s003")
    for method, path, body in [
        ("POST", "/v1/tests", {"studentId": "s001", "subjectName": SUBJECT}),
        ("POST", "/v1/test", submission("s001")),
        ("GET", f"/v1/test?subjectName={SUBJECT}&testId={TEST}&studentId=s001", None),
        ("GET", "/v1/student?studentId=s001", None),
    ]:
        status, refused = call(student, method, path, body)
        assert (status, refused["code"]) == (403, "NotYourStudentId"), path


def test_fifty_submissions_at_once_have_one_winner(project: Project) -> None:
    student = project.student("s003")
    bodies = [submission("s003", **{"1": "abcd"[number % 4]}) for number in range(50)]
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda body: call(student, "POST", "/v1/test", body), bodies))
    assert [status for status, _ in replies].count(201) == 1
    assert {status for status, _ in replies} <= {200, 201, 409}
    winner = next(reply for status, reply in replies if status == 201)
    assert all(reply["receiptId"] == winner["receiptId"] for status, reply in replies if status == 200)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'"\xff\xfe"', 400),
        (b'"\\ud800"', 400),
        (b"[" * 30_000, 400),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, 400),
        (json.dumps({"subjectName": 1, "testId": [], "studentId": {}, "answers": "a"}).encode(), 400),
        (json.dumps(submission("s004") | {"unknown": 1}).encode(), 400),
        (json.dumps(submission("s004", **{"1": "z"})).encode(), 400),
        (json.dumps(submission("s004", **{"99": "a"})).encode(), 400),
        (json.dumps(submission("s004", **{"1": ["a", "b"]})).encode(), 400),
        (json.dumps(submission("s004") | {"testId": "../../answer-keys"}).encode(), 400),
        (b'{"answers": "' + b"a" * 5_000_000 + b'"}', 413),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_bad_body_is_refused_with_a_code_and_a_message(project: Project, body: bytes, expected: int) -> None:
    status, refused = call(project.student("s004"), "POST", "/v1/test", body)
    assert status == expected
    assert set(refused) == {"code", "message"}
    assert refused["message"]


def test_without_or_with_an_unknown_key_nothing_is_told(project: Project) -> None:
    student = project.student("s004")
    assert call(student | {"TEST_TIME_API_KEY": ""}, "GET", "/v1/student")[0] in (401, 403)
    assert call(student | {"TEST_TIME_API_KEY": "x" * 40}, "GET", "/v1/student")[0] in (401, 403)


def test_page_is_served_by_the_api_itself(project: Project) -> None:
    endpoint = project.student("s004")["TEST_TIME_ENDPOINT"]
    with urllib.request.urlopen(endpoint + "/", timeout=30) as reply:
        page = reply.read().decode()
        assert reply.headers["Content-Type"].startswith("text/html")
        assert "unsafe-inline" not in reply.headers["Content-Security-Policy"]
    assert "<!doctype html>" in page.lower()
