"""What a student's visit costs, which `cli/estimate_cost.py` multiplies by the class."""

from __future__ import annotations

import re
from collections import Counter
from io import StringIO
from typing import Any

import pytest
from cli.estimate_cost import API_GETS, API_PUTS_AND_LISTS, AUTHORIZATIONS, LOGGED_BYTES, REQUESTS, RUN_GETS, RUN_PUTS

from support.student_api import Api
from support.templates import properties
from support.weekly_class import SUBJECT, TEST, make_students, make_test
from support.weekly_run import World

ANSWERS = {"1": "a", "2": ["b", "c"], "3": "d"}
# CloudWatch Logs counts each entry with 26 bytes more than its text.
ENTRY = 26
# Values as long as API Gateway's are at most.
IN_THE_ACCESS_LOG = {
    "$context.requestId": "11111111-2222-4333-8444-666666666666",
    "$context.requestTime": "23/Nov/2026:21:58:10 +0000",
    "$context.xrayTraceId": "",
}


def visit(api: Api, student: str) -> list[dict[str, Any]]:
    """The events of a visit: the list of tests, the test, the upload, the list again."""
    query = {"subjectName": SUBJECT, "testId": TEST}
    upload = {**query, "studentId": student, "answers": ANSWERS}
    menu = api.event("GET /v1/student", student)
    return [
        menu,
        api.event("GET /v1/test", student, query=query),
        api.event("POST /v1/test", student, upload),
        menu,
    ]


@pytest.fixture
def warm(api: Api) -> Api:
    """An API that somebody has just used."""
    for event in visit(api, "s001"):
        api.send(event)
    return api


def test_a_visit_has_the_s3_requests_that_are_paid_for(warm: Api) -> None:
    events = visit(warm, "s002")
    assert len(events) == REQUESTS
    before = warm.s3.calls.count
    assert [warm.send(event)[0] for event in events] == [200, 200, 201, 200]
    made = Counter(warm.s3.calls.names[before:])
    before = warm.s3.calls.count
    warm.authorize("s002")
    gets = made["s3:GetObject"] + made["s3:GetObjectTagging"] + AUTHORIZATIONS * (warm.s3.calls.count - before)
    assert (gets, made["s3:PutObject"] + made["s3:ListObjectsV2"]) == (API_GETS, API_PUTS_AND_LISTS)
    assert sum(made.values()) + AUTHORIZATIONS == API_GETS + API_PUTS_AND_LISTS


def test_a_visit_logs_what_is_paid_for(warm: Api, log: StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    events = visit(warm, "s002")
    capsys.readouterr()
    for event in events:
        warm.send(event)
    lines = (log.getvalue() + capsys.readouterr().out).splitlines()
    # Nothing but the metric of the upload: the access log has one entry for each request.
    assert len(lines) == 1
    lines += [access_log_entry()] * REQUESTS
    assert sum(len(line.encode()) + ENTRY for line in lines) == pytest.approx(LOGGED_BYTES, rel=0.1)


def access_log_entry() -> str:
    entry: str = properties("api", "Stage")["AccessLogSetting"]["Format"]
    return re.sub(r"\$context\.[\w.]+", lambda found: IN_THE_ACCESS_LOG.get(found[0], "1234"), entry)


def test_a_run_has_the_s3_requests_that_are_paid_for() -> None:
    students = 200
    world = World(batch_size=50)
    world.publish(SUBJECT, [make_test()], make_students(students))
    for number in range(1, students + 1):
        world.submit(SUBJECT, TEST, f"s{number}", ANSWERS)
    before = world.calls.count
    world.run()
    made = Counter(world.calls.names[before:])
    # A class of 200 pays a little more for what each run needs once.
    gets = made["s3:GetObject"] + made["s3:HeadObject"]
    assert gets / students == pytest.approx(RUN_GETS, rel=0.05)
    assert (made["s3:PutObject"] + made["s3:ListObjectsV2"]) / students == pytest.approx(RUN_PUTS, rel=0.05)
