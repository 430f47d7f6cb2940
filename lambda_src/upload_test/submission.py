"""Stores a submission once and answers it with the same receipt however often it is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.api.receipt import MOST_ATTEMPTS, Receipt, already_submitted, newer_submission, too_many_attempts
from common.attempts import stored_attempts
from common.shared.object_keys import answers_key
from common.storage import Bucket

if TYPE_CHECKING:
    from common.shared.documents import Answers, Submission

# Of a client that does not say which receipt it knows. No receipt has this ID.
ANY_RECEIPT = "any"


@dataclass(frozen=True)
class Attempts:
    """What one student submitted for one test. `resubmits`: the test's `attempts` is `last`.

    `replaces`: the receipt of the newest attempt that the client knows, None if it knows of none; or ANY_RECEIPT.
    """

    bucket: Bucket
    subject: str
    student: str
    test: str
    resubmits: bool
    replaces: str | None

    def latest(self) -> Receipt | None:
        """The receipt of the newest attempt, or None if there is none."""
        return self._receipt(self._newest())

    def store(self, answers: Answers, receipt: Receipt, is_of_these: Callable[[Receipt], bool]) -> Receipt:
        """Store the answers unless the newest attempt has the same ones; return the receipt of what is stored.

        `is_of_these`: whether the receipt of a stored attempt is of the same answers.

        That is the given receipt if this call stored the answers, and only after S3 has them; the earlier
        receipt if the same answers were already stored. Raises AlreadySubmitted for different answers if the
        test allows one attempt, NewerSubmission if the newest attempt is not the one that these are to replace,
        TooManyAttempts if all the attempts that the test allows are stored.
        """
        submission: Submission = {
            "subjectName": self.subject,
            "testId": self.test,
            "studentId": self.student,
            "answers": answers,
            "submittedAt": receipt.submitted_at,
            "receiptId": receipt.id,
        }
        newest = self._newest()
        stored = None
        # The first write fails if there is an attempt already; each further one only if another upload was faster.
        for attempt in range(newest, max(newest, MOST_ATTEMPTS) + 1):
            if self.bucket.create_json(self._key(attempt), submission, receipt.to_tag()):
                return receipt
            stored = self._receipt(attempt)
            # This may be our own receipt: the SDK repeats a write whose reply was lost.
            if stored and is_of_these(stored):
                return stored
            if not self.resubmits:
                raise already_submitted(self.test, stored)
            if self.replaces not in (ANY_RECEIPT, stored and stored.id):
                raise newer_submission(self.test, stored)
        raise too_many_attempts(self.test, stored)

    def _newest(self) -> int:
        """The number of the newest attempt; 1 if there is none yet."""
        if not self.resubmits:
            return 1
        return max(stored_attempts(self.bucket, self.subject, self.student, self.test), default=1)

    def _receipt(self, attempt: int) -> Receipt | None:
        return Receipt.from_tag(self.bucket.receipt(self._key(attempt)))

    def _key(self, attempt: int) -> str:
        return answers_key(self.subject, self.student, self.test, attempt)
