"""Text in ASCII, from the trainer's side through CloudFormation to a function."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.settings import setting
from common.shared.ascii_text import from_ascii, to_ascii
from support.templates import template


@given(st.text())
def test_any_text_is_ascii_and_comes_back(text: str) -> None:
    assert to_ascii(text).isascii()
    assert from_ascii(to_ascii(text)) == text


def test_plain_text_stays_as_it_is() -> None:
    assert to_ascii('O\'Brien & "2"') == 'O\'Brien & "2"'


@pytest.mark.parametrize("text", ["Jesie?", "C:\\x", "Jesień"])
def test_text_that_an_older_deployment_wrote_is_other_text_and_no_error(text: str) -> None:
    assert from_ascii(text) != "Jesień"


def test_a_setting_is_the_text_that_was_deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLASS_NAME", to_ascii("Jesień \\ 😀"))
    assert setting("CLASS_NAME") == "Jesień \\ 😀"


def test_the_longest_class_name_fits_its_parameter() -> None:
    assert len(to_ascii("😀" * 100)) <= template("trainings-tests")["Parameters"]["ClassName"]["MaxLength"]
