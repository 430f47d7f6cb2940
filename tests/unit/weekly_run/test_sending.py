"""One mail through the ledger: what each failure on its way means for it."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import StorageError
from common.run.ledger import Ledger, Owed
from common.run.mail import Draft, MailRejected, MailThrottled, MailUncertain, MailUnreachable
from common.run.sending import Mail, Outcome, send_once
from common.shared.documents import MailContent
from support.aws_calls import aws_error
from support.weekly_run import World

KEY = "notifications/score/operating-systems/test01/s1.json"
DRAFT = Draft("Demo", "sender@example.org", "s1@example.org", "Subject", "text", "<p>html</p>")
FOUR: MailContent = {"points": 4, "maxPoints": 4, "withAnswers": False}
THREE: MailContent = {"points": 3, "maxPoints": 4, "withAnswers": False}


def ledger_of(world: World, run: str) -> Ledger:
    return Ledger(world.bucket, run, "2026-11-23T22:00:05Z", world.clock)


def sent(world: World, content: MailContent, run: str = "one", error: Exception | None = None) -> Outcome:
    """Send a mail to s1; `error` is what SES makes of it."""

    def send(draft: Draft) -> None:
        if error is not None:
            raise error
        world.mailer.send(draft)

    return send_once(ledger_of(world, run), Mail(KEY, content, lambda _: DRAFT), send)


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
