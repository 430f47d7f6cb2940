"""Send one email, at most once: look in the ledger, wait, compose, claim, send, close.

Used for the students' emails (mail_batch, which adds SES's rate, the daily quota and the function's time limit) and for
the trainer's (report_run).
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


class Outdated(Exception):
    """An email is no longer true. The message says why, without its student's ID."""


@dataclass(frozen=True)
class Mail:
    """An email that may have to be sent: its key in the ledger, its content and the function that composes it.

    `compose` is called just before the email is claimed. It raises Outdated if the email is no longer true.
    """

    key: str
    content: MailContent
    compose: Callable[[Owed], Draft]


@dataclass(frozen=True)
class Outcome:
    """The outcome of an email.

    `last_sent`: the content of the last email that the recipient got before. `reason`: why the email was not sent or is
    uncertain. `refusal`: set if SES certainly did not accept the email.
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
    """Send an email unless, according to the ledger, it was sent, may have been sent, or is being sent by another run.

    `send` raises what Mailer.send raises. `wait_for_turn` is called before the email is composed; if the email must
    not be sent now, it returns its state, and a later call sends it. Raises StorageError if the ledger cannot be read,
    or the email cannot be composed or claimed: nothing was sent.
    """
    owed = ledger.look(mail.key, mail.content)
    if isinstance(owed, Known):
        return _known(owed)
    postponed = wait_for_turn()
    if postponed is not None:
        return Outcome(postponed, owed.last_sent)
    try:
        draft = mail.compose(owed)
    except Outdated as error:
        return Outcome("outdated", reason=str(error))
    claim = ledger.claim(owed)
    if isinstance(claim, Known):
        return _known(claim)
    return _send_claimed(ledger, claim, lambda: send(draft))


def _send_claimed(ledger: Ledger, claim: Claim, send: Callable[[], None]) -> Outcome:
    last_sent = claim.entry.get("lastSent")
    try:
        send()
    except MailUncertain as error:
        return Outcome("uncertain", last_sent, str(error))
    except MailNotSent as error:
        state: ClosedState = "rejected" if isinstance(error, MailRejected) else "deferred"
        return _close(ledger, claim, Outcome(state, last_sent, str(error), error), state)
    return _close(ledger, claim, Outcome("sent", last_sent), "sent")


def _known(known: Known) -> Outcome:
    """Why the ledger says that there is nothing to send."""
    reason = "a run that started later tells the recipient what is true" if known.state == "outdated" else None
    return Outcome(known.state, known.last_sent, reason)


def _close(ledger: Ledger, claim: Claim, outcome: Outcome, state: ClosedState) -> Outcome:
    """Record the outcome. If that fails, the entry stays `begun`, and the email is uncertain from now on."""
    try:
        ledger.close(claim, state, outcome.reason)
    except StorageError:
        return Outcome("uncertain", outcome.last_sent, "the email's outcome could not be recorded", outcome.refusal)
    return outcome
