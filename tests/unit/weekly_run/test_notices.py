"""The emails about the time that students have: what they say, who gets them, and never twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from common.run.mail import MailUncertain
from common.shared.deadlines import parse_time
from common.shared.documents import RosterEntry
from support.weekly_class import SUBJECT, TEST, make_students, make_test, submit_all
from support.weekly_run import TRAINER, World

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
    """To which students emails went, and the first two words of their subjects."""
    mails = [mail for mail in world.ses.sent if mail["To"] != TRAINER]
    return [(str(mail["To"]).split("@")[0], " ".join(str(mail["Subject"]).split()[:2])) for mail in mails]


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


# --- extensions ---

EXTENSION = {"before": "2026-11-23T22:00:00Z", "grantedAt": "2026-11-21T09:00:00Z"}
LATER = "2026-11-25T22:00:00Z"


def extended(deadline: str = LATER, student: int = 5, **changes: str) -> list[RosterEntry]:
    """The class after a student was given more time."""
    students = make_students(5, **{f"s{student}": deadline})
    students[student - 1]["extended"] = {f"{SUBJECT}/{TEST}": {**EXTENSION, **changes}}  # type: ignore[typeddict-item]
    return students


def give_time(world: World, deadline: str = LATER, student: int = 5, rules: Any = None, **changes: str) -> None:
    world.publish(SUBJECT, [make_test(**(rules or {}))], extended(deadline, student, **changes))


def take_back(world: World) -> None:
    world.publish(SUBJECT, [make_test()], make_students())


def body(world: World, number: int = -1) -> str:
    part = world.ses.sent[number].get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_a_student_who_is_given_time_is_told_once_which_deadline_was_and_which_is() -> None:
    world = a_class("2026-11-21T09:05:00Z")
    give_time(world)
    summary = world.run()
    assert summary is not None
    assert (summary["trainerMail"], summary["reminders"]) == ("none", {"sent": 1})
    assert told(world) == [("s5", "Your deadline")]
    assert "for test01 in operating-systems is now Wed 25 Nov 2026, 23:00" in str(world.ses.sent[0]["Subject"])
    assert "It is now Wed 25 Nov 2026, 23:00 (Europe/Warsaw)." in body(world)
    assert "Before, it was Mon 23 Nov 2026, 23:00 (Europe/Warsaw)." in body(world)
    assert world.run() is None
    world.s3.objects.pop(f"states/{SUBJECT}/{TEST}.json")
    world.run()
    assert len(world.ses.sent) == 1


def test_a_second_extension_is_told_with_the_deadline_that_the_first_email_gave() -> None:
    world = a_class("2026-11-21T09:05:00Z")
    give_time(world)
    world.run()
    give_time(world, "2026-11-27T22:00:00Z", grantedAt="2026-11-22T09:00:00Z")
    at(world, "2026-11-22T09:05:00Z").run()
    assert told(world) == [("s5", "Your deadline")] * 2
    assert "Before, it was Wed 25 Nov 2026, 23:00" in body(world)


def test_two_extensions_before_the_first_email_are_one_email() -> None:
    world = a_class("2026-11-21T09:05:00Z")
    give_time(world)
    give_time(world, "2026-11-27T22:00:00Z")
    world.run()
    assert told(world) == [("s5", "Your deadline")]
    assert "Before, it was Mon 23 Nov 2026, 23:00" in body(world)


def test_an_extension_that_is_withdrawn_before_the_email_is_not_told() -> None:
    world = a_class("2026-11-21T09:05:00Z")
    give_time(world)
    take_back(world)
    assert world.run() is None


def before_the_mails(world: World, happens: Callable[[], None]) -> None:
    """Something happens between the plan of a run and its emails."""
    ask_ses = world.ask_ses

    def ask(run_id: str) -> None:
        happens()
        ask_ses(run_id)

    world.ask_ses = ask  # type: ignore[method-assign]


def test_an_extension_that_is_withdrawn_during_the_run_is_not_told_and_told_if_it_is_given_again() -> None:
    world = a_class("2026-11-21T09:05:00Z")
    give_time(world)
    before_the_mails(world, lambda: take_back(world))
    world.run()
    assert told(world) == []
    give_time(world)
    del world.ask_ses
    world.run()
    assert told(world) == [("s5", "Your deadline")]


def test_a_student_who_is_removed_during_the_run_is_not_told() -> None:
    world = a_class("2026-11-21T09:05:00Z")
    give_time(world)
    before_the_mails(world, lambda: world.publish(SUBJECT, [make_test()], extended()[:4]))
    world.run()
    assert told(world) == []


@pytest.mark.parametrize(("attempts", "expected"), [("1", []), ("last", [("s1", "Your deadline")])])
def test_more_time_is_told_to_a_student_who_has_submitted_only_if_they_may_submit_again(
    attempts: str, expected: list[tuple[str, str]]
) -> None:
    world = a_class("2026-11-21T09:05:00Z", attempts=attempts)
    give_time(world, student=1, rules={"attempts": attempts})
    world.run()
    assert told(world) == expected


def test_an_extension_that_has_ended_is_not_told() -> None:
    world = a_class(LATER)
    give_time(world)
    world.run()
    assert ("s5", "Your deadline") not in told(world)


def test_the_trainer_is_told_of_an_email_about_an_extension_that_is_uncertain_and_it_is_not_sent_again() -> None:
    world = a_class("2026-11-21T09:05:00Z")
    give_time(world)
    send = world.mailer_of["mail_batch"].send

    def lose(draft: Any) -> None:
        send(draft)
        raise MailUncertain("the connection to SES was lost")

    world.mailer_of["mail_batch"].send = lose  # type: ignore[method-assign]
    summary = world.run()
    assert summary is not None
    assert summary["uncertain"] == 1
    world.mailer_of["mail_batch"].send = send  # type: ignore[method-assign]
    assert "PROBLEM: extension email uncertain: s5: the connection to SES was lost" in body(world)
    assert world.run() is None
    assert told(world) == [("s5", "Your deadline")]
    at(world, "2026-11-21T09:30:00Z").run({"resendUncertain": True})
    assert told(world) == [("s5", "Your deadline")] * 2


@pytest.mark.parametrize(
    ("granted", "reminded"), [("2026-11-24T21:59:59Z", True), ("2026-11-24T22:00:00Z", False)], ids=["before", "since"]
)
def test_an_extension_given_when_the_reminder_would_be_due_comes_instead_of_it(granted: str, reminded: bool) -> None:
    world = a_class("2026-11-24T22:00:05Z")
    give_time(world, grantedAt=granted)
    at(world, "2026-11-25T12:00:00Z").run()
    mails = [mail for mail in told(world) if mail[0] == "s5"]
    assert mails == [("s5", "Your deadline"), *([("s5", "Reminder: test01")] if reminded else [])]


def test_a_state_of_an_earlier_version_is_understood() -> None:
    world = a_class("2026-11-23T21:00:00Z")
    world.put(f"states/{SUBJECT}/{TEST}.json", {"reminded": "d0b5d1c7a7f3a4f0d9c6fd0c1a4f1f3b"})
    world.run()
    assert told(world) == [("s5", "Reminder: test01")]
    assert list(world.get(f"states/{SUBJECT}/{TEST}.json")["reminded"]) == ["reminder"]


# --- openings ---

ANNOUNCED: dict[str, Any] = {"announce": True, "opensAt": "2026-11-20T07:00:00Z"}


def test_a_test_that_opens_is_announced_once_to_each_student_who_has_not_submitted() -> None:
    world = a_class("2026-11-20T06:59:59Z", **ANNOUNCED)
    assert world.run() is None
    summary = at(world, "2026-11-20T07:00:00Z").run()
    assert summary is not None
    assert (summary["trainerMail"], summary["reminders"]) == ("none", {"sent": 1})
    [mail] = world.ses.sent
    assert mail["To"] == "s5@example.org"
    assert mail["Subject"] == ("test01 in operating-systems is open until Mon 23 Nov 2026, 23:00 (Europe/Warsaw)")
    assert "    test-time.sh --subject operating-systems --test test01" in body(world)
    assert world.run() is None
    world.s3.objects.pop(f"states/{SUBJECT}/{TEST}.json")
    world.run()
    assert len(world.ses.sent) == 1


def test_a_rehearsal_does_not_announce_a_test_before_it_opens() -> None:
    world = a_class("2026-11-20T06:59:59Z", hours=0, **ANNOUNCED)
    assert world.run({"asOf": "2026-11-20T07:00:00Z"}) is None
    assert told(world) == []


def test_a_test_without_an_opening_is_announced_when_it_is_published() -> None:
    world = a_class("2026-11-18T09:05:00Z", announce=True)
    world.run()
    assert told(world) == [("s5", "test01 in")]


def test_an_announcement_gives_each_student_their_own_deadline_and_none_whose_time_is_over() -> None:
    world = a_class("2026-11-23T22:00:00Z", hours=0, **ANNOUNCED)
    world.publish(SUBJECT, [make_test(**ANNOUNCED)], make_students(6, s6=LATER))
    world.run()
    assert [mail["To"] for mail in world.ses.sent if "is open" in mail["Subject"]] == ["s6@example.org"]
    assert "is open until Wed 25 Nov 2026, 23:00" in world.ses.to("s6@example.org")[0]["Subject"]


@pytest.mark.parametrize(
    ("opens_at", "again"), [("2026-11-19T07:00:00Z", False), ("2026-11-22T07:00:00Z", True)], ids=["earlier", "later"]
)
def test_a_test_whose_opening_moves_is_announced_again_only_if_it_opens_again(opens_at: str, again: bool) -> None:
    world = at(a_class("2026-11-20T07:00:00Z", **ANNOUNCED), "2026-11-20T07:00:00Z")
    world.run()
    world.publish(SUBJECT, [make_test(announce=True, opensAt=opens_at)], make_students())
    at(world, "2026-11-21T07:00:00Z").run()
    assert len(world.ses.sent) == 1
    at(world, "2026-11-22T07:00:00Z").run()
    assert len(world.ses.sent) == 1 + again


def test_an_opening_that_is_postponed_during_the_run_is_announced_when_it_comes() -> None:
    world = a_class("2026-11-20T07:00:00Z", **ANNOUNCED)
    postponed = make_test(announce=True, opensAt="2026-11-21T07:00:00Z")
    before_the_mails(world, lambda: world.publish(SUBJECT, [postponed], make_students()))
    world.run()
    assert told(world) == []
    at(world, "2026-11-21T07:00:00Z").run()
    assert told(world) == [("s5", "test01 in")]


def test_an_opening_shortly_before_the_deadline_is_announced_without_a_reminder() -> None:
    rules: dict[str, Any] = {"announce": True, "opensAt": OPENS_AT}
    world = a_class(OPENS_AT, **rules)
    world.run()
    at(world, "2026-11-23T21:00:00Z").run()
    assert told(world) == [("s5", "test01 in")]


def test_a_student_whose_extension_was_given_before_the_test_opens_gets_the_announcement_only() -> None:
    rules: dict[str, Any] = {"announce": True, "opensAt": "2026-11-22T07:00:00Z"}
    world = a_class("2026-11-21T09:05:00Z", **rules)
    give_time(world, rules=rules)
    assert world.run() is None
    at(world, "2026-11-22T07:00:00Z").run()
    assert told(world) == [("s5", "test01 in")]
    assert "It closes on Wed 25 Nov 2026, 23:00" in body(world)


def test_an_extension_of_a_test_that_is_not_announced_says_when_it_opens() -> None:
    rules: dict[str, Any] = {"opensAt": "2026-11-22T07:00:00Z"}
    world = a_class("2026-11-21T09:05:00Z", **rules)
    give_time(world, rules=rules)
    world.run()
    assert told(world) == [("s5", "Your deadline")]
    assert "The test opens on Sun 22 Nov 2026, 08:00 (Europe/Warsaw)." in body(world)
