"""What bin/verify-receipt.sh says about a receipt, and how it finds the submission."""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import urlencode

import pytest
from cli.verify_receipt import __main__ as command
from cli.verify_receipt.__main__ import a_receipt, main, verify

from common.api.receipt import Receipt, place_digits
from common.shared.deadlines import parse_time
from common.shared.object_keys import answers_key, draft_key, score_key
from common.storage import RECEIPT_TAG, Bucket
from support.trainer import client_of_trainer
from support.weekly_class import SUBJECT, TEST, make_students, make_test, make_world
from support.weekly_run import World

ON_TIME, GRACE, LATE, AFTER = (f"2026-11-23T{time}Z" for time in ("20:00:00", "22:05:00", "23:00:00", "23:59:00"))
ALL_RIGHT = {"1": "a", "2": "b", "3": ["b", "c"]}
NONE_RIGHT = {"1": "d"}
LATE_WORK = {"untilHours": 24, "credit": 0.5}


@pytest.fixture
def world() -> World:
    return make_world()


def receipt_of(world: World, student: str, attempt: int = 1) -> str:
    """Gives a stored attempt a receipt as the server issues it."""
    key = answers_key(SUBJECT, student, TEST, attempt)
    at = world.get(key)["submittedAt"]
    receipt = Receipt.new(parse_time(at), place_digits(SUBJECT, student, TEST), "0" * 32)
    world.put(key, {**world.get(key), "receiptId": receipt.id})
    world.s3.tags[key] = urlencode({RECEIPT_TAG: receipt.to_tag()})
    return receipt.id


def handed_in(world: World, *times: str, answers: Any = ALL_RIGHT) -> list[str]:
    """The receipts of s1's attempts at these times, which are all that s1 has."""
    for number, at in enumerate(times, 1):
        world.submit(SUBJECT, TEST, "s1", answers, at, attempt=number)
    return [receipt_of(world, "s1", number) for number in range(1, len(times) + 1)]


def shown(world: World, receipt: str, at: str = AFTER) -> dict[str, str]:
    """What the command prints, by the name of the line, with the rights to deploy and no others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "utc_now", lambda: parse_time(at))
        printed = verify(Bucket("class-data", client_of_trainer(world.s3), lists=True), receipt, lambda _: None)
    assert printed is not None
    return {line[:10].strip(): line[10:].strip() for line in printed.splitlines()}


def test_a_receipt_says_whose_it_is_for_what_and_when(world: World) -> None:
    receipt = receipt_of(world, "s2")
    world.run()
    assert shown(world, receipt) == {
        "receipt": receipt,
        "student": "s2, Student 2 <s2@example.org>",
        "test": "operating-systems/test01: Kernels",
        "submitted": "2026-11-23T20:00:00Z by the server's clock",
        "in time": "on time: the deadline is 2026-11-23T22:00:00Z",
        "attempt": "1 of 1",
        "counts": "yes: it was scored with 3 of 4 points",
    }


@pytest.mark.parametrize(("at", "worth"), [(ON_TIME, "on time"), (LATE, "late, for 50% of the points")])
def test_the_receipt_of_a_draft_that_was_handed_in_says_what_was_submitted_and_what_counts(
    world: World, at: str, worth: str
) -> None:
    world.publish(SUBJECT, [make_test(unsubmittedDrafts="submit", late=LATE_WORK)], make_students())
    world.put(draft_key(SUBJECT, "s5", TEST), {"answers": ALL_RIGHT, "savedAt": at})
    world.now = world.now.replace(day=25)
    world.run()
    receipt = world.get(score_key(SUBJECT, TEST, "s5"))["receiptId"]
    assert a_receipt(receipt.upper()) == receipt
    assert shown(world, receipt) == {
        "receipt": receipt,
        "student": "s5, Student 5 <s5@example.org>",
        "test": "operating-systems/test01: Kernels",
        "submitted": "nothing: a saved draft was handed in automatically",
        "saved": f"{at} by the server's clock",
        "in time": f"{worth}, by the deadline when it was scored",
        "counts": f"yes: it was scored with {2 if worth != 'on time' else 4} of 4 points",
    }


def test_the_receipt_of_a_draft_that_nobody_was_given_is_not_found(world: World) -> None:
    world.run()
    for digits in (place_digits(SUBJECT, "s1", TEST), "0" * 8):
        assert verify(world.bucket, f"draft-{digits}00000000", lambda _: None) is None


# --- in time ---


@pytest.mark.parametrize(
    ("at", "changes", "verdict"),
    [
        ("2026-11-23T22:00:00Z", {}, "on time: the deadline is 2026-11-23T22:00:00Z"),
        (
            GRACE,
            {"graceMinutes": 5},
            "on time: the deadline is 2026-11-23T22:00:00Z, and 5 minutes of grace follow",
        ),
        (
            LATE,
            {"graceMinutes": 5, "late": LATE_WORK},
            "late: the deadline is 2026-11-23T22:00:00Z. Late work is accepted until 2026-11-24T22:05:00Z,"
            " for 50% of the points",
        ),
        (
            "2026-11-23T22:00:01Z",
            {},
            "after the time: the deadline is 2026-11-23T22:00:00Z now, but the server accepted the submission."
            " It counts in full",
        ),
        (
            "2026-11-25T00:00:00Z",
            {"late": LATE_WORK},
            "after the time: the deadline is 2026-11-23T22:00:00Z now, but the server accepted the submission."
            " It counts as late work",
        ),
    ],
)
def test_whether_it_was_in_time(world: World, at: str, changes: dict[str, Any], verdict: str) -> None:
    world.publish(SUBJECT, [make_test(**changes)], make_students())
    [receipt] = handed_in(world, at)
    assert shown(world, receipt)["in time"] == verdict


def test_a_students_own_deadline_decides(world: World) -> None:
    world.publish(SUBJECT, [make_test()], make_students(5, s1="2026-11-24T08:00:00Z"))
    [receipt] = handed_in(world, LATE)
    assert shown(world, receipt)["in time"] == "on time: the student's own deadline is 2026-11-24T08:00:00Z"


# --- counted or not ---


def test_the_attempt_that_was_scored_counts(world: World) -> None:
    [receipt] = handed_in(world, ON_TIME)
    world.run()
    assert shown(world, receipt)["counts"] == "yes: it was scored with 4 of 4 points"


def test_of_several_attempts_only_the_last_counts(world: World) -> None:
    world.publish(SUBJECT, [make_test(attempts="last")], make_students())
    first, second = handed_in(world, "2026-11-23T19:00:00Z", ON_TIME)
    assert shown(world, first)["counts"] == f"no: attempt 2 (receipt {second}) counts. Not scored yet"
    assert shown(world, second)["counts"] == "not scored yet: it is the attempt that counts"
    world.run()
    assert shown(world, first)["counts"] == f"no: attempt 2 (receipt {second}) was scored with 4 of 4 points"
    assert shown(world, second)["counts"] == "yes: it was scored with 4 of 4 points"
    assert [shown(world, each)["attempt"] for each in (first, second)] == ["1 of 2", "2 of 2"]


def test_as_long_as_the_student_can_submit_again_it_says_so(world: World) -> None:
    world.publish(SUBJECT, [make_test(attempts="last")], make_students())
    [receipt] = handed_in(world, ON_TIME)
    assert shown(world, receipt, at="2026-11-23T22:00:00Z")["counts"] == (
        "not scored yet: it is the attempt that counts, unless the student submits again by 2026-11-23T22:00:00Z"
    )


def test_an_attempt_after_the_scoring_is_taken_by_the_next_run(world: World) -> None:
    world.publish(SUBJECT, [make_test(attempts="last")], make_students())
    [first] = handed_in(world, ON_TIME)
    world.run()
    world.publish(SUBJECT, [make_test(attempts="last")], make_students(5, s1="2026-11-24T08:00:00Z"))
    world.submit(SUBJECT, TEST, "s1", NONE_RIGHT, LATE, attempt=2)
    second = receipt_of(world, "s1", 2)
    assert shown(world, second)["counts"] == (
        f"not scored yet: the next run takes it. Before it, attempt 1 (receipt {first}) was scored with 4 of 4 points"
    )
    world.now = parse_time("2026-11-24T08:01:00Z")
    world.run()
    assert shown(world, second)["counts"] == "yes: it was scored with 0 of 4 points"


def test_of_an_attempt_on_time_and_a_late_one_the_better_one_counts(world: World) -> None:
    world.publish(SUBJECT, [make_test(attempts="last", late=LATE_WORK)], make_students())
    first, second = handed_in(world, ON_TIME, LATE)
    either = f"attempt 1 (receipt {first}) or attempt 2 (receipt {second}) counts, whichever earns more"
    assert [shown(world, each)["counts"] for each in (first, second)] == [f"not scored yet: {either}"] * 2
    world.now = parse_time("2026-11-24T22:05:00Z")
    world.run()
    assert shown(world, first)["counts"] == "yes: it was scored with 4 of 4 points"
    assert shown(world, second)["counts"] == f"no: attempt 1 (receipt {first}) was scored with 4 of 4 points"


def test_a_broken_score_is_none(world: World) -> None:
    [receipt] = handed_in(world, ON_TIME)
    world.s3.objects[score_key(SUBJECT, TEST, "s1")] = b"{"
    assert shown(world, receipt)["counts"] == "not scored yet: it is the attempt that counts"


# --- the search ---


def test_it_takes_few_requests_however_many_have_submitted() -> None:
    asked = []
    for count in (10, 200):
        world = make_world()
        world.publish(SUBJECT, [make_test()], make_students(count))
        for number in range(1, count + 1):
            world.submit(SUBJECT, TEST, f"s{number}", NONE_RIGHT)
        receipt = receipt_of(world, "s7")
        before = world.calls.count
        shown(world, receipt)
        asked.append(world.calls.names[before:])
    # The roster, the index, the attempts, their tags, the score.
    assert asked[0] == ["s3:GetObject", "s3:GetObject", "s3:ListObjectsV2", "s3:GetObjectTagging", "s3:GetObject"]
    assert asked[1] == asked[0]


@pytest.mark.parametrize("gone", ["student", "test", "both"])
def test_receipt_of_what_was_removed_is_found(world: World, gone: str) -> None:
    receipt = receipt_of(world, "s1")
    tests = [make_test("test02" if gone != "student" else TEST)]
    world.publish(SUBJECT, tests, make_students()[1 if gone != "test" else 0 :])
    found = shown(world, receipt)
    assert found["submitted"] == "2026-11-23T20:00:00Z by the server's clock"
    assert ("no longer published" in found["test"]) == (gone != "student")
    assert ("no longer in the class" in found["student"]) == (gone != "test")
    assert found["in time"].startswith("unknown: ")
    assert found["counts"] == "not scored"


def test_receipt_of_an_earlier_version_is_found(world: World) -> None:
    key = answers_key(SUBJECT, "s3", TEST)
    old = Receipt("R-00000000000000ff", ON_TIME, "0" * 32)
    world.s3.tags[key] = urlencode({RECEIPT_TAG: old.to_tag()})
    assert shown(world, old.id)["student"] == "s3, Student 3 <s3@example.org>"


def test_a_search_of_everything_says_what_it_costs_and_ends_when_it_has_found_it(world: World) -> None:
    for number in range(5, 2_300):
        world.submit(SUBJECT, TEST, f"s{number}", NONE_RIGHT)
    told: list[str] = []
    before = world.calls.count
    assert verify(world.bucket, "R-0123456789abcdef", told.append) is None
    assert told == ["searching 2,299 submissions, with a request for each"]
    assert world.calls.names[before:].count("s3:GetObjectTagging") == 2_299
    removed = receipt_of(world, "s2299")
    before = world.calls.count
    assert verify(world.bucket, removed, told.append)
    # The first 1,000, among which are those that it can be for, and then the student's own.
    assert world.calls.names[before:].count("s3:GetObjectTagging") == 1_001


def test_submission_without_a_receipt_is_passed_over(world: World) -> None:
    world.s3.tags[answers_key(SUBJECT, "s1", TEST)] = "receipt=broken"
    receipt = receipt_of(world, "s2")
    assert shown(world, receipt)["attempt"] == "1 of 1"


# --- what is given ---


@pytest.mark.parametrize("given", ["", "R-", "R-3f9a0c5be1d2478", "R-3f9a0c5be1d247860", "R-3f9a0c5be1d2478g", "test"])
def test_malformed_receipt_is_wrong_usage(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a receipt"):
        a_receipt(given)
    monkeypatch.setattr("sys.argv", ["verify-receipt.sh", given])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2


def test_receipt_is_read_as_people_copy_it() -> None:
    assert a_receipt(" r-3F9A0C5BE1D24786\n") == "R-3f9a0c5be1d24786"


def test_unknown_receipt_has_its_own_exit_code(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket = Bucket("class-data", client_of_trainer(world.s3), lists=True)
    monkeypatch.setattr(command, "stage_bucket", lambda stage: bucket)
    monkeypatch.setattr("sys.argv", ["verify-receipt.sh", "--stage", "main", "R-3f9a0c5be1d24786"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 3
    assert capsys.readouterr().err.splitlines() == [
        "searching 4 submissions, with a request for each",
        "verify-receipt.sh: no submission has the receipt R-3f9a0c5be1d24786: check each character",
    ]
