"""What is wrong with an image."""

from __future__ import annotations


class WrongImage(Exception):
    """An image that cannot be shown. The message is the end of a sentence about it."""
