"""What is code in a text, for mails. The page's and the terminal's tests use the same table."""

from __future__ import annotations

import pytest

from common.run.code_in_text import Part, blocks, inline_code
from support.text_samples import BLOCKS, INLINE


def named(parts: list[Part]) -> list[tuple[str, str]]:
    return [("code" if part.is_code else "prose", part.text) for part in parts]


@pytest.mark.parametrize(("text", "expected"), BLOCKS)
def test_fenced_blocks_are_code(text: str, expected: list[tuple[str, str]]) -> None:
    assert named(blocks(text)) == expected


@pytest.mark.parametrize(("text", "expected"), INLINE)
def test_text_between_equal_runs_of_backticks_is_code(text: str, expected: list[tuple[str, str]]) -> None:
    assert named(inline_code(text)) == expected


def test_no_text_has_no_parts() -> None:
    assert (blocks("\n \n"), inline_code("")) == ([], [])
