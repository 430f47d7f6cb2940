"""Which IDs options and items get whose author gives them none. Pure functions.

An ID must not say what is right, and must stay with its option or item for as long as answers are stored that have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from string import ascii_lowercase

from ..shared.documents import Option


def option_ids(texts: Iterable[str], before: Sequence[Option]) -> list[Option]:
    """The options with these texts, in the order of their IDs: letters in the order of a hash of the text.

    `before`: the options that are published, as many as now; or none. An option with a text that is published keeps its
    ID. The other options get the IDs that are left: if a single text was corrected, it keeps its ID, too.
    """
    options = _with_ids(sorted(texts, key=lambda text: sha256(text.encode()).digest()), ascii_lowercase, before)
    return sorted(options, key=lambda option: option["id"])


def item_ids(texts: Sequence[str], before: Sequence[Option]) -> list[Option]:
    """The items with these texts, in this order. Their IDs are 1, 2, ... at first, and are kept as those of options."""
    return _with_ids(texts, [str(place) for place in range(1, len(texts) + 1)], before)


def same_text(text: str) -> str:
    """The form in which texts are compared: two that differ only in white space are the same."""
    return " ".join(text.split())


def _with_ids(texts: Sequence[str], ids: Iterable[str], before: Sequence[Option]) -> list[Option]:
    kept = {option["text"]: option["id"] for option in before if option["text"] in texts}
    free = (id for id in ids if id not in kept.values())
    return [{"id": kept[text] if text in kept else next(free), "text": text} for text in texts]
