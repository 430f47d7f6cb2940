"""Code reaches the student as it was written, at every width of the terminal."""

from __future__ import annotations

import random
import re
import unicodedata
from pathlib import Path

import pytest

from support.client_functions import Student, take

WIDTHS = range(20, 201)
# Nothing that a terminal must not show, which the client replaces or leaves out.
ALPHABET = "ab1    '\"\\*?[]{}()$&|<>;:#~!%^-=+.,/@`\tżĄé→Ω漢字カ한😀"


def columns_of(line: str) -> int:
    """How wide a terminal shows a line: East Asian wide characters take two, a tab ends at the next eighth."""
    place = 0
    for character in line:
        if character == "\t":
            place += 8 - place % 8
        else:
            place += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return place


def screens(folder: Path, shown: list[tuple[str, int]]) -> list[list[str]]:
    """Each text as the option a of a question, in a terminal of that many columns; its lines without their indent."""
    questions = [
        {
            "number": number,
            "type": "single",
            "text": "Which?",
            "options": [{"id": "a", "text": text}, {"id": "b", "text": "no"}],
        }
        for number, (text, _) in enumerate(shown, 1)
    ]
    [taken] = take(folder, [({"questions": questions}, Student([width for _, width in shown], [""] * len(shown)))])
    found = []
    for screen, (_, width) in zip(taken.screens, shown, strict=True):
        lines = screen.split("\na: ")[1].removesuffix("\nb: no\n").split("\n")
        assert max(map(columns_of, screen.split("\n"))) <= width
        assert {line[:3] for line in lines[1:]} <= {"   "}
        found.append([lines[0], *(line[3:] for line in lines[1:])])
    return found


def random_line(rng: random.Random) -> str:
    return "".join(rng.choices(ALPHABET, k=rng.choice((0, 3, 20, 90, 300))))


@pytest.mark.parametrize("seed", range(2))
def test_fenced_code_is_shown_byte_for_byte_at_every_width(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    codes = ["\n".join(random_line(rng) for _ in range(rng.randint(1, 4))) for _ in WIDTHS]
    # A fence that the code itself does not end.
    texts = [f"~~~~~~~~~ sh\n{code}\n~~~~~~~~~" for code in codes]
    for code, lines in zip(codes, screens(tmp_path, list(zip(texts, WIDTHS, strict=True))), strict=True):
        assert {line[:2] for line in lines} <= {"| ", "> "}
        joined = "\n".join(lines).replace("\n> ", "")
        assert "\n".join(line.removeprefix("| ") for line in joined.split("\n")) == code


@pytest.mark.parametrize("seed", range(2))
def test_lines_that_begin_with_a_space_or_a_tab_keep_every_space_at_every_width(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    texts = [
        "\n".join(rng.choice(" \t") + "".join(rng.choices(ALPHABET, k=rng.randint(1, 200))) for _ in range(2))
        for _ in WIDTHS
    ]
    for text, lines in zip(texts, screens(tmp_path, list(zip(texts, WIDTHS, strict=True))), strict=True):
        assert "\n".join(lines).replace("\n> ", "") == text


@pytest.mark.parametrize("seed", range(2))
def test_inline_code_keeps_every_space_at_every_width(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    alphabet = ALPHABET.replace("`", "")
    codes = ["x" + "".join(rng.choices(alphabet, k=rng.choice((2, 15, 60, 250)))) + "x" for _ in WIDTHS]
    texts = [f"the words before it and then `{code}` and {'long ' * 30}after" for code in codes]
    for text, lines in zip(texts, screens(tmp_path, list(zip(texts, WIDTHS, strict=True))), strict=True):
        assert re.sub(r"\n(?! )", " ", "\n".join(lines).replace("\n> ", "")) == text


def test_a_block_of_code_stands_behind_bars_without_its_fences(tmp_path: Path) -> None:
    [lines] = screens(tmp_path, [("Before\n```sh\nif true; then\n  echo 'a    b'\n\nfi\n```\nAfter", 80)])
    assert lines == ["Before", "| if true; then", "|   echo 'a    b'", "| ", "| fi", "After"]
    [lines] = screens(tmp_path, [("```\n" + "0123456789" * 4 + "\n```", 30)])
    assert lines == ["| 0123456789012345678901234", "> 567890123456789"]


def test_code_uses_the_whole_width_and_words_no_more_than_reads_well(tmp_path: Path) -> None:
    [[code, *_, words]] = screens(tmp_path, [(f"```\n{'x' * 300}\n```\n{'word ' * 19}end", 200)])
    assert len(code) == 197
    [[words, *_]] = screens(tmp_path, [("word " * 60 + "end", 200)])
    assert 80 < len(words) <= 97


def test_an_option_that_is_an_empty_block_still_has_its_letter(tmp_path: Path) -> None:
    assert screens(tmp_path, [("```\n```", 80)]) == [[""]]
