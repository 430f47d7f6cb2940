"""What a publication carries over from the one before."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.history import History

from common.shared.deadlines import parse_time
from common.shared.documents import IndexEntry, RosterEntry
from support.documents import CLOSES, PUBLISHED, index, index_entry, roster_entry

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
THEN, LATER, LATEST = PUBLISHED, "2026-11-24T22:00:00Z", "2026-11-25T22:00:00Z"
NAME = "os/test01"


def roster(**deadlines: str) -> dict[str, RosterEntry]:
    """Students s1 and s2, with deadlines of their own."""
    own = {student: {NAME: deadline} for student, deadline in deadlines.items()}
    return {f"s{n}": roster_entry(n, ["os"], own.get(f"s{n}")) for n in (1, 2)}


def history(students: dict[str, RosterEntry], **changes: Any) -> History:
    return History(NOW, {("os", "test01"): index_entry(**changes)}, students)


def revised_at(before: History, entry: IndexEntry, students: dict[str, RosterEntry]) -> str:
    return before.revised_at("os", entry, before.other_own_times(students))


def test_who_was_enrolled_stays_enrolled_since_then_and_who_is_new_is_enrolled_now() -> None:
    before = history(roster())
    assert before.since("s1", ["os"]) == {"os": THEN}
    assert before.since("s1", ["networks", "os"]) == {"networks": "2026-11-20T09:00:00Z", "os": THEN}
    assert before.since("s3", ["os"]) == {"os": "2026-11-20T09:00:00Z"}


def test_who_was_enrolled_by_an_earlier_version_has_been_so_from_the_start() -> None:
    student: Any = {name: value for name, value in roster()["s1"].items() if name != "since"}
    before = history({"s1": cast(RosterEntry, student)})
    assert before.since("s1", ["networks", "os"]) == {"networks": "2026-11-20T09:00:00Z"}


def test_who_comes_back_is_enrolled_since_their_first_submission() -> None:
    submitted = {"test02": datetime(2026, 11, 19, 20, tzinfo=UTC), "test01": datetime(2026, 11, 18, 20, tzinfo=UTC)}
    before = History(NOW, roster=roster(), returned={("s3", "os"): submitted, ("s1", "networks"): submitted})
    assert before.since("s3", ["git", "os"]) == {"git": "2026-11-20T09:00:00Z", "os": "2026-11-18T20:00:00Z"}
    assert before.since("s1", ["networks", "os"]) == {"networks": "2026-11-18T20:00:00Z", "os": THEN}


@pytest.mark.parametrize(
    ("own", "owes"),
    [({}, [NAME, "os/removed"]), ({NAME: LATER}, [NAME, "os/removed"]), ({NAME: LATEST}, ["os/removed"])],
)
def test_who_comes_back_without_their_extension_owes_what_they_submitted_with_it(
    own: dict[str, str], owes: list[str]
) -> None:
    submitted = {"test01": datetime(2026, 11, 25, 10, tzinfo=UTC), "removed": datetime(2026, 11, 26, tzinfo=UTC)}
    before = History(datetime(2026, 11, 27, tzinfo=UTC), roster=roster(), returned={("s3", "os"): submitted})
    student = roster_entry(3, ["os"], own)
    student["since"] = before.since("s3", ["os"])
    before.settle_debts({**roster(), "s3": student}, {"os": index("os", [index_entry()])})
    assert student == {
        **roster_entry(3, ["os"], own),
        "since": {"os": "2026-11-25T10:00:00Z"},
        "owes": dict.fromkeys(owes, True),
    }


def settled(
    before: RosterEntry, after: RosterEntry, published: list[IndexEntry], entries: list[IndexEntry], now: str = LATEST
) -> dict[str, bool]:
    """What `owes` of a student's next line of the roster says."""
    found = copy.deepcopy(after)
    history = History(
        parse_time(now), {("os", entry["testId"]): entry for entry in published}, {before["studentId"]: before}
    )
    history.settle_debts({found["studentId"]: found}, {"os": index("os", entries)})
    return found.get("owes", {})


def latecomer(deadlines: dict[str, str] | None = None, **changes: Any) -> RosterEntry:
    """A student who enrolled after the tests had closed."""
    return cast(RosterEntry, {**roster_entry(1, ["os"], deadlines), "since": {"os": LATER}, **changes})


TESTS = [index_entry(), index_entry("test02")]


def test_a_latecomer_owes_the_test_that_was_extended_when_the_extension_is_taken_back() -> None:
    extended, plain = latecomer({NAME: LATEST}), latecomer()
    assert settled(plain, extended, TESTS, TESTS) == {}
    assert settled(extended, plain, TESTS, TESTS) == {NAME: True}
    assert settled(latecomer(owes={NAME: True}), plain, TESTS, TESTS) == {NAME: True}


@pytest.mark.parametrize("how", [{"closes_at": LATEST}, {"late": {"untilHours": 48, "credit": 0.5}}, {}])
def test_a_latecomer_owes_nothing_because_of_time_in_retrospect(how: dict[str, Any]) -> None:
    now = "2026-11-28T09:00:00Z"
    longer = [index_entry(**how), TESTS[1]]
    after = latecomer() if how else latecomer({NAME: LATEST})
    assert settled(latecomer(), after, TESTS, longer, now) == {NAME: False}
    assert settled(latecomer(owes={NAME: False}), latecomer(), longer, TESTS, now) == {NAME: False}


def test_a_latecomer_who_is_given_time_after_all_owes_the_test() -> None:
    excused = latecomer(owes={NAME: False})
    assert settled(excused, latecomer({NAME: LATEST}), TESTS, TESTS) == {NAME: True}


@pytest.mark.parametrize("given", [{"late": {"untilHours": 48, "credit": 0.5}}, {"closes_at": LATEST}])
def test_what_a_latecomer_owes_survives_that_the_test_is_removed_and_published_again(given: dict[str, Any]) -> None:
    """As when its file is moved away for one publication, and comes back with other times."""
    longer = [index_entry(**given), TESTS[1]]
    removed = settled(latecomer(), latecomer(), longer, TESTS[1:])
    assert removed == {NAME: True}
    kept = latecomer(owes=removed)
    assert settled(kept, latecomer(), TESTS[1:], TESTS[1:]) == removed
    assert settled(kept, latecomer(), TESTS[1:], TESTS) == removed


def test_of_who_was_there_from_the_start_nothing_is_noted() -> None:
    student = roster_entry(1, ["os"])
    assert settled(student, student, TESTS, TESTS[1:]) == settled(student, student, TESTS[1:], TESTS) == {}


def test_a_test_that_closes_earlier_is_owed_by_those_who_had_time_for_it() -> None:
    longer = [index_entry(closes_at=LATEST), TESTS[1]]
    assert settled(latecomer(), latecomer(), longer, TESTS) == {NAME: True}


def test_who_is_enrolled_while_a_test_closes_earlier_has_time_until_then() -> None:
    """They may submit it between the writes of their record and of the index."""
    new = cast(RosterEntry, {**roster_entry(1, ["os"]), "since": {"os": "2026-11-24T09:00:00Z"}})
    before = History(parse_time("2026-11-24T09:00:00Z"), {("os", "test01"): index_entry(closes_at=LATER)})
    before.settle_debts({"s1": new}, {"os": index("os", TESTS)})
    assert new.get("owes") == {NAME: True}


def test_nothing_is_owed_in_a_subject_that_is_taken_away() -> None:
    assert settled(latecomer(owes={NAME: True}), latecomer(subjects=["networks"]), TESTS, TESTS) == {}


def test_who_comes_back_revises_the_tests_that_they_have_submitted() -> None:
    """What an extension changed while they were away is then looked at, even if nobody else's time changed."""
    before = History(NOW, {("os", "test01"): index_entry()}, roster(), {("s3", "os"): {"test01": NOW}})
    assert revised_at(before, index_entry(), roster()) == "2026-11-20T09:00:00Z"


def test_if_the_roster_is_lost_everybody_has_been_enrolled_from_the_start() -> None:
    before = History(NOW, {("os", "test01"): index_entry()}, roster_lost=True)
    assert before.since("s1", ["os"]) == {}


def test_a_test_is_not_revised_by_what_is_not_about_time() -> None:
    entry = index_entry(title="Another title", questionCount=9, revisedAt="")
    students = {**roster(s1=LATER), "s3": roster_entry(3, ["os"], {NAME: LATEST})}
    assert revised_at(history(roster(s1=LATER)), entry, students) == PUBLISHED


@pytest.mark.parametrize(
    "change",
    [
        {"closesAt": LATER},
        {"graceMinutes": 5},
        {"late": {"untilHours": 24, "credit": 0.5}},
        {"attempts": "last"},
        {"lastDeadline": LATER},
    ],
)
def test_a_test_is_revised_by_each_of_its_rules(change: dict[str, Any]) -> None:
    assert revised_at(history(roster()), index_entry(**change), roster()) == "2026-11-20T09:00:00Z"


@pytest.mark.parametrize(
    ("before", "after"), [({}, {"s1": LATER}), ({"s1": LATER}, {}), ({"s1": LATER}, {"s1": LATEST})]
)
def test_a_test_is_revised_by_a_students_own_deadline(before: dict[str, str], after: dict[str, str]) -> None:
    assert revised_at(history(roster(**before)), index_entry(), roster(**after)) == "2026-11-20T09:00:00Z"


def test_a_new_test_and_one_of_an_earlier_version_are_revised_now() -> None:
    assert revised_at(history(roster()), index_entry("test02"), roster()) == "2026-11-20T09:00:00Z"
    old: Any = {name: value for name, value in index_entry().items() if name != "revisedAt"}
    before = History(NOW, {("os", "test01"): old}, roster())
    assert revised_at(before, index_entry(), roster()) == "2026-11-20T09:00:00Z"


@pytest.mark.parametrize(
    ("before", "after", "first"),
    [
        ({}, {"s1": LATER}, {"s1": LATER}),
        ({"s1": LATER}, {}, {"s1": LATER}),
        ({"s1": LATEST}, {"s1": LATER}, {"s1": LATEST}),
        ({"s1": LATER, "s2": LATEST}, {"s2": LATER}, {"s1": LATER, "s2": LATEST}),
    ],
)
def test_until_all_is_written_the_roster_has_the_later_of_the_old_and_the_new_deadline(
    before: dict[str, str], after: dict[str, str], first: dict[str, str]
) -> None:
    indexes = {"os": index("os", [index_entry()])}
    assert history(roster(**before)).roster_until_all_is_written(roster(**after), indexes) == roster(**first)


def test_a_deadline_that_moves_past_an_extension_takes_its_place_at_once() -> None:
    indexes = {"os": index("os", [index_entry(closes_at=LATEST)])}
    found = history(roster(s1=LATER)).roster_until_all_is_written(roster(), indexes)
    assert found == roster(s1=LATEST)
    assert CLOSES < LATER < LATEST


# --- extensions ---


def extended(before: History, entry: IndexEntry | None = None, **deadlines: str) -> Any:
    """What the roster says about the extension of s1 after a publication."""
    students = roster(**deadlines)
    before.note_extensions(students, {"os": index("os", [entry or index_entry()])})
    assert "extended" not in students["s2"]
    return students["s1"].get("extended", {}).get(NAME)


def told(before: str, granted_at: str = "2026-11-20T09:00:00Z", deadline: str = LATER) -> dict[str, RosterEntry]:
    """The class with s1 extended by an earlier publication."""
    students = roster(s1=deadline)
    students["s1"]["extended"] = {NAME: {"before": before, "grantedAt": granted_at}}
    return students


def test_a_student_who_is_given_time_is_noted_with_the_deadline_that_they_knew() -> None:
    assert extended(history(roster()), s1=LATER) == {"before": CLOSES, "grantedAt": "2026-11-20T09:00:00Z"}


def test_an_extension_is_noted_once_and_kept_as_it_is() -> None:
    known = {"before": CLOSES, "grantedAt": THEN}
    assert extended(history(told(CLOSES, THEN)), s1=LATER) == known


def test_a_second_extension_is_noted_anew_with_the_deadline_before_the_first() -> None:
    assert extended(history(told(CLOSES, THEN)), s1=LATEST) == {"before": CLOSES, "grantedAt": "2026-11-20T09:00:00Z"}


def test_a_shorter_extension_is_still_one_and_a_withdrawn_one_is_not() -> None:
    assert extended(history(told(CLOSES, THEN, LATEST)), s1=LATER) == {"before": CLOSES, "grantedAt": THEN}
    assert extended(history(told(CLOSES, THEN))) is None


@pytest.mark.parametrize(
    ("closes_at", "deadlines", "noted"),
    [
        (LATER, {}, False),  # the test closes later for everybody
        (LATER, {"s1": LATEST}, True),
        ("2026-11-22T22:00:00Z", {"s1": CLOSES}, False),  # it closes earlier, but not for this student
    ],
)
def test_a_test_that_closes_at_another_time_is_no_extension(
    closes_at: str, deadlines: dict[str, str], noted: bool
) -> None:
    assert bool(extended(history(roster()), index_entry(closes_at=closes_at), **deadlines)) == noted


def test_extra_hours_that_move_with_the_test_are_no_extension() -> None:
    assert extended(history(roster(s1=LATER)), index_entry(closes_at=LATER), s1=LATEST) is None


def test_a_student_or_a_test_that_is_new_has_no_extension() -> None:
    assert extended(history({}), s1=LATER) is None
    assert extended(History(NOW, {}, roster()), s1=LATER) is None
    elsewhere = roster()
    elsewhere["s1"]["subjects"] = ["networks"]
    assert extended(history(elsewhere), s1=LATER) is None
