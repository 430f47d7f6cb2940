"""The fakes refuse what AWS documents that it refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from common.api.student import Student
from common.clock import utc_now
from support.aws_limits import LIMITS, Rate
from support.local_api import LocalApi
from support.memory_ses import TOO_FAST, USED_UP
from support.weekly_run import World, payload


@pytest.mark.parametrize(("per_second", "at_once", "pause"), [(0.2, 1, 5), (1, 1, 1), (5, 5, 0.2), (14, 14, 1 / 14)])
def test_a_rate_allows_a_seconds_calls_at_once_and_then_one_after_each_pause(
    per_second: float, at_once: int, pause: float
) -> None:
    rate, now = Rate(per_second), utc_now()
    assert [rate.allows(now) for _ in range(at_once + 1)] == [True] * at_once + [False]
    assert not rate.allows(now + timedelta(seconds=pause * 0.9))
    assert rate.allows(now + timedelta(seconds=pause))
    assert not rate.allows(now + timedelta(seconds=pause))


def send(world: World, to: str = "s1@example.org", text: str = "") -> None:
    raw = f"From: {world.letters}\r\nTo: {to}\r\n\r\n{text}".encode()
    world.ses.send_raw_email(Source="sender@example.org", RawMessage={"Data": raw})


def refusal(error: Any) -> tuple[str, str]:
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_ses_says_its_quota_once_a_second() -> None:
    world = World()
    world.ses.get_send_quota()
    world.sleep(0.9)
    with pytest.raises(ClientError) as error:
        world.ses.get_send_quota()
    assert refusal(error) == ("Throttling", "Rate exceeded")
    world.sleep(0.1)
    world.ses.get_send_quota()


def test_ses_accepts_emails_at_its_rate() -> None:
    world = World()
    world.ses.per_second = 2
    send(world)
    send(world)
    with pytest.raises(ClientError) as error:
        send(world)
    assert refusal(error) == ("Throttling", TOO_FAST)
    world.sleep(0.5)
    send(world)
    assert len(world.ses.sent) == 3


def test_ses_accepts_no_more_emails_than_its_daily_quota() -> None:
    world = World()
    world.ses.daily = 1
    send(world)
    with pytest.raises(ClientError) as error:
        send(world)
    assert refusal(error) == ("Throttling", USED_UP)


@pytest.mark.parametrize(
    ("to", "text"),
    [
        ("s1@example.org", "x" * int(LIMITS["ses:message bytes"].value)),
        (", ".join(f"s{n}@example.org" for n in range(int(LIMITS["ses:recipients"].value) + 1)), ""),
    ],
    ids=["too large", "too many recipients"],
)
def test_ses_refuses_an_email_that_is_too_large(to: str, text: str) -> None:
    world = World()
    with pytest.raises(ClientError) as error:
        send(world, to, text)
    assert refusal(error)[0] == "InvalidParameterValue"
    assert world.ses.sent == []


def test_ses_names_the_sender_and_the_recipient_that_are_not_verified() -> None:
    world = World()
    world.ses.unverified = {"sender@example.org", "s1@example.org"}
    with pytest.raises(ClientError) as error:
        send(world)
    code, message = refusal(error)
    assert code == "MessageRejected"
    assert message.endswith(": sender@example.org, s1@example.org")


def test_api_gateway_refuses_a_body_and_a_context_that_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    with LocalApi() as api:
        key = api.add_student("s001", "Ada", ["os"])
        headers = {"x-api-key": key}
        assert api.answer("POST", "/v1/tests", headers, b"x" * 10_000_001)[0] == 413
        assert api.answer("GET", "/v1/student", headers, b"")[0] == 200
        context = {"studentId": "s001", "name": "x" * 8_192, "subjects": "[]", "deadlines": "{}"}
        monkeypatch.setattr(Student, "to_context", lambda _: context)
        assert api.answer("GET", "/v1/student", headers, b"")[0] == 500


def test_step_functions_refuses_a_payload_that_is_too_large() -> None:
    assert payload({"x": "y" * 1000})
    with pytest.raises(AssertionError):
        payload({"x": "y" * 262_144})
