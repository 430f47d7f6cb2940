"""The emails about the time that students have: what they say, who gets them, and never twice."""

from __future__ import annotations

from typing import Any

from common.shared.deadlines import parse_time
from support.weekly_class import SUBJECT, TEST, make_students, make_test, submit_all
from support.weekly_run import World

OPENS_AT = "2026-11-23T10:00:00Z"


def at(world: World, time: str) -> World:
    world.now = parse_time(time)
    return world


def a_class(time: str, hours: int = 24, **rules: Any) -> World:
    """A class at a time. Students 1 to 4 have submitted."""
    world = World(reminder_hours=hours)
    world.publish(SUBJECT, [make_test(**rules)], make_students())
    submit_all(world)
    return at(world, time)


def told(world: World) -> list[tuple[str, str]]:
    """To whom emails went, and the first two words of their subjects."""
    return [(str(mail["To"]).split("@")[0], " ".join(str(mail["Subject"]).split()[:2])) for mail in world.ses.sent]


def test_nobody_is_reminded_of_a_test_before_it_opens() -> None:
    world = a_class("2026-11-23T09:59:59Z", opensAt=OPENS_AT)
    assert world.run() is None
    at(world, OPENS_AT).run()
    assert told(world) == [("s5", "Reminder: test01")]


def test_a_test_that_is_not_open_yet_is_never_due_whatever_the_run_is_asked() -> None:
    world = a_class("2026-11-23T09:00:00Z", hours=0, opensAt=OPENS_AT)
    for given in ({}, {"asOf": "2026-11-22T22:00:00Z"}, {"regrade": f"{SUBJECT}/{TEST}"}, {"resendUncertain": True}):
        assert world.run(given) is None


def test_a_scored_test_that_is_to_open_again_later_is_not_due_until_it_closes_again() -> None:
    world = a_class("2026-11-23T22:00:05Z", hours=0)
    world.run()
    closes_at = "2026-11-26T22:00:00Z"
    later = {"opensAt": "2026-11-25T10:00:00Z", "closesAt": closes_at, "lastDeadline": closes_at}
    world.publish(SUBJECT, [make_test(revisedAt="2026-11-24T09:00:00Z", **later)], make_students())
    scores, mails = world.scores(), len(world.ses.sent)
    for time in ("2026-11-24T10:00:00Z", "2026-11-25T11:00:00Z"):
        assert at(world, time).run() is None
    assert (world.scores(), len(world.ses.sent)) == (scores, mails)
    at(world, "2026-11-26T22:00:05Z").run()
    assert world.scores() == scores
