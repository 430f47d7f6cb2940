"""How many emails the calls of a run may still send: SES's daily quota, shared by conditional writes.

The calls send at the same time, and each begins at a different one. What SES says is left is therefore not enough: it
does not count the emails that the others are about to send.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from common.errors import BrokenObject, StorageError
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


class Allowance:
    """The emails that a run may still send: `{"left": 199}` in `runs/<runId>/allowance.json`.

    The first call writes what SES says is left, minus the trainer's email. Each call takes some before it sends and
    gives back what it does not need. A call that dies takes what it holds with it: the next run asks SES again.
    `left_today`: what SES says, asked when this call began. `mailers`: how many calls send at the same time.
    """

    def __init__(self, bucket: Bucket, run_id: str, left_today: int, mailers: int) -> None:
        self._bucket = bucket
        self._key = allowance_key(run_id)
        self._at_first = max(0, left_today - RESERVED_FOR_TRAINER)
        self._mailers = mailers

    def take(self, most: int) -> int:
        """Take at least one and at most `most` emails; 0 if none is left. Raises StorageError."""
        return self._change(lambda left: min(left, most, max(1, left // (_SHARES * self._mailers))))

    def give_back(self, unused: int) -> None:
        """Let the other calls have what was taken and not sent. Raises StorageError."""
        self._change(lambda _left: -unused)

    def _change(self, taken: Callable[[int], int]) -> int:
        """Subtract `taken(left)` from what is left, and return it."""
        for _ in range(_MAX_LOST_RACES):
            left, etag = self._read()
            change = taken(left)
            after: MailAllowance = {"left": left - change}
            if change == 0 or self._bucket.swap_json(self._key, after, etag) is not None:
                return change
        raise StorageError("too many calls share the daily quota at once")

    def _read(self) -> tuple[int, str | None]:
        """What is left, and the ETag of the object that says so; None before the first call has written it.

        Not even a broken object is BrokenObject: that would say that an entry of the ledger is.
        """
        try:
            stored: tuple[MailAllowance, str] | None = self._bucket.get_versioned(self._key)
            return (stored[0]["left"], stored[1]) if stored else (self._at_first, None)
        except (BrokenObject, TypeError, KeyError) as error:
            raise StorageError(f"what is left of the daily quota cannot be read: {self._key} is broken") from error
