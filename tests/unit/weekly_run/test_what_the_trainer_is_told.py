"""The trainer's email and the runs after it: what was refused, outdated or begun by another run is not lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from common.run.ledger import LONGEST_CALL
from common.shared.deadlines import format_time, parse_time
from common.shared.object_keys import answer_key_key, manifest_key, state_key
from plan_run.plan import plan
from report_run.report import ReportNotSent
from score_batch.batch import score_batch
from support.weekly_class import SUBJECT, TEST, make_students, make_test, make_world, submit_all
from support.weekly_run import TRAINER, Killed, World

pytestmark = pytest.mark.usefixtures("sequential")


def text_of_last_mail(world: World) -> str:
    body = world.ses.to(TRAINER)[-1].get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def correct(world: World) -> None:
    """Accept another answer to the first question."""
    key: Any = make_test()["key"]
    key["questions"]["1"]["correction"] = {"reason": "A slip of the pen.", "alsoAccept": ["b"]}
    world.put(answer_key_key(SUBJECT, TEST), key)


def is_mail_to_trainer(name: str, parameters: dict[str, Any]) -> bool:
    return name == "ses:SendRawEmail" and f"To: {TRAINER}".encode() in parameters["RawMessage"]["Data"]


def to_the_report(world: World, run_id: str) -> None:
    """A run up to its last step."""
    planned = plan(world.bucket, world.settings, run_id, format_time(world.now), {})
    for batch in range(planned["due"]):
        score_batch(world.bucket, run_id, batch)
    world.ask_ses(run_id)
    for batch in range(planned["due"]):
        world.mail(run_id, batch)


def test_what_a_refused_email_said_of_a_test_is_told_after_an_email_about_another_test() -> None:
    world = World()
    world.publish(SUBJECT, [make_test(), make_test("test02")], make_students())
    submit_all(world)
    world.ses.unverified = {TRAINER}
    with pytest.raises(ReportNotSent):
        world.run()
    world.ses.unverified = set()
    world.run({"regrade": f"{SUBJECT}/test02"})
    assert TEST not in text_of_last_mail(world)
    world.run()
    assert f"{TEST} in {SUBJECT}" in text_of_last_mail(world)


def test_a_run_that_started_earlier_does_not_tell_the_trainer_what_is_outdated(world: World) -> None:
    a_later_run_dies_when_it_has_told(world)
    assert world.report("early")["trainerMail"] == "none"
    assert len(world.ses.to(TRAINER)) == 1
    assert "4 of 4  Student 2 (s2)" in text_of_last_mail(world)


def test_the_ledger_refuses_what_a_run_that_started_earlier_would_tell_the_trainer(world: World) -> None:
    """As if the state did not say that another run has planned the test since."""
    a_later_run_dies_when_it_has_told(world)
    key = state_key(SUBJECT, TEST)
    world.put(key, {**world.get(key), "plannedBy": "early"})
    with pytest.raises(ReportNotSent):
        world.report("early")
    assert "another run" in world.get("runs/early/summary.json")["trainerMailFailure"]
    assert len(world.ses.to(TRAINER)) == 1


def test_a_run_that_has_told_the_trainer_although_another_has_planned_the_test_since_leaves_it_due(
    world: World,
) -> None:
    to_the_report(world, "early")
    real = world.ses.send_raw_email

    def plan_another(**parameters: Any) -> Any:
        world.ses.send_raw_email = real  # type: ignore[method-assign]
        world.sleep(1)
        plan(world.bucket, world.settings, "late", format_time(world.now), {})
        return real(**parameters)

    world.ses.send_raw_email = plan_another  # type: ignore[method-assign]
    world.report("early")
    world.ask_ses("late")
    for batch in world.get(manifest_key("late")):
        score_batch(world.bucket, "late", batch["batch"])
        world.mail("late", batch["batch"])
    world.report("late")
    world.sleep(60)
    assert world.run() is not None
    assert world.run() is None


def a_later_run_dies_when_it_has_told(world: World) -> None:
    """Before it notes what it has told in the state."""
    to_the_report(world, "early")
    correct(world)
    world.sleep(60)
    to_the_report(world, "late")
    die_before_the_summary(world)
    with pytest.raises(Killed):
        world.report("late")
    world.calls.fault = None


def die_before_the_summary(world: World) -> None:
    """Kill the process once the trainer's email is sent and its outcome is recorded."""

    def fault(_number: int, _name: str, parameters: dict[str, Any], real: Callable[[], Any]) -> Any:
        if parameters.get("Key", "").endswith("/summary.json"):
            raise Killed
        return real()

    world.calls.fault = fault


def the_day_before() -> World:
    """A class whose students are to be reminded; SES refuses the address of s1."""
    world = World(reminder_hours=24)
    world.now = parse_time("2026-11-23T12:00:00Z")
    world.publish(SUBJECT, [make_test()], make_students())
    world.ses.unverified = {"s1@example.org"}
    return world


def during_the_trainers_mail(world: World, happens: Callable[[], None]) -> None:
    """Let something happen when SES is handed the first email to the trainer, and end its process before SES has it."""

    def fault(_number: int, name: str, parameters: dict[str, Any], real: Callable[[], Any]) -> Any:
        if is_mail_to_trainer(name, parameters):
            world.calls.fault = None
            happens()
            raise Killed
        return real()

    world.calls.fault = fault


@pytest.mark.parametrize("make", [make_world, the_day_before], ids=["grades", "problems with reminders"])
def test_what_another_run_was_reporting_when_it_died_is_looked_at_again(make: Callable[[], World]) -> None:
    world = make()
    found: list[Any] = []
    during_the_trainers_mail(world, lambda: found.append(world.run()))
    with pytest.raises(Killed):
        world.run()
    assert [summary["trainerMail"] for summary in found] == ["elsewhere"]
    world.now += LONGEST_CALL
    summary = world.run()
    assert summary is not None
    assert (summary["trainerMail"], summary["uncertain"]) == ("uncertain", 1)
    assert world.run() is None


def test_an_uncertain_email_about_reminders_is_sent_again_on_request() -> None:
    world = the_day_before()

    def lose_the_reply(_number: int, name: str, parameters: dict[str, Any], real: Callable[[], Any]) -> Any:
        if is_mail_to_trainer(name, parameters):
            raise ReadTimeoutError(endpoint_url="https://ses")
        return real()

    world.calls.fault = lose_the_reply
    summary = world.run()
    world.calls.fault = None
    assert summary is not None
    assert (summary["trainerMail"], summary["uncertain"]) == ("uncertain", 1)
    world.now += LONGEST_CALL
    assert world.run() is None
    world.run({"resendUncertain": True})
    assert "reminder email rejected: s1" in text_of_last_mail(world)
