"""The terminal client repeats rules that have their home in Python: harmful characters, blocks of code."""

from __future__ import annotations

import json
import random
import re
import shlex
import subprocess
from pathlib import Path

from common.run.code_in_text import inline_code
from common.shared.harmful_characters import JOINERS, harmless
from support.client_functions import Student, take
from support.terminal_client import SCRIPT
from support.text_samples import BLOCKS, INLINE

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
    """What the client makes of a character; it does not show the joiners at all."""
    text = f"a{chr(character)}b"
    if any(first <= character <= last for first, last in JOINERS):
        return ["ab"]
    return harmless(text, mark="?").split("\n")


def test_the_terminal_and_python_agree_on_every_harmful_character() -> None:
    in_python = {c: lines for c in ALL if (lines := expected(c)) != [f"a{chr(c)}b"]}
    assert shown_by_jq() == in_python


def test_the_terminal_finds_the_blocks_that_mails_find(tmp_path: Path) -> None:
    options = [{"id": "a", "text": text} for text, _ in BLOCKS]
    question = {"number": 1, "type": "single", "text": "Which?", "options": options}
    [taken] = take(tmp_path, [({"questions": [question]}, Student([80], [""]))])
    shown = re.split(r"^[a-z]: ", taken.screens[0], flags=re.M)[1:]
    for option, (text, expected) in zip(shown, BLOCKS, strict=True):
        lines = option.removesuffix("\n").replace("\n   ", "\n").split("\n")
        assert lines == [
            f"| {line}" if kind == "code" else line for kind, block in expected for line in block.split("\n")
        ], text


def held_spaces(text: str) -> str:
    """The text with an underscore for each space in inline code."""
    start, parts = 0, []
    for part in inline_code(text):
        found = text.index(part.text, start)
        parts += [text[start:found], part.text.replace(" ", "_") if part.is_code else part.text]
        start = found + len(part.text)
    return "".join([*parts, text[start:]])


def test_the_terminal_keeps_together_the_inline_code_that_mails_find() -> None:
    texts = [line for text, _ in INLINE for line in text.split("\n")]
    rng = random.Random(7)
    texts += ["".join(rng.choices("a `", weights=(2, 2, 3), k=12)) for _ in range(500)]
    calls = "".join(f"line={shlex.quote(text)}; join_code; printf '%s\\n' \"${{line//$KEPT/_}}\"\n" for text in texts)
    program = SCRIPT.read_text().removesuffix('main "$@"\n') + calls
    done = subprocess.run(["bash"], input=program, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:-1] == list(map(held_spaces, texts))
