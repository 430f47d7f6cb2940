"""SES's daily quota: what is left is used, never more, and the trainer's report always has its email.

The calls of a run overlap as they do on AWS: another may begin, send and end at any call of one that is still sending.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from common.errors import StorageError
from common.run.ledger import Ledger, Owed
from common.run.mail import Draft
from common.run.sending import Mail
from common.shared.object_keys import NOTIFICATIONS, allowance_key
from mail_batch.allowance import Allowance, ask_ses
from mail_batch.delivery import Delivery
from support.aws_calls import aws_error
from support.weekly_class import SUBJECT, TEST, make_students, make_test
from support.weekly_run import TRAINER, World

MAILERS = 10  # at once, as plan_run says; a run may have more batches


def draft(to: str) -> Draft:
    return Draft("Demo", "sender@example.org", f"{to}@example.org", "Subject", "text", "<p>html</p>")


def calls_of_a_run(world: World, batches: int, mails: int, chance: random.Random) -> list[Callable[[], Any]]:
    """What each call of mail_batch does, after SES was asked: open its delivery, and send its mails."""
    ask_ses(world.bucket, world.mailer, "run")

    def make(batch: int) -> Callable[[], Any]:
        def send() -> Counter[str]:
            ledger = Ledger(world.bucket, "run", "2026-11-23T22:00:05Z", world.clock)
            mailers = min(batches, MAILERS)
            delivery = Delivery(
                ledger,
                world.mailer,
                lambda: 900,
                mailers=mailers,
                monotonic=world.seconds,
                sleep=world.sleep,
                jitter=lambda: 0,
            )
            names = [f"s{batch}-{n}" for n in range(chance.randint(1, mails))]
            outcomes = delivery.deliver_all(
                [Mail(f"notifications/{name}.json", {}, lambda _, name=name: draft(name)) for name in names]  # type: ignore[misc]
            )
            return Counter(outcome["state"] for outcome in outcomes)

        return send

    return [make(batch) for batch in range(batches)]


def overlapping(world: World, calls: list[Callable[[], Any]], chance: random.Random, often: float) -> Counter[str]:
    """Make the calls, each of which may begin in the middle of another one. All outcomes."""
    waiting, total, running = list(calls), Counter[str](), 0

    def fault(_number: int, _name: str, _parameters: dict[str, Any], real: Any) -> Any:
        if waiting and running < MAILERS and chance.random() < often:
            begin()
        return real()

    def begin() -> None:
        nonlocal running
        running += 1
        total.update(waiting.pop(0)())
        running -= 1

    world.calls.fault = fault
    while waiting:
        begin()
    world.calls.fault = None
    return total


def test_with_three_left_and_three_mailers_two_students_and_the_trainer_are_told() -> None:
    world = World(batch_size=1)
    world.publish(SUBJECT, [make_test()], make_students(3))
    for n in (1, 2, 3):
        world.submit(SUBJECT, TEST, f"s{n}", {"1": "a"})
    world.ses.daily = 3
    summary = world.run()
    assert summary is not None
    assert (summary["tests"][0]["mails"], summary["trainerMail"]) == ({"sent": 2, "deferred": 1}, "sent")
    world.ses.daily = 6
    summary = world.run()
    assert summary is not None
    assert [len(world.ses.to(f"s{n}@example.org")) for n in (1, 2, 3)] == [1, 1, 1]


@pytest.mark.parametrize("seed", range(60))
def test_what_is_left_is_used_and_never_more(seed: int, sequential: None) -> None:
    chance = random.Random(seed)
    world = World()
    left = world.ses.daily = chance.choice([chance.randint(0, 12), chance.randint(0, 60)])
    calls = calls_of_a_run(world, chance.randint(1, 14), chance.choice([1, 4, 12]), chance)
    outcomes = overlapping(world, calls, chance, chance.choice([0, 0.02, 0.2, 0.7]))
    assert set(outcomes) <= {"sent", "deferred"}
    assert outcomes["sent"] == len(world.ses.sent) == min(outcomes.total(), max(0, left - 1))


@pytest.mark.parametrize("seed", range(3))
def test_with_plenty_left_calls_take_many_at_a_time_and_never_more(seed: int, sequential: None) -> None:
    chance = random.Random(seed)
    world = World()
    left = world.ses.daily = chance.randint(500, 900)
    calls = calls_of_a_run(world, 40, 40, chance)
    outcomes = overlapping(world, calls, chance, 0.005)
    wanted = min(outcomes.total(), left - 1)
    assert wanted - left // 10 <= outcomes["sent"] == len(world.ses.sent) <= wanted


@pytest.mark.parametrize("seed", range(20))
def test_mails_that_do_not_go_out_use_nothing_up(seed: int, sequential: None) -> None:
    chance = random.Random(seed)
    world = World()
    world.ses.daily = chance.randint(2, 12)
    everybody = [f"s{batch}-{n}@example.org" for batch in range(4) for n in range(6)]
    world.ses.unverified = {address for address in everybody if chance.random() < 0.4}
    calls = calls_of_a_run(world, 4, 6, chance)
    outcomes = overlapping(world, calls, chance, 0)
    assert outcomes["sent"] == len(world.ses.sent) <= world.ses.daily - 1
    assert outcomes["deferred"] == 0 or outcomes["sent"] == world.ses.daily - 1


def test_a_mail_that_may_have_gone_out_is_used_up(sequential: None) -> None:
    world = World()
    world.ses.daily = 4

    def cut(_number: int, name: str, _parameters: dict[str, Any], real: Any) -> Any:
        reply = real()
        if name == "ses:SendRawEmail" and len(world.ses.sent) == 1:
            raise ReadTimeoutError(endpoint_url="https://ses")
        return reply

    world.calls.fault = cut
    [call] = calls_of_a_run(world, 1, 1, random.Random(0))
    assert call() == {"uncertain": 1}
    world.calls.fault = None
    later = [send() for send in calls_of_a_run(world, 8, 1, random.Random(0))[1:]]
    assert [outcomes["sent"] for outcomes in later] == [1, 1, 0, 0, 0, 0, 0]


def test_a_mail_that_another_run_claims_first_uses_nothing_up(sequential: None) -> None:
    world = World()
    world.ses.daily = 10

    def lose(_number: int, name: str, parameters: dict[str, Any], real: Any) -> Any:
        if name == "s3:PutObject" and parameters["Key"].startswith(NOTIFICATIONS):
            world.calls.fault = None
            other = Ledger(world.bucket, "other", "2026-11-23T22:00:05Z", world.clock)
            owed = other.look(parameters["Key"], {})
            assert isinstance(owed, Owed)
            other.claim(owed)
        return real()

    world.calls.fault = lose
    [call] = calls_of_a_run(world, 1, 1, random.Random(0))
    assert call() == {"elsewhere": 1}
    assert world.get(allowance_key("run")) == {"perSecond": 1000, "left": 9}


def test_a_call_that_is_repeated_has_what_it_gave_back(sequential: None) -> None:
    world = World()
    world.ses.daily = 3
    [call] = calls_of_a_run(world, 1, 1, random.Random(0))

    def unreachable(_number: int, name: str, _parameters: dict[str, Any], real: Any) -> Any:
        if name == "ses:SendRawEmail":
            raise EndpointConnectionError(endpoint_url="https://ses")
        return real()

    world.calls.fault = unreachable
    for _ in range(5):
        assert call() == {"deferred": 1}
    world.calls.fault = None
    assert call() == {"sent": 1}


def test_a_write_that_s3_cannot_decide_is_tried_again(sequential: None) -> None:
    world = World()
    world.ses.daily = 3
    undecided = [3]

    def conflict(_number: int, name: str, parameters: dict[str, Any], real: Any) -> Any:
        if name == "s3:PutObject" and parameters["Key"].endswith("allowance.json") and undecided[0]:
            undecided[0] -= 1
            raise aws_error("ConditionalRequestConflict", 409)
        return real()

    world.calls.fault = conflict
    [call] = calls_of_a_run(world, 1, 1, random.Random(0))
    assert call() == {"sent": 1}
    assert undecided == [0]


def test_all_calls_together_hold_at_most_a_tenth_of_what_is_left() -> None:
    world = World()
    world.ses.daily = 1001
    ask_ses(world.bucket, world.mailer, "run")
    taken = [Allowance(world.bucket, "run", MAILERS).take(500) for _ in range(MAILERS)]
    assert 50 <= sum(taken) <= 100
    assert world.get(allowance_key("run"))["left"] == 1000 - sum(taken)


def lose_races(world: World, races: int) -> None:
    """Another call changes what is left just before each of the next writes."""
    left = [races]

    def fault(_number: int, name: str, parameters: dict[str, Any], real: Any) -> Any:
        if name == "s3:PutObject" and parameters["Key"] == allowance_key("run") and left[0]:
            left[0] -= 1
            raise aws_error("PreconditionFailed", 412)
        return real()

    world.calls.fault = fault


def test_a_call_that_loses_many_races_for_the_quota_gets_its_share_and_does_not_try_for_ever() -> None:
    world = World()
    world.ses.daily = 1001
    ask_ses(world.bucket, world.mailer, "run")
    lose_races(world, 99)
    assert Allowance(world.bucket, "run", 1).take(1) == 1
    lose_races(world, 10_000)
    with pytest.raises(StorageError, match="too many calls share the daily quota"):
        Allowance(world.bucket, "run", 1).take(1)
    assert len(world.calls.made) < 500


def test_without_a_limit_nothing_is_counted(sequential: None) -> None:
    world = World()
    world.ses.daily = -1
    world.calls.fault = lambda _n, name, _p, real: None if name == "ses:SendRawEmail" else real()
    [call] = calls_of_a_run(world, 1, 1, random.Random(0))
    assert call() == {"sent": 1}
    assert world.get(allowance_key("run")) == {"perSecond": 1000, "left": None}


def test_the_trainers_mail_is_kept_for_the_trainer(sequential: None) -> None:
    world = World(batch_size=1)
    world.publish(SUBJECT, [make_test()], make_students(4))
    for n in (1, 2, 3, 4):
        world.submit(SUBJECT, TEST, f"s{n}", {"1": "a"})
    world.ses.daily = 1
    summary = world.run()
    assert summary is not None
    assert summary["trainerMail"] == "sent"
    assert [mail["To"] for mail in world.ses.sent] == [TRAINER]
