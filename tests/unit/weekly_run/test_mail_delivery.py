"""The ledger and SES: what each failure means for a mail, and that no mail goes out twice."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from common.run.ledger import LONGEST_CALL, Claim, ClosedState, Known, Ledger, Owed
from common.run.mail import (
    Draft,
    Mailer,
    MailNotSent,
    MailRejected,
    MailThrottled,
    MailUncertain,
    MailUnreachable,
    QuotaUsedUp,
    SendingClosed,
)
from common.run.sending import Mail
from common.shared.deadlines import format_time
from common.shared.documents import MailContent
from common.shared.object_keys import allowance_key, answer_key_key
from common.storage import Bucket
from mail_batch.batch import MoreMails
from mail_batch.delivery import RESERVE_SECONDS, Delivery
from plan_run.plan import plan
from report_run.report import ReportNotSent
from score_batch.batch import score_batch
from support.aws_calls import Calls, aws_error, in_turn
from support.memory_ses import NOT_VERIFIED, PAUSED, MemorySes
from support.weekly_class import SUBJECT, TEST, make_students, make_test, make_world
from support.weekly_run import TRAINER, World

KEY = f"notifications/score/{SUBJECT}/{TEST}/s1.json"
CONTENT: MailContent = {"points": 4, "maxPoints": 4, "withAnswers": False}


def claimed(ledger: Ledger, content: MailContent = CONTENT) -> Claim | Known:
    owed = ledger.look(KEY, content)
    return owed if isinstance(owed, Known) else ledger.claim(owed)


def ledger_of(world: World, run: str, resend: bool = False) -> Ledger:
    return Ledger(world.bucket, run, "2026-11-23T22:00:05Z", world.clock, resend)


# --- the ledger ---


def test_of_two_runs_exactly_one_may_send(world: World) -> None:
    first, second = ledger_of(world, "one"), ledger_of(world, "two")
    owed = [ledger.look(KEY, CONTENT) for ledger in (first, second)]
    outcomes = [ledger.claim(o) for ledger, o in zip((first, second), owed, strict=True) if isinstance(o, Owed)]
    assert [type(outcome) for outcome in outcomes] == [Claim, Known]
    assert outcomes[1].state == "elsewhere"  # type: ignore[union-attr]


def test_of_two_runs_that_resend_an_uncertain_mail_exactly_one_may(world: World) -> None:
    assert isinstance(claimed(ledger_of(world, "crashed")), Claim)
    world.now += LONGEST_CALL
    first, second = (ledger_of(world, name, resend=True) for name in ("one", "two"))
    owed = [ledger.look(KEY, CONTENT) for ledger in (first, second)]
    outcomes = [ledger.claim(o) for ledger, o in zip((first, second), owed, strict=True) if isinstance(o, Owed)]
    assert [type(outcome) for outcome in outcomes] == [Claim, Known]


def test_a_mail_begun_by_another_run_is_left_to_it_until_it_cannot_be_alive(world: World) -> None:
    assert isinstance(claimed(ledger_of(world, "one")), Claim)
    for resend in (False, True):
        known = claimed(ledger_of(world, "two", resend))
        assert isinstance(known, Known)
        assert known.state == "elsewhere"
    world.now += LONGEST_CALL
    known = claimed(ledger_of(world, "two"))
    assert isinstance(known, Known)
    assert known.state == "uncertain"
    assert isinstance(claimed(ledger_of(world, "two", resend=True)), Claim)


def test_a_mail_begun_by_the_same_run_is_uncertain_at_once(world: World) -> None:
    ledger = ledger_of(world, "one")
    assert isinstance(claimed(ledger), Claim)
    known = claimed(ledger)
    assert isinstance(known, Known)
    assert known.state == "uncertain"


@pytest.mark.parametrize("state", ["rejected", "deferred"])
def test_a_mail_that_surely_did_not_go_out_is_owed_again(world: World, state: ClosedState) -> None:
    ledger = ledger_of(world, "one")
    claim = claimed(ledger)
    assert isinstance(claim, Claim)
    ledger.close(claim, state)
    assert isinstance(claimed(ledger_of(world, "two")), Claim)


def test_what_was_said_last_is_remembered_through_a_mail_that_did_not_go_out(world: World) -> None:
    ledger = ledger_of(world, "one")
    steps: list[tuple[MailContent, ClosedState]] = [(CONTENT, "sent"), ({**CONTENT, "points": 3}, "deferred")]
    for content, state in steps:
        claim = claimed(ledger, content)
        assert isinstance(claim, Claim)
        ledger.close(claim, state)
    owed = ledger.look(KEY, {**CONTENT, "points": 3})
    assert isinstance(owed, Owed)
    assert owed.last_sent == CONTENT


def test_a_write_that_the_sdk_repeated_is_this_calls_own(world: World) -> None:
    def reply_lost(_number: int, name: str, parameters: dict[str, Any], real: Any) -> Any:
        if name == "s3:PutObject":
            real()
            raise aws_error("PreconditionFailed", 412, "PutObject")
        return real()

    ledger = ledger_of(world, "one")
    owed = ledger.look(KEY, CONTENT)
    assert isinstance(owed, Owed)
    world.calls.fault = reply_lost
    claim = ledger.claim(owed)
    world.calls.fault = None
    assert isinstance(claim, Claim)
    ledger.close(claim, "sent")
    assert world.get(KEY)["state"] == "sent"


def test_the_right_answers_are_owed_once_and_never_taken_back(world: World) -> None:
    ledger = ledger_of(world, "one")
    with_answers: MailContent = {**CONTENT, "withAnswers": True}
    for content in (CONTENT, with_answers):
        claim = claimed(ledger, content)
        assert isinstance(claim, Claim)
        ledger.close(claim, "sent")
    for content in (CONTENT, with_answers):
        known = claimed(ledger, content)
        assert isinstance(known, Known)
        assert known.state == "sent"


# --- what SES's failures mean ---

DRAFT = Draft("Demo", "sender@example.org", "s1@example.org", "Subject", "text", "<p>html</p>")


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (aws_error("MessageRejected", 400, "SendRawEmail", f"{NOT_VERIFIED}s1@example.org"), MailRejected),
        (aws_error("MessageRejected", 400, "SendRawEmail", PAUSED), MailNotSent),
        (aws_error("AccessDenied", 403, "SendRawEmail"), SendingClosed),
        (aws_error("Throttling", 400, "SendRawEmail", "Maximum sending rate exceeded."), MailThrottled),
        (aws_error("Throttling", 400, "SendRawEmail", "Daily message quota exceeded."), QuotaUsedUp),
        (aws_error("ThrottlingException", 400, "SendRawEmail"), MailThrottled),
        (aws_error("TooManyRequestsException", 429, "SendRawEmail"), MailThrottled),
        (aws_error("InternalFailure", 500, "SendRawEmail"), MailUncertain),
        (aws_error("ServiceUnavailable", 503, "SendRawEmail"), MailUncertain),
        (ReadTimeoutError(endpoint_url="https://ses"), MailUncertain),
        (ConnectionClosedError(endpoint_url="https://ses"), MailUncertain),
        (ConnectTimeoutError(endpoint_url="https://ses"), MailUnreachable),
        (EndpointConnectionError(endpoint_url="https://ses"), MailUnreachable),
        (NoCredentialsError(), MailUnreachable),
    ],
)
def test_each_failure_of_ses_is_told_apart(error: Exception, meaning: type[Exception]) -> None:
    calls = Calls()
    calls.fault = lambda *_: (_ for _ in ()).throw(error)
    with pytest.raises(meaning) as raised:
        Mailer(MemorySes(calls)).send(DRAFT)
    assert type(raised.value) is meaning
    assert calls.count == 1


def test_the_real_client_makes_one_attempt_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert Mailer()._ses.meta.config.retries == {"mode": "standard", "total_max_attempts": 1}


@pytest.mark.parametrize("to", ["nobody", "a@b@c@", "x\n@example.org", ""])
def test_an_address_that_no_header_holds_is_rejected_before_ses(to: str) -> None:
    calls = Calls()
    ses = MemorySes(calls)
    try:
        Mailer(ses).send(Draft("Demo", "sender@example.org", to, "Subject", "text", "html"))
    except MailRejected:
        assert calls.count == 0
    else:
        assert "\n" not in str(ses.sent[0]["To"])


def test_a_mail_is_text_and_html_with_names_beyond_ascii() -> None:
    ses = MemorySes(Calls())
    Mailer(ses).send(
        Draft("Łódź\r\nBcc: x@y", "sender@example.org", "s1@example.org", "Ę\n5 of 6", "tekst ż", "<p>ż</p>")
    )
    (mail,) = ses.sent
    assert (mail["Subject"], mail["To"], mail["Bcc"]) == ("Ę 5 of 6", "s1@example.org", None)
    assert str(mail["From"]).startswith('"Łódź Bcc: x@y" <sender@example.org>') or "Łódź" in str(mail["From"])
    assert [part.get_content().strip() for part in mail.iter_parts()] == ["tekst ż", "<p>ż</p>"]


# --- rate, quota, time ---


def open_delivery(world: World, time_left: Callable[[], float], mailers: int = 10, jitter: float = 0) -> Delivery:
    """One call's sending, as one of `mailers` calls."""
    return Delivery(
        ledger_of(world, "run"),
        world.mailer,
        time_left,
        mailers=mailers,
        monotonic=world.seconds,
        sleep=world.sleep,
        jitter=lambda: jitter,
    )


def test_mails_keep_to_the_rate_of_ses(world: World, sequential: None) -> None:
    world.ses.per_second = 0.1
    times: list[float] = []

    def timed(_number: int, name: str, _parameters: dict[str, Any], real: Any) -> Any:
        if name == "ses:SendRawEmail":
            times.append(world.now.timestamp())
        return real()

    world.calls.fault = timed
    world.run()
    assert [times[1] - times[0], times[3] - times[2]] == [30, 30]  # two of three batches, each with a third of the rate
    assert len(world.ses.sent) == 5


def test_mailing_functions_that_run_at_once_share_rate_and_quota(world: World, sequential: None) -> None:
    world.ses.per_second, world.ses.daily = 0.5, 3
    times: list[float] = []

    def timed(_number: int, name: str, _parameters: dict[str, Any], real: Any) -> Any:
        if name == "ses:SendRawEmail":
            times.append(world.now.timestamp())
        return real()

    world.calls.fault = timed
    world.ask_ses("run")
    delivery = open_delivery(world, lambda: 900)
    outcomes = delivery.deliver_all([Mail(f"notifications/{n}.json", {}, lambda _: DRAFT) for n in range(4)])
    assert [outcome["state"] for outcome in outcomes] == ["sent", "sent", "deferred", "deferred"]
    assert times[1] - times[0] == 20


def throttle(world: World, times: int) -> None:
    left = [times]

    def fault(_number: int, name: str, _parameters: dict[str, Any], real: Any) -> Any:
        if name == "ses:SendRawEmail" and left[0] > 0:
            left[0] -= 1
            raise aws_error("Throttling", 400, "SendRawEmail", "Maximum sending rate exceeded.")
        return real()

    world.calls.fault = fault


def test_a_throttled_mail_is_delayed_not_lost(world: World) -> None:
    throttle(world, 3)
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["mails"] == {"sent": 4}
    assert len(world.ses.sent) == 5


def test_an_ses_out_of_reach_defers_all_and_fails_the_run(world: World) -> None:
    def unreachable(_number: int, name: str, _parameters: dict[str, Any], real: Any) -> Any:
        if name == "ses:SendRawEmail":
            raise EndpointConnectionError(endpoint_url="https://ses")
        return real()

    world.calls.fault = unreachable
    with pytest.raises(ReportNotSent):
        world.run(run_id="unreachable")
    assert "cannot be reached" in world.get("runs/unreachable/summary.json")["trainerMailFailure"]
    world.calls.fault = None
    summary = world.run()
    assert summary is not None
    assert (summary["uncertain"], len(world.ses.sent)) == (0, 5)


def test_a_call_whose_time_runs_out_is_called_again_and_sends_each_mail_once() -> None:
    world = World(batch_size=40)
    world.publish(SUBJECT, [make_test()], make_students(40))
    for n in range(1, 41):
        world.submit(SUBJECT, TEST, f"s{n}", {"1": "a"})
    world.ses.per_second = 1
    world.function_seconds = RESERVE_SECONDS + 15  # room for about 15 mails a call
    calls = 0
    real_mail = world.mail

    def counted(run_id: str, batch: int) -> Any:
        nonlocal calls
        calls += 1
        return real_mail(run_id, batch)

    world.mail = counted  # type: ignore[method-assign]
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["mails"] == {"sent": 40}
    assert calls >= 3
    assert len({str(m["To"]) for m in world.ses.sent}) == len(world.ses.sent) == 41


def test_a_batch_with_mails_left_says_so(world: World) -> None:
    world.function_seconds = RESERVE_SECONDS - 1
    plan(world.bucket, world.settings, "r", format_time(world.now), {})
    world.now += timedelta(minutes=1)
    score_batch(world.bucket, "r", 0)
    with pytest.raises(MoreMails):
        world.mail("r", 0)
    assert world.ses.sent == []
    assert world.ledger() == {}


def longest_call(config: Any) -> float:
    """How long a call of a client may take, in seconds: every attempt, and the longest pauses between them."""
    attempts = config.retries["total_max_attempts"]
    pauses = sum(min(2.0**number, 20) for number in range(attempts - 1))  # botocore.retries.standard.ExponentialBackoff
    return float(attempts * (config.connect_timeout + config.read_timeout) + pauses)


def test_a_mail_that_is_claimed_has_time_to_be_sent_and_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    of_s3 = longest_call(Bucket("bucket")._s3.meta.config)
    of_ses = longest_call(Mailer()._ses.meta.config)
    assert 3 * of_s3 + of_ses <= RESERVE_SECONDS  # claim, look whose claim it is, send, close


def test_a_mail_that_takes_too_long_to_compose_is_not_claimed(world: World, sequential: None) -> None:
    start = world.seconds()
    world.ask_ses("run")

    def compose(_owed: Owed) -> Draft:
        world.sleep(100)
        return DRAFT

    delivery = open_delivery(world, lambda: start + RESERVE_SECONDS + 150 - world.seconds())
    outcomes = delivery.deliver_all([Mail(f"notifications/{n}.json", {}, compose) for n in range(3)])
    assert [outcome["state"] for outcome in outcomes] == ["sent", "pending", "pending"]
    assert list(world.ledger()) == ["notifications/0.json"]
    assert world.get(allowance_key("run"))["left"] == 50_000 - 1 - 1


# --- uncertain mails ---


def cut_replies(world: World, chance: random.Random, share: float) -> set[str]:
    """From now on SES takes every student's mail, but its reply is lost for a share of them. Who is concerned."""
    cut: set[str] = set()

    def fault(_number: int, name: str, parameters: dict[str, Any], real: Any) -> Any:
        if name != "ses:SendRawEmail":
            return real()
        before = len(world.ses.sent)
        reply = real()
        to = str(world.ses.sent[before]["To"])
        if to != TRAINER and chance.random() < share:
            cut.add(to.partition("@")[0])
            raise chance.choice(
                [
                    ReadTimeoutError(endpoint_url="https://ses"),
                    ConnectionClosedError(endpoint_url="https://ses"),
                    aws_error("InternalFailure", 500, "SendRawEmail"),
                ]
            )
        return reply

    world.calls.fault = fault
    return cut


@pytest.mark.parametrize("seed", range(100))
def test_a_lost_reply_of_ses_means_one_mail_that_is_listed_as_uncertain(seed: int, sequential: None) -> None:
    world = make_world()
    cut = cut_replies(world, random.Random(seed), 0.5)
    summary = world.run()
    assert summary is not None
    assert summary["uncertain"] == len(cut)
    uncertain = {p["studentId"] for p in summary["tests"][0]["problems"] if p["kind"] == "score email uncertain"}
    assert uncertain == cut
    (report,) = world.ses.to(TRAINER)
    text = str(report)
    assert all(f"score email uncertain: {student}" in text for student in cut)
    for _ in range(2):
        world.now += LONGEST_CALL
        world.run({"asOf": "2026-11-30T22:00:00Z", "trial": True})
    assert [len(world.ses.to(f"s{n}@example.org")) for n in (1, 2, 3, 4)] == [1, 1, 1, 1]


def test_uncertain_mails_are_sent_again_only_when_asked_and_then_once(world: World, sequential: None) -> None:
    cut = cut_replies(world, random.Random(1), 1)
    world.run()
    world.calls.fault = None
    assert len(cut) == 4
    world.now += LONGEST_CALL
    assert world.run() is None
    summary = world.run({"resendUncertain": True})
    assert summary is not None
    assert (summary["uncertain"], summary["tests"][0]["mails"]) == (0, {"sent": 4})
    assert [len(world.ses.to(f"s{n}@example.org")) for n in (1, 2, 3, 4)] == [2, 2, 2, 2]
    assert world.run({"resendUncertain": True}) is None


def test_a_score_corrected_after_an_uncertain_mail_is_mailed(world: World, sequential: None) -> None:
    cut_replies(world, random.Random(1), 1)
    world.run()
    world.calls.fault = None
    test = make_test()
    test["key"]["questions"]["1"]["correction"] = {"reason": "slip", "alsoAccept": ["b"]}
    world.put(f"answer-keys/{SUBJECT}/{TEST}.json", test["key"])
    world.now += LONGEST_CALL
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["mails"] == {"uncertain": 3, "sent": 1}
    assert [str(m["Subject"])[-6:] for m in world.ses.to("s2@example.org")] == ["3 of 4", "4 of 4"]


@pytest.mark.parametrize(
    ("days", "last_line"), [(0, "once the test has closed for everybody"), (3, "Because of a.")], ids=["open", "closed"]
)
def test_a_score_that_is_right_again_after_an_uncertain_email_said_another_is_not_called_the_answers(
    world: World, sequential: None, days: int, last_line: str
) -> None:
    own = make_students(5, s5="2026-11-25T22:00:00Z")
    world.publish(SUBJECT, [make_test(lastDeadline="2026-11-25T22:00:00Z")], own)
    world.run()
    corrected = make_test()["key"]
    corrected["questions"]["1"]["correction"] = {"reason": "slip", "alsoAccept": ["b"]}
    world.put(answer_key_key(SUBJECT, TEST), corrected)
    world.calls.fault = in_turn("ses:SendRawEmail", ReadTimeoutError(endpoint_url="https://ses"))
    world.now += LONGEST_CALL
    world.run()
    world.put(answer_key_key(SUBJECT, TEST), make_test()["key"])
    world.now += timedelta(days=days) + LONGEST_CALL
    world.run()
    mail: Any = world.ses.to("s2@example.org")[-1]
    assert mail["Subject"] == f"Your score for {TEST} in {SUBJECT}: 3 of 4"
    for kind in ("plain", "html"):
        body = mail.get_body((kind,)).get_content()
        assert "so here are the answers" not in body
        assert last_line in body


def test_an_email_that_is_sent_again_without_the_right_answers_is_not_called_the_answers(
    world: World, sequential: None
) -> None:
    own = make_students(5, s5="2026-11-25T22:00:00Z")
    world.publish(SUBJECT, [make_test(lastDeadline="2026-11-25T22:00:00Z")], own)
    world.run()
    world.publish(SUBJECT, [make_test(revisedAt=format_time(world.now))], make_students())
    world.calls.fault = in_turn("ses:SendRawEmail", *[ReadTimeoutError(endpoint_url="https://ses")] * 4)
    world.now += LONGEST_CALL
    world.run()
    again = make_test(lastDeadline="2026-11-25T22:00:00Z", revisedAt=format_time(world.now))
    world.publish(SUBJECT, [again], own)
    world.now += LONGEST_CALL
    world.run({"resendUncertain": True})
    subjects = [str(mail["Subject"]) for mail in world.ses.to("s2@example.org")]
    assert subjects == [f"Your score for {TEST} in {SUBJECT}: 3 of 4"] * 2


def test_an_uncertain_report_is_told_and_sent_again_when_asked(world: World) -> None:
    def cut(_number: int, name: str, _parameters: dict[str, Any], real: Any) -> Any:
        reply = real()
        if name == "ses:SendRawEmail" and world.ses.sent[-1]["To"] == TRAINER:
            raise ReadTimeoutError(endpoint_url="https://ses")
        return reply

    world.calls.fault = cut
    summary = world.run()
    world.calls.fault = None
    assert summary is not None
    assert (summary["trainerMail"], summary["uncertain"]) == ("uncertain", 1)
    world.now += LONGEST_CALL
    assert world.run() is None
    summary = world.run({"resendUncertain": True})
    assert summary is not None
    assert (summary["trainerMail"], summary["uncertain"]) == ("sent", 0)
    assert len(world.ses.to(TRAINER)) == 2


def test_a_mail_that_turns_out_to_be_uncertain_is_told_in_a_mail_of_its_own(world: World) -> None:
    assert isinstance(claimed(ledger_of(world, "dead"), {**CONTENT, "withAnswers": True}), Claim)
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["mails"] == {"sent": 3, "elsewhere": 1}
    world.now += LONGEST_CALL
    summary = world.run()
    assert summary is not None
    assert (summary["uncertain"], summary["trainerMail"]) == (1, "sent")
    assert "score email uncertain: s1" in str(world.ses.to(TRAINER)[1])
    assert world.ses.to("s1@example.org") == []


def test_a_call_never_sleeps_into_the_end_of_its_time(world: World, sequential: None) -> None:
    world.ses.per_second = 0.1
    start = world.seconds()
    world.ask_ses("run")
    delivery = open_delivery(world, lambda: start + 150 - world.seconds())
    outcomes = delivery.deliver_all([Mail(f"notifications/{n}.json", {}, lambda _: DRAFT) for n in range(3)])
    assert [outcome["state"] for outcome in outcomes] == ["sent", "pending", "pending"]
    assert world.seconds() == start
