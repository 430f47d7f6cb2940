"""How tests are named. tests/unit/one_home/test_id_rule.py checks what repeats the rule for IDs."""

from __future__ import annotations

import pytest

from common.shared import ids


def test_a_name_is_read_as_it_is_written() -> None:
    assert ids.test_name("operating-systems", "test01") == "operating-systems/test01"
    assert ids.parse_test_name("operating-systems/test01") == ("operating-systems", "test01")


@pytest.mark.parametrize(
    "value", ["", "test01", "/", "os/", "/test01", "os/a/b", "os/a/", "a b/c!", "os/test01\n", 1, None]
)
def test_what_does_not_name_a_subject_and_a_test_is_refused(value: object) -> None:
    assert ids.parse_test_name(value) is None
