"""The receipt of a submission, and the errors that mention it.

The receipt is a tag on the object with the answers. The functions that serve students may read the tag, but not the
object: docs/data-model.md, "Submitted".
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from common.api.errors import AlreadySubmitted, NewerSubmission, TestClosed, TooManyAttempts
from common.shared.canonical_json import canonical_json
from common.shared.deadlines import format_time
from common.shared.object_keys import answers_key

if TYPE_CHECKING:
    from common.api.http import Request
    from common.shared.documents import Answers

# So that no student can make the weekly run slow: each attempt is an object that it may have to read.
MOST_ATTEMPTS = 100
# With which the receipt of a draft begins, instead of `R-`.
DRAFT_RECEIPT = "draft-"


@dataclass(frozen=True)
class Receipt:
    """`id`: `R-`, the 8 hex digits of `place_digits` and 8 random ones. `submitted_at`: UTC, as text.

    `digest`: equal only if the answers are the same.
    """

    id: str
    submitted_at: str
    digest: str

    @classmethod
    def new(cls, now: datetime, place: str, digest: str) -> Receipt:
        """A receipt with a new ID, which begins with `place`."""
        return cls(f"R-{place}{secrets.token_hex(4)}", format_time(now), digest)

    @classmethod
    def from_tag(cls, tag: str | None) -> Receipt | None:
        """The receipt in a tag, or None if there is no tag or it does not contain a receipt."""
        parts = tag.split(" ") if tag else []
        return cls(*parts) if len(parts) == 3 else None

    def to_tag(self) -> str:
        """The tag's value, within S3's limits: at most 256 characters of `A-Za-z0-9 +-=._:/@`."""
        return f"{self.id} {self.submitted_at} {self.digest}"


def place_digits(subject: str, student: str, test: str) -> str:
    """The digits with which the receipts of a student's attempts at a test begin.

    With them, a receipt is found without reading the tags of all that the class has submitted.
    """
    return sha256(answers_key(subject, student, test).encode()).hexdigest()[:8]


def draft_receipt(subject: str, student: str, test: str, saved_at: str) -> str:
    """The receipt of a draft that is handed in automatically: `draft-` and 16 hex digits, as in other receipts.

    It follows from where and when the draft was saved, so that it stays the same, and tells nothing of the answers.
    """
    place = place_digits(subject, student, test)
    return f"{DRAFT_RECEIPT}{place}{sha256(f'{place} {saved_at}'.encode()).hexdigest()[:8]}"


def digest(answers: Answers, key: str) -> str:
    """HMAC-SHA256 with a student's receipt key, cut to 32 hex digits. Without the key, it does not reveal the answers.

    A plain hash would: a test of six questions with four options each has only 4096 possible submissions.
    """
    return hmac.digest(key.encode("utf-8", "surrogatepass"), canonical_json(answers), "sha256").hex()[:32]


def has_answers(receipt: Receipt, answers: Answers, request: Request) -> bool:
    """Whether a receipt is of these answers of the student who sent the request.

    Version 1.0 made the digest with the API key itself, so its receipts are not recognised once that key is replaced.
    """
    return receipt.digest in (digest(answers, request.receipt_key), digest(answers, request.api_key))


def already_submitted(test: str, receipt: Receipt | None) -> AlreadySubmitted:
    """The error for a second submission. It says which answers count."""
    return AlreadySubmitted(
        f"You have already submitted test {test}{_when(receipt)}. Those answers count. You do not need to do anything."
    )


def newer_submission(test: str, receipt: Receipt | None) -> NewerSubmission:
    """The error for answers from a tab or device that has not seen the newest attempt, of which `receipt` is."""
    return NewerSubmission(
        f"You have submitted test {test} again{_when(receipt)}, and those answers count. Look at them before you submit"
        " others."
    )


def too_many_attempts(test: str, receipt: Receipt | None) -> TooManyAttempts:
    """The error for one attempt too many. `receipt`: of the newest attempt."""
    return TooManyAttempts(
        f"Test {test} accepts at most {MOST_ATTEMPTS} submissions from each student, and you have sent that many."
        f" Everything you submitted before is kept, and your last submission{_when(receipt)} still stands."
    )


def closed(test: str, accepted_until: datetime, receipt: Receipt | None = None) -> TestClosed:
    """The error for answers that are too late. `receipt`: of the answers that were accepted before, if any."""
    counts = f" The answers you submitted{_when(receipt)} count." if receipt else ""
    return TestClosed(
        f"Test {test} closed at {format_time(accepted_until)} and no longer accepts answers.{counts}"
        " If you need more time, ask your trainer for an extension."
    )


def _when(receipt: Receipt | None) -> str:
    return f" at {receipt.submitted_at} (receipt {receipt.id})" if receipt else ""
