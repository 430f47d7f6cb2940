"""Which characters of other people's text are harmful, and what stands in their place."""

from __future__ import annotations

import unicodedata

import pytest

from common.shared.harmful_characters import JOINERS, escaped, harmless


def test_every_control_and_every_bidirectional_control_is_harmful() -> None:
    controls = {c for c in map(chr, range(0x110000)) if unicodedata.category(c) == "Cc"}
    turning = {
        c
        for c in map(chr, range(0x110000))
        if unicodedata.bidirectional(c) in {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
    }
    for character in (controls - set("\t\n\r\x85")) | turning | set("\u200e\u200f\u061c"):
        assert harmless(f"a{character}b") == "ab", hex(ord(character))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"])
def test_every_end_of_a_line_becomes_a_line_feed(end: str) -> None:
    assert harmless(f"one{end}two") == escaped(f"one{end}two") == "one\ntwo"


@pytest.mark.parametrize("hidden", ["\xad", "\u200b", "\u2060", "\ufeff", "\ufff9", "\U000e0041", "\u180e"])
def test_what_hides_text_is_left_out_without_a_mark(hidden: str) -> None:
    assert harmless(f"a{hidden}b", mark="?") == "ab"


@pytest.mark.parametrize("text", ["tab\t", "Łódź ❤\ufe0f", "\u0645\u06cc\u200c\u062e", "👩\u200d💻", "\xa0\u3000"])
def test_honest_text_is_left_as_it_is(text: str) -> None:
    assert harmless(text) == escaped(text) == text


def test_marks_and_numbers_show_where_a_control_was() -> None:
    assert harmless("\x1b[31m\u202ered", mark="?") == "?[31mred"
    assert escaped("\x1b[31m\u202ered") == "\\x1b[31m\\x202ered"


def test_the_joiners_are_the_two_of_unicode() -> None:
    assert [unicodedata.name(chr(c)) for first, last in JOINERS for c in range(first, last + 1)] == [
        "ZERO WIDTH NON-JOINER",
        "ZERO WIDTH JOINER",
    ]
