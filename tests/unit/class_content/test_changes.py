"""What a trainer is told about a publication."""

from __future__ import annotations

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.changes import (
    change_lines,
    student_changes,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.changes import (
    test_changes as changes_of_tests,
)
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import RosterEntry

from support.documents import index_entry, roster_entry

OLD = index_entry()
ADA = roster_entry(1, ["os"])


def test_new_changed_and_removed_tests_have_a_line_each() -> None:
    before = {("os", "test01"): OLD, ("os", "test02"): OLD, ("os", "test03"): OLD}
    changed = index_entry(closes_at="2026-11-30T22:00:00Z", title="Another title")
    after = {("git", "test01"): OLD, ("os", "test01"): OLD, ("os", "test02"): changed}
    changes = changes_of_tests(before, after, {("os", "test01"): ["questions"], ("os", "test02"): []})
    assert change_lines(changes) == [
        "+ test01 in git",
        "~ test01 in os (questions)",
        "~ test02 in os (title, deadline)",
        "- test03 in os",
    ]


def test_new_changed_and_removed_students_have_a_line_each_without_name_or_address() -> None:
    moved: RosterEntry = {**ADA, "email": "b@example.org", "subjects": []}
    before = {"s001": ADA, "s002": ADA, "s003": ADA, "s004": ADA}
    after = {"s001": moved, "s002": ADA, "s004": ADA, "s006": ADA}
    lines = change_lines(student_changes(before, after, ["s004", "s006"]))
    assert lines == [
        "~ student s001 (address, subjects)",
        "- student s003",
        "~ student s004 (API key)",
        "+ student s006",
    ]


def test_unchanged_class_has_no_line() -> None:
    assert changes_of_tests({("os", "t"): OLD}, {("os", "t"): OLD}, {("os", "t"): []}) == []
    assert student_changes({"s": ADA}, {"s": ADA}, []) == []


def test_many_changes_of_a_kind_are_counted() -> None:
    students = {f"s{number}": ADA for number in range(1200)}
    changes = [*changes_of_tests({}, {("os", "test"): OLD}, {}), *student_changes({"x": ADA}, students, [])]
    assert change_lines(changes) == ["+ test in os", "+ 1,200 students", "- student x"]


@pytest.mark.parametrize(("before", "after", "listed"), [(0, 20, 20), (0, 21, 1), (100, 0, 100), (101, 0, 1)])
def test_what_goes_is_named_longer_than_what_is_new(before: int, after: int, listed: int) -> None:
    old, new = ({f"s{number}": ADA for number in range(count)} for count in (before, after))
    assert len(change_lines(student_changes(old, new, []))) == listed
