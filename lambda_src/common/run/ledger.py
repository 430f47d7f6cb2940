"""The ledger of emails: every email is recorded before it is sent, so that none is sent twice.

The data bucket has one ledger entry for each kind of email, test and student, a `LedgerEntry`:

    {"state": "sent", "token": "...", "runId": "...", "plannedAt": "...", "begunAt": "...", "endedAt": "...",
     "content": {"points": 5, "maxPoints": 6, "withAnswers": false}, "lastSent": {...}, "reason": "..."}

`content` is what the entry's latest email says. `lastSent` is the content of the last email before it that was
certainly sent. Every change of state is a conditional write (`If-None-Match` for the first, `If-Match` after that), so
if two runs try at the same time, exactly one of them sends the email. `plannedAt` is when the entry's run started: a
run that started earlier knows less, and does not write over it.

- `begun`: recorded, but it is not known whether it was sent. An email that stays in this state is *uncertain*: it is
  never sent again automatically.
- `sent`: SES accepted it.
- `rejected`: SES refused it permanently, for the given `reason`. It was not sent; a later run may try again.
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

# AWS Lambda stops every function after this time, so an older `begun` entry belongs to a run that has died.
LONGEST_CALL = timedelta(seconds=900)

# In an email to the trainer, marks the digest of what only an uncertain email said of a test.
_UNCERTAIN = "?"

# The states of an email that SES certainly did not accept.
_REFUSED = frozenset({"rejected", "deferred"})

ClosedState = Literal["sent", "rejected", "deferred"]


@dataclass(frozen=True)
class Known:
    """The reason why there is nothing to send.

    `state`: `sent` by this run, `sent earlier` by another run, `uncertain`, `elsewhere` (another run is sending it) or
    `outdated` (a run that started later has told the recipient something else, or another is telling it now).
    `last_sent`: the content of the last email that the recipient got before this run's own.
    """

    state: Literal["sent", "sent earlier", "uncertain", "elsewhere", "outdated"]
    last_sent: MailContent | None = None


@dataclass(frozen=True)
class Owed:
    """An email to send. `last_sent`: the content of the last one that the recipient got, or None."""

    key: str
    content: MailContent
    last_sent: MailContent | None
    etag: str | None


@dataclass(frozen=True)
class Claim:
    """The right to send one email."""

    key: str
    entry: LedgerEntry
    etag: str


@dataclass(frozen=True)
class Ledger:
    """The entries as one run sees them.

    `planned_at`: when the run started, as text. `resend`: whether to send uncertain emails again.
    """

    bucket: Bucket
    run_id: str
    planned_at: str
    now: Callable[[], datetime]
    resend: bool = False

    def look(self, key: str, content: MailContent) -> Owed | Known:
        """Whether an email with this content must be sent. Raises StorageError.

        It must be sent if none has been sent yet, or if the last one said something else: a different score, or the
        same score without the right answers.
        """
        stored: tuple[LedgerEntry, str] | None = self.bucket.get_versioned(key)
        if stored is None:
            return Owed(key, content, None, None)
        found, etag = stored
        known = self._known(found, content)
        if known is not None:
            return known
        last_sent = found["content"] if found["state"] == "sent" else found.get("lastSent")
        return Owed(key, _added(found, content), last_sent, etag)

    def claim(self, owed: Owed) -> Claim | Known:
        """Claim the right to send an email, unless another run was faster. Raises StorageError."""
        entry: LedgerEntry = {
            "state": "begun",
            "token": uuid.uuid4().hex,
            "runId": self.run_id,
            "plannedAt": self.planned_at,
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
            # The SDK repeated the write because the reply was lost: this call wrote the entry.
            return Claim(owed.key, entry, etag)
        covered = _covers(found["content"], owed.content, resend=self.resend)
        return Known("elsewhere" if covered else "outdated", self._told_before(found))

    def close(self, claim: Claim, state: ClosedState, reason: str | None = None) -> None:
        """Record the outcome of a claimed email. Raises StorageError.

        If another run has taken over the claim in the meantime (to resend the email), nothing is written.
        """
        entry: LedgerEntry = {**claim.entry, "state": state, "endedAt": format_time(self.now())}
        if reason is not None:
            entry["reason"] = reason
        self.bucket.swap_json(claim.key, entry, claim.etag)

    def _known(self, found: LedgerEntry, content: MailContent) -> Known | None:
        """Why there is nothing to send, according to an entry; None if an email must be sent."""
        covered = _covers(found["content"], content, resend=self.resend)
        own = found["runId"] == self.run_id
        if found["state"] == "sent" and covered:
            sure = _covers(found["content"], content, resend=True)
            return Known(("sent" if own else "sent earlier") if sure else "uncertain", self._told_before(found))
        before = found.get("lastSent")
        if found["state"] in _REFUSED and before is not None and _covers(before, content, resend=self.resend):
            return Known("sent earlier")  # what was refused after it never reached the recipient
        if not own and found.get("plannedAt", "") > self.planned_at:
            return Known("outdated")
        return self._begun(found, covered=covered, own=own) if found["state"] == "begun" else None

    def _begun(self, found: LedgerEntry, *, covered: bool, own: bool) -> Known | None:
        """As `_known`, for an email of which it is not known whether it was sent."""
        if not own and self.now() - parse_time(found["begunAt"]) < LONGEST_CALL:
            return Known("elsewhere" if covered else "outdated")
        # An email with different content was never sent, so it can be sent whatever the outcome of this one.
        # If this run began the email, it is uncertain again: a run resends it only once, even if a step is repeated.
        if covered and (own or not self.resend):
            return Known("uncertain", self._told_before(found))
        return None

    def _told_before(self, found: LedgerEntry) -> MailContent | None:
        """The content of the email before the one of this run; None if another run wrote the entry."""
        return found.get("lastSent") if found["runId"] == self.run_id else None


def _covers(said: MailContent, wanted: MailContent, *, resend: bool) -> bool:
    """Whether an email that says `wanted` is unnecessary after one that said `said`."""
    same_score = all(said.get(name) == wanted.get(name) for name in ("points", "maxPoints"))
    told = said.get("tests", {})
    enough = ("",) if resend else ("", _UNCERTAIN)
    same_tests = all(
        told.get(name) in [f"{digest}{mark}" for mark in enough]
        for name, digest in wanted.get("tests", {}).items()
        if digest
    )
    return same_score and same_tests and (said.get("withAnswers", False) or not wanted.get("withAnswers", False))


def _added(found: LedgerEntry, content: MailContent) -> MailContent:
    """What the trainer has been told once an email with this content is sent: also of the tests that it leaves out.

    What only an uncertain email said is marked.
    """
    if "tests" not in content:
        return content
    said, sure = found["content"].get("tests", {}), found.get("lastSent", {}).get("tests", {})
    if found["state"] in _REFUSED:
        said = sure
    if found["state"] == "begun":
        said = {
            name: digest if digest == sure.get(name) else f"{digest.removesuffix(_UNCERTAIN)}{_UNCERTAIN}"
            for name, digest in said.items()
        }
    return {**content, "tests": {**said, **content["tests"]}}
