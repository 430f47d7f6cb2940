"""What SES's refusals are about, and what follows: for the email, its batch, the trainer and the next run."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import pytest
from botocore.session import get_session

from common.run.mail import (
    Draft,
    Mailer,
    MailNotSent,
    MailRejected,
    MailThrottled,
    MailUncertain,
    QuotaUsedUp,
    SendingClosed,
)
from common.run.ses_refusals import ACCOUNT, RECIPIENT, REJECTED, THROTTLED, understood
from common.shared.object_keys import state_key
from mail_batch.delivery import MOST_REFUSED
from report_run.report import ReportNotSent
from support.aws_calls import Calls, aws_error
from support.memory_ses import NOT_VERIFIED, PAUSED, MemorySes
from support.permissions import SENDER
from support.weekly_class import SUBJECT, TEST, make_students, make_test
from support.weekly_run import TRAINER, World


def class_of(students: int, batch_size: int) -> World:
    """A class in which everybody submitted."""
    world = World(batch_size=batch_size)
    world.publish(SUBJECT, [make_test()], make_students(students))
    for n in range(1, students + 1):
        world.submit(SUBJECT, TEST, f"s{n}", {"1": "a"})
    return world


def meaning(code: str, status: int = 400, message: str = "") -> Exception:
    """What Mailer.send raises for an error of SES."""
    calls = Calls()

    def refuse(*_: Any) -> Any:
        raise aws_error(code, status, "SendRawEmail", message)

    calls.fault = refuse
    with pytest.raises((MailNotSent, MailUncertain)) as raised:
        Mailer(MemorySes(calls)).send(Draft("Demo", SENDER, "s1@example.org", "Subject", "text", "<p>html</p>"))
    assert calls.count == 1
    return raised.value


# --- every error is classified ---


def test_every_error_in_botocores_model_of_sending_is_classified() -> None:
    sending: Any = get_session().get_service_model("ses").operation_model("SendRawEmail")
    codes = {shape.error_code for shape in sending.error_shapes}
    assert len(codes) >= 5
    assert codes <= {REJECTED} | RECIPIENT | ACCOUNT.keys() | THROTTLED


def test_an_error_is_about_one_thing() -> None:
    kinds = [{REJECTED}, RECIPIENT, ACCOUNT.keys(), THROTTLED]
    assert not [pair for pair in itertools.combinations(kinds, 2) if pair[0] & pair[1]]


# Amazon SES API Reference, "Common Error Types", and what AWS's signature check answers.
@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDenied", 403, SendingClosed),
        ("AccessDeniedException", 400, SendingClosed),
        ("ExpiredToken", 403, SendingClosed),
        ("ExpiredTokenException", 403, SendingClosed),
        ("IncompleteSignature", 400, SendingClosed),
        ("InternalFailure", 500, MailUncertain),
        ("InvalidClientTokenId", 403, SendingClosed),
        ("InvalidParameterValue", 400, MailRejected),
        ("MissingAuthenticationToken", 403, SendingClosed),
        ("NotAuthorized", 400, SendingClosed),
        ("OptInRequired", 403, SendingClosed),
        ("RequestExpired", 400, SendingClosed),
        ("ServiceUnavailable", 503, MailUncertain),
        ("SignatureDoesNotMatch", 403, SendingClosed),
        ("Throttling", 400, MailThrottled),
        ("Throttling", 503, MailThrottled),
        ("ThrottlingException", 400, MailThrottled),
        ("UnrecognizedClientException", 403, SendingClosed),
        ("ValidationError", 400, MailRejected),
        ("MessageRejected", 400, MailNotSent),
        ("AccountSendingPausedException", 400, SendingClosed),
        ("ConfigurationSetSendingPausedException", 400, SendingClosed),
        ("ConfigurationSetDoesNotExist", 400, SendingClosed),
        ("MailFromDomainNotVerifiedException", 400, SendingClosed),
    ],
)
def test_each_error_has_its_meaning(code: str, status: int, kind: type[Exception]) -> None:
    assert type(meaning(code, status)) is kind


def test_an_error_that_is_not_known_leaves_this_email_alone_to_the_next_run() -> None:
    raised = meaning("SomethingNew")
    assert type(raised) is MailNotSent
    assert "SomethingNew" in str(raised)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Maximum sending rate exceeded.", MailThrottled),
        ("Daily message quota exceeded.", QuotaUsedUp),
        ("daily message quota exceeded", QuotaUsedUp),
        ("Rate exceeded", MailThrottled),
        ("", MailThrottled),
    ],
)
def test_the_message_of_a_throttle_says_which_limit_it_is(message: str, kind: type[Exception]) -> None:
    assert type(meaning("Throttling", message=message)) is kind


@pytest.mark.parametrize(
    ("named", "kind"),
    [
        ("s1@example.org", MailRejected),
        (SENDER, SendingClosed),
        (SENDER.upper(), SendingClosed),
        (f"s1@example.org, {SENDER}", SendingClosed),
        (f"{SENDER}.", SendingClosed),
        (f"Demo <{SENDER}>", SendingClosed),
        (SENDER.partition("@")[2], SendingClosed),
        (f"arn:aws:ses:eu-central-1:111122223333:identity/{SENDER}", SendingClosed),
        (f"arn:aws:ses:eu-central-1:111122223333:identity/{SENDER.partition('@')[2]}", SendingClosed),
        ("S1@Example.org.", MailRejected),
        (f"another-{SENDER}", MailNotSent),
        (f"{SENDER}.uk", MailNotSent),
        ("s11@example.org", MailNotSent),
    ],
)
def test_who_is_not_verified_is_whom_the_message_names(named: str, kind: type[Exception]) -> None:
    raised = meaning("MessageRejected", message=NOT_VERIFIED + named)
    assert type(raised) is kind
    assert "@" not in str(raised)


@pytest.mark.parametrize("named", ["mail.example.com", "example.com"])
def test_the_senders_domain_may_be_one_above_that_of_the_address(named: str) -> None:
    found = understood("MessageRejected", NOT_VERIFIED + named, "test-time@mail.example.com", "s1@example.org")
    assert found.about == "account"


@pytest.mark.parametrize("message", [PAUSED, "Email contains a virus.", "Message rejected because of its content", ""])
def test_a_rejection_that_names_nobody_is_no_students(message: str) -> None:
    raised = meaning("MessageRejected", message=message)
    assert type(raised) is MailNotSent
    assert message in str(raised)


def test_what_closes_sending_is_told_in_the_same_words_for_every_student() -> None:
    for code in [*ACCOUNT, "MessageRejected"]:
        said = {
            understood(code, f"{NOT_VERIFIED}s{n}@example.org, {SENDER}", SENDER, f"s{n}@example.org").reason
            for n in range(3)
        }
        assert len(said) == 1, code


# --- what follows ---


def refuse_students(world: World, error: Exception) -> list[str]:
    """From now on SES refuses every email but the trainer's. Whom it was asked about."""
    asked: list[str] = []

    def fault(_number: int, name: str, parameters: dict[str, Any], real: Any) -> Any:
        if name == "ses:SendRawEmail" and f"To: {TRAINER}".encode() not in parameters["RawMessage"]["Data"]:
            asked.append(name)
            raise error
        return real()

    world.calls.fault = fault
    return asked


CLOSING = [
    *((code, "") for code in sorted(ACCOUNT)),
    ("MessageRejected", NOT_VERIFIED + f"s1@example.org, {SENDER}"),
]


@pytest.mark.parametrize(("code", "message"), CLOSING, ids=[code for code, _ in CLOSING])
def test_a_refusal_of_the_account_is_told_once_and_every_mail_is_sent_by_the_next_run(
    code: str, message: str, sequential: None
) -> None:
    world = class_of(6, batch_size=3)
    asked = refuse_students(world, aws_error(code, 400, "SendRawEmail", message))
    summary = world.run()
    assert summary is not None
    assert len(asked) == 2  # one try a batch
    assert (summary["rejected"], summary["tests"][0]["mails"], summary["tests"][0]["problems"]) == (
        0,
        {"deferred": 6},
        [],
    )
    [line] = summary["problems"]
    assert line == f"6 emails left to the next run: {understood(code, message, SENDER, 's1@example.org').reason}"
    [report] = world.ses.to(TRAINER)
    text = " ".join(report.get_body(("plain",)).get_content().split())  # type: ignore[union-attr]
    assert text.count("left to the next run") == 1
    assert line in text
    world.calls.fault = None
    world.run()
    students = Counter(str(message["To"]) for message in world.ses.sent if message["To"] != TRAINER)
    assert students == {f"s{n}@example.org": 1 for n in range(1, 7)}


def test_a_pause_by_aws_is_told_once_and_every_mail_is_sent_by_the_next_run(sequential: None) -> None:
    world = class_of(2 * MOST_REFUSED + 10, batch_size=MOST_REFUSED + 5)
    everybody = 2 * (MOST_REFUSED + 5)
    asked = refuse_students(world, aws_error("MessageRejected", 400, "SendRawEmail", PAUSED))
    summary = world.run()
    assert summary is not None
    assert len(asked) == 2 * MOST_REFUSED
    assert (summary["rejected"], summary["tests"][0]["mails"], summary["tests"][0]["problems"]) == (
        0,
        {"deferred": everybody},
        [],
    )
    assert summary["problems"] == [
        f"{everybody} emails left to the next run: SES refused the email (MessageRejected: {PAUSED})"
    ]
    world.calls.fault = None
    world.run()
    students = Counter(str(message["To"]) for message in world.ses.sent if message["To"] != TRAINER)
    assert students == {f"s{n}@example.org": 1 for n in range(1, everybody + 1)}


def test_an_account_that_aws_has_paused_fails_the_run_and_books_nothing_on_a_student() -> None:
    world = class_of(3, batch_size=3)
    world.ses.is_paused = True
    with pytest.raises(ReportNotSent):
        world.run()
    assert {entry["state"] for entry in world.ledger().values()} == {"deferred"}
    world.ses.is_paused = False
    world.run()
    assert Counter(str(message["To"]) for message in world.ses.sent) == {
        **{f"s{n}@example.org": 1 for n in range(1, 4)},
        TRAINER: 1,
    }


def test_emails_that_ses_refuses_for_what_they_say_do_not_stop_the_others(sequential: None) -> None:
    """However many there are in a batch, as long as SES accepts others between them."""
    world = class_of(3 * MOST_REFUSED, batch_size=100)
    refused = {f"To: s{n}@".encode() for n in range(1, 3 * MOST_REFUSED) if n % MOST_REFUSED}

    def fault(_number: int, name: str, parameters: dict[str, Any], real: Any) -> Any:
        if name == "ses:SendRawEmail" and any(to in parameters["RawMessage"]["Data"] for to in refused):
            raise aws_error("MessageRejected", 400, "SendRawEmail", "Email contains a virus.")
        return real()

    world.calls.fault = fault
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["mails"] == {"deferred": len(refused), "sent": 3}
    assert summary["rejected"] == 0


def test_an_email_that_is_refused_for_an_unknown_reason_does_not_stop_the_others(sequential: None) -> None:
    world = class_of(3, batch_size=3)

    def fault(_number: int, name: str, parameters: dict[str, Any], real: Any) -> Any:
        if name == "ses:SendRawEmail" and b"To: s1@" in parameters["RawMessage"]["Data"]:
            raise aws_error("SomethingNew", 400, "SendRawEmail")
        return real()

    world.calls.fault = fault
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["mails"] == {"deferred": 1, "sent": 2}
    assert summary["problems"] == ["1 email left to the next run: SES refused the email (SomethingNew)"]
    world.calls.fault = None
    world.run()
    assert len(world.ses.to("s1@example.org")) == 1


def test_an_unverified_recipient_is_one_students_problem(sequential: None) -> None:
    world = class_of(3, batch_size=3)
    world.ses.unverified = {"s2@example.org"}
    summary = world.run()
    assert summary is not None
    assert (summary["rejected"], summary["problems"]) == (1, [])
    [problem] = summary["tests"][0]["problems"]
    assert (problem["kind"], problem["studentId"]) == ("score email rejected", "s2")


@pytest.mark.parametrize("code", ["AccountSendingPausedException", "AccessDenied", "SomethingNew"])
def test_a_report_that_ses_refuses_too_fails_the_run_and_nothing_counts_as_told(code: str, sequential: None) -> None:
    world = class_of(2, batch_size=2)
    error = aws_error(code, 400, "SendRawEmail")

    def fault(_number: int, name: str, _parameters: dict[str, Any], real: Any) -> Any:
        if name == "ses:SendRawEmail":
            raise error
        return real()

    world.calls.fault = fault
    with pytest.raises(ReportNotSent):
        world.run(run_id="refused")
    assert "could not be sent: " in world.get("runs/refused/summary.json")["trainerMailFailure"]
    assert world.get(state_key(SUBJECT, TEST)).keys() <= {"plannedBy", "disturbed"}
    world.calls.fault = None
    world.run()
    assert Counter(str(message["To"]) for message in world.ses.sent) == {
        "s1@example.org": 1,
        "s2@example.org": 1,
        TRAINER: 1,
    }


def test_reminders_that_ses_refuses_are_told_once_and_sent_later(sequential: None) -> None:
    world = World(batch_size=3, reminder_hours=24)
    world.publish(SUBJECT, [make_test(closesAt="2026-11-24T10:00:00Z")], make_students(5))
    refuse_students(world, aws_error("AccountSendingPausedException", 400, "SendRawEmail"))
    summary = world.run()
    assert summary is not None
    assert summary["reminders"] == {"deferred": 5}
    assert len(world.ses.to(TRAINER)) == 1
    world.calls.fault = None
    world.run()
    assert Counter(str(message["To"]) for message in world.ses.sent if message["To"] != TRAINER) == {
        f"s{n}@example.org": 1 for n in range(1, 6)
    }


@pytest.mark.parametrize("address", ["<", '"', "a@", "a@["])
def test_an_address_that_pythons_parser_fails_at_is_rejected_before_anything_is_sent(address: str) -> None:
    ses = MemorySes(Calls())
    with pytest.raises(MailRejected, match="the address is malformed"):
        Mailer(ses).send(Draft("Class", "class@example.org", address, "Subject", "text", "<p>text</p>"))
    assert ses.to(address) == []
