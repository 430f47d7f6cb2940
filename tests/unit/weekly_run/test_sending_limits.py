"""SES is asked for its limits once a run, and what it refuses because of them is sent later."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from common.run.ledger import Ledger
from common.run.mail import Draft
from common.run.sending import Mail
from common.run.ses_refusals import DAILY_QUOTA, TOO_FAST
from common.shared.object_keys import allowance_key, sending_limits_failure_key, state_key, summary_key
from mail_batch.delivery import RESERVE_SECONDS, Delivery
from plan_run.due import MOST_MAILERS
from report_run.report import ReportNotSent
from support.aws_calls import aws_error, in_turn
from support.memory_ses import TOO_FAST as RATE_MESSAGE
from support.memory_ses import USED_UP
from support.templates import template
from support.weekly_class import SUBJECT, TEST, make_students, make_test
from support.weekly_run import STATES, TRAINER, World

RETRIES = STATES["MailAll"]["ItemProcessor"]["States"]["MailBatch"]["Retry"]
RATE = aws_error("Throttling", 400, "SendRawEmail", RATE_MESSAGE)


def class_of(students: int, batch_size: int) -> World:
    """A class in which everybody submitted."""
    world = World(batch_size=batch_size)
    world.publish(SUBJECT, [make_test()], make_students(students))
    for n in range(1, students + 1):
        world.submit(SUBJECT, TEST, f"s{n}", {"1": "a"})
    return world


def asked(world: World) -> int:
    return world.calls.names.count("ses:GetSendQuota")


def fail_always(world: World, call: str, error: Exception) -> None:
    def fault(_number: int, name: str, _parameters: dict[str, Any], real: Any) -> Any:
        if name == call:
            raise error
        return real()

    world.calls.fault = fault


def mails(world: World) -> Counter[str]:
    return Counter(str(message["To"]) for message in world.ses.sent)


def everybody_once(students: int) -> dict[str, int]:
    return {**{f"s{n}@example.org": 1 for n in range(1, students + 1)}, TRAINER: 1}


def trainers_mail(world: World) -> str:
    last: Any = world.ses.to(TRAINER)[-1]
    text: str = last.get_body(("plain",)).get_content()
    return " ".join(text.split())


# --- asking ---


def test_ses_is_asked_once_a_run_however_many_batches_it_has() -> None:
    world = class_of(24, batch_size=2)
    world.run()
    assert asked(world) == 1
    assert mails(world) == everybody_once(24)


def test_a_step_that_is_repeated_asks_nothing_and_changes_nothing() -> None:
    world = class_of(1, batch_size=1)
    world.ask_ses("run")
    world.put(allowance_key("run"), {"perSecond": 1000, "left": 3})
    world.ask_ses("run")
    assert asked(world) == 1
    assert world.get(allowance_key("run")) == {"perSecond": 1000, "left": 3}


def test_of_two_that_ask_at_once_the_first_answer_counts() -> None:
    world = class_of(1, batch_size=1)

    def faster(real: Any) -> Any:
        world.put(allowance_key("run"), {"perSecond": 14, "left": 3})
        return real()

    world.calls.fault = in_turn("ses:GetSendQuota", faster)
    world.ask_ses("run")
    assert world.get(allowance_key("run")) == {"perSecond": 14, "left": 3}


def test_ses_that_is_asked_too_often_is_asked_again_after_a_pause() -> None:
    world = class_of(4, batch_size=2)
    world.calls.fault = in_turn("ses:GetSendQuota", *[aws_error("Throttling", 400, "GetSendQuota")] * 5)
    begun = world.now
    world.run()
    assert asked(world) == 6
    assert (world.now - begun).total_seconds() > 5
    assert mails(world) == everybody_once(4)


def test_two_runs_that_ask_in_the_same_second_both_learn_the_limits() -> None:
    world = class_of(4, batch_size=2)
    world.mailer.quota()
    world.run()
    assert mails(world) == everybody_once(4)


@pytest.mark.parametrize(
    ("error", "reason", "kind", "times"),
    [
        (aws_error("Throttling", 400, "GetSendQuota", "Rate exceeded"), "(Throttling)", "MailUnreachable", 9),
        (aws_error("ServiceUnavailable", 503, "GetSendQuota"), "(ServiceUnavailable)", "MailUnreachable", 9),
        (EndpointConnectionError(endpoint_url="https://ses"), "cannot be reached", "MailUnreachable", 9),
        (aws_error("AccessDenied", 403, "GetSendQuota"), "(AccessDenied)", "SendingClosed", 1),
    ],
)
def test_without_limits_every_mail_waits_for_the_next_run_and_the_trainer_is_told_why_once(
    error: Exception, reason: str, kind: str, times: int
) -> None:
    """SES is asked again only if it may answer then."""
    world = class_of(6, batch_size=2)
    fail_always(world, "ses:GetSendQuota", error)
    summary = world.run()
    assert summary is not None
    assert (summary["tests"][0]["mails"], summary["trainerMail"]) == ({"deferred": 6}, "sent")
    assert mails(world) == {TRAINER: 1}
    [line] = summary["problems"]
    assert line.startswith("6 emails left to the next run: the sending limits are not known: ")
    assert reason in line
    assert trainers_mail(world).count(line) == 1
    assert world.get(sending_limits_failure_key("run-1"))["Error"] == kind
    assert asked(world) == times
    assert world.ledger("score") == {}
    world.calls.fault = None
    world.run()
    assert mails(world) == {**everybody_once(6), TRAINER: 2}


# --- the rate ---


def draft(n: int) -> Draft:
    return Draft("Demo", "sender@example.org", f"s{n}@example.org", "Subject", "text", "<p>html</p>")


def owed(count: int) -> list[Mail]:
    return [Mail(f"notifications/{n}.json", {}, lambda _, n=n: draft(n)) for n in range(count)]  # type: ignore[misc]


def opened(world: World, seconds: float = 900, mailers: int = 1, jitter: float = 0.5) -> Delivery:
    """One call's sending, which ends after some seconds."""
    end = world.seconds() + seconds
    world.ask_ses("run")
    return Delivery(
        Ledger(world.bucket, "run", "2026-11-23T22:00:05Z", world.clock),
        world.mailer,
        lambda: end - world.seconds(),
        mailers=mailers,
        monotonic=world.seconds,
        sleep=world.sleep,
        jitter=lambda: jitter,
    )


def sending_times(world: World) -> list[float]:
    """When SES is asked to send an email, in seconds from now. Takes the world's fault over."""
    times: list[float] = []
    begun, inner = world.seconds(), world.calls.fault

    def timed(number: int, name: str, parameters: dict[str, Any], real: Any) -> Any:
        if name == "ses:SendRawEmail":
            times.append(world.seconds() - begun)
        return inner(number, name, parameters, real) if inner else real()

    world.calls.fault = timed
    return times


@pytest.mark.parametrize("message", [RATE_MESSAGE, "Rate exceeded", "Something new", ""])
def test_a_mail_that_comes_too_fast_waits_and_is_sent_and_ses_is_not_asked(message: str, sequential: None) -> None:
    world = World()
    error = aws_error("Throttling", 400, "SendRawEmail", message)
    world.calls.fault = in_turn("ses:SendRawEmail", *[error] * 4)
    times = sending_times(world)
    outcomes = opened(world).deliver_all(owed(2))
    assert [outcome["state"] for outcome in outcomes] == ["sent", "sent"]
    assert asked(world) == 1
    pauses = [round(after - before) for before, after in itertools.pairwise(times)]
    assert pauses == [1, 2, 4, 8, 0]  # half of 2, 4, 8 and 16


def test_pauses_are_short_again_after_an_email_that_was_accepted(sequential: None) -> None:
    world = World()
    world.calls.fault = in_turn("ses:SendRawEmail", RATE, RATE, lambda real: real(), RATE)
    times = sending_times(world)
    opened(world).deliver_all(owed(2))
    assert [round(after - before) for before, after in itertools.pairwise(times)] == [1, 2, 0, 1]


def test_ses_that_cannot_be_reached_is_not_tried_for_every_email(sequential: None) -> None:
    world = World()
    fail_always(world, "ses:SendRawEmail", EndpointConnectionError(endpoint_url="https://ses"))
    outcomes = opened(world).deliver_all(owed(4))
    assert {(outcome["state"], outcome["reason"]) for outcome in outcomes} == {("deferred", "SES cannot be reached")}
    assert world.calls.names.count("ses:SendRawEmail") == 1


def test_an_account_whose_rate_is_zero_sends_slowly_instead_of_failing() -> None:
    world = World()
    world.ses.per_second = 0
    assert world.mailer.quota().per_second == 0.1


def test_a_pause_is_everybodys(sequential: None) -> None:
    world = World()
    world.ses.per_second = 2
    delivery = opened(world, jitter=1)
    world.calls.fault = in_turn("ses:SendRawEmail", RATE)
    times = sending_times(world)
    delivery.deliver_all(owed(3))
    assert times[1] - times[0] >= 2
    assert all(after - before >= 0.5 for before, after in itertools.pairwise(times))


def test_pauses_stay_below_a_limit(sequential: None) -> None:
    world = World()
    fail_always(world, "ses:SendRawEmail", RATE)
    times = sending_times(world)
    opened(world, jitter=1).deliver_all(owed(1))
    assert max(after - before for before, after in itertools.pairwise(times)) <= 33


def test_a_rate_that_is_never_free_leaves_the_mails_to_the_next_run_within_the_calls_time(sequential: None) -> None:
    world = class_of(4, batch_size=4)
    fail_always(world, "ses:SendRawEmail", RATE)
    begun = world.seconds()
    outcomes = opened(world).deliver_all(owed(4))
    assert {(outcome["state"], outcome["reason"]) for outcome in outcomes} == {("deferred", TOO_FAST)}
    assert world.seconds() - begun <= 900 - RESERVE_SECONDS
    assert asked(world) == 1
    assert {entry["state"] for entry in world.ledger().values()} == {"deferred"}


def test_a_call_that_sends_some_and_is_then_too_fast_is_called_again(sequential: None) -> None:
    world = World()

    def fault(_number: int, name: str, _parameters: dict[str, Any], real: Any) -> Any:
        if name == "ses:SendRawEmail" and len(world.ses.sent) == 2:
            raise RATE
        return real()

    world.calls.fault = fault
    outcomes = opened(world).deliver_all(owed(4))
    assert [outcome["state"] for outcome in outcomes] == ["sent", "sent", "pending", "pending"]
    world.calls.fault = None
    outcomes = opened(world).deliver_all(owed(4))
    assert [outcome["state"] for outcome in outcomes] == ["sent"] * 4
    assert len(world.ses.sent) == 4


@pytest.mark.parametrize("jitter", [0, 0.3, 1])
def test_calls_that_begin_together_do_not_send_together(jitter: float, sequential: None) -> None:
    world = World()
    world.ses.per_second = 2
    times = sending_times(world)
    opened(world, mailers=10, jitter=jitter).deliver_all(owed(1))
    assert times == [pytest.approx(jitter * 5)]


def test_a_run_in_the_sandbox_sends_every_mail_at_one_a_second(sequential: None) -> None:
    world = class_of(30, batch_size=10)
    world.ses.per_second, world.ses.daily = 1, 200
    begun = world.seconds()
    summary = world.run()
    assert summary is not None
    assert (summary["trainerMail"], summary["problems"]) == ("sent", [])
    assert mails(world) == everybody_once(30)
    assert world.seconds() - begun >= 30


def test_a_whole_batch_is_sent_at_a_tenth_of_one_a_second_by_two_calls(
    sequential: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The share of each of ten calls in the sandbox. A call sends for 14 minutes, and is then made again."""
    size = template("trainings-tests")["Parameters"]["BatchSize"]["Default"]
    world = class_of(size, size)
    world.ses.per_second = 1 / MOST_MAILERS
    calls: list[int] = []
    mail = world.mail

    def counted(run_id: str, batch: int) -> Any:
        calls.append(batch)
        return mail(run_id, batch)

    monkeypatch.setattr(world, "mail", counted)
    summary = world.run()
    assert summary is not None
    assert (summary["trainerMail"], summary["problems"]) == ("sent", [])
    assert mails(world) == everybody_once(size)
    assert calls == [0, 0]
    [more] = [rule for rule in RETRIES if rule["ErrorEquals"] == ["MoreMails"]]
    assert more["MaxAttempts"] >= len(calls)


def test_the_trainers_mail_waits_for_its_turn_too(sequential: None) -> None:
    world = class_of(2, batch_size=2)

    def fault(_number: int, name: str, parameters: dict[str, Any], real: Any) -> Any:
        if name == "ses:SendRawEmail" and f"To: {TRAINER}".encode() in parameters["RawMessage"]["Data"]:
            refused.append(name)
            if len(refused) <= 3:
                raise RATE
        return real()

    refused: list[str] = []
    world.calls.fault = fault
    summary = world.run()
    assert summary is not None
    assert (summary["trainerMail"], len(refused)) == ("sent", 4)
    assert asked(world) == 1


# --- the daily quota ---


def test_a_daily_quota_that_ses_says_is_used_up_closes_mailing_for_the_run(sequential: None) -> None:
    world = class_of(12, batch_size=2)
    used_up = aws_error("Throttling", 400, "SendRawEmail", USED_UP)

    def fault(_number: int, name: str, parameters: dict[str, Any], real: Any) -> Any:
        if name == "ses:SendRawEmail" and f"To: {TRAINER}".encode() not in parameters["RawMessage"]["Data"]:
            tried.append(name)
            if len(tried) > 3:
                raise used_up
        return real()

    tried: list[str] = []
    world.calls.fault = fault
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["mails"] == {"sent": 3, "deferred": 9}
    assert len(tried) == 4  # no other batch asks SES
    assert asked(world) == 1
    assert world.get(allowance_key("run-1"))["left"] == 0
    assert summary["problems"] == [f"9 emails left to the next run: {DAILY_QUOTA}"]
    assert trainers_mail(world).count(DAILY_QUOTA) == 1
    world.calls.fault = None
    world.run()
    assert mails(world) == {**everybody_once(12), TRAINER: 2}


def test_an_unlimited_quota_that_is_used_up_all_the_same_closes_mailing_too(sequential: None) -> None:
    world = class_of(4, batch_size=2)
    world.ses.daily = -1
    world.calls.fault = in_turn("ses:SendRawEmail", aws_error("Throttling", 400, "SendRawEmail", USED_UP))
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["mails"] == {"deferred": 4}
    assert world.get(allowance_key("run-1"))["left"] == 0


def test_an_unlimited_quota_stays_unlimited_when_emails_come_too_fast(sequential: None) -> None:
    world = class_of(6, batch_size=2)
    world.ses.daily = -1
    world.calls.fault = in_turn("ses:SendRawEmail", RATE, RATE, aws_error("SomethingNew", 400, "SendRawEmail"))
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["mails"] == {"sent": 5, "deferred": 1}
    assert world.get(allowance_key("run-1"))["left"] is None


def test_a_run_whose_report_is_over_the_quota_fails_and_stays_due(sequential: None) -> None:
    world = class_of(2, batch_size=2)
    world.ses.daily = 0
    with pytest.raises(ReportNotSent):
        world.run(run_id="over")
    assert "daily sending quota is used up" in world.get(summary_key("over"))["trainerMailFailure"]
    assert not world.get(state_key(SUBJECT, TEST)).get("told")
    world.ses.daily = 200
    world.run()
    assert mails(world) == everybody_once(2)
