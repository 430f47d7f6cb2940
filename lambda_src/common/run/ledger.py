"""The ledger of emails: every email is recorded before it is sent, so that none is sent twice.

The data bucket has one ledger entry for each kind of email, test and student, a `LedgerEntry`:

    {"state": "sent", "token": "...", "runId": "...", "plannedAt": "...", "begunAt": "...", "endedAt": "...",
     "content": {"points": 5, "maxPoints": 6, "withAnswers": false}, "lastSent": {...}, "maybeSent": {...},
     "reason": "..."}

`content` is what the entry's latest email says. `lastSent` is the content of the last email before it that was
certainly sent. `maybeSent` is that of the last uncertain email after that one: until an email is certainly sent, the
recipient may have it. Every change of state is a conditional write (`If-None-Match` for the first, `If-Match` after
that), so if two runs try at the same time, exactly one of them sends the email. `plannedAt` is when the entry's run
started: a run that started earlier knows less, and does not write over it.

- `begun`: recorded, but it is not known whether it was sent. An email that stays in this state is *uncertain*: it is
  never sent again automatically.
- `sent`: SES accepted it.
- `rejected`: SES refused it permanently, for the given `reason`. It was not sent; a later run may try again.
- `deferred`: SES refused it for now (rate, daily quota) or could not be reached. It was not sent; the next run sends
  it.

After an email that was refused, what counts is what was sent, or may have been, before it.
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
    """An email to send.

    `last_sent`: the content of the last one that the recipient got, or None. `maybe_sent`: that of the last one after
    it that the recipient may have got.
    """

    key: str
    content: MailContent
    last_sent: MailContent | None
    maybe_sent: MailContent | None
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

        It must be sent if none has been sent yet, or if the last one said something else: a different score, the same
        score without the right answers, a different deadline, or that the test opened earlier.
        """
        stored: tuple[LedgerEntry, str] | None = self.bucket.get_versioned(key)
        if stored is None:
            return Owed(key, content, None, None, None)
        found, etag = stored
        known = self._known(found, content)
        if known is not None:
            return known
        last_sent, maybe_sent = _received(found)
        return Owed(key, _added(last_sent, maybe_sent, content), last_sent, maybe_sent, etag)

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
        if owed.maybe_sent is not None:
            entry["maybeSent"] = owed.maybe_sent
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
        if state == "sent":
            entry.pop("maybeSent", None)
        self.bucket.swap_json(claim.key, entry, claim.etag)

    def _known(self, found: LedgerEntry, content: MailContent) -> Known | None:
        """Why there is nothing to send, according to an entry; None if an email must be sent."""
        last_sent, maybe_sent = _received(found)
        said = last_sent if maybe_sent is None else maybe_sent
        covered = _covers(said, content, resend=self.resend)
        own, begun = found["runId"] == self.run_id, found["state"] == "begun"
        if covered and maybe_sent is None:
            if not _covers(said, content, resend=True):
                return Known("uncertain", self._told_before(found))
            return Known("sent" if own and found["state"] == "sent" else "sent earlier", self._told_before(found))
        if not own and found.get("plannedAt", "") > self.planned_at:
            return Known("outdated")
        if begun and not own and self.now() - parse_time(found["begunAt"]) < LONGEST_CALL:
            return Known("elsewhere" if covered else "outdated")
        # An email with different content was never sent, so it can be sent whatever the outcome of this one.
        # If this run began the email, it is uncertain again: a run resends it only once, even if a step is repeated.
        if covered and ((begun and own) or not self.resend):
            return Known("uncertain", self._told_before(found))
        return None

    def _told_before(self, found: LedgerEntry) -> MailContent | None:
        """The content of the email before the one of this run; None if another run wrote the entry."""
        return found.get("lastSent") if found["runId"] == self.run_id else None


def _covers(said: MailContent | None, wanted: MailContent, *, resend: bool) -> bool:
    """Whether an email that says `wanted` is unnecessary after one that said `said`; never if there was none."""
    if said is None:
        return False
    same_score = all(said.get(name) == wanted.get(name) for name in ("points", "maxPoints", "invitation"))
    # An entry that an earlier version wrote about a reminder has no deadline.
    same_deadline = said.get("deadline", wanted.get("deadline")) == wanted.get("deadline")
    same_opening = said.get("opensAt", "") >= wanted.get("opensAt", "")
    told = said.get("tests", {})
    enough = ("",) if resend else ("", _UNCERTAIN)
    same_tests = all(
        told.get(name) in [f"{digest}{mark}" for mark in enough]
        for name, digest in wanted.get("tests", {}).items()
        if digest
    )
    same = same_score and same_deadline and same_opening and same_tests
    return same and (said.get("withAnswers", False) or not wanted.get("withAnswers", False))


def _received(found: LedgerEntry) -> tuple[MailContent | None, MailContent | None]:
    """The content of the last email that the recipient got, and of the last one after it that they may have got."""
    match found["state"]:
        case "sent":
            return found["content"], None
        case "begun":
            return found.get("lastSent"), found["content"]
        case "rejected" | "deferred":
            return found.get("lastSent"), found.get("maybeSent")


def _added(last_sent: MailContent | None, maybe_sent: MailContent | None, content: MailContent) -> MailContent:
    """What the trainer has been told once an email with this content is sent: also of the tests that it leaves out.

    What only an uncertain email said is marked.
    """
    if "tests" not in content:
        return content
    sure = (last_sent or {}).get("tests", {})
    unsure = {
        name: digest if digest == sure.get(name) else f"{digest.removesuffix(_UNCERTAIN)}{_UNCERTAIN}"
        for name, digest in (maybe_sent or {}).get("tests", {}).items()
    }
    return {**content, "tests": {**sure, **unsure, **content["tests"]}}
