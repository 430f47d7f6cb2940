"""The terminal client repeats rules that have their home in Python: harmful characters, blocks of code."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

from common.shared.harmful_characters import JOINERS, harmless
from support.local_api import LocalApi
from support.terminal_client import SCRIPT, TerminalClient
from support.text_samples import BLOCKS

# Every character of the planes that have harmful ones (0 and 14). Of the other planes, which would take jq a minute,
# the first and the last 256.
HARMFUL_PLANES = (0, 14)
ALL = [
    c
    for c in range(0x110000)
    if not 0xD800 <= c < 0xE000 and (c >> 16 in HARMFUL_PLANES or not 0x100 <= c & 0xFFFF < 0xFF00)
]


def shown_by_jq() -> dict[int, list[str]]:
    """For each character that does not stay as it is between two letters: the lines it becomes."""
    common = re.search(r"^readonly JQ_COMMON='\n(.*?)^'$", SCRIPT.read_text(), re.DOTALL | re.MULTILINE)
    assert common
    program = f"""{common[1]}
      .[] | . as $c
      | ([97, ., 98] | implode) as $text | select(($text | lines) != [$text]) | [$c, ($text | lines)]"""
    done = subprocess.run(["jq", "-c", program], input=json.dumps(ALL), capture_output=True, text=True, check=True)
    return dict(json.loads(line) for line in done.stdout.splitlines())


def expected(character: int) -> list[str]:
    """What the client makes of a character; it shows a tab as four spaces, and the joiners not at all."""
    text = f"a{chr(character)}b"
    if character == ord("\t"):
        return ["a    b"]
    if any(first <= character <= last for first, last in JOINERS):
        return ["ab"]
    return harmless(text, mark="?").split("\n")


def test_the_terminal_and_python_agree_on_every_harmful_character() -> None:
    in_python = {c: lines for c in ALL if (lines := expected(c)) != [f"a{chr(c)}b"]}
    assert shown_by_jq() == in_python


@pytest.mark.parametrize(("text", "expected"), BLOCKS)
def test_long_lines_keep_their_spaces_where_they_are_code(
    api: LocalApi, client: TerminalClient, text: str, expected: list[tuple[str, str]]
) -> None:
    """Every line that is no mark gets a word too long for the terminal: as code it follows after both spaces."""
    word = "x" * 90
    lines = [line if set("`~") & set(line) else f"{line}  {word}" for line in text.split("\n")]
    question: dict[str, Any] = {"text": "\n".join(lines), "options": [{"id": "a", "text": "a"}]}
    api.publish_test("operating-systems", "test01", [question])
    shown = client.run("--subject", "operating-systems", "--test", "test01", stdin="a\n").stdout
    for kind, block in expected:
        for line in block.split("\n"):
            if line and not set("`~") & set(line):
                assert (f"{line}  x" in shown) is (kind == "code"), line
