"""The ledger of mails: every mail is recorded before it is sent, so that none is sent twice.

An entry of the ledger is one object in the data bucket for each (kind, test, student), a `LedgerEntry`:

    {"state": "sent", "token": "...", "runId": "...", "begunAt": "...", "endedAt": "...",
     "content": {"points": 5, "maxPoints": 6, "withAnswers": false}, "lastSent": {...}, "reason": "..."}

`content` is what the entry's last mail says, `lastSent` what the last mail before it said that was certainly sent.
Every change of state is a conditional write (`If-None-Match` for the first, `If-Match` after that), so if two runs try
at the same time, exactly one of them sends the mail.

- `begun`: recorded, but nobody knows whether it was sent. A mail that stays in this state is *uncertain*: it is never
  sent again automatically.
- `sent`: SES took it.
- `rejected`: SES refused it for good, with `reason`. It was not sent; a later run may try again.
- `deferred`: SES refused it for now (rate, daily quota) or could not be reached. It was not sent; the next run sends
  it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from common.shared.deadlines import format_time, parse_time
from common.storage import Bucket

if TYPE_CHECKING:
    from common.shared.documents import LedgerEntry, MailContent

# No function runs longer (AWS Lambda quotas), so an older `begun` entry belongs to a run that is dead.
LONGEST_CALL = timedelta(seconds=900)

ClosedState = Literal["sent", "rejected", "deferred"]


@dataclass(frozen=True)
class Known:
    """Why there is nothing to send.

    `state`: `sent` by this run, `sent earlier` by another run, `uncertain`, or `elsewhere` (another run is sending it).
    `last_sent`: what the recipient was told before this run's own mail.
    """

    state: Literal["sent", "sent earlier", "uncertain", "elsewhere"]
    last_sent: MailContent | None = None


@dataclass(frozen=True)
class Owed:
    """A mail to send. `last_sent`: what the recipient was told before, None if nothing yet."""

    key: str
    content: MailContent
    last_sent: MailContent | None
    etag: str | None


@dataclass(frozen=True)
class Claim:
    """The right to send one mail."""

    key: str
    entry: LedgerEntry
    etag: str


@dataclass(frozen=True)
class Ledger:
    """The entries as one run sees them. `resend`: whether to send uncertain mails again."""

    bucket: Bucket
    run_id: str
    now: Callable[[], datetime]
    resend: bool = False

    def look(self, key: str, content: MailContent) -> Owed | Known:
        """Whether a mail with this content is owed. Raises StorageError.

        It is owed if none was sent yet, or if the last one said something else: a different score, or no right answers
        yet.
        """
        stored: tuple[LedgerEntry, str] | None = self.bucket.get_versioned(key)
        if stored is None:
            return Owed(key, content, None, None)
        found, etag = stored
        known = self._known(found, content)
        if known is not None:
            return known
        return Owed(key, content, found["content"] if found["state"] == "sent" else found.get("lastSent"), etag)

    def claim(self, owed: Owed) -> Claim | Known:
        """The right to send an owed mail, unless another run was faster. Raises StorageError."""
        entry: LedgerEntry = {
            "state": "begun",
            "token": uuid.uuid4().hex,
            "runId": self.run_id,
            "begunAt": format_time(self.now()),
            "content": owed.content,
        }
        if owed.last_sent is not None:
            entry["lastSent"] = owed.last_sent
        etag = self.bucket.swap_json(owed.key, entry, owed.etag)
        if etag is not None:
            return Claim(owed.key, entry, etag)
        stored: tuple[LedgerEntry, str] | None = self.bucket.get_versioned(owed.key)
        if stored is None:
            return Known("elsewhere")
        found, etag = stored
        if found["token"] == entry["token"]:
            # The SDK repeated the write because its reply was lost: the entry is this call's own.
            return Claim(owed.key, entry, etag)
        return Known("elsewhere", self._told_before(found))

    def close(self, claim: Claim, state: ClosedState, reason: str | None = None) -> None:
        """Record what became of a claimed mail. Raises StorageError.

        A claim that another run has taken over meanwhile (to resend the mail) is left to that run.
        """
        entry: LedgerEntry = {**claim.entry, "state": state, "endedAt": format_time(self.now())}
        if reason is not None:
            entry["reason"] = reason
        self.bucket.swap_json(claim.key, entry, claim.etag)

    def _known(self, found: LedgerEntry, content: MailContent) -> Known | None:
        """Why an entry leaves nothing to send; None when a mail is owed."""
        covered = _covers(found["content"], content)
        own = found["runId"] == self.run_id
        if found["state"] == "sent" and covered:
            return Known("sent" if own else "sent earlier", self._told_before(found))
        if found["state"] != "begun":
            return None
        if not own and self.now() - parse_time(found["begunAt"]) < LONGEST_CALL:
            return Known("elsewhere")
        # Nobody ever sent a mail with other content, so it may be sent whatever became of this one.
        # What this very run began is uncertain again: one run resends a mail once, however often a step is repeated.
        if covered and (own or not self.resend):
            return Known("uncertain", self._told_before(found))
        return None

    def _told_before(self, found: LedgerEntry) -> MailContent | None:
        """What the recipient was told before the mail of this run; None if the entry is another run's."""
        return found.get("lastSent") if found["runId"] == self.run_id else None


def _covers(said: MailContent, wanted: MailContent) -> bool:
    """Whether after a mail that said `said` a mail that says `wanted` is not needed."""
    same_score = all(said.get(name) == wanted.get(name) for name in ("points", "maxPoints"))
    return same_score and (said.get("withAnswers", False) or not wanted.get("withAnswers", False))
