"""One mail through the ledger: what each failure on its way means for it."""

from __future__ import annotations

from typing import Any, cast

import pytest

from common.errors import StorageError
from common.run.ledger import LONGEST_CALL, Ledger, Owed
from common.run.mail import Draft, MailRejected, MailThrottled, MailUncertain, MailUnreachable
from common.run.sending import Mail, Outcome, send_once
from common.shared.documents import MailContent
from support.aws_calls import aws_error
from support.weekly_run import World

KEY = "notifications/score/operating-systems/test01/s1.json"
DRAFT = Draft("Demo", "sender@example.org", "s1@example.org", "Subject", "text", "<p>html</p>")
FOUR: MailContent = {"points": 4, "maxPoints": 4, "withAnswers": False}
THREE: MailContent = {"points": 3, "maxPoints": 4, "withAnswers": False}


def ledger_of(world: World, run: str, resend: bool = False) -> Ledger:
    return Ledger(world.bucket, run, "2026-11-23T22:00:05Z", world.clock, resend)


def sent(
    world: World, content: MailContent, run: str = "one", error: Exception | None = None, resend: bool = False
) -> Outcome:
    """Send a mail to s1; `error` is what SES makes of it."""

    def send(draft: Draft) -> None:
        if error is not None:
            raise error
        world.mailer.send(draft)

    return send_once(ledger_of(world, run, resend), Mail(KEY, content, lambda _: DRAFT), send)


def test_a_mail_is_sent_once_and_its_entry_says_so(world: World) -> None:
    assert sent(world, FOUR) == Outcome("sent")
    assert world.get(KEY)["state"] == "sent"
    assert len(world.ses.sent) == 1


def test_a_mail_that_this_run_or_an_earlier_one_has_sent_is_not_sent_again(world: World) -> None:
    sent(world, THREE)
    sent(world, FOUR, "two")
    assert sent(world, FOUR, "two") == Outcome("sent", last_sent=THREE)
    assert sent(world, FOUR, "three") == Outcome("sent earlier")
    assert len(world.ses.sent) == 2


@pytest.mark.parametrize("error", [MailRejected("no"), MailUnreachable("away")])
def test_a_score_that_is_taken_back_before_its_email_got_out_is_not_told_again(
    world: World, error: MailRejected | MailUnreachable
) -> None:
    sent(world, FOUR)
    assert sent(world, THREE, "two", error).refusal is error
    assert sent(world, FOUR, "three") == Outcome("sent earlier")
    assert len(world.ses.sent) == 1
    assert sent(world, THREE, "four") == Outcome("sent", last_sent=FOUR)


def test_the_writer_is_told_what_the_student_was_told_before(world: World) -> None:
    told: list[MailContent | None] = []

    def compose(owed: Owed) -> Draft:
        told.append(owed.last_sent)
        return DRAFT

    for content in (THREE, FOUR):
        send_once(ledger_of(world, "one"), Mail(KEY, content, compose), world.mailer.send)
    assert told == [None, THREE]


@pytest.mark.parametrize(
    ("error", "state", "recorded"),
    [
        (MailRejected("no"), "rejected", "rejected"),
        (MailThrottled("later"), "deferred", "deferred"),
        (MailUnreachable("away"), "deferred", "deferred"),
        (MailUncertain("lost"), "uncertain", "begun"),
    ],
)
def test_each_failure_has_its_state(world: World, error: Exception, state: str, recorded: str) -> None:
    outcome = sent(world, FOUR, error=error)
    assert (outcome.state, outcome.reason, outcome.refusal is None) == (state, str(error), state == "uncertain")
    assert world.get(KEY)["state"] == recorded


@pytest.mark.parametrize("error", [None, MailRejected("no")])
def test_a_mail_whose_outcome_cannot_be_recorded_is_uncertain_and_keeps_its_refusal(
    world: World, error: MailRejected | None
) -> None:
    writes = 0

    def second_write_fails(_number: int, name: str, _parameters: dict[str, Any], real: Any) -> Any:
        nonlocal writes
        writes += name == "s3:PutObject"
        if name == "s3:PutObject" and writes == 2:
            raise aws_error("InternalError", 500, "PutObject")
        return real()

    world.calls.fault = second_write_fails
    outcome = sent(world, FOUR, error=error)
    assert (outcome.state, outcome.refusal) == ("uncertain", error)
    assert world.get(KEY)["state"] == "begun"


def test_a_mail_that_must_wait_is_not_claimed(world: World) -> None:
    mail = Mail(KEY, FOUR, lambda _: DRAFT)
    assert send_once(ledger_of(world, "one"), mail, world.mailer.send, lambda: "deferred") == Outcome("deferred")
    assert KEY not in world.s3.objects
    assert world.ses.sent == []


def test_nothing_is_sent_without_a_claim(world: World) -> None:
    def writes_fail(_number: int, name: str, _parameters: dict[str, Any], real: Any) -> Any:
        if name == "s3:PutObject":
            raise aws_error("InternalError", 500, "PutObject")
        return real()

    world.calls.fault = writes_fail
    with pytest.raises(StorageError):
        sent(world, FOUR)
    assert world.ses.sent == []


# --- an email that may have been sent, before one that was not ---

LOST = MailUncertain("lost")
REFUSED = [MailRejected("no"), MailThrottled("later")]


def later(world: World) -> None:
    """The run that began the last email is dead."""
    world.now += LONGEST_CALL


@pytest.mark.parametrize("error", REFUSED)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (FOUR, THREE),
        (cast("MailContent", {"tests": {"a": "1"}}), cast("MailContent", {"tests": {"a": "2"}})),
        (cast("MailContent", {"tests": {"a": "1", "b": "1"}}), cast("MailContent", {"tests": {"b": "2"}})),
    ],
)
def test_an_uncertain_email_stays_uncertain_when_the_one_after_it_is_refused(
    world: World, first: MailContent, second: MailContent, error: Exception
) -> None:
    sent(world, first, "one", LOST)
    later(world)
    sent(world, second, "two", error)
    sent(world, second, "three", error)
    assert sent(world, first, "four").state == "uncertain"
    assert world.ses.sent == []
    assert sent(world, first, "five", resend=True).state == "sent"
    assert "maybeSent" not in world.get(KEY)
    assert sent(world, second, "six").state == "sent"


@pytest.mark.parametrize("error", REFUSED)
def test_what_was_true_before_an_uncertain_email_is_sent_again_when_the_one_after_it_is_refused(
    world: World, error: Exception
) -> None:
    sent(world, FOUR)
    sent(world, THREE, "two", LOST)
    later(world)
    sent(world, {**FOUR, "points": 2}, "three", error)
    assert sent(world, FOUR, "four") == Outcome("sent", last_sent=FOUR)
    assert sent(world, THREE, "five") == Outcome("sent", last_sent=FOUR)


@pytest.mark.parametrize("error", REFUSED)
def test_an_uncertain_email_that_is_refused_when_it_is_sent_again_stays_uncertain(
    world: World, error: Exception
) -> None:
    sent(world, FOUR, "one", LOST)
    later(world)
    assert sent(world, FOUR, "two", error, resend=True).refusal is error
    assert sent(world, FOUR, "three").state == "uncertain"
    assert sent(world, FOUR, "four", resend=True).state == "sent"
    assert len(world.ses.sent) == 1


def test_what_only_an_uncertain_email_said_of_a_test_stays_uncertain_after_emails_about_others(world: World) -> None:
    def about(**tests: str) -> MailContent:
        return cast("MailContent", {"tests": tests})

    sent(world, about(a="1", b="1"), "one")
    sent(world, about(a="2", b="2"), "two", LOST)
    later(world)
    sent(world, about(a="3"), "three", MailRejected("no"))
    assert sent(world, about(c="1"), "four").state == "sent"
    sent(world, about(c="2"), "five", MailRejected("no"))
    assert [sent(world, about(**{name: "2"}), "six").state for name in "ab"] == ["uncertain", "uncertain"]
    assert sent(world, about(a="1"), "seven").state == "sent"
