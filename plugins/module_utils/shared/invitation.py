"""Invitations: links with which students pick up their API keys.

A link is `<endpoint>/#pick-up=<id>.<share>`. Both are 256 random bits as hex digits. The API key is the XOR of the
link's share with the bucket's.
"""

from __future__ import annotations

import re
from datetime import timedelta

# For how long a link can be used, and for how long the answer to its first use is repeated.
LIFE = timedelta(days=14)
REPEATED_FOR = timedelta(minutes=10)
SHARE_BYTES = 32
_HEX = re.compile(r"[0-9a-f]{64}")


def is_invitation_id(value: object) -> bool:
    """Whether `value` has the form of an invitation's ID."""
    return is_share(value)


def is_share(value: object) -> bool:
    """Whether `value` has the form of a share, or of an API key that can be split into two."""
    return isinstance(value, str) and _HEX.fullmatch(value) is not None


def xor(share: str, other: str) -> str:
    """The API key from its two shares, or a share from the API key and the other one."""
    return (int(share, 16) ^ int(other, 16)).to_bytes(SHARE_BYTES).hex()


def link(endpoint: str, id: str, share: str) -> str:
    """The link that a student gets."""
    return f"{endpoint}/#pick-up={id}.{share}"
