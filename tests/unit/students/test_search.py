"""Where it is searched for what is stored about a student, and what has to go."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
from cli.students.search import ABOUT_NOBODY, NAMED_BY_KEY, Found, Person, search
from cli.students.versions import Versions

from common.shared import object_keys
from support.memory_s3 import MemoryS3

ID = "s1"


def searched(s3: MemoryS3) -> list[Found]:
    return search(Versions(s3, "data"), Person(ID))


def keys_with_a_student() -> dict[str, str]:
    """A key from each function of object_keys.py that takes a student's ID."""
    functions = [each for _, each in inspect.getmembers(object_keys, inspect.isfunction)]
    values: dict[str, Any] = {"student": ID, "kind": "score", "subject": "os", "test": "test01", "attempt": 2}
    found = {}
    for function in functions:
        names = inspect.signature(function).parameters
        if "student" in names:
            found[function.__name__] = function(**{name: values[name] for name in names})
    return found


@pytest.mark.parametrize("function", keys_with_a_student())
def test_every_key_with_a_students_id_is_found(function: str) -> None:
    s3 = MemoryS3()
    key = keys_with_a_student()[function]
    key = f"{key}x.json" if key.endswith("/") else key
    s3.put_object(Bucket="data", Key=key, Body=b"{}")
    for other in ("s10", "xs1", "s1.b", "s1.json"):
        s3.put_object(Bucket="data", Key=re.sub(rf"\b{ID}\b", other, key), Body=b"{}")
    assert [each.key for each in searched(s3)] == [key]


@pytest.mark.parametrize("folder", object_keys.FOLDERS)
def test_it_is_known_whether_a_folder_is_about_people(folder: str) -> None:
    """A new folder is searched by what is in it. If its keys have students' IDs, it belongs to NAMED_BY_KEY."""
    searched_by_content = {object_keys.STUDENTS, object_keys.RUNS, object_keys.REPORTS}
    searched_by_content |= {object_keys.INVITATIONS, object_keys.CALENDARS}
    assert folder in {*NAMED_BY_KEY, *ABOUT_NOBODY, *searched_by_content}


def test_other_folders_are_searched_by_what_is_in_them() -> None:
    s3 = MemoryS3()
    for key, body in {
        "calendars/1a2b.json": b'{"studentId": "s1"}',
        "calendars/3c4d.json": b'{"studentId": "s10"}',
        "drafts/os/s1/t.json": b"{}",
        "drafts/os/s10/s1.json": b"{}",
        "new/s1/s1.json": b"{}",
        "reviews/os/t/s1.json": b"{}",
        "reviews/s1/s1/s10.json": b"{}",
    }.items():
        s3.put_object(Bucket="data", Key=key, Body=body)
    found = searched(s3)
    assert [each.key for each in found] == ["calendars/1a2b.json", "drafts/os/s1/t.json", "reviews/os/t/s1.json"]


def test_what_is_about_nobody_is_not_read() -> None:
    s3 = MemoryS3()
    for key in ("class.json", "subjects/os/s1/questions.json", "answer-keys/os/s1.json", "trainers/1.json"):
        s3.put_object(Bucket="data", Key=key, Body=b'{"studentId": "s1"}')
    assert searched(s3) == []
    assert "s3:GetObject" not in s3.calls.names


def test_a_search_grows_with_the_tests_and_not_with_the_others() -> None:
    """The objects of others are neither read nor listed."""
    s3 = MemoryS3()
    for number in range(50):
        for key in (f"answers/os/x{number}/t.json", f"scores/os/t/x{number}.json"):
            s3.put_object(Bucket="data", Key=key, Body=b"{}")
    s3.put_object(Bucket="data", Key="answers/os/s1/t.json", Body=b"{}")
    before = s3.calls.count
    searched(s3)
    made = s3.calls.made[before:]
    assert [call.key for call in made if call.name == "s3:GetObject"] == ["answers/os/s1/t.json"]
    assert len(made) < 12


# --- which versions have to go ---

PAGE, ROSTER = "reports/os/t/1a2b/report.html", "roster.jsonl"
OF_OTHERS = "<p>Ben <span>s10</span></p>"
OWN_LINE = "<p>Ada <span>s1</span></p>"
RECORD = b'{"studentId": "s1", "name": "Ada"}\n'


def stored(*bodies: str | bytes | None, key: str = PAGE) -> MemoryS3:
    """One object after the other under a key; None: deleted."""
    s3 = MemoryS3()
    for body in bodies:
        if body is None:
            s3.delete_object(Bucket="data", Key=key)
        else:
            s3.put_object(Bucket="data", Key=key, Body=body if isinstance(body, bytes) else body.encode())
    return s3


@pytest.mark.parametrize(
    ("bodies", "doomed", "rest"),
    [
        ((OF_OTHERS,), [], None),
        ((OF_OTHERS + OWN_LINE,), ["v1"], OF_OTHERS),
        # Only the versions that are about the student go.
        ((OF_OTHERS, OF_OTHERS + OWN_LINE, OF_OTHERS), ["v2"], None),
        # If nothing can be left of the current version, an older one must not take its place.
        ((OF_OTHERS, OF_OTHERS + OWN_LINE + "s1 again"), ["v2", "v1"], None),
        # What was deleted stays deleted. A marker goes with the last version.
        ((OF_OTHERS, OF_OTHERS + OWN_LINE, None), ["v2"], None),
        ((OWN_LINE, None), ["v1", "v2"], None),
    ],
)
def test_versions_of_a_page(bodies: tuple[str | None, ...], doomed: list[str], rest: str | None) -> None:
    found = searched(stored(*bodies))
    assert sorted(version.id for each in found for version in each.doomed) == sorted(doomed)
    assert [each.rest[0].decode() for each in found if each.rest] == ([rest] if rest else [])


def test_old_rosters_go_whatever_the_names_of_others() -> None:
    """A name that is also another student's is not a reason to delete anything of theirs."""
    s3 = stored(RECORD, b'{"studentId": "s10", "name": "Ada"}\n', key=ROSTER)
    s3.put_object(Bucket="data", Key="students/1a2b.json", Body=b'{"studentId": "s10", "name": "Ada"}')
    [found] = searched(s3)
    assert [(version.key, version.id) for version in found.doomed] == [(ROSTER, "v1")]


def test_a_name_from_an_old_roster_is_looked_for_in_the_runs() -> None:
    s3 = stored(RECORD, b"{}\n", key=ROSTER)
    s3.put_object(Bucket="data", Key="runs/r/failures/0.json", Body=b'{"Cause": "no email for Ada"}')
    s3.put_object(Bucket="data", Key="runs/r/failures/1.json", Body=b'{"Cause": "no email for Adam"}')
    assert [each.key for each in searched(s3)] == [ROSTER, "runs/r/failures/0.json"]
