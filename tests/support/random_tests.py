"""Random tests as a trainer could write them: words of many scripts, code in blocks and in lines, long and short.

And what students answer to them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
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
    return [_question(rng) for _ in range(rng.randint(2, 4))]


def _question(rng: random.Random) -> dict[str, Any]:
    kind = rng.choice(("single", "multiple", "number", "text", "order", "match", "gaps"))
    asked: dict[str, Any] = {
        "text": _text(rng),
        "type": kind,
        "points": rng.choice((1, 2, 0.5, 1.25, 10)),
        "options": [],
    }
    # Of the options of a match, short ones are shown otherwise than long ones.
    write = rng.choice((_text, _word)) if kind == "match" else _text
    if kind == "gaps":
        return _with_gaps(rng, asked)
    if kind not in ("number", "text"):
        asked["options"] = [{"id": option, "text": write(rng)} for option in "abcdefgh"[: rng.randint(2, 5)]]
    if kind == "match":
        asked["items"] = [{"id": str(item), "text": _text(rng)} for item in range(1, rng.randint(2, 4) + 1)]
    return asked


def _with_gaps(rng: random.Random, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The question with one to five gaps in its text, in prose and in code."""
    gaps: list[dict[str, Any]] = []
    parts = [asked["text"]]
    for number in range(1, rng.randint(2, 6)):
        gap: dict[str, Any] = {"id": str(number), "type": rng.choice(("single", "number", "text"))}
        if gap["type"] == "single":
            write = rng.choice((_text, _word))
            gap["options"] = [{"id": option, "text": write(rng)} for option in "abcd"[: rng.randint(2, 4)]]
        gaps.append(gap)
        mark = f"{{{{{number}}}}}"
        parts.append(rng.choice((f"{_words(rng)} {mark} {_words(rng)}", f"`x  {mark}`", f"```\n  {mark};\n```\nand")))
    return {**asked, "text": "\n".join(parts), "gaps": gaps}


def random_answer(rng: random.Random, question: Mapping[str, Any]) -> Any:
    """An answer to a question, as it is uploaded and as it is typed in the terminal; None for none."""
    options = [option["id"] for option in question.get("options", [])]
    if rng.random() < 0.2:
        return None
    match question["type"]:
        case "single":
            return rng.choice(options)
        case "multiple":
            return sorted(rng.sample(options, rng.randint(1, len(options))))
        case "number":
            return rng.choice(("62", "-3,5", "+.5e-3", "1" * 50))
        case "text":
            return _typed(rng)
        case "order":
            return rng.sample(options, len(options))
        case "match":
            items = [item["id"] for item in question["items"]]
            return {item: rng.choice(options) for item in sorted(rng.sample(items, rng.randint(1, len(items))))}
        case "gaps":
            parts = {gap["id"]: random_answer(rng, gap) for gap in question["gaps"]}
            return {gap: part for gap, part in parts.items() if part is not None} or None
    raise AssertionError(question)


def typed_answer(question: Mapping[str, Any], answer: Any) -> str:
    """What is typed in the terminal to give an answer, by the places of options and items; nothing for None.

    What is typed in gaps is separated as `client_functions.Student` has it.
    """
    letters = {option["id"]: letter for option, letter in zip(question.get("options", []), "abcdefgh", strict=False)}
    match question["type"], answer:
        case _, None:
            return ""
        case "number" | "text", typed:
            return str(typed)
        case "gaps", parts:
            return "\x1e".join(typed_answer(gap, parts.get(gap["id"])) for gap in question["gaps"])
        case "match", pairs:
            places = [item["id"] for item in question["items"]]
            return " ".join(f"{places.index(item) + 1}{letters[option]}" for item, option in pairs.items())
        case "single", option:
            return letters[option]
        case "order", order:
            return " ".join(letters[option] for option in order)
        case _, chosen:
            return " ".join(sorted(letters[option] for option in chosen))


def _word(rng: random.Random) -> str:
    return rng.choice(WORDS[:-1])


def _typed(rng: random.Random) -> str:
    """A line that fits into a line of the terminal, and that no command resembles."""
    return f"{rng.choice(('-', '*', '~', 'ls '))}{''.join(rng.choices(CODE.replace(chr(9), ''), k=20))}x"


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
