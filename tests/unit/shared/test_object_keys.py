"""Which keys are recognised by their form."""

from __future__ import annotations

import pytest

from common.shared.object_keys import answer_key_key, index_key, is_index_key, questions_key, student_key


def test_a_subjects_index_is_recognised() -> None:
    assert is_index_key(index_key("operating-systems"))
    assert is_index_key("subjects/operating-systems/index.json")


@pytest.mark.parametrize(
    "key",
    [
        questions_key("os", "index.json"),
        answer_key_key("os", "index"),
        student_key("index"),
        "os/index.json",
        "subjects/os/index.json/index.json",
        "subjects/os/notes.json",
    ],
)
def test_nothing_else_is_taken_for_an_index(key: str) -> None:
    assert not is_index_key(key)
