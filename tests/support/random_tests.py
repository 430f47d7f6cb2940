"""Random tests as a trainer could write them: words of many scripts, code in blocks and in lines, long and short."""

from __future__ import annotations

import random
from typing import Any

WORDS = [
    "Which",
    "of",
    "these",
    "prints",
    "it?",
    "zażółć",
    "gęślą",
    "カーネルとは何ですか",
    "한국어",
    "العربية",
    "שלום",
    "😀",
    "x" * 60,
]
CODE = "ab1    \t'\"\\*?[]{}()$&|<>;:#!%^-=+.,/@żĄ→漢字カ한😀"


def random_questions(rng: random.Random) -> list[dict[str, Any]]:
    """Two to four questions as `LocalApi.publish_test` takes them."""
    return [
        {
            "text": _text(rng),
            "type": rng.choice(("single", "multiple")),
            "points": rng.choice((1, 2, 0.5, 1.25, 10)),
            "options": [{"id": option, "text": _text(rng)} for option in "abcdefgh"[: rng.randint(2, 5)]],
        }
        for _ in range(rng.randint(2, 4))
    ]


def _text(rng: random.Random) -> str:
    return "\n".join(rng.choice((_words, _words, _inline, _block, _indented))(rng) for _ in range(rng.randint(1, 3)))


def _words(rng: random.Random) -> str:
    """The longest fill more than a line of the widest terminal."""
    return " ".join(rng.choices(WORDS, k=rng.choice((1, 5, 25))))


def _inline(rng: random.Random) -> str:
    code = "".join(rng.choices(CODE, k=rng.choice((1, 10, 100))))
    return f"{rng.choice(WORDS)} `x{code}x` and ``y`{code}y``, {_words(rng)}"


def _indented(rng: random.Random) -> str:
    return f"    {_words(rng)}  {rng.choice(WORDS)}"


def _block(rng: random.Random) -> str:
    lines = ("".join(rng.choices(CODE, k=rng.choice((0, 10, 70, 200)))) for _ in range(rng.randint(1, 4)))
    return "\n".join(["Code:", rng.choice(("```", "```sh", "  ````")), *lines, "````", "So?"])
