"""The ledger of mails: every mail is noted before it is sent, so that none is sent twice.

An entry of the ledger is one object of the data bucket, one for each (kind, test, student):

    {"state": "sent", "token": "...", "runId": "...", "begunAt": "...", "endedAt": "...",
     "content": {"points": 5, "maxPoints": 6, "withAnswers": false}, "lastSent": {...}, "reason": "..."}

`content` is what the entry's last mail says, `lastSent` what the mail before it said that surely went
out. Every step from state to state is a conditional write (`If-None-Match` for the first, `If-Match`
after), so of two runs at the same time exactly one gets to send.

- `begun`: noted, and nobody knows whether it went out. A mail that stays so is *uncertain*: never
  sent again by itself.
- `sent`: SES took it.
- `rejected`: SES refused it for good, with `reason`. It did not go out; a later run may try again.
- `deferred`: SES refused it for now (rate, daily quota) or could not be reached. It did not go out
  either; the next run sends it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from common.shared.deadlines import format_time, parse_time
from common.storage import Bucket

# No function runs longer (AWS Lambda quotas), so an older `begun` of another run belongs to nobody alive.
LONGEST_CALL = timedelta(seconds=900)


@dataclass(frozen=True)
class Known:
    """Why there is nothing to send: `state` is `sent`, `uncertain` or `elsewhere` (another run is at it)."""

    state: str
    entry: dict[str, Any]


@dataclass(frozen=True)
class Owed:
    """A mail that is to be sent. `last_sent`: what the student was told before, None if nothing yet."""

    key: str
    content: Mapping[str, Any]
    last_sent: dict[str, Any] | None
    etag: str | None


@dataclass(frozen=True)
class Claim:
    """The right to send one mail."""

    key: str
    entry: dict[str, Any]
    etag: str


@dataclass(frozen=True)
class Ledger:
    """The entries as one run sees them. `resend`: whether uncertain mails are to be sent again."""

    bucket: Bucket
    run_id: str
    now: Callable[[], datetime]
    resend: bool = False

    def look(self, key: str, content: Mapping[str, Any]) -> Owed | Known:
        """Whether a mail with this content is owed. Raises StorageError.

        It is when none was sent yet, or when the last one said something else: other points, or not
        yet the right answers.
        """
        stored = self.bucket.get_versioned(key)
        if stored is None:
            return Owed(key, content, None, None)
        found, etag = stored
        known = self._known(found, content)
        if known is not None:
            return Known(known, found)
        return Owed(key, content, found["content"] if found["state"] == "sent" else found.get("lastSent"), etag)

    def claim(self, owed: Owed) -> Claim | Known:
        """The right to send an owed mail, unless another run was faster. Raises StorageError."""
        entry = {
            "state": "begun",
            "token": uuid.uuid4().hex,
            "runId": self.run_id,
            "begunAt": format_time(self.now()),
            "content": dict(owed.content),
        }
        if owed.last_sent is not None:
            entry["lastSent"] = owed.last_sent
        etag = self.bucket.swap_json(owed.key, entry, owed.etag)
        if etag is not None:
            return Claim(owed.key, entry, etag)
        stored = self.bucket.get_versioned(owed.key)
        if stored is not None and stored[0].get("token") == entry["token"]:
            # The SDK repeated the write because its reply was lost: the entry is this call's own.
            return Claim(owed.key, entry, stored[1])
        return Known("elsewhere", stored[0] if stored else {})

    def close(self, claim: Claim, state: str, reason: str | None = None) -> None:
        """Note what became of a claimed mail: `sent`, `rejected` or `deferred`. Raises StorageError.

        A claim that was taken over meanwhile (an explicit resend) is left to who took it.
        """
        entry = {**claim.entry, "state": state, "endedAt": format_time(self.now())}
        if reason is not None:
            entry["reason"] = reason
        self.bucket.swap_json(claim.key, entry, claim.etag)

    def _known(self, found: Mapping[str, Any], content: Mapping[str, Any]) -> str | None:
        """The state in which an entry leaves nothing to send; None when a mail is owed."""
        covered = _covers(found["content"], content)
        if found["state"] == "sent":
            return "sent" if covered else None
        if found["state"] != "begun":
            return None
        own = found["runId"] == self.run_id
        if not own and self.now() - parse_time(found["begunAt"]) < LONGEST_CALL:
            return "elsewhere"
        # A mail with other content was never sent by anybody, so it may go out whatever became of this one.
        # What this very run began is uncertain anew: one run sends a mail again once, however often it is repeated.
        return "uncertain" if covered and (own or not self.resend) else None


def _covers(said: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a mail that said `said` makes one that says `wanted` needless."""
    answers_owed = wanted.get("withAnswers", False) and not said.get("withAnswers", False)
    rest = {name: value for name, value in wanted.items() if name != "withAnswers"}
    return not answers_owed and all(said.get(name) == value for name, value in rest.items())
