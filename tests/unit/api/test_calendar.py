"""GET /calendar/{feed}: what a calendar app gets, and what whoever does not know the address gets."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import icalendar
import pytest

import calendar_feed.events
from common.shared.calendar_secret import calendar_path, calendar_secret
from common.shared.object_keys import student_key, subject_calendar_key
from support.documents import PAGE, index_entry
from support.student_api import KEYS, Api

HOSTILE = 'Semi;colon, comma\\back"quote\nBEGIN:VALARM \N{GRINNING FACE} ' + "é" * 90


def parsed(reply: dict[str, Any]) -> icalendar.Calendar:
    assert reply["statusCode"] == 200
    calendar = icalendar.Calendar.from_ical(reply["body"])
    assert isinstance(calendar, icalendar.Calendar)
    return calendar


def events(reply: dict[str, Any]) -> dict[str, datetime]:
    """When the events are, by their summary."""
    return {str(event["summary"]): event.decoded("dtstart") for event in parsed(reply).walk("VEVENT")}


def uids(reply: dict[str, Any]) -> list[str]:
    return [str(event["uid"]) for event in parsed(reply).walk("VEVENT")]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_it_has_the_students_own_times(api: Api) -> None:
    entry = index_entry(
        "test01", opensAt="2026-11-20T07:00:00Z", late={"untilHours": 24, "credit": 0.8}, graceMinutes=10
    )
    api.publish("operating-systems", entry)
    api.enrol("s001", "operating-systems", operating_systems__test01="2026-11-25T22:00:00Z")
    found = api.calendar()
    assert events(found) == {
        "Opens: Title of test01 (Operating systems)": at("2026-11-20T07:00"),
        "Closes: Title of test01 (Operating systems)": at("2026-11-25T22:00"),
        "Late work ends: Title of test01 (Operating systems)": at("2026-11-26T22:10"),
    }
    [late] = [event for event in parsed(found).walk("VEVENT") if str(event["summary"]).startswith("Late")]
    assert late["description"] == f"Late work earns 80% of the points. {PAGE}"


def test_it_has_all_subjects_of_the_student_and_no_others(api: Api) -> None:
    assert set(events(api.calendar())) == {
        "Closes: Title of test01 (Operating systems)",
        "Closes: Title of test01 (Computer networks)",
    }
    other = events(api.calendar(calendar_path(KEYS["s002"])))
    assert set(other) == {"Closes: Title of test01 (Operating systems)"}


def test_a_subject_without_tests_is_no_problem(api: Api) -> None:
    api.enrol("s001", "operating-systems", "nothing-yet")
    assert len(events(api.calendar())) == 1


def test_times_are_in_utc_so_that_no_time_zone_has_to_be_described(api: Api) -> None:
    text = api.calendar()["body"]
    assert "DTSTART:20261123T220000Z\r\n" in text
    assert "TZID" not in text
    assert "VTIMEZONE" not in text
    assert "VALARM" not in text


def test_text_is_escaped_and_lines_are_folded(api: Api) -> None:
    api.publish("operating-systems", index_entry("test01", title=HOSTILE))
    api.enrol("s001", "operating-systems")
    reply = api.calendar()
    assert list(events(reply)) == [f"Closes: {HOSTILE} (Operating systems)"]
    assert max(len(line.encode()) for line in reply["body"].split("\r\n")) <= 75
    assert len(parsed(reply).walk()) == 2


def test_an_app_recognizes_an_event_whose_time_has_moved_and_sees_that_it_was_revised(api: Api) -> None:
    before = api.calendar()
    api.now += timedelta(hours=1)
    api.enrol("s001", "operating-systems", "computer-networks", operating_systems__test01="2026-11-25T22:00:00Z")
    after = api.calendar()
    assert sorted(uids(after)) == sorted(uids(before))
    assert len(set(uids(after))) == 2
    assert events(after) != events(before)
    revised = [
        {event["uid"]: event.decoded("last-modified") for event in parsed(reply).walk("VEVENT")}
        for reply in (before, after)
    ]
    assert all(revised[0][uid] < revised[1][uid] for uid in revised[0])
    for event in parsed(after).walk("VEVENT"):
        assert event.decoded("dtstamp") == event.decoded("last-modified")


def test_students_have_different_events(api: Api) -> None:
    """A person may subscribe to two calendars."""
    assert not set(uids(api.calendar())) & set(uids(api.calendar(calendar_path(KEYS["s002"]))))


def test_a_test_whose_time_has_moved_for_everybody_was_revised(api: Api) -> None:
    before = revisions(api)
    api.now += timedelta(hours=1)
    api.publish("operating-systems", index_entry("test01", closesAt="2026-11-25T22:00:00Z"))
    after = revisions(api)
    assert {summary for summary in after if after[summary] > before[summary]} == {
        "Closes: Title of test01 (Operating systems)"
    }


def revisions(api: Api) -> dict[str, datetime]:
    """When the events were revised, by their summary."""
    return {str(event["summary"]): event.decoded("last-modified") for event in parsed(api.calendar()).walk("VEVENT")}


def test_two_classes_have_different_events(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person may subscribe to the calendars of both, in which they may have the same ID."""
    before = uids(api.calendar())
    monkeypatch.setattr("calendar_feed.handler.events", of_another_class)
    assert not set(before) & set(uids(api.calendar()))


def of_another_class(origin: str, *rest: Any) -> Any:
    assert origin == "data"
    return calendar_feed.events.events(f"{origin}-evening", *rest)


def test_events_are_in_the_order_of_time(api: Api) -> None:
    times = "2026-11-30T22:00:00Z", "2026-11-23T22:00:00Z"
    api.publish("operating-systems", *(index_entry(f"test0{n}", closesAt=time) for n, time in enumerate(times, 1)))
    found = list(events(api.calendar()).values())
    assert found == sorted(found)


def test_an_app_that_has_the_calendar_gets_304_until_it_changes(api: Api) -> None:
    first = api.calendar()
    tag = first["headers"]["ETag"]
    assert first["headers"]["Cache-Control"] == "private, no-cache"
    assert first["headers"]["Vary"] == "Accept, Accept-Encoding"
    again = api.calendar(if_none_match=f'"other", {tag}')
    assert (again["statusCode"], again["body"], again["headers"]["ETag"]) == (304, "", tag)
    api.publish("operating-systems", index_entry("test01"), index_entry("test02"))
    assert api.calendar(if_none_match=tag)["statusCode"] == 200


def test_who_accepts_it_gets_gzip(api: Api) -> None:
    plain = api.calendar(accept="*/*", accept_encoding="gzip")
    packed = api.calendar(accept="text/calendar, */*", accept_encoding="gzip")
    assert plain["isBase64Encoded"] is False
    assert (packed["isBase64Encoded"], packed["headers"]["Content-Encoding"]) == (True, "gzip")
    assert gzip.decompress(base64.b64decode(packed["body"])).decode() == plain["body"]
    assert packed["headers"]["Content-Type"] == "text/calendar; charset=utf-8"
    assert packed["headers"]["ETag"] == plain["headers"]["ETag"]


def test_an_app_is_asked_to_come_back_three_times_a_day(api: Api) -> None:
    lines = api.calendar()["body"].split("\r\n")
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT8H" in lines
    assert "X-PUBLISHED-TTL:PT8H" in lines
    assert {"NAME:Test time: Test class", "X-WR-CALNAME:Test time: Test class"} <= set(lines)


@pytest.mark.parametrize(
    "feed",
    [
        f"{'0' * 64}.ics",
        f"{calendar_secret(KEYS['s001'])}",
        f"{calendar_secret(KEYS['s001']).upper()}.ics",
        f"{calendar_secret(KEYS['s001'])}.ics.ics",
        f"{KEYS['s001']}.ics",
        "subjects.ics",
        "",
    ],
)
def test_every_other_address_is_one_answer(api: Api, feed: str) -> None:
    unknown = api.calendar(f"/calendar/{'1' * 64}.ics")
    reply = api.calendar(f"/calendar/{feed}")
    assert (reply["statusCode"], reply["body"]) == (404, unknown["body"])
    assert set(json.loads(reply["body"])) == {"code", "message"}
    assert json.loads(reply["body"])["code"] == "CalendarNotFound"


def test_the_secret_opens_nothing_else_and_does_not_give_the_key_away(api: Api) -> None:
    secret = calendar_secret(KEYS["s001"])
    assert KEYS["s001"] not in secret
    assert student_key(secret) not in api.s3.objects
    assert secret != calendar_secret(KEYS["s002"])
    assert api.call("GET /v1/student")[1]["calendarPath"] == f"/calendar/{secret}.ics"


def test_the_secret_is_neither_stored_nor_logged(api: Api, log: StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    secret = calendar_secret(KEYS["s001"])
    api.calendar()
    api.calendar(f"/calendar/{secret}.ics.ics")
    api.bucket.put(subject_calendar_key("operating-systems"), b"{")
    assert api.calendar()["statusCode"] == 500
    everything = [*api.s3.objects, *(body.decode() for body in api.s3.objects.values())]
    logged = log.getvalue() + capsys.readouterr().out
    assert "/calendar/{feed}" in logged
    for text in (*everything, logged):
        assert secret not in text
