"""A calendar app at the deployed API: what it gets, when it moves, and that its address is nowhere."""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import UTC, datetime
from typing import Any

import icalendar
import pytest
import yaml

from support.api_calls import call
from support.deployed_project import Project

TEST = "class/subjects/operating-systems/test02.yml"


def address(project: Project) -> str:
    student = project.student("s001")
    status, shown = call(student, "GET", "/v1/student")
    assert status == 200
    return f"{student['TEST_TIME_ENDPOINT']}{shown['calendarPath']}"


def fetch(address: str, **headers: str) -> tuple[int, Any, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=30) as reply:
            return reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def events(body: bytes) -> dict[str, tuple[str, datetime]]:
    """UID and time of each event, by its summary."""
    found = icalendar.Calendar.from_ical(body).walk("VEVENT")
    return {str(event["summary"]): (str(event["uid"]), event.decoded("dtstart")) for event in found}


def shown_by_the_api(project: Project) -> dict[str, datetime]:
    _, shown = call(project.student("s001"), "GET", "/v1/student")
    return {
        f"Closes: {test['title']} ({test['subjectTitle']})": datetime.fromisoformat(test["closesAt"])
        for test in shown["tests"]
    }


def test_an_app_gets_the_calendar_and_sees_that_an_extension_moves_an_event(project: Project) -> None:
    status, headers, body = fetch(address(project))
    assert status == 200
    assert headers["Content-Type"] == "text/calendar; charset=utf-8"
    before = events(body)
    closes = shown_by_the_api(project)
    assert {summary: before[summary][1] for summary in closes} == closes
    assert fetch(address(project), **{"If-None-Match": headers["ETag"]})[0] == 304

    path = project.folder / TEST
    written = path.read_text()
    test = yaml.safe_load(written)
    try:
        path.write_text(yaml.safe_dump(test | {"extensions": {"s001": "2027-01-06 13:00"}}))
        project.run("./update-subjects-or-students.sh", "--local")
        _, _, body = fetch(address(project))
        after = events(body)
        [moved] = [summary for summary in before if before[summary] != after[summary]]
        assert moved.startswith("Closes: ")
        assert after[moved] == (before[moved][0], datetime(2027, 1, 6, 12, tzinfo=UTC))
        assert project.run("./update-subjects-or-students.sh", "--local").stdout.startswith("Nothing changed.")
    finally:
        path.write_text(written)
        project.run("./update-subjects-or-students.sh", "--local")


@pytest.mark.usefixtures("people_policy")
def test_a_new_key_makes_the_old_address_an_unknown_one(project: Project) -> None:
    old = address(project)
    project.run("./bin/students.sh", "rotate-key", "s001", "--local")
    new = address(project)
    unknown = fetch(old.rpartition("/")[0] + f"/{'0' * 64}.ics")
    assert unknown[0] == 404
    assert fetch(old)[::2] == unknown[::2]
    assert fetch(new)[0] == 200


def test_the_address_is_in_no_log_and_not_in_the_bucket(project: Project) -> None:
    secret = address(project).rpartition("/")[2].removesuffix(".ics")
    fetch(address(project))
    assert fetch(f"{address(project)}.ics")[0] == 404
    logs = project.client("logs")
    pages = logs.get_paginator("describe_log_groups").paginate()
    groups = [group["logGroupName"] for page in pages for group in page["logGroups"]]
    assert any(name.endswith("-calendar-feed") for name in groups)
    events = [event["message"] for name in groups for event in logs.filter_log_events(logGroupName=name)["events"]]
    assert any("/calendar/{feed}" in message for message in events)
    assert not any(secret in message for message in events)
    assert secret not in project.run("./bin/local-cloud.sh", "logs").stdout
    s3, bucket = project.client("s3"), project.outputs()["DataBucketName"]
    for item in s3.list_objects_v2(Bucket=bucket)["Contents"]:
        body = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
        assert secret not in item["Key"]
        assert secret.encode() not in body
