"""What SES lets a run send: the rate, and how many emails of the daily quota are left, shared by conditional writes.

SES answers GetSendQuota once a second for the whole account, so a run asks once, before its emails. The calls of
mail_batch send at the same time. What is left is therefore counted in S3 and not asked again: SES's answer does not
count the emails that the others are about to send.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from common.errors import BrokenObject, StorageError
from common.run.mail import Mailer
from common.shared.object_keys import allowance_key
from common.storage import Bucket

if TYPE_CHECKING:
    from common.shared.documents import MailAllowance

# The trainer's report must still be sent on a day on which the students' emails use up the quota.
RESERVED_FOR_TRAINER = 1
# All calls together hold at most a tenth of what was left, so little of it can be with a call that does not need it.
_SHARES = 10
# Each lost race means that another call took or gave back something in the meantime.
_MAX_LOST_RACES = 100


def ask_ses(bucket: Bucket, mailer: Mailer, run_id: str) -> None:
    """Write what the run may send, minus the trainer's email. If it has been written before, SES is not asked.

    Raises MailUnreachable, SendingClosed, StorageError.
    """
    if bucket.get_json(allowance_key(run_id)) is not None:
        return
    quota = mailer.quota()
    left = None if quota.left_today is None else max(0, quota.left_today - RESERVED_FOR_TRAINER)
    allowance: MailAllowance = {"perSecond": quota.per_second, "left": left}
    bucket.create_json(allowance_key(run_id), allowance)


class Allowance:
    """The emails that a run may still send: `{"perSecond": 14, "left": 199}` in `runs/<runId>/allowance.json`.

    Each call takes some before it sends and gives back what it does not need. A call that dies takes what it holds with
    it: the next run asks SES again. `mailers`: how many calls send at the same time.
    """

    def __init__(self, bucket: Bucket, run_id: str, mailers: int) -> None:
        self._bucket = bucket
        self._key = allowance_key(run_id)
        self._mailers = mailers

    def read(self) -> MailAllowance | None:
        """What SES said, and how much of it is left; None if SES did not answer. Raises StorageError."""
        found = self._read()
        return found[0] if found else None

    def take(self, most: int) -> int:
        """Take at least one and at most `most` emails; 0 if none is left. Raises StorageError."""
        return self._change(lambda left: left - min(left, most, max(1, left // (_SHARES * self._mailers))))

    def give_back(self, unused: int) -> None:
        """Let the other calls have what was taken and not sent. Raises StorageError."""
        self._change(lambda left: left + unused)

    def use_up(self) -> None:
        """SES says that nothing is left. Raises StorageError."""
        self._change(lambda _left: 0)

    def _change(self, rest: Callable[[int], int]) -> int:
        """Replace what is left by `rest(left)`. How much less that is."""
        for _ in range(_MAX_LOST_RACES):
            found = self._read()
            if found is None:
                raise StorageError(f"{self._key} is gone")
            before, etag = found
            left = before["left"] or 0
            after: MailAllowance = {**before, "left": rest(left)}
            if after == before or self._bucket.swap_json(self._key, after, etag) is not None:
                return left - rest(left)
        raise StorageError("too many calls share the daily quota at once")

    def _read(self) -> tuple[MailAllowance, str] | None:
        """The object and its ETag.

        Not even a broken object is BrokenObject: that would say that an entry of the ledger is.
        """
        try:
            stored: tuple[MailAllowance, str] | None = self._bucket.get_versioned(self._key)
            if stored is not None and not {"perSecond", "left"} <= stored[0].keys():
                raise BrokenObject
        except (BrokenObject, AttributeError) as error:
            raise StorageError(f"what is left of the daily quota cannot be read: {self._key} is broken") from error
        return stored
