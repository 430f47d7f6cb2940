"""Which IDs options and items get whose author gives them none. Pure functions.

An ID must not say what is right, and must stay with its option or item for as long as answers are stored that have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import product, takewhile
from operator import eq
from string import ascii_lowercase

from ..shared.documents import Option


def option_ids(texts: Iterable[str], before: Sequence[Option]) -> list[Option]:
    """The options with these texts, in the order of their IDs: letters in the order of a hash of the text.

    `before`: the options that are published. An option with a text that is published keeps its ID, and a corrected text
    that of the text that it is most like. Further options get the next letters.
    """
    options = _with_ids(sorted(texts, key=lambda text: sha256(text.encode()).digest()), ascii_lowercase, before)
    return sorted(options, key=lambda option: option["id"])


def item_ids(texts: Sequence[str], before: Sequence[Option]) -> list[Option]:
    """The items with these texts, in this order. Their IDs are 1, 2, ... at first, and are kept as those of options."""
    return _with_ids(texts, [str(place) for place in range(1, len(ascii_lowercase) + 1)], before)


def same_text(text: str) -> str:
    """The form in which texts are compared: two that differ only in white space are the same."""
    return " ".join(text.split())


def _with_ids(texts: Sequence[str], ids: Iterable[str], before: Sequence[Option]) -> list[Option]:
    kept = {option["text"]: option["id"] for option in before if option["text"] in texts}
    kept |= _corrected(
        [text for text in texts if text not in kept], [option for option in before if option["text"] not in kept]
    )
    free = (id for id in ids if id not in kept.values())
    return [{"id": kept[text] if text in kept else next(free), "text": text} for text in texts]


def _corrected(texts: Sequence[str], before: Sequence[Option]) -> dict[str, str]:
    """The IDs of the texts that take the place of others, the most alike first."""
    places = product(range(len(texts)), range(len(before)))
    alike = sorted((-_likeness(texts[new], before[old]["text"]), new, old) for new, old in places)
    found: dict[str, str] = {}
    for _, new, old in alike:
        if texts[new] not in found and before[old]["id"] not in found.values():
            found[texts[new]] = before[old]["id"]
    return found


def _likeness(first: str, second: str) -> float:
    """How much of two texts is the same at their beginning and at their end, from 0 to 1."""
    start = _same_start(first, second)
    end = _same_start(first[start:][::-1], second[start:][::-1])
    return (start + end) / max(len(first), len(second))


def _same_start(first: str, second: str) -> int:
    return sum(takewhile(bool, map(eq, first, second)))
