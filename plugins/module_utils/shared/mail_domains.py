"""The domains of an email address, whose identities Amazon SES accepts for it too."""

from __future__ import annotations


def domains_of(address: str) -> list[str]:
    """The domain of an address and those above it, but no top-level domain, in lower case."""
    labels = address.lower().rpartition("@")[2].split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]
