"""JSON with exactly one form for each value, so that equal content has equal bytes, ETags and digests.

Used by the functions (scores, receipts, ledger) and by the trainer's side (published objects are compared by ETag).
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any


def canonical_json(value: Any) -> bytes:
    """The same value always gives the same bytes: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def key_version(answer_key: bytes) -> str:
    """The version of an answer key: the first 12 hex digits of the SHA-256 of its bytes."""
    return sha256(answer_key).hexdigest()[:12]
