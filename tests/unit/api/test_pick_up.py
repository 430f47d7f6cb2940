"""POST /v1/pick-up: a share is given once, and then it is gone."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from itertools import count
from typing import Any

import pytest

from common.errors import StorageError
from common.shared.deadlines import format_time
from common.shared.invitation import LIFE, REPEATED_FOR, xor
from common.shared.object_keys import invitation_key
from support.aws_calls import aws_error
from support.student_api import HANDLERS, Api

ID = "1f" * 32
API_KEY = "7a" * 32
IN_LINK = "c3" * 32
SHARE = xor(API_KEY, IN_LINK)
SECOND = timedelta(seconds=1)


@pytest.fixture
def invited(api: Api) -> Api:
    """s001 has a link."""
    invitation = {"share": SHARE, "studentId": "s001", "expiresAt": format_time(api.now + LIFE)}
    assert api.bucket.create_json(invitation_key(ID), invitation)
    return api


def sweep() -> None:
    """What the hourly rule does."""
    assert HANDLERS["POST /v1/pick-up"].lambda_handler({"source": "aws.events"}, None) == {}


def versions(api: Api) -> list[bytes | None]:
    """Every version of every invitation."""
    of_keys = [of_key for key, of_key in api.s3.versions.items() if key.startswith("invitations/")]
    return [version.body for of_key in of_keys for version in of_key]


def test_the_two_shares_give_the_key(invited: Api) -> None:
    status, reply = invited.pick_up(ID)
    assert (status, reply) == (200, {"share": SHARE, "studentId": "s001"})
    assert xor(reply["share"], IN_LINK) == API_KEY


def test_neither_the_bucket_nor_the_link_nor_the_logs_give_the_key(
    invited: Api, log: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    invited.pick_up(ID)
    invited.pick_up(ID)
    invited.now += REPEATED_FOR
    invited.pick_up(ID)
    everything = b"".join(version.body or b"" for of_key in invited.s3.versions.values() for version in of_key).decode()
    fail_to_read(invited)
    logged = log.getvalue() + capsys.readouterr().out
    assert "/v1/pick-up" in logged
    for secret in (API_KEY, IN_LINK):
        assert secret not in everything + logged
    assert SHARE not in logged
    assert ID not in logged


def fail_to_read(invited: Api) -> None:
    """A failure is all that the function logs."""
    invited.s3.objects[invitation_key(ID)] = b"{"
    assert invited.pick_up(ID)[0] == 500


def test_the_reply_is_repeated_for_ten_minutes_and_then_every_version_is_gone(invited: Api) -> None:
    first = invited.pick_up(ID)
    invited.now += REPEATED_FOR - SECOND
    assert invited.pick_up(ID) == first
    invited.now += SECOND
    status, refusal = invited.pick_up(ID)
    assert (status, refusal["code"]) == (410, "LinkUsed")
    assert versions(invited) == []


def test_a_share_that_nobody_asks_for_again_is_gone_within_the_hour(invited: Api) -> None:
    invited.pick_up(ID)
    invited.now += REPEATED_FOR - SECOND
    sweep()
    assert invited.pick_up(ID)[0] == 200
    invited.now += SECOND
    sweep()
    assert versions(invited) == []


@pytest.mark.parametrize("swept", [False, True])
def test_a_link_can_be_used_for_14_days_by_the_servers_clock(invited: Api, swept: bool) -> None:
    invited.now += LIFE - SECOND
    sweep()
    other = invitation_key("2e" * 32)
    invited.bucket.create_json(
        other, {"share": SHARE, "studentId": "s002", "expiresAt": format_time(invited.now + LIFE)}
    )
    invited.now += SECOND
    if swept:
        sweep()
    assert invited.pick_up(ID)[0] == 410
    assert [key for key in invited.s3.versions if key.startswith("invitations/")] == [other]


def test_a_link_that_was_used_in_its_last_second_is_answered_for_ten_minutes(invited: Api) -> None:
    invited.now += LIFE - SECOND
    assert invited.pick_up(ID)[0] == 200
    invited.now += timedelta(minutes=9)
    sweep()
    assert invited.pick_up(ID)[0] == 200


def test_used_expired_and_unknown_are_one_answer(invited: Api) -> None:
    invited.pick_up(ID)
    invited.now += LIFE
    answers = [invited.pick_up(id) for id in (ID, "0" * 64, "x", "../roster", ID.upper(), "", "1" * 100)]
    assert [json.dumps(answer) for answer in answers] == [json.dumps(answers[0])] * len(answers)
    assert answers[0][0] == 410


@pytest.mark.parametrize("id", [None, 5, ["a"], {"a": 1}])
def test_an_id_that_is_no_text_is_one_of_them(invited: Api, id: Any) -> None:
    assert invited.pick_up(id)[0] == 410


def test_a_reply_that_s3_lost_does_not_cost_the_share(invited: Api) -> None:
    """The SDK repeats the write, which then finds its own first attempt."""
    put = invited.s3.put_object
    lost = iter([True])

    def losing(**parameters: Any) -> Any:
        reply = put(**parameters)
        if next(lost, False):
            raise aws_error("PreconditionFailed", 412)
        return reply

    invited.s3.put_object = losing  # type: ignore[method-assign]
    assert invited.pick_up(ID)[0] == 200
    invited.now += REPEATED_FOR
    assert invited.pick_up(ID)[0] == 410


def test_only_one_use_is_noted_however_many_ask_at_once(invited: Api) -> None:
    for _ in range(3):
        invited.pick_up(ID)
        invited.now += timedelta(minutes=3)
    assert len(versions(invited)) == 2
    invited.now += timedelta(minutes=1)
    assert invited.pick_up(ID)[0] == 410


def test_fields_that_are_not_expected_are_refused(invited: Api) -> None:
    event = invited.event("POST /v1/pick-up", "s001", {"id": ID, "share": IN_LINK})
    status, refusal = invited.send(event)
    assert (status, refusal["code"]) == (400, "InvalidRequest")
    assert IN_LINK not in refusal["message"]


@pytest.mark.parametrize("swept", [False, True])
@pytest.mark.parametrize("failing", range(4))
def test_a_used_link_stays_used_if_its_removal_is_interrupted(invited: Api, failing: int, swept: bool) -> None:
    """If the newer version went first, the older one, which does not say that it was used, would be read again."""
    invited.pick_up(ID)
    invited.now += REPEATED_FOR
    deletions = count()

    def refusing(_number: int, name: str, _parameters: Any, real: Any) -> Any:
        if name == "s3:DeleteObject" and next(deletions) >= failing:
            raise aws_error("SlowDown", 503)
        return real()

    invited.s3.calls.fault = refusing
    if swept:
        with suppress(StorageError):
            sweep()
    else:
        invited.pick_up(ID)
    invited.s3.calls.fault = None
    status, _ = invited.pick_up(ID)
    assert status == 410
    sweep()
    assert versions(invited) == []


@pytest.mark.parametrize("call", range(8))
def test_a_used_link_stays_used_while_it_is_removed(invited: Api, call: int) -> None:
    invited.pick_up(ID)
    invited.now += REPEATED_FOR
    statuses: list[int] = []

    def asking(number: int, _name: str, _parameters: Any, real: Any) -> Any:
        if number == begun + call:
            invited.s3.calls.fault = None
            statuses.append(invited.pick_up(ID)[0])
        return real()

    begun = invited.s3.calls.count
    invited.s3.calls.fault = asking
    sweep()
    invited.s3.calls.fault = None
    sweep()
    assert set(statuses) <= {410}
    assert versions(invited) == []
