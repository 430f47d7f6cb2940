"""What a student's visit costs, which `cli/estimate_cost.py` multiplies by the class."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from cli.estimate_cost import (
    API_GETS,
    API_PUTS_AND_LISTS,
    AUTHORIZATIONS,
    CALENDAR_GETS,
    CALENDAR_LOGGED_BYTES,
    CALENDAR_READS,
    DRAFT_LOGGED_BYTES,
    DRAFT_READ_GETS,
    LOGGED_BYTES,
    REQUESTS,
    RUN_GETS,
    RUN_PUTS,
    RUN_TRANSITIONS,
    SAVE_GETS,
    SAVE_PUTS,
)

from calendar_feed.ics import REFRESHED_EVERY
from common.index import LONGEST_KEPT
from support.documents import index_entry
from support.student_api import Api
from support.templates import ROOT, properties, template
from support.weekly_class import SUBJECT, TEST, make_students, make_test
from support.weekly_run import World

BATCH_SIZE = template("trainings-tests")["Parameters"]["BatchSize"]["Default"]
ANSWERS = {"1": "a", "2": ["b", "c"], "3": "d"}
# CloudWatch Logs counts each entry with 26 bytes more than its text.
ENTRY = 26
# Values as long as API Gateway's are at most, if nothing is refused and nothing is traced.
IN_THE_ACCESS_LOG = {
    "$context.requestId": "11111111-2222-4333-8444-666666666666",
    "$context.requestTimeEpoch": "1795471090123",
    "$context.resourcePath": "/v1/student",
    "$context.error.responseType": "-",
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


def made_by_a_visit(warm: Api) -> tuple[int, int]:
    """The GETs, and the PUTs and LISTs, of a visit of s002 and its authorizations."""
    events = visit(warm, "s002")
    assert len(events) == REQUESTS
    before = warm.s3.calls.count
    assert [warm.send(event)[0] for event in events] == [200, 200, 201, 200]
    made = Counter(warm.s3.calls.names[before:])
    before = warm.s3.calls.count
    warm.authorize("s002")
    gets = made["s3:GetObject"] + made["s3:GetObjectTagging"] + AUTHORIZATIONS * (warm.s3.calls.count - before)
    puts_and_lists = made["s3:PutObject"] + made["s3:ListObjectsV2"]
    assert sum(made.values()) + AUTHORIZATIONS == gets + puts_and_lists
    return gets, puts_and_lists


def test_a_visit_has_the_s3_requests_that_are_paid_for(warm: Api) -> None:
    assert made_by_a_visit(warm) == (API_GETS, API_PUTS_AND_LISTS) == in_the_docs("one test published")


def test_each_scored_test_adds_a_get_to_each_list_of_tests(api: Api) -> None:
    """A term of 20 tests, of which all but the last are closed and scored."""
    closed = [index_entry(f"test{n}", closesAt="2026-11-16T22:00:00Z") for n in range(2, 21)]
    api.publish(SUBJECT, index_entry(TEST), *closed)
    for event in visit(api, "s001"):
        api.send(event)
    for entry in closed:
        api.score(entry["testId"], "s002", 1)
    made = made_by_a_visit(api)
    assert made == (API_GETS + 2 * len(closed), API_PUTS_AND_LISTS) == in_the_docs("20 tests, 19 of them scored")


def in_the_docs(case: str) -> tuple[int, int]:
    """The GETs, and the PUTs and LISTs, that docs/scaling.md has for a visit now."""
    lines = re.findall(rf"^\| {case}: (.*) \|.*\| (\d+) \|$", (ROOT / "docs/scaling.md").read_text(), re.M)
    counts = {name: int(count) for name, count in lines}
    return counts["S3 GETs"], counts["S3 PUTs and LISTs"]


def test_a_visit_logs_what_is_paid_for(warm: Api, log: StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    events = visit(warm, "s002")
    capsys.readouterr()
    for event in events:
        warm.send(event)
    lines = (log.getvalue() + capsys.readouterr().out).splitlines()
    # Nothing but the metric of the upload: the access log has one entry for each request.
    assert len(lines) == 1
    lines += [access_log_entry()] * REQUESTS
    assert sum(len(line.encode()) + ENTRY for line in lines) == pytest.approx(LOGGED_BYTES, rel=0.02)


def calls_of(api: Api, event: dict[str, Any]) -> Counter[str]:
    """The S3 requests of a function that has kept nothing in memory."""
    api.now += 2 * LONGEST_KEPT
    before = api.s3.calls.count
    assert api.send(event)[0] == 200
    return Counter(api.s3.calls.names[before:])


def test_a_draft_has_the_s3_requests_that_are_paid_for(
    warm: Api, log: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    query = {"subjectName": SUBJECT, "testId": TEST}
    _, saved = warm.save({}, None, student_id="s002")
    body = {**query, "answers": ANSWERS, "version": saved["version"]}
    events = warm.event("PUT /v1/draft", "s002", body), warm.event("GET /v1/draft", "s002", query=query)
    capsys.readouterr()
    save, read = (calls_of(warm, event) for event in events)
    assert log.getvalue() + capsys.readouterr().out == ""
    before = warm.s3.calls.count
    warm.authorize("s002")
    authorization = warm.s3.calls.count - before
    assert save == {"s3:GetObject": SAVE_GETS - authorization, "s3:PutObject": SAVE_PUTS}
    assert read == {"s3:GetObject": DRAFT_READ_GETS}
    assert len(access_log_entry().encode()) + ENTRY == pytest.approx(DRAFT_LOGGED_BYTES, rel=0.02)


def test_a_calendar_has_the_s3_requests_that_are_paid_for(
    warm: Api, log: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    """That of a student of two subjects, whose app asks as often as it is told to. It has no authorization."""
    capsys.readouterr()
    before = warm.s3.calls.count
    assert warm.calendar()["body"].count("BEGIN:VEVENT") == 2
    assert warm.s3.calls.names[before:] == ["s3:GetObject"] * CALENDAR_GETS
    assert log.getvalue() + capsys.readouterr().out == ""
    logged = len(access_log_entry("/calendar/{feed}").encode()) + ENTRY
    assert logged == pytest.approx(CALENDAR_LOGGED_BYTES, rel=0.02)
    assert timedelta(days=365 / 12) / REFRESHED_EVERY == pytest.approx(CALENDAR_READS)


def access_log_entry(route: str = IN_THE_ACCESS_LOG["$context.resourcePath"]) -> str:
    entry: str = properties("api", "Stage")["AccessLogSetting"]["Format"]
    values = {**IN_THE_ACCESS_LOG, "$context.resourcePath": route}
    return re.sub(r"\$context\.[\w.]+", lambda found: values.get(found[0], "1234"), entry)


def test_a_run_has_the_s3_requests_and_transitions_that_are_paid_for() -> None:
    few, many = made_by_a_run(BATCH_SIZE), made_by_a_run(3 * BATCH_SIZE)
    gets, puts_and_lists = ((of_many - of_few) / (2 * BATCH_SIZE) for of_few, of_many in zip(few, many, strict=True))
    assert (gets, puts_and_lists) == (pytest.approx(RUN_GETS), pytest.approx(RUN_PUTS))
    assert pytest.approx(2 * 3 / BATCH_SIZE) == RUN_TRANSITIONS


def made_by_a_run(students: int) -> tuple[int, int]:
    """The GETs, and the PUTs and LISTs, of a run that scores a class of this size."""
    world = World(batch_size=BATCH_SIZE)
    world.publish(SUBJECT, [make_test()], make_students(students))
    for number in range(1, students + 1):
        world.submit(SUBJECT, TEST, f"s{number}", ANSWERS)
    before = world.calls.count
    world.run()
    made = Counter(world.calls.names[before:])
    return made["s3:GetObject"] + made["s3:HeadObject"], made["s3:PutObject"] + made["s3:ListObjectsV2"]
