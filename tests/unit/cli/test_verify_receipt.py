"""What bin/verify-receipt.sh says about a receipt."""

from __future__ import annotations

from typing import Any

import pytest
from cli import verify_receipt
from cli.class_data import read_class
from cli.verify_receipt import UNKNOWN, described, find

from common.storage import Bucket
from support.trainer import client_of_trainer
from support.weekly_class import SUBJECT, TEST, make_students, make_test, make_world
from support.weekly_run import World

LATE = {"untilHours": 24, "credit": 0.5}


@pytest.fixture
def world() -> World:
    return make_world()


def told(world: World, receipt: str) -> dict[str, str]:
    """The lines of the answer by their names, with the rights to deploy and no others."""
    bucket = Bucket("class-data", client_of_trainer(world.s3), lists=True)
    found = find(bucket, receipt, lambda _: None)
    assert found is not None
    lines = described(bucket, read_class(bucket), found).splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def submit(world: World, attempt: int, at: str, answers: Any = None) -> None:
    world.submit(SUBJECT, TEST, "s2", answers or {"1": "a", "2": "b", "3": ["b", "c"]}, at, attempt)


def test_it_says_whose_it_is_for_what_and_when(world: World) -> None:
    assert told(world, "R-s2-1") == {
        "receipt": "R-s2-1",
        "student": "s2 (Student 2)",
        "test": f"{SUBJECT}/{TEST}: Kernels",
        "submitted": "2026-11-23T20:00:00Z by the server's clock, attempt 1",
        "on time": "yes, the student had time until 2026-11-23T22:00:00Z",
        "counts": "it has not been scored yet; as things are, it is the one that counts",
    }


def test_after_the_run_it_says_what_it_was_worth(world: World) -> None:
    world.run()
    assert told(world, "R-s2-1")["counts"] == "yes, it was scored: 3 of 4 points"


@pytest.mark.parametrize("scored", [True, False])
def test_of_several_attempts_only_the_last_counts(world: World, scored: bool) -> None:
    world.publish(SUBJECT, [make_test(attempts="last")], make_students())
    submit(world, 2, "2026-11-23T21:00:00Z")
    if scored:
        world.run()
    first, second = told(world, "R-s2-1")["counts"], told(world, "R-s2-2")["counts"]
    if scored:
        assert first == "no, attempt 2 was scored (receipt R-s2-2): 4 of 4 points"
        assert second == "yes, it was scored: 4 of 4 points"
    else:
        assert first == "it has not been scored yet; as things are, attempt 2 counts instead"
        assert second == "it has not been scored yet; as things are, it is the one that counts"


def test_a_late_attempt_counts_if_it_earns_more(world: World) -> None:
    world.publish(SUBJECT, [make_test(attempts="last", late=LATE)], make_students())
    submit(world, 2, "2026-11-23T22:00:01Z")
    assert told(world, "R-s2-1")["counts"].endswith("it counts unless the late attempt earns more")
    late = told(world, "R-s2-2")
    assert late["counts"].endswith("it counts if it earns more than the one on time, although late")
    assert late["on time"].startswith("no, the student had time until 2026-11-23T22:00:00Z; late work earns 0.5")


def test_a_late_attempt_that_is_the_only_one_counts(world: World) -> None:
    world.publish(SUBJECT, [make_test(late=LATE)], make_students())
    submit(world, 1, "2026-11-23T22:00:01Z")
    assert told(world, "R-s2-1")["counts"].endswith("it counts late: none was on time")


def test_an_extension_of_the_student_decides(world: World) -> None:
    world.publish(SUBJECT, [make_test(late=LATE)], make_students(5, s2="2026-11-24T22:00:00Z"))
    submit(world, 1, "2026-11-24T21:00:00Z")
    assert told(world, "R-s2-1")["on time"] == "yes, the student had time until 2026-11-24T22:00:00Z"


def test_a_deadline_that_was_moved_to_an_earlier_time_takes_nothing_away(world: World) -> None:
    early = make_test(closesAt="2026-11-23T10:00:00Z", lastDeadline="2026-11-23T10:00:00Z")
    world.publish(SUBJECT, [early], make_students())
    assert told(world, "R-s2-1")["on time"].startswith("accepted by the server, which counts")


@pytest.mark.parametrize("gone", ["student", "test"])
def test_a_former_student_and_a_removed_test_are_told_as_such(world: World, gone: str) -> None:
    tests, students = ([make_test()], make_students(1)) if gone == "student" else ([], make_students())
    world.publish(SUBJECT, tests, students)
    found = told(world, "R-s2-1")
    assert "not in the published class" in found["student"] or "not published" in found["test"]
    assert found["counts"] == "it has not been scored"


def test_the_search_costs_a_request_for_each_submission_and_says_so(world: World) -> None:
    for number in range(5, 2_300):
        world.submit(SUBJECT, TEST, f"s{number}", {"1": "a"})
    shown: list[str] = []
    assert find(world.bucket, "R-nobody", shown.append) is None
    assert shown == ["searching 2,299 submissions, with a request for each"]
    assert world.calls.names.count("s3:GetObjectTagging") == 2_299
    assert "s3:GetObject" not in world.calls.names
    world.calls.made.clear()
    assert find(world.bucket, "R-s1-1", shown.append)
    assert world.calls.names.count("s3:GetObjectTagging") == 1_000  # it stops once it has found it


@pytest.mark.parametrize(("receipt", "code"), [("R-0123456789abcdef", UNKNOWN), ("R-1", 2), ("r-0123456789abcdef", 2)])
def test_an_unknown_receipt_and_what_is_no_receipt_have_exit_codes(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], receipt: str, code: int
) -> None:
    monkeypatch.setattr(verify_receipt, "stage_bucket", lambda _stage: world.bucket)
    monkeypatch.setattr("sys.argv", ["verify_receipt", "--stage", "main", receipt])
    with pytest.raises(SystemExit) as ended:
        verify_receipt.main()
    assert ended.value.code == code
    assert receipt in capsys.readouterr().err
