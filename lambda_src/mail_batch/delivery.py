"""Send a batch's mails: at SES's rate, within its daily quota and within the function's time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from common.errors import BrokenObject, StorageError
from common.parallel import in_parallel
from common.run.ledger import Claim, Known, Ledger, Owed
from common.run.mail import Draft, Mailer, MailNotSent, MailRejected, MailThrottled, MailUncertain

# Not begun any more when less is left: a mail takes at most 15 s with SES and 25 s with S3, all retries included.
RESERVE_SECONDS = 60.0
# The trainer's report has to go out on the day on which the quota runs out, too.
RESERVED_FOR_TRAINER = 1
THROTTLED_TRIES = 6


class Delivery:
    """One call's sending.

    `mailers`: how many calls send at the same time; each keeps to its share of rate and quota. `monotonic`
    and `sleep` are in seconds; `time_left` says how many seconds the function still has. Raises
    MailUnreachable where SES does not tell its quota.
    """

    def __init__(
        self,
        ledger: Ledger,
        mailer: Mailer,
        time_left: Callable[[], float],
        *,
        mailers: int,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self._ledger = ledger
        self._mailer = mailer
        self._time_left = time_left
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        quota = mailer.quota()
        self._interval = mailers / quota.per_second
        self._next_slot = monotonic()
        left = quota.left_today
        self._left = None if left is None else (left - RESERVED_FOR_TRAINER) // mailers
        self._closed = False

    def deliver_all(self, mails: Sequence[tuple[str, dict[str, Any], Callable[[Owed], Draft]]]) -> list[dict[str, Any]]:
        """What became of each mail: `{"state", "content", "lastSent"?, "reason"?}`, in order.

        A mail is its ledger key, its content (common/run/ledger.py) and the function that writes it. `state`:
        `sent`, `sent earlier` (by another run), `uncertain`, `rejected`, `deferred` (for the next run),
        `pending` (there was no time) or `elsewhere` (another run is sending it).
        """
        return in_parallel([partial(self._deliver, *mail) for mail in mails])

    def _deliver(self, key: str, content: dict[str, Any], write: Callable[[Owed], Draft]) -> dict[str, Any]:
        if self._time_left() < RESERVE_SECONDS:
            return {"state": "pending", "content": content}
        try:
            owed = self._ledger.look(key, content)
        except BrokenObject:
            return {"state": "uncertain", "content": content, "reason": "the ledger's entry is broken"}
        if isinstance(owed, Known):
            return self._known(owed, content)
        outcome: dict[str, Any] = {"content": content}
        if owed.last_sent is not None:
            outcome["lastSent"] = owed.last_sent
        draft = write(owed)
        refused = self._wait_for_slot()
        if refused:
            return {**outcome, "state": refused}
        claim = self._ledger.claim(owed)
        if isinstance(claim, Known):
            return self._known(claim, content)
        return {**outcome, **self._send(claim, draft)}

    def _known(self, known: Known, content: dict[str, Any]) -> dict[str, Any]:
        own = known.entry.get("runId") == self._ledger.run_id
        state = "sent earlier" if known.state == "sent" and not own else known.state
        outcome = {"state": state, "content": content}
        if own and "lastSent" in known.entry:
            outcome["lastSent"] = known.entry["lastSent"]
        return outcome

    def _wait_for_slot(self) -> str | None:
        """Wait until SES's rate allows one more mail; the state of a mail that may not go any more."""
        with self._lock:
            if self._closed or (self._left is not None and self._left <= 0):
                return "deferred"
            if self._left is not None:
                self._left -= 1
            now = self._monotonic()
            slot = max(now, self._next_slot)
            self._next_slot = slot + self._interval
        if self._time_left() < RESERVE_SECONDS + slot - now:
            return "pending"
        if slot > now:
            self._sleep(slot - now)
        return None

    def _send(self, claim: Claim, draft: Draft) -> dict[str, Any]:
        try:
            self._try_to_send(draft)
        except MailUncertain as error:
            return {"state": "uncertain", "reason": str(error)}
        except MailRejected as error:
            return self._close(claim, "rejected", str(error))
        except MailNotSent as error:
            return self._close(claim, "deferred", str(error))
        return self._close(claim, "sent")

    def _try_to_send(self, draft: Draft) -> None:
        """Send, again while SES says it is too fast. Raises what Mailer.send raises."""
        for tried in range(1, THROTTLED_TRIES + 1):
            try:
                return self._mailer.send(draft)
            except MailThrottled:
                pause = 2.0**tried
                if tried == THROTTLED_TRIES or self._time_left() < RESERVE_SECONDS + pause or self._quota_is_used_up():
                    raise
                self._sleep(pause)
            except MailRejected:
                raise
            except MailNotSent:
                self._closed = True
                raise
        raise AssertionError("unreachable")

    def _quota_is_used_up(self) -> bool:
        """SES answers a used-up daily quota like too fast a rate: its own count tells which it is."""
        left = self._mailer.quota().left_today
        if left == 0:
            self._closed = True
        return left == 0

    def _close(self, claim: Claim, state: str, reason: str | None = None) -> dict[str, Any]:
        try:
            self._ledger.close(claim, state, reason)
        except StorageError:
            return {"state": "uncertain", "reason": "what became of the mail could not be noted"}
        return {"state": state} if reason is None else {"state": state, "reason": reason}
