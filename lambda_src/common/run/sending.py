"""Send one mail, at most once: look in the ledger, compose, claim, send, close.

Used for the students' mails (mail_batch, which adds SES's rate, the daily quota and the function's time) and for the
trainer's (report_run).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from common.errors import StorageError
from common.run.ledger import Claim, ClosedState, Known, Ledger, Owed
from common.run.mail import Draft, MailNotSent, MailRejected, MailUncertain

if TYPE_CHECKING:
    from common.shared.documents import MailContent, MailState


@dataclass(frozen=True)
class Mail:
    """A mail that may be owed: its entry in the ledger, what it says, and the function that writes it."""

    key: str
    content: MailContent
    compose: Callable[[Owed], Draft]


@dataclass(frozen=True)
class Outcome:
    """What became of a mail.

    `last_sent`: what the recipient was told before. `reason`: why the mail was not sent, or is uncertain. `refusal`:
    set if SES certainly did not take the mail.
    """

    state: MailState
    last_sent: MailContent | None = None
    reason: str | None = None
    refusal: MailNotSent | None = None


def send_once(
    ledger: Ledger,
    mail: Mail,
    send: Callable[[Draft], None],
    wait_for_turn: Callable[[], Literal["deferred", "pending"] | None] = lambda: None,
) -> Outcome:
    """Send a mail unless the ledger says that it was sent, may have been sent, or is being sent by another run.

    `send` raises what Mailer.send raises. `wait_for_turn` is called when the mail is written; it returns the state of a
    mail that must not be sent now, which is then left to a later call. Raises StorageError if the ledger cannot be read
    or the mail cannot be claimed: nothing was sent.
    """
    owed = ledger.look(mail.key, mail.content)
    if isinstance(owed, Known):
        return Outcome(owed.state, owed.last_sent)
    draft = mail.compose(owed)
    postponed = wait_for_turn()
    if postponed is not None:
        return Outcome(postponed, owed.last_sent)
    claim = ledger.claim(owed)
    if isinstance(claim, Known):
        return Outcome(claim.state, claim.last_sent)
    try:
        send(draft)
    except MailUncertain as error:
        return Outcome("uncertain", owed.last_sent, str(error))
    except MailNotSent as error:
        state: ClosedState = "rejected" if isinstance(error, MailRejected) else "deferred"
        return _close(ledger, claim, Outcome(state, owed.last_sent, str(error), error), state)
    return _close(ledger, claim, Outcome("sent", owed.last_sent), "sent")


def _close(ledger: Ledger, claim: Claim, outcome: Outcome, state: ClosedState) -> Outcome:
    """Record the outcome. If that fails, the entry stays `begun`, and the mail is uncertain from now on."""
    try:
        ledger.close(claim, state, outcome.reason)
    except StorageError:
        return Outcome("uncertain", outcome.last_sent, "the outcome of the mail could not be recorded", outcome.refusal)
    return outcome
