"""Which IDs options and items get whose author gives them none. Pure functions.

An ID must not say what is right, and must stay with its option or item for as long as answers are stored that have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import takewhile
from operator import eq
from string import ascii_lowercase

from ..shared.documents import Option

# As many options, or items, as a question can have.
MOST_OPTIONS = len(ascii_lowercase)


def option_ids(texts: Iterable[str], before: Sequence[Option]) -> list[Option]:
    """The options with these texts, in the order of their IDs: letters in the order of a hash of the text.

    `before`: the options that are published; or none. An option with a text that is published keeps its ID. If there
    are as many as before, texts were corrected: each of the others has the ID of the one that is most like it. If not,
    the others get IDs that none has had: an answer that is stored must not come to mean another option.
    """
    options = _with_ids(sorted(texts, key=lambda text: sha256(text.encode()).digest()), ascii_lowercase, before)
    return sorted(options, key=lambda option: option["id"])


def item_ids(texts: Sequence[str], before: Sequence[Option]) -> list[Option]:
    """The items with these texts, in this order. Their IDs are 1, 2, ... at first, and are kept as those of options."""
    return _with_ids(texts, map(str, range(1, MOST_OPTIONS + 1)), before)


def same_text(text: str) -> str:
    """The form in which texts are compared: two that differ only in white space are the same."""
    return " ".join(text.split())


def _with_ids(texts: Sequence[str], ids: Iterable[str], before: Sequence[Option]) -> list[Option]:
    published = {same_text(option["text"]): option["id"] for option in before}
    kept = {text: published[same_text(text)] for text in texts if same_text(text) in published}
    if len(texts) == len(before):
        others = [option for option in before if option["id"] not in kept.values()]
        kept |= _most_alike([text for text in texts if text not in kept], others)
    had = {option["id"] for option in before}
    unused = [id for id in ids if id not in kept.values()]
    free = iter(sorted(unused, key=lambda id: id in had))
    return [{"id": kept[text] if text in kept else next(free), "text": text} for text in texts]


def _most_alike(texts: Sequence[str], before: Sequence[Option]) -> dict[str, str]:
    """The ID for each text; there are as many of both. What is most alike is put together first."""
    ratios = [
        (-_likeness(text, option["text"]), place, other)
        for place, text in enumerate(texts)
        for other, option in enumerate(before)
    ]
    found: dict[str, str] = {}
    for _, place, other in sorted(ratios):
        if texts[place] not in found and before[other]["id"] not in found.values():
            found[texts[place]] = before[other]["id"]
    return found


def _likeness(first: str, second: str) -> float:
    """How much of two texts is the same at their beginning and at their end, from 0 to 1."""
    start = _same_start(first, second)
    end = _same_start(first[start:][::-1], second[start:][::-1])
    return (start + end) / max(len(first), len(second))


def _same_start(first: str, second: str) -> int:
    return sum(takewhile(bool, map(eq, first, second)))
