"""When a publication has to be confirmed, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content import written
from ansible_collections.training.test_time.plugins.module_utils.class_content.losses import Losses, losses
from ansible_collections.training.test_time.plugins.module_utils.class_content.objects import class_record
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import ClassRecord
from ansible_collections.training.test_time.plugins.modules import class_losses
from ansible_collections.training.test_time.plugins.plugin_utils.in_process import _output

from support.class_cloud import Cloud
from support.class_files import WriteClass, student
from support.documents import roster_entry

OLD = class_record("https://api", "demo", "class")
OTHER = class_record("https://api", "Evening", "class-evening")
TESTS = {("os", "test01"), ("git", "test01")}


def found(
    before: int,
    kept: int,
    record: ClassRecord | None = OLD,
    new_record: ClassRecord = OLD,
    new_tests: set[tuple[str, str]] = TESTS,
    **changes: Any,
) -> Losses | None:
    """The losses if the first `kept` of `before` students stay; `changes` are in each who stays."""
    roster = {f"s{number}": roster_entry(number, ["os"]) for number in range(before)}
    students = [
        cast(written.Student, {"id": id, "name": entry["name"], "email": entry["email"], "subjects": ["os"]} | changes)
        for id, entry in list(roster.items())[:kept]
    ]
    return losses(record, new_record, roster, students, TESTS, new_tests)


@pytest.mark.parametrize(
    ("before", "kept", "asks"),
    [
        (0, 0, False),  # the first publication
        (30, 30, False),
        (30, 24, False),  # 20% exactly
        (30, 23, True),
        (10, 8, False),
        (3, 0, True),
        (3, 1, False),  # two students at most are never many
        (2, 0, False),
    ],
)
def test_more_than_a_fifth_of_the_students_and_more_than_two_are_many(before: int, kept: int, asks: bool) -> None:
    assert (found(before, kept) is not None) == asks


def test_a_student_whose_id_is_given_to_somebody_else_is_lost() -> None:
    assert found(10, 10, name="Somebody", email="else@example.org")
    assert found(10, 10, name="Corrected") is None
    assert found(10, 10, email="moved@example.org") is None


def test_in_another_class_an_id_with_another_address_is_given_to_somebody_else() -> None:
    lost = found(5, 5, new_record=OTHER, email="else@example.org")
    assert lost
    assert lost.lines[1].startswith("  5 of 5 students would lose access")


def test_another_class_is_asked_about_even_if_nobody_is_removed() -> None:
    lost = found(5, 5, new_record=OTHER)
    assert lost
    assert lost.lines == [
        "Another class is published here: 'demo' from class. Publishing 'Evening' from class-evening would replace it.",
        "  0 of 5 students would lose access, and their API keys would be deleted",
        "  0 of 2 tests would be removed",
        "  5 IDs would be used again: s0, s1, s2, s3, s4. What was submitted under an ID for a test with the same"
        " name still counts",
        "Answers and scores are kept.",
    ]
    assert found(5, 5, record=None, new_record=OTHER) is None, "an earlier version left no record"
    assert found(5, 5, new_record=class_record("", "Another name, same folder", "./class/")) is None


def test_students_and_tests_are_named_up_to_a_limit() -> None:
    lost = found(25, 3, new_tests={("os", "test01")})
    assert lost
    assert lost.lines[0] == "Many students would be removed."
    assert lost.lines[1].startswith(
        "  22 of 25 students would lose access, and their API keys would be deleted: Student 10 (s10), Student 11"
    )
    assert lost.lines[1].endswith("(s6), Student 7 (s7), and 2 more")
    assert lost.lines[2] == "  1 of 2 tests would be removed: test01 in git"


def test_a_token_confirms_exactly_what_was_shown() -> None:
    lost, more = found(25, 5), found(25, 4)
    assert lost
    assert more
    assert lost.confirmed_by(lost.token)
    assert lost.confirmed_by("yes")
    assert not lost.confirmed_by(more.token)
    assert not lost.confirmed_by(None)
    assert not lost.confirmed_by("")
    other_test = found(25, 5, new_tests={("os", "test01")})
    assert other_test
    assert not lost.confirmed_by(other_test.token)


Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(cloud: Cloud, write_class: WriteClass, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the module on a class of four students with the students and the folder that are given."""
    cloud.publish(write_class(students=[student(number) for number in range(1, 5)]))
    client = f"{class_losses.__name__}.AnsibleAWSModule.client"
    monkeypatch.setattr(client, lambda _module, name, **_: getattr(cloud.clients, name))

    def module(numbers: list[int], check_mode: bool = False, name: str = "class", **options: str) -> dict[str, Any]:
        folder = write_class(students=[student(number) for number in numbers])
        arguments = {"class_dir": str(folder), "class_folder": name, "class_name": "demo", "bucket": "data"}
        given = arguments | {"region": "eu-central-1", "_ansible_check_mode": check_mode} | options
        result: dict[str, Any] = json.loads(_output(class_losses.main, given))
        return result

    return module


def test_the_module_stops_until_what_it_says_is_confirmed(run: Run, cloud: Cloud) -> None:
    cloud.writes = 0
    refused = run([1])
    assert refused["failed"]
    assert refused["losses"][0] == "Many students would be removed."
    assert f"set class_content_confirmed to {refused['confirm']}" in refused["msg"]
    assert "Nothing was changed." in refused["msg"]
    assert run([], confirmed=refused["confirm"])["failed"], "that is something else"
    assert run([1], confirmed=refused["confirm"])["losses"] == refused["losses"]
    assert "failed" not in run([1], confirmed="yes")
    assert cloud.writes == 0


def test_in_check_mode_the_module_only_says_it(run: Run) -> None:
    result = run([1], check_mode=True)
    assert "failed" not in result
    assert result["losses"]


def test_a_usual_publication_costs_two_reads(run: Run, cloud: Cloud) -> None:
    calls: list[str] = []
    cloud.clients.s3.meta.events.register("before-call.s3", lambda model, **_: calls.append(model.name))
    assert run([1, 2, 3, 5])["losses"] == []
    assert calls == ["GetObject", "GetObject"]


def test_nothing_that_is_published_and_mistakes_in_the_class_are_no_question(
    run: Run, cloud: Cloud, write_class: WriteClass
) -> None:
    (folder := write_class()).joinpath("students.yml").write_text("students: [{id: s001}, 5]\n")
    assert run([1, 2, 3, 4])["losses"] == []
    assert Path(folder).exists()
    for key in cloud.objects():
        cloud.clients.s3.delete_object(Bucket="data", Key=key)
    assert run([1], name="class-evening")["losses"] == []
