"""Scoring begins when every upload that can still be accepted by an earlier deadline is stored."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from common.run.own_times import own_times
from common.shared.canonical_json import canonical_json
from common.shared.deadlines import format_time, parse_time
from common.shared.object_keys import answer_key_key, plan_key
from plan_run.due import settle_until
from plan_run.run_input import read_input
from support.weekly_class import SUBJECT, TEST, make_students, make_test, submit_all
from support.weekly_run import World

pytestmark = pytest.mark.usefixtures("sequential")

CLOSES, WEDNESDAY = "2026-11-23T22:00:00Z", "2026-11-25T22:00:00Z"
TUESDAY = parse_time("2026-11-24T09:00:00Z")
LONG_BEFORE = "2026-11-20T09:00:00Z"
LATE: dict[str, Any] = {"late": {"untilHours": 24, "credit": 0.5}}


@pytest.mark.parametrize(
    ("now", "as_of", "rules", "published", "until"),
    [
        pytest.param("2026-11-23T22:00:05Z", None, {}, LONG_BEFORE, "2026-11-23T22:00:40Z", id="a deadline"),
        pytest.param(
            "2026-11-24T22:00:05Z", None, LATE, LONG_BEFORE, "2026-11-24T22:00:40Z", id="the end of late time"
        ),
        pytest.param("2026-11-24T21:59:59Z", None, LATE, LONG_BEFORE, "2026-11-23T22:00:40Z", id="late time not over"),
        pytest.param(
            "2026-11-24T09:00:00Z", None, {}, "2026-11-24T08:59:30Z", "2026-11-24T09:01:10Z", id="a publication"
        ),
        pytest.param(
            "2026-11-23T22:00:05Z", None, {}, "2026-11-23T21:58:59Z", "2026-11-23T22:00:40Z", id="the later one"
        ),
        pytest.param(
            "2026-11-23T09:00:00Z", WEDNESDAY, {}, "2026-11-23T08:59:30Z", "2026-11-23T09:00:00Z", id="a trial"
        ),
        pytest.param(
            "2026-11-24T09:00:00Z", WEDNESDAY, {}, "2026-11-24T08:59:30Z", "2026-11-24T09:01:10Z", id="late trial"
        ),
    ],
)
def test_a_run_waits_for(now: str, as_of: str | None, rules: dict[str, Any], published: str, until: str) -> None:
    run = read_input(now, {"asOf": as_of, "trial": True} if as_of else {})
    times = own_times(SUBJECT, make_test(**rules), make_students(2))
    assert settle_until(run, times, parse_time(published), 60, 40) == parse_time(until)


@pytest.mark.parametrize(("ttl", "seconds"), [(0, 30), (29, 30), (31, 31), (60, 60), (3600, 3600)])
def test_a_run_waits_for_deadlines_that_the_upload_function_may_still_remember(ttl: int, seconds: int) -> None:
    """The function remembers a test for 30 seconds, even if API Gateway does not cache the student's own deadlines."""
    run = read_input(format_time(TUESDAY), {})
    times = own_times(SUBJECT, make_test(), make_students(2))
    assert settle_until(run, times, TUESDAY, ttl, 40) == TUESDAY + timedelta(seconds=seconds + 40)


def end_of_run(world: World, now: datetime) -> datetime:
    """When a run that starts now ends. Only waiting takes long in a World."""
    world.now = now
    assert world.run() is not None
    return world.now


def extended() -> World:
    """s5 has time until Wednesday; the others have been told their scores."""
    world = World()
    world.publish(SUBJECT, [make_test(lastDeadline=WEDNESDAY)], make_students(5, s5=WEDNESDAY))
    submit_all(world)
    world.run()
    return world


def test_scoring_waits_for_uploads_that_a_withdrawn_extension_still_lets_in() -> None:
    world = extended()
    world.now = TUESDAY
    world.publish(SUBJECT, [make_test(revisedAt="2026-11-24T09:00:00Z")], make_students(5))
    assert end_of_run(world, TUESDAY + timedelta(seconds=10)) >= TUESDAY + timedelta(seconds=60 + 40)
    assert world.get(plan_key("run-2"))["settleUntil"] == "2026-11-24T09:01:41Z"


def test_a_corrected_answer_key_makes_no_run_wait() -> None:
    world = extended()
    world.now = TUESDAY
    key = make_test()["key"]
    key["questions"]["1"]["correction"] = {"reason": "slip", "drop": True}
    world.s3.put_object(Bucket="b", Key=answer_key_key(SUBJECT, TEST), Body=canonical_json(key))
    assert end_of_run(world, TUESDAY) < TUESDAY + timedelta(seconds=30)
