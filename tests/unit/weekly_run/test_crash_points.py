"""The run killed before and after every AWS call it makes, and finished by the next.

Whatever was cut off: the scores end as those of a run without faults, no student is mailed twice, and none is missing
without an entry in the ledger that the trainer is told of.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from common.run.ledger import LONGEST_CALL, Claim, Ledger, Owed
from common.shared.documents import LedgerEntry
from support.weekly_class import SUBJECT, TEST, make_students, make_test, submit_all
from support.weekly_run import TRAINER, Killed, World

pytestmark = pytest.mark.usefixtures("sequential")


def first_run() -> World:
    """A class of five before its first run; four submitted."""
    world = World(batch_size=3)
    world.publish(SUBJECT, [make_test()], make_students())
    submit_all(world)
    return world


def after_a_correction() -> World:
    """Scored and mailed; then the key was corrected, which changes the score of s2 and s4."""
    world = first_run()
    world.run()
    test = make_test()
    test["key"]["questions"]["1"]["correction"] = {"reason": "slip", "alsoAccept": ["b", "d"]}
    world.put(f"answer-keys/{SUBJECT}/{TEST}.json", test["key"])
    world.ses.sent.clear()
    return world


def with_reminders() -> World:
    """A day before the deadline; s5 has not submitted."""
    world = World(batch_size=3, reminder_hours=24)
    world.publish(SUBJECT, [make_test()], make_students())
    submit_all(world)
    world.now -= timedelta(hours=23)
    return world


def with_uncertain_mails() -> World:
    """Every mail of the first run is uncertain; none had gone out. Now they are to be sent again."""
    world = first_run()

    def cut(_number: int, name: str, _parameters: dict[str, Any], real: Callable[[], Any]) -> Any:
        if name == "ses:SendRawEmail":
            raise ReadTimeoutError(endpoint_url="https://ses")
        return real()

    world.calls.fault = cut
    world.run()
    world.calls.fault = None
    world.now += LONGEST_CALL
    world.given = {"resendUncertain": True}
    return world


SCENARIOS: dict[str, Callable[[], World]] = {
    "first run": first_run,
    "resending": with_uncertain_mails,
    "after a correction": after_a_correction,
    "with reminders": with_reminders,
}


def calls_of(make: Callable[[], World]) -> list[str]:
    """The calls of the scenario's run without faults."""
    world = make()
    before = world.calls.count
    world.run()
    return world.calls.names[before:]


def kill_at(world: World, number: int, after: bool) -> None:
    """Kill the process at its call `number` from now: before it is made, or after it was made but before its reply.

    The dead process makes no further call.
    """
    number += world.calls.count
    dead = False

    def fault(this: int, _name: str, _parameters: dict[str, Any], real: Callable[[], Any]) -> Any:
        nonlocal dead
        if this == number:
            dead = True
            if after:
                real()
        if dead:
            raise Killed
        return real()

    world.calls.fault = fault


def run_to_the_end(world: World) -> None:
    """Later runs, until one finds nothing left to do."""
    world.calls.fault = None
    world.given = {}
    for _ in range(4):
        world.now += LONGEST_CALL
        if world.run() is None:
            return
    pytest.fail("the runs never end")


def expected(make: Callable[[], World]) -> tuple[dict[str, bytes], list[str]]:
    """Scores and recipients of the scenario's run without faults."""
    world = make()
    world.run()
    return world.scores(), sorted(str(mail["To"]) for mail in world.ses.sent)


def what_it_says(mail: EmailMessage) -> list[str]:
    """The grades and the problems in a mail to the trainer."""
    grades = [str(part.get_content()) for part in mail.iter_attachments()]
    lines = mail.get_body(("plain",)).get_content().splitlines()  # type: ignore[union-attr]
    return grades + [line for line in lines if line.startswith("PROBLEM") or "could not be sent yet" in line]


def check(world: World, wanted: tuple[dict[str, bytes], list[str]], where: str) -> None:
    scores, recipients = wanted
    assert world.scores() == scores, where
    got = sorted(str(mail["To"]) for mail in world.ses.sent if mail["To"] != TRAINER)
    assert len(set(got)) == len(got), f"{where}: mailed twice: {got}"
    assert set(got) <= set(recipients), f"{where}: mailed who should not be: {got}"
    # The trainer is told again only what is new: a mail that turned out to be uncertain.
    reports = [what_it_says(mail) for mail in world.ses.to(TRAINER)]
    assert all(first != second for first, second in itertools.pairwise(reports)), where
    got += [str(mail["To"]) for mail in world.ses.to(TRAINER)]
    for address in set(recipients) - set(got):
        if address == TRAINER:
            uncertain = [entry for entry in world.ledger("report").values() if entry["state"] == "begun"]
            assert uncertain, f"{where}: the trainer was not told, and no entry says so"
            continue
        student = address.partition("@")[0]
        entries = [entry for key, entry in world.ledger().items() if key.endswith(f"/{student}.json")]
        assert [entry["state"] for entry in entries] == ["begun"], (
            f"{where}: {student} got no mail and no entry says so"
        )
        told = [world.get(key) for key in world.s3.objects if key.endswith("summary.json")]
        assert any(student in str(summary["tests"] or summary["reminderProblems"]) for summary in told), where


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_run_killed_at_any_call_is_finished_by_the_next(scenario: str, after: bool) -> None:
    make = SCENARIOS[scenario]().copy
    calls = calls_of(make)
    assert {"s3:GetObject", "s3:PutObject", "ses:GetSendQuota", "ses:SendRawEmail"} <= set(calls)
    wanted = expected(make)
    for number, name in enumerate(calls):
        world = make()
        kill_at(world, number, after)
        with pytest.raises(Killed):
            world.run()
        run_to_the_end(world)
        check(world, wanted, f"call {number} ({name})")


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_run_started_again_at_once_ends_alike(scenario: str, after: bool) -> None:
    make = SCENARIOS[scenario]().copy
    wanted = expected(make)
    for number, name in enumerate(calls_of(make)):
        world = make()
        kill_at(world, number, after)
        with pytest.raises(Killed):
            world.run()
        world.calls.fault = None
        world.run()
        run_to_the_end(world)
        check(world, wanted, f"call {number} ({name})")


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_function_killed_at_any_call_is_repeated_by_the_state_machine(scenario: str, after: bool) -> None:
    make = SCENARIOS[scenario]().copy
    wanted = expected(make)
    for number, name in enumerate(calls_of(make)):
        world = make()
        world.repeats_killed = True
        kill_once_at(world, number, after)
        world.run()
        run_to_the_end(world)
        check(world, wanted, f"call {number} ({name})")


def kill_once_at(world: World, number: int, after: bool) -> None:
    """Kill the function at its call `number` from now; the state machine calls it again."""
    number += world.calls.count

    def fault(this: int, _name: str, _parameters: dict[str, Any], real: Callable[[], Any]) -> Any:
        if this == number:
            if after:
                real()
            raise Killed
        return real()

    world.calls.fault = fault


def test_the_harness_sees_a_ledger_that_is_written_after_the_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its protection the run mails twice, and this harness says so."""

    def claim_nothing(self: Ledger, owed: Owed) -> Claim:
        entry: LedgerEntry = {
            "state": "begun",
            "token": "t",
            "runId": self.run_id,
            "plannedAt": self.planned_at,
            "begunAt": "2026-11-23T22:00:00Z",
            "content": owed.content,
        }
        return Claim(owed.key, entry, owed.etag or "")

    monkeypatch.setattr(Ledger, "claim", claim_nothing)
    twice = 0
    for number, _name in enumerate(calls_of(first_run)):
        world = first_run()
        kill_at(world, number, after=True)
        with pytest.raises(Killed):
            world.run()
        run_to_the_end(world)
        addresses = [str(mail["To"]) for mail in world.ses.sent]
        twice += len(set(addresses)) < len(addresses)
    assert twice > 0
