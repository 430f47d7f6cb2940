"""The receipt of a submission, and what is told with it.

It is kept as a tag of the answers' object, which the functions that serve students may read
although they may not read the object: docs/data-model.md, "Submitted".
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common.errors import AlreadySubmitted, TestClosed
from common.shared.canonical_json import canonical_json
from common.shared.deadlines import format_time


@dataclass(frozen=True)
class Receipt:
    """`id`: `R-` and 16 hex digits. `submitted_at`: UTC text. `digest`: tells the same answers from others."""

    id: str
    submitted_at: str
    digest: str

    @classmethod
    def new(cls, now: datetime, digest: str) -> Receipt:
        """A receipt that no other submission has."""
        return cls(f"R-{secrets.token_hex(8)}", format_time(now), digest)

    @classmethod
    def from_tag(cls, tag: str | None) -> Receipt | None:
        """None for an object that has no such tag, or one that somebody else wrote."""
        parts = tag.split(" ") if tag else []
        return cls(*parts) if len(parts) == 3 else None

    def to_tag(self) -> str:
        """Within S3's limits for a tag: 256 characters, none outside `A-Za-z0-9 +-=._:/@`."""
        return f"{self.id} {self.submitted_at} {self.digest}"


def digest(answers: Mapping[str, Any], api_key: str) -> str:
    """HMAC-SHA256 under the student's API key, cut to 32 hex digits: without the key it tells no answer.

    A plain hash would: a test of six questions with four options has 4096 possible submissions.
    """
    return hmac.digest(api_key.encode("utf-8", "surrogatepass"), canonical_json(answers), "sha256").hex()[:32]


def already_submitted(test: str, receipt: Receipt | None) -> AlreadySubmitted:
    """The refusal of a second submission, which says which answers count."""
    return AlreadySubmitted(f"You submitted test {test} already{_when(receipt)}. Those answers count; nothing to do.")


def closed(test: str, accepted_until: datetime, receipt: Receipt | None = None) -> TestClosed:
    """The refusal of what came too late. `receipt`: of the answers that were in time, if any."""
    counts = f" The answers you submitted{_when(receipt)} count." if receipt else ""
    return TestClosed(
        f"Test {test} closed at {format_time(accepted_until)} and takes no more answers.{counts}"
        " If you need more time, ask your trainer for an extension."
    )


def _when(receipt: Receipt | None) -> str:
    return f" at {receipt.submitted_at} (receipt {receipt.id})" if receipt else ""
