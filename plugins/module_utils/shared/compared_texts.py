"""When two texts that were typed, or that are accepted, are the same answer."""

from __future__ import annotations

from functools import lru_cache
from unicodedata import normalize

from .harmful_characters import harmless


# The accepted texts are the same for every student.
@lru_cache(4096)
def comparable_text(text: str, *, case_matters: bool, spaces_matter: bool) -> str:
    """A text, or a pattern, as it is compared: two texts that give the same are the same answer.

    Hidden characters, which come with what is copied, never count. Unless they matter, upper and lower case are the
    same, spaces at both ends do not count, and a run of white space is one space.
    """
    text = harmless(text)
    if not case_matters:
        # Unicode's canonical caseless matching: "ß" is "ss", and "É" is "é" however it is composed.
        text = normalize("NFD", text).casefold()
    if not spaces_matter:
        text = " ".join(text.split())
    return normalize("NFC", text)
