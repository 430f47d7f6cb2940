"""Send a batch's mails: at SES's rate, within its daily quota and within the function's time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from common.errors import BrokenObject
from common.parallel import in_parallel
from common.run.failures import failure_of
from common.run.ledger import Ledger, Owed
from common.run.mail import Draft, Mailer, MailNotSent, MailThrottled, MailUnreachable, QuotaUsedUp, SendingClosed
from common.run.sending import Mail, Outcome, send_once
from common.run.ses_refusals import DAILY_QUOTA, TOO_FAST
from common.shared.object_keys import sending_limits_failure_key
from mail_batch.allowance import Allowance

if TYPE_CHECKING:
    from common.shared.documents import MailOutcome

# With less time left, no mail is claimed. To claim it, to look whose claim it is and to close it are calls of S3, which
# take at most 35 s each, all retries included; to send it takes at most 15 s. A kill in between makes it uncertain.
RESERVE_SECONDS = 120.0
# The longest pause after SES has said that emails come too fast.
LONGEST_PAUSE_SECONDS = 32.0
# After so many emails in a row that SES refuses without saying about whom, it is taken to refuse all of them.
MOST_REFUSED = 5


class _OutOfTime(Exception):
    """When an email was composed, there was no time left to send it."""


@dataclass
class Turn:
    """An email's turn. `holds_one`: whether it holds an email of the daily quota that it has not used."""

    holds_one: bool = False


class Delivery:
    """One call's sending.

    `mailers`: how many calls send at the same time; each keeps to its share of the rate, and all of them share the
    daily quota. `monotonic` and `sleep` are in seconds; `time_left` says how many seconds the function still has.
    `jitter` is a random number from 0 to 1. Raises StorageError.
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
        jitter: Callable[[], float],
    ) -> None:
        self._ledger = ledger
        self._mailer = mailer
        self._time_left = time_left
        self._monotonic = monotonic
        self._sleep = sleep
        self._jitter = jitter
        self._lock = threading.Lock()
        self._allowance = Allowance(ledger.bucket, ledger.run_id, mailers)
        limits = self._allowance.read()
        self._closed = None if limits else _why_nothing_is_known(ledger)
        self._is_counted = limits is not None and limits["left"] is not None
        self._interval = mailers / limits["perSecond"] if limits else 0.0
        # Calls begin together. If each sent its first email at once, they would exceed the rate.
        self._next_slot = monotonic() + jitter() * self._interval
        self._mails = 0
        self._held = 0  # taken from the allowance, and not used yet
        self._is_quota_used_up = False
        self._accepted = 0
        # Since the last email that was accepted:
        self._throttled = 0
        self._refused = 0  # for a reason that is not known

    def deliver_all(self, mails: Sequence[Mail]) -> list[MailOutcome]:
        """What became of each mail, in order.

        `state`: `sent`, `sent earlier` (by another run), `uncertain`, `rejected`, `deferred` (to the next run),
        `pending` (there was no time), `elsewhere` (another run is sending it) or `outdated` (no longer true).
        """
        self._mails = len(mails)
        outcomes = in_parallel([partial(self._deliver, mail) for mail in mails])
        if self._is_quota_used_up:
            self._allowance.use_up()
        elif self._held:
            self._allowance.give_back(self._held)
        return outcomes

    def _deliver(self, mail: Mail) -> MailOutcome:
        outcome = Outcome("pending")
        while self._time_left() >= RESERVE_SECONDS:
            outcome = self._try(mail)
            if not _came_too_fast(outcome):
                break
            self._slow_down()
        if outcome.state == "pending" or _came_too_fast(outcome):
            outcome = self._out_of_time(outcome)
        found: MailOutcome = {"state": outcome.state, "content": mail.content}
        if outcome.last_sent is not None:
            found["lastSent"] = outcome.last_sent
        if outcome.reason is not None:
            found["reason"] = outcome.reason
        elif outcome.state == "deferred":
            found["reason"] = self._closed or DAILY_QUOTA
        return found

    def _try(self, mail: Mail) -> Outcome:
        """Send one email, if it is owed and the rate and the quota allow it."""
        turn = Turn()
        try:
            in_time = replace(mail, compose=partial(self._compose, mail))
            return send_once(self._ledger, in_time, partial(self._send, turn), partial(self._wait_for_slot, turn))
        except _OutOfTime:
            return Outcome("pending")
        except BrokenObject:
            return Outcome("uncertain", reason="the entry in the ledger is broken")
        finally:
            if turn.holds_one:
                self._return_one()

    def _compose(self, mail: Mail, owed: Owed) -> Draft:
        """Compose an email, which may take long: what is published is read again. Raises _OutOfTime."""
        draft = mail.compose(owed)
        if self._time_left() < RESERVE_SECONDS:
            raise _OutOfTime
        return draft

    def _out_of_time(self, outcome: Outcome) -> Outcome:
        """A later call continues, unless SES has accepted nothing from this one because of its rate."""
        if self._throttled and not self._accepted:
            return Outcome("deferred", outcome.last_sent, TOO_FAST)
        return Outcome("pending", outcome.last_sent)

    def _slow_down(self) -> None:
        """SES says that emails come too fast: nobody's turn comes before a pause, which grows and is random."""
        with self._lock:
            self._throttled += 1
            pause = self._jitter() * min(2.0**self._throttled, LONGEST_PAUSE_SECONDS)
            self._next_slot = max(self._next_slot, self._monotonic() + pause)

    def _wait_for_slot(self, turn: Turn) -> Literal["deferred", "pending"] | None:
        """Wait until SES's rate allows one more mail; the state of a mail that must not be sent any more."""
        with self._lock:
            if self._closed or not self._use_one():
                return "deferred"
            turn.holds_one = self._is_counted
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
        if not self._is_counted:
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
            self._mailer.send(draft)
        except MailNotSent as error:
            turn.holds_one = self._is_counted
            self._refused += type(error) is MailNotSent
            if isinstance(error, SendingClosed | MailUnreachable) or self._refused >= MOST_REFUSED:
                self._closed = str(error)
            self._is_quota_used_up |= isinstance(error, QuotaUsedUp)
            raise
        self._accepted += 1
        self._throttled = self._refused = 0


def _came_too_fast(outcome: Outcome) -> bool:
    return outcome.state == "deferred" and isinstance(outcome.refusal, MailThrottled)


def _why_nothing_is_known(ledger: Ledger) -> str:
    """Why the run does not know SES's limits, as the state machine has recorded it."""
    return f"the sending limits are not known: {failure_of(ledger.bucket, sending_limits_failure_key(ledger.run_id))}"
