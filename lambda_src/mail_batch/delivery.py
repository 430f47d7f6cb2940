"""Send a batch's mails: at SES's rate, within its daily quota and within the function's time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from common.errors import BrokenObject
from common.parallel import in_parallel
from common.run.ledger import Ledger
from common.run.mail import Draft, Mailer, MailNotSent, MailRejected, MailThrottled
from common.run.sending import Mail, send_once
from mail_batch.allowance import Allowance

if TYPE_CHECKING:
    from common.shared.documents import MailOutcome

# With less time left, no mail is started: one takes at most 15 s with SES and 25 s with S3, all retries included.
RESERVE_SECONDS = 60.0
THROTTLED_TRIES = 6


@dataclass
class Turn:
    """An email's turn. `holds_one`: whether it holds an email of the daily quota that it has not used."""

    holds_one: bool = False


class Delivery:
    """One call's sending.

    `mailers`: how many calls send at the same time; each keeps to its share of the rate, and all of them share the
    daily quota. `monotonic` and `sleep` are in seconds; `time_left` says how many seconds the function still has.
    Raises MailUnreachable if SES does not report its quota.
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
        self._allowance = None if left is None else Allowance(ledger.bucket, ledger.run_id, left, mailers)
        self._mails = 0
        self._held = 0  # taken from the allowance, and not used yet
        self._closed = False

    def deliver_all(self, mails: Sequence[Mail]) -> list[MailOutcome]:
        """What became of each mail, in order.

        `state`: `sent`, `sent earlier` (by another run), `uncertain`, `rejected`, `deferred` (to the next run),
        `pending` (there was no time), `elsewhere` (another run is sending it) or `outdated` (no longer true).
        """
        self._mails = len(mails)
        outcomes = in_parallel([partial(self._deliver, mail) for mail in mails])
        if self._allowance and self._held:
            self._allowance.give_back(self._held)
        return outcomes

    def _deliver(self, mail: Mail) -> MailOutcome:
        if self._time_left() < RESERVE_SECONDS:
            return {"state": "pending", "content": mail.content}
        turn = Turn()
        try:
            outcome = send_once(self._ledger, mail, partial(self._send, turn), partial(self._wait_for_slot, turn))
        except BrokenObject:
            return {"state": "uncertain", "content": mail.content, "reason": "the entry in the ledger is broken"}
        finally:
            if turn.holds_one:
                self._return_one()
        found: MailOutcome = {"state": outcome.state, "content": mail.content}
        if outcome.last_sent is not None:
            found["lastSent"] = outcome.last_sent
        if outcome.reason is not None:
            found["reason"] = outcome.reason
        return found

    def _wait_for_slot(self, turn: Turn) -> Literal["deferred", "pending"] | None:
        """Wait until SES's rate allows one more mail; the state of a mail that must not be sent any more."""
        with self._lock:
            if self._closed or not self._use_one():
                return "deferred"
            turn.holds_one = True
            now = self._monotonic()
            slot = max(now, self._next_slot)
            self._next_slot = slot + self._interval
        if self._time_left() < RESERVE_SECONDS + slot - now:
            return "pending"
        if slot > now:
            self._sleep(slot - now)
        return None

    def _use_one(self) -> bool:
        """Whether the daily quota has one more mail for this call. Needs the lock."""
        if self._allowance is None:
            return True
        if self._held == 0:
            self._held = self._allowance.take(self._mails)
        if self._held == 0:
            return False
        self._held -= 1
        return True

    def _return_one(self) -> None:
        """An email for which `_use_one` was called was not sent."""
        with self._lock:
            self._held += 1

    def _send(self, turn: Turn, draft: Draft) -> None:
        """Send one email, which uses up what it holds unless SES refuses it. Raises what Mailer.send raises."""
        turn.holds_one = False
        try:
            self._send_patiently(draft)
        except MailNotSent:
            turn.holds_one = True
            raise

    def _send_patiently(self, draft: Draft) -> None:
        """Send, and try again as long as SES says that it is too fast. Raises what Mailer.send raises."""
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
        """Which of the two SES meant: its answer is the same if the daily quota is used up or the rate is too high."""
        left = self._mailer.quota().left_today
        if left == 0:
            self._closed = True
        return left == 0
