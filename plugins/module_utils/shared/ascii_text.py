"""Text in ASCII, for CloudFormation: it returns any other character of a parameter as `?`, which cannot be compared.

The trainer's side encodes and decodes the stacks' parameters, and the functions decode their settings.
"""

from __future__ import annotations


def to_ascii(text: str) -> str:
    r"""The same text with escapes for a backslash and for what is not ASCII: `Jesień` -> `Jesie\u0144`."""
    return text.encode("unicode_escape").decode()


def from_ascii(text: str) -> str:
    """The text that `to_ascii` was given. What it cannot have written becomes a replacement character."""
    return text.encode("ascii", "replace").decode("unicode_escape", "replace")
