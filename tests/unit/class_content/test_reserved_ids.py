"""Which IDs a class cannot have, and why: a deployer's rights would reach what has such an ID in its key.

IAM's `*` stands for slashes too: `*/code/*` is also about `answers/code/s001/test01.json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import (
    RESERVED_IDS,
    class_problems,
)
from ansible_collections.training.test_time.plugins.module_utils.shared import object_keys
from ansible_collections.training.test_time.plugins.module_utils.shared.ids import is_id

from support.class_files import WEEKLY, WriteClass, question, student
from support.deployer import objects_granted
from support.templates import ROOT

READ, WRITE, DELETE, DELETE_VERSION = "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"


def first_folders() -> set[str]:
    return {key.partition("/")[0] for _, key in objects_granted() if "/" in key}


def possible_ids() -> list[str]:
    """IDs that a class can have, among them each part of a pattern."""
    parts = {part for _, key in objects_granted() for part in key.replace("*", "x").split("/")}
    parts |= {part.partition(".")[0] for part in parts} | {"s001", "check-1"}
    return sorted(part for part in parts if is_id(part) and part not in RESERVED_IDS)


def private_keys(subject: str, student_id: str, test: str) -> Iterator[tuple[str, str]]:
    """Keys that no command changes or reads old versions of, and the actions that none may do on them."""
    for key in (
        object_keys.answers_key(subject, student_id, test),
        object_keys.answers_key(subject, student_id, test, attempt=2),
        object_keys.score_key(subject, test, student_id),
        object_keys.state_key(subject, test),
        object_keys.notification_key("score", subject, test, student_id),
    ):
        yield from ((action, key) for action in (WRITE, DELETE, DELETE_VERSION))
    # Publishing writes and deletes the right answers.
    yield DELETE_VERSION, object_keys.answer_key_key(subject, test)
    # Commands read whole folders, but none of these.
    yield READ, object_keys.student_key(student_id)
    yield READ, f"{object_keys.drafts_prefix(subject, student_id)}{test}.json"


def test_every_folder_of_the_bucket_is_in_the_list() -> None:
    named = {
        value
        for name, value in vars(object_keys).items()
        if name.isupper() and isinstance(value, str) and value.endswith("/")
    }
    assert set(object_keys.FOLDERS) == named


def test_no_id_of_a_class_gives_a_deployer_what_belongs_to_students() -> None:
    granted: dict[str, re.Pattern[str]] = {}
    for action in {action for action, _ in objects_granted()}:
        keys = [".*".join(map(re.escape, key.split("*"))) for each, key in objects_granted() if each == action]
        # What stands before the key: the rest of the bucket's name and, as `*` is greedy, folders.
        granted[action] = re.compile(f"(.*/)?({'|'.join(keys)})")
    found = {
        (action, key)
        for ids in product(possible_ids(), repeat=3)
        for action, key in private_keys(*ids)
        if action in granted and granted[action].fullmatch(key)
    }
    assert found == set()


SAID = "Test time uses this name itself; choose another"


@pytest.mark.parametrize("word", sorted({*first_folders(), *RESERVED_IDS, "Students"}))
def test_a_folder_that_a_policy_names_cannot_be_an_id(write_class: WriteClass, word: str) -> None:
    tests = {f"{word}/test01": [question()], f"os/{word}": [question()]}
    files = load_class(write_class(students=[student(1), student(2, id=word)], tests=tests), "class")
    assert {str(problem) for problem in class_problems(files, WEEKLY)} == {
        f"class/students.yml:7: students[2].id: {SAID}",
        f"class/subjects/{word}:1: {SAID}",
        f"class/subjects/os/{word}.yml:1: {SAID}",
    }


def test_the_documentation_names_them_all() -> None:
    text = (ROOT / "docs/authoring.md").read_text()
    [names] = re.findall(r"names\nthat Test time uses itself: ([^.]+), in upper or lower case\.", text)
    assert re.findall(r"`([^`]+)`", names) == sorted(RESERVED_IDS)
