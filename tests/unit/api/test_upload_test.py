"""POST /v1/test: nothing acknowledged is lost, nothing counts twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from common.api.receipt import Receipt, digest, place_digits
from common.shared.documents import Answers
from common.shared.object_keys import answers_key, attempt_of, student_key
from common.shared.receipt_key import receipt_key
from common.storage import Bucket
from support.aws_calls import aws_error, in_turn
from support.documents import index_entry
from support.student_api import KEYS, Api

ANSWERS: Answers = {"1": "a", "2": ["b", "c"], "3": "d"}
OTHERS = {"1": "b", "2": ["b", "c"], "3": "d"}
CLOSES = datetime(2026, 11, 23, 22, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LATE = {"untilHours": 24, "credit": 0.8}


def test_the_answers_are_stored_and_the_receipt_is_theirs(api: Api) -> None:
    status, reply = api.upload({"2": ["c", "b"], "1": "a"})
    assert status == 201
    assert reply == {
        "message": "Test test01 uploaded with success",
        "receiptId": reply["receiptId"],
        "submittedAt": "2026-11-23T21:58:10Z",
        "late": False,
    }
    assert api.stored() == {
        "subjectName": "operating-systems",
        "testId": "test01",
        "studentId": "s001",
        "answers": {"1": "a", "2": ["b", "c"]},
        "submittedAt": "2026-11-23T21:58:10Z",
        "receiptId": reply["receiptId"],
    }


def test_the_receipts_tag_is_written_in_the_form_that_is_read_back_whoever_decodes_it() -> None:
    # A form's `+` for a space is a plus to some readers of a URL's query, and tags may have either.
    class S3:
        def put_object(self, **parameters: Any) -> dict[str, str]:
            self.tagging = parameters["Tagging"]
            return {"ETag": "1"}

    s3 = S3()
    Bucket("data", s3).create_json("answers/x.json", {}, "R-3f9a 2026-11-23T21:58:10Z 0af3")
    assert s3.tagging == "receipt=R-3f9a%202026-11-23T21%3A58%3A10Z%200af3"


def test_receipts_begin_with_the_digits_by_which_they_are_found_and_differ(api: Api) -> None:
    api.publish("operating-systems", index_entry("test01", attempts="last"))
    digits = place_digits("operating-systems", "s001", "test01")
    receipts = [api.upload(answers)[1]["receiptId"] for answers in (ANSWERS, OTHERS)]
    assert all(re.fullmatch(rf"R-{digits}[0-9a-f]{{8}}", receipt) for receipt in receipts)
    assert receipts[0] != receipts[1]


def test_the_same_answers_again_get_the_first_receipt(api: Api) -> None:
    _, first = api.upload(ANSWERS)
    api.now += timedelta(seconds=30)
    status, again = api.upload({"3": "d", "2": ["c", "b"], "1": "a"})
    assert (status, again) == (200, first)


def test_other_answers_are_refused_and_told_which_count(api: Api) -> None:
    _, first = api.upload(ANSWERS)
    stored = api.stored()
    api.now += timedelta(seconds=30)
    status, refusal = api.upload(OTHERS)
    assert (status, refusal["code"]) == (409, "AlreadySubmitted")
    assert first["receiptId"] in refusal["message"]
    assert "2026-11-23T21:58:10Z" in refusal["message"]
    assert api.stored() == stored


def replace_key(api: Api, patch: pytest.MonkeyPatch) -> None:
    """Give s001 a new API key, as `students.sh rotate-key` does."""
    record = api.bucket.get_json(student_key(KEYS["s001"]))
    api.bucket.put_json(student_key("another-key-0123456789"), {**record, "receiptKey": receipt_key(KEYS["s001"])})
    patch.setitem(KEYS, "s001", "another-key-0123456789")


@pytest.mark.parametrize("late", [False, True])
def test_the_same_answers_sent_with_a_new_key_get_the_first_receipt(
    api: Api, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    _, first = api.upload(ANSWERS)
    replace_key(api, monkeypatch)
    api.now += timedelta(hours=late)
    assert api.upload(ANSWERS) == (200, first)
    assert api.upload(OTHERS)[0] == (410 if late else 409)


def test_a_receipt_of_version_1_0_is_recognised_as_long_as_its_key_is_used(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Receipt("R-0123456789abcdef", "2026-11-23T21:58:10Z", digest(ANSWERS, KEYS["s001"]))
    api.bucket.create_json(answers_key("operating-systems", "s001", "test01"), {}, old.to_tag())
    status, reply = api.upload(ANSWERS)
    assert (status, reply["receiptId"]) == (200, old.id)
    replace_key(api, monkeypatch)
    status, refusal = api.upload(ANSWERS)
    assert (status, refusal["code"]) == (409, "AlreadySubmitted")
    assert old.id in refusal["message"]


def test_another_students_same_answers_are_a_submission_of_their_own(api: Api) -> None:
    _, ada = api.upload(ANSWERS)
    status, ben = api.upload(ANSWERS, student_id="s002")
    assert status == 201
    assert ben["receiptId"] != ada["receiptId"]


@pytest.mark.parametrize(
    ("late", "grace", "allowed"),
    [
        (None, 0, timedelta(0)),
        (None, 10, timedelta(minutes=10)),
        (LATE, 0, timedelta(hours=24)),
        (LATE, 10, timedelta(hours=24, minutes=10)),
    ],
)
@pytest.mark.parametrize(
    "closes_at",
    ["2026-11-23T22:00:00Z", "2026-07-06T21:00:00Z"],
    ids=["winter", "summer"],
)
def test_the_deadline_is_kept_to_the_second(
    api: Api, closes_at: str, late: Any, grace: int, allowed: timedelta
) -> None:
    last = datetime.fromisoformat(closes_at.replace("Z", "+00:00")) + allowed
    tests = [index_entry(f"test0{n}", closesAt=closes_at, graceMinutes=grace, late=late) for n in (1, 2, 3, 4)]
    api.publish("operating-systems", *tests)
    statuses = []
    for test, now in zip(tests, (last - SECOND, last, last + SECOND / 1000, last + SECOND), strict=True):
        api.now = now
        statuses.append(api.upload(ANSWERS, test["testId"])[0])
    assert statuses == [201, 201, 410, 410]


def test_a_refused_late_submission_is_not_stored(api: Api) -> None:
    api.now = CLOSES + SECOND
    status, refusal = api.upload(ANSWERS)
    assert (status, refusal["code"]) == (410, "TestClosed")
    assert "2026-11-23T22:00:00Z" in refusal["message"]
    assert api.stored() is None


def test_an_own_deadline_moves_that_student_alone(api: Api) -> None:
    api.enrol("s001", "operating-systems", operating_systems__test01="2026-11-24T22:00:00Z")
    api.now = CLOSES + timedelta(hours=24)
    assert api.upload(ANSWERS)[0] == 201
    assert api.upload(ANSWERS, student_id="s002")[0] == 410
    api.now += SECOND
    assert api.upload(OTHERS)[0] == 410


def test_late_work_says_that_it_is_late(api: Api) -> None:
    api.publish(
        "operating-systems",
        index_entry("test01", late=LATE, graceMinutes=5),
        index_entry("test02", late=LATE, graceMinutes=5),
    )
    api.now = CLOSES + timedelta(minutes=5)
    assert api.upload(ANSWERS)[1]["late"] is False
    api.now += SECOND
    assert api.upload(ANSWERS, "test02")[1]["late"] is True


def test_a_reply_lost_before_the_deadline_is_made_good_after_it(api: Api) -> None:
    api.now = CLOSES - SECOND
    _, first = api.upload(ANSWERS)
    api.now = CLOSES + timedelta(hours=1)
    assert api.upload(ANSWERS) == (200, first)


@pytest.mark.parametrize("answers", [OTHERS, {"1": "z"}, {}, None])
def test_after_the_deadline_other_answers_are_told_which_ones_count(api: Api, answers: Any) -> None:
    _, first = api.upload(ANSWERS)
    api.now = CLOSES + timedelta(hours=1)
    status, refusal = api.upload(answers)
    assert (status, refusal["code"]) == (410, "TestClosed")
    assert first["receiptId"] in refusal["message"]


def test_of_fifty_at_once_one_wins_and_the_others_are_told_what_counts(api: Api) -> None:
    every = [{"1": option, "3": other} for option in "abcd" for other in "abcd"] * 3 + [{"1": "a"}, {"1": "b"}]
    with ThreadPoolExecutor(50) as pool:
        replies = list(pool.map(api.upload, every))
    stored = api.stored()
    for answers, (status, reply) in zip(every, replies, strict=True):
        if answers == stored["answers"]:
            assert reply["receiptId"] == stored["receiptId"]
            assert status in (200, 201)
        else:
            assert status == 409
            assert stored["receiptId"] in reply["message"]
    assert [status for status, _ in replies].count(201) == 1


class TestAttemptsLast:
    """A test whose last submission counts."""

    @pytest.fixture(autouse=True)
    def _publish(self, api: Api) -> None:
        api.publish(
            "operating-systems", index_entry("test01", attempts="last"), index_entry("test011", attempts="last")
        )

    def test_each_change_is_an_attempt_of_its_own(self, api: Api) -> None:
        api.upload({"1": "d"}, "test011")
        for answers in (ANSWERS, OTHERS, ANSWERS):
            assert api.upload(answers)[0] == 201
        assert [api.stored(attempt=n)["answers"] for n in (1, 2, 3)] == [ANSWERS, OTHERS, ANSWERS]
        assert api.stored(attempt=4) is None

    def test_the_same_answers_again_are_no_new_attempt(self, api: Api) -> None:
        api.upload(ANSWERS)
        _, second = api.upload(OTHERS)
        assert api.upload(OTHERS) == (200, second)
        assert api.stored(attempt=3) is None

    def test_attempts_at_once_are_all_kept(self, api: Api) -> None:
        every = [{"1": option, "3": other} for option in "abcd" for other in "abcd"]
        with ThreadPoolExecutor(16) as pool:
            statuses = {status for status, _ in pool.map(api.upload, every)}
        assert statuses == {201}
        kept = [api.stored(attempt=n)["answers"] for n in range(1, 17)]
        assert sorted(map(str, kept)) == sorted(map(str, every))

    def test_the_hundredth_attempt_is_the_last_and_none_is_lost(self, api: Api) -> None:
        replies = [api.upload({"1": option}) for option in "abcd" * 25]
        assert [status for status, _ in replies] == [201] * 100
        status, refusal = api.upload({"1": "a"})
        assert (status, refusal["code"]) == (409, "TooManyAttempts")
        assert replies[-1][1]["receiptId"] in refusal["message"]
        assert numbers_stored(api) == list(range(1, 101))
        assert api.upload({"1": "d"}) == (200, replies[-1][1])

    def test_uploads_at_once_never_store_one_attempt_too_many(self, api: Api) -> None:
        leave_attempts(api, 90)
        every = [{"1": option, "3": other} for option in "abcd" for other in "abcd"] + [{"3": o} for o in "abcd"]
        with ThreadPoolExecutor(20) as pool:
            replies = list(pool.map(api.upload, every))
        assert sorted(status for status, _ in replies) == [201] * 10 + [409] * 10
        assert {reply["code"] for status, reply in replies if status == 409} == {"TooManyAttempts"}
        assert numbers_stored(api) == list(range(1, 101))
        stored = [api.stored(attempt=n)["answers"] for n in range(91, 101)]
        assert [answers for answers, (status, _) in zip(every, replies, strict=True) if status == 201] == [
            answers for answers in every if answers in stored
        ]

    @pytest.mark.parametrize(("before", "calls"), [(0, 2), (1, 4), (98, 4), (100, 3), (12_000, 3 + 11)])
    def test_an_upload_does_not_read_every_attempt(self, api: Api, before: int, calls: int) -> None:
        leave_attempts(api, before)
        event = api.event("POST /v1/test", "s001", _body(ANSWERS))
        made = api.s3.calls.count
        status, _ = api.send(event)
        assert status == (201 if before < 100 else 409)
        assert len([call for call in api.s3.calls.made[made:] if call.key.startswith("answers/")]) == calls
        assert numbers_stored(api) == list(range(1, before + 1 + (before < 100)))

    def test_after_the_deadline_only_the_newest_gets_its_receipt_again(self, api: Api) -> None:
        api.upload(ANSWERS)
        _, second = api.upload(OTHERS)
        api.now = CLOSES + SECOND
        assert api.upload(OTHERS) == (200, second)
        status, refusal = api.upload(ANSWERS)
        assert status == 410
        assert second["receiptId"] in refusal["message"]


class TestReplaces:
    """What a client knows of earlier attempts, if it says so."""

    @pytest.fixture(autouse=True)
    def _publish(self, api: Api) -> None:
        api.publish("operating-systems", index_entry("test01", attempts="last"))

    def test_who_knows_the_newest_attempt_replaces_it(self, api: Api) -> None:
        receipt = None
        for answers in (ANSWERS, OTHERS, ANSWERS):
            status, reply = api.upload(answers, replaces=receipt)
            assert status == 201
            receipt = reply["receiptId"]
        assert numbers_stored(api) == [1, 2, 3]

    def test_a_single_attempt_is_final_whatever_the_client_knows(self, api: Api) -> None:
        api.publish("operating-systems", index_entry("test01"))
        _, first = api.upload(ANSWERS, replaces=None)
        for known in (None, first["receiptId"], "R-0000000000000000"):
            status, refusal = api.upload(OTHERS, replaces=known)
            assert (status, refusal["code"]) == (409, "AlreadySubmitted")
        assert numbers_stored(api) == [1]

    @pytest.mark.parametrize("knows", ["nothing", "the first", "a receipt of another test"])
    def test_a_stale_tab_or_device_overwrites_no_newer_attempt(self, api: Api, knows: str) -> None:
        first = api.upload({"3": "a"})[1]["receiptId"]
        _, newest = api.upload(OTHERS)
        known = {"nothing": None, "the first": first, "a receipt of another test": "R-0000000000000000"}[knows]
        status, refusal = api.upload(ANSWERS, replaces=known)
        assert (status, refusal["code"]) == (409, "NewerSubmission")
        assert newest["receiptId"] in refusal["message"]
        assert numbers_stored(api) == [1, 2]

    @pytest.mark.parametrize("known", [None, "R-0000000000000000"])
    def test_the_same_answers_again_get_their_receipt_whatever_the_client_knows(
        self, api: Api, known: str | None
    ) -> None:
        _, first = api.upload(ANSWERS, replaces=None)
        assert api.upload(ANSWERS, replaces=known) == (200, first)

    def test_of_many_that_replace_the_same_attempt_one_wins(self, api: Api) -> None:
        first = api.upload({"2": ["a"]})[1]["receiptId"]
        every = [{"1": option, "3": other} for option in "abcd" for other in "abcd"]
        with ThreadPoolExecutor(16) as pool:
            replies = list(pool.map(lambda answers: api.upload(answers, replaces=first), every))
        assert sorted(status for status, _ in replies) == [201] + [409] * 15
        assert {reply["code"] for status, reply in replies if status == 409} == {"NewerSubmission"}
        assert numbers_stored(api) == [1, 2]

    def test_who_says_nothing_may_replace_anything(self, api: Api) -> None:
        assert [api.upload(answers)[0] for answers in (ANSWERS, OTHERS)] == [201, 201]

    def test_where_the_first_submission_is_final_it_stays_so(self, api: Api) -> None:
        api.publish("operating-systems", index_entry("test01"))
        _, first = api.upload(ANSWERS)
        assert api.upload(OTHERS, replaces=first["receiptId"])[1]["code"] == "AlreadySubmitted"

    def test_something_else_than_a_receipt_is_named_with_every_other_problem(self, api: Api) -> None:
        status, refusal = api.upload({"1": "z"}, replaces=7)
        assert (status, refusal["code"]) == (400, "InvalidRequest")
        assert "replaces must be the ID of a receipt" in refusal["message"]
        assert "Question 1" in refusal["message"]


def leave_attempts(api: Api, count: int) -> None:
    """Attempts of earlier uploads."""
    for n in range(1, count + 1):
        api.bucket.create_json(
            answers_key("operating-systems", "s001", "test01", n), {}, f"R-{n} 2026-11-23T20:00:00Z x"
        )


def numbers_stored(api: Api) -> list[int]:
    """The numbers of the student's attempts at test01."""
    stored = map(attempt_of, api.bucket.keys("answers/operating-systems/s001/test01"))
    return sorted(number for test, number in stored if test == "test01")


def lost_reply(call: Callable[[], Any]) -> Any:
    """The write is done; the SDK, which saw no reply, repeats it and is told that the object exists."""
    call()
    raise aws_error("PreconditionFailed", 412)


def test_a_write_whose_reply_the_sdk_lost_is_acknowledged_as_its_own(api: Api) -> None:
    event = api.event("POST /v1/test", "s001", _body(ANSWERS))
    api.s3.calls.fault = in_turn("s3:PutObject", lost_reply)
    status, reply = api.send(event)
    assert (status, reply["receiptId"]) == (201, api.stored()["receiptId"])


def test_an_undecided_conditional_write_is_tried_again(api: Api) -> None:
    api.s3.calls.fault = in_turn("s3:PutObject", *[aws_error("ConditionalRequestConflict", 409)] * 4)
    assert api.upload(ANSWERS)[0] == 201


@pytest.mark.parametrize(
    "faults",
    [
        [aws_error("ConditionalRequestConflict", 409)] * 5,
        [aws_error("SlowDown", 503)],
        [aws_error("AccessDenied", 403)],
        [ConnectionClosedError(endpoint_url="https://s3")],
    ],
)
def test_no_receipt_is_given_for_what_s3_did_not_take(api: Api, faults: list[Any]) -> None:
    api.s3.calls.fault = in_turn("s3:PutObject", *faults)
    status, reply = api.upload(ANSWERS)
    assert (status, reply["code"]) == (500, "InternalError")
    assert "still on your device" in reply["message"]
    assert "receiptId" not in reply


def test_the_tag_tells_no_answer_without_the_key(api: Api) -> None:
    api.upload(ANSWERS)
    tag = Receipt.from_tag(api.bucket.receipt("answers/operating-systems/s001/test01.json"))
    assert tag
    api.upload(ANSWERS, student_id="s002")
    other = Receipt.from_tag(api.bucket.receipt("answers/operating-systems/s002/test01.json"))
    assert other
    assert tag.digest != other.digest
    assert KEYS["s001"] not in tag.to_tag()


def test_answers_that_were_stored_without_a_tag_are_not_overwritten(api: Api) -> None:
    api.bucket.put_json("answers/operating-systems/s001/test01.json", {"answers": OTHERS})
    assert api.upload(ANSWERS)[0] == 409
    assert api.stored() == {"answers": OTHERS}


def test_an_upload_never_reads_an_answer(api: Api) -> None:
    api.upload(ANSWERS)
    api.s3.calls.made.clear()
    api.upload(OTHERS)
    read = [key for name, key in api.s3.calls.made if name == "s3:GetObject" and key.startswith("answers/")]
    assert read == []


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (None, ["answers must be an object"]),
        ([], ["answers must be an object"]),
        ("a", ["answers must be an object"]),
        ({}, ["answers is empty"]),
        ({"4": "a"}, ['no question "4"']),
        ({"01": "a"}, ['no question "01"']),
        ({"1": "e"}, ["Question 1 takes one of the options a, b, c, d", '"e"']),
        ({"1": ""}, ["Question 1 takes one of the options"]),
        ({"1": None}, ["Question 1 takes one of the options", "null"]),
        ({"1": ["a"]}, ["Question 1 takes one of the options", '["a"]']),
        ({"1": ["a", "b"]}, ["Question 1 takes one of the options"]),
        ({"1": {"a": "a"}}, ["Question 1 takes one of the options"]),
        ({"1": 1}, ["Question 1 takes one of the options"]),
        ({"2": "b"}, ["Question 2 takes a list of options"]),
        ({"2": []}, ["Question 2 takes a list of options", "leave the question out"]),
        ({"2": ["b", "b"]}, ["Question 2 has the same option more than once"]),
        ({"2": ["b", "x"]}, ['Question 2 has no option "x"']),
        ({"2": [["b"]]}, ["Question 2 has no option"]),
        ({"1": "e", "2": "b", "9": "a"}, ["Question 1", "Question 2", 'question "9"']),
        ({str(n): "a" for n in range(100, 200)}, ["80 more problems are not shown."]),
        ({"1": "\x1b[2J"}, ["\\u001b[2J"]),
        ({"1": "x" * 1000}, ['"' + "x" * 39 + "..."]),
    ],
)
def test_answers_that_do_not_fit_the_test_are_each_named(api: Api, answers: Any, told: list[str]) -> None:
    status, refusal = api.upload(answers)
    assert (status, refusal["code"]) == (400, "InvalidRequest")
    for part in told:
        assert part in refusal["message"]
    assert api.stored() is None


def test_some_questions_may_be_left_out(api: Api) -> None:
    assert api.upload({"3": "a"})[0] == 201


@pytest.mark.parametrize(("field", "status"), [("subjectName", 403), ("testId", 404)])
def test_what_does_not_exist_is_refused(api: Api, field: str, status: int) -> None:
    assert api.call("POST /v1/test", body=_body(ANSWERS) | {field: "nothing"})[0] == status


def test_a_half_published_test_is_not_found_yet(api: Api) -> None:
    api.s3.delete_object(Bucket="data", Key="subjects/operating-systems/test01/questions.json")
    assert api.upload(ANSWERS)[0] == 404


def test_a_subject_of_others_takes_no_answers(api: Api) -> None:
    body = _body(ANSWERS) | {"subjectName": "computer-networks", "studentId": "s002"}
    status, refusal = api.call("POST /v1/test", "s002", body)
    assert (status, refusal["code"]) == (403, "NotEnrolled")


def _body(answers: Any) -> dict[str, Any]:
    return {"subjectName": "operating-systems", "testId": "test01", "studentId": "s001", "answers": answers}
