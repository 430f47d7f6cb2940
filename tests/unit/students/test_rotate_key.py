"""`students.sh rotate-key`: the new key works, the old one does not, and what was submitted keeps its receipt."""

from __future__ import annotations

import json
from typing import NoReturn

import pytest
from ansible_collections.training.test_time.plugins.module_utils.shared.calendar_secret import calendar_secret
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import calendar_key, student_key
from cli.class_folder import ClassFolder
from cli.command import CommandError
from cli.students.rotation import rotate

from common.errors import StorageError
from common.storage import Bucket
from support.class_cloud import STACK, Cloud, Interruption
from support.students import stage_of


def assert_has_one_key(cloud: Cloud, student: str, not_this: str) -> str:
    """The key that works, and is the only one with a record."""
    value = cloud.api_keys()[f"{STACK}/{student}"]
    assert value != not_this
    records = {key: body for key, body in cloud.objects().items() if key.startswith("students/")}
    assert json.loads(records[student_key(value)])["studentId"] == student
    assert len(records) == 2
    assert cloud.state()["in plan"] == [f"{STACK}/s001", f"{STACK}/s004"]
    return value


def test_the_new_key_is_published_and_the_old_one_is_gone(cloud: Cloud, folder: ClassFolder) -> None:
    old, other = cloud.api_keys()[f"{STACK}/s001"], cloud.api_keys()[f"{STACK}/s004"]
    assert rotate(stage_of(cloud), "s001") is False
    new = assert_has_one_key(cloud, "s001", old)
    assert cloud.api_keys()[f"{STACK}/s004"] == other
    assert cloud.publish(folder.path) == []
    assert not any(value.encode() in body for value in (old, new) for body in cloud.objects().values())


def test_the_calendar_gets_another_address(cloud: Cloud, folder: ClassFolder) -> None:
    old = cloud.api_keys()[f"{STACK}/s001"]
    rotate(stage_of(cloud), "s001")
    objects, new = cloud.objects(), cloud.api_keys()[f"{STACK}/s001"]
    assert calendar_key(calendar_secret(old)) not in objects
    assert json.loads(objects[calendar_key(calendar_secret(new))])["studentId"] == "s001"


def test_the_receipt_key_is_that_of_the_first_key_however_often_it_is_replaced(
    cloud: Cloud, folder: ClassFolder
) -> None:
    kept = set()
    for _ in range(3):
        rotate(stage_of(cloud), "s001")
        value = cloud.api_keys()[f"{STACK}/s001"]
        kept.add(json.loads(cloud.objects()[student_key(value)])["receiptKey"])
        folder.students.write_text(folder.students.read_text(encoding="utf-8").replace("Zofia", "Zo"), encoding="utf-8")
        cloud.publish(folder.path)
        assert json.loads(cloud.objects()[student_key(value)])["receiptKey"] in kept
    assert len(kept) == 1


def test_keys_are_256_bits_in_hex(cloud: Cloud) -> None:
    rotate(stage_of(cloud), "s001")
    for value in cloud.api_keys().values():
        assert len(bytes.fromhex(value)) == 32
        assert value == value.lower()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("then", ["again", "publish"])
@pytest.mark.parametrize("write", range(8))
def test_an_interrupted_rotation_can_be_completed_or_published_over(
    cloud: Cloud, folder: ClassFolder, write: int, after: bool, then: str
) -> None:
    old = cloud.api_keys()[f"{STACK}/s001"]
    undo = cloud.interrupt(write, after)
    with pytest.raises(Interruption):
        rotate(stage_of(cloud), "s001")
    undo()
    if then == "publish":
        cloud.publish(folder.path)
    rotate(stage_of(cloud), "s001")
    assert_has_one_key(cloud, "s001", old)
    assert cloud.publish(folder.path) == []


def test_without_the_rights_about_people_nothing_is_changed(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Bucket, key: str) -> NoReturn:
        raise StorageError(f"cannot read {key}")

    before = cloud.api_keys(), cloud.objects()
    stage = stage_of(cloud)
    stage.roster()
    monkeypatch.setattr(Bucket, "get_json", refuse)
    with pytest.raises(StorageError):
        rotate(stage, "s001")
    assert (cloud.api_keys(), cloud.objects()) == before


def test_a_student_without_a_key_is_reported(cloud: Cloud) -> None:
    for unknown in ("s00", "s002"):
        with pytest.raises(CommandError, match="has no API key"):
            rotate(stage_of(cloud), unknown)
    assert len(cloud.api_keys()) == 2
