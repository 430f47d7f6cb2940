"""`students.sh invite`: gives each student a link with which they pick up their API key.

A student's invitation is recorded in the ledger of emails (`notifications/invitation/<studentId>.json`) before the link
goes out, so nobody is invited twice. The link itself is not kept anywhere: only its ID is.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Protocol

from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import (
    list_api_keys,
    sort_out,
)
from ansible_collections.training.test_time.plugins.module_utils.shared import invitation
from ansible_collections.training.test_time.plugins.module_utils.shared.deadlines import (
    format_time,
    own_deadline,
)
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import (
    Index,
    Invitation,
    LedgerEntry,
    MailContent,
    RosterEntry,
)
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import (
    NOTIFICATIONS,
    STUDENTS,
    index_key,
    invitation_key,
    invitation_notification_key,
    student_key,
)
from cli.command import CommandError
from cli.students.deployed import Stage

from common.run.ledger import Ledger, Owed
from common.run.mail import Draft
from common.run.sending import Mail, Outcome, send_once
from common.storage import Bucket

_PARALLEL_CALLS = 16
# The states in the ledger of those who are not invited again by themselves. `begun`: the email may have been sent.
_INVITED = ("sent", "begun")


@dataclass(frozen=True)
class Invited:
    """What goes out to a student. `first`: when their first test closes, if there is one."""

    student: RosterEntry
    link: str
    expires: datetime
    first: datetime | None


class Way(Protocol):
    """How invitations go out. `send` raises what Mailer.send raises."""

    def letter(self, invited: Invited) -> Draft: ...
    def send(self, letter: Draft) -> None: ...


@dataclass(frozen=True)
class Invitations:
    """The invitations to a stage's students. `now`: the time."""

    stage: Stage
    now: Callable[[], datetime]

    def wanted(self, ids: Iterable[str], again: bool) -> list[RosterEntry]:
        """The students to invite: those with `ids`, or all; without `again`, only those who are not invited yet.

        Nor are those whose invitation was refused, or leads to an API key that was replaced. Raises CommandError.
        """
        roster, ids = self.stage.roster(), list(ids)
        unknown = [id for id in ids if id not in roster]
        if unknown:
            raise CommandError(
                f"{', '.join(unknown)}: no such student is published; check the ID, or publish the class first"
            )
        students = [roster[id] for id in ids or sorted(roster)]
        if again:
            return students
        entries, values = self.entries(), self._api_keys
        return [
            student
            for student in students
            if not _is_invited(entries.get(student["studentId"]), values.get(student["studentId"], ""))
        ]

    def never_invited(self) -> int:
        """How many students have never been invited."""
        known = set(self.stage.bucket.keys(f"{NOTIFICATIONS}invitation/"))
        return sum(invitation_notification_key(id) not in known for id in self.stage.roster())

    def invite(
        self, students: Iterable[RosterEntry], again: bool, way: Way
    ) -> Iterator[tuple[RosterEntry, Outcome | None]]:
        """Invite students one after the other. Each with what has become of it, or None: their key cannot be split."""
        values, first = self._api_keys, _FirstDeadline(self.stage)
        ledger = Ledger(self.stage.bucket, f"invite-{secrets.token_hex(8)}", format_time(self.now()), self.now)
        for student in students:
            value = values.get(student["studentId"], "")
            if not invitation.is_share(value):
                yield student, None
                continue
            expires = self.now() + invitation.LIFE
            id, share = secrets.token_hex(invitation.SHARE_BYTES), secrets.token_hex(invitation.SHARE_BYTES)
            link = invitation.link(self.stage.endpoint, id, share)
            stored: Invitation = {
                "share": invitation.xor(value, share),
                "studentId": student["studentId"],
                "expiresAt": format_time(expires),
            }
            letter = way.letter(Invited(student, link, expires, first(student, self.now())))
            key = invitation_notification_key(student["studentId"])
            before: LedgerEntry | None = self.stage.bucket.get_json(key)
            content: MailContent = {"invitation": id, "studentRecord": student_key(value)}
            if before and not again and _is_invited(before, value):
                content = before["content"]
            compose = partial(self._compose, before, invitation_key(id), stored, letter)
            yield student, send_once(ledger, Mail(key, content, compose), way.send)

    def _compose(self, before: LedgerEntry | None, key: str, stored: Invitation, letter: Draft, _: Owed) -> Draft:
        remove(self.stage.bucket, before)
        self.stage.bucket.create_json(key, stored)
        return letter

    def entries(self) -> dict[str, LedgerEntry]:
        """What the ledger says of each student's last invitation, by ID."""
        keys = list(self.stage.bucket.keys(f"{NOTIFICATIONS}invitation/"))
        with ThreadPoolExecutor(_PARALLEL_CALLS) as pool:
            entries: Iterator[LedgerEntry] = pool.map(self.stage.bucket.get_json, keys)
            found = dict(zip(keys, entries, strict=True))
        return {key.rsplit("/", 1)[-1].removesuffix(".json"): entry for key, entry in found.items()}

    @cached_property
    def _api_keys(self) -> Mapping[str, str]:
        """The students' API keys, by ID."""
        keys = list_api_keys(self.stage.apigateway, self.stage.usage_plan, self.stage.stack)
        current = sort_out(keys, self.stage.roster(), list(self.stage.bucket.keys(STUDENTS))).current
        return {student: key.value for student, key in current.items()}


def _is_invited(entry: LedgerEntry | None, api_key: str) -> bool:
    """Whether the last invitation, if there is one, went out, or may have, and leads to this API key."""
    return (
        entry is not None
        and entry["state"] in _INVITED
        and entry["content"].get("studentRecord") == student_key(api_key)
    )


def remove(bucket: Bucket, entry: LedgerEntry | None) -> None:
    """Delete every version of the invitations that a student's entry in the ledger names. Their links stop working."""
    if entry is None:
        return
    contents = (entry["content"], entry.get("lastSent", {}), entry.get("maybeSent", {}))
    bucket.delete_versions({invitation_key(content["invitation"]) for content in contents if "invitation" in content})


class _FirstDeadline:
    """Finds when a student's first test closes, in the indexes, each of which is read once."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._indexes: dict[str, Index | None] = {}

    def __call__(self, student: RosterEntry, now: datetime) -> datetime | None:
        deadlines = []
        for subject in student["subjects"]:
            if subject not in self._indexes:
                self._indexes[subject] = self._stage.bucket.get_json(index_key(subject))
            for entry in (self._indexes[subject] or {"tests": []})["tests"]:
                deadlines.append(own_deadline(entry, subject, student["deadlines"]))
        return min((deadline for deadline in deadlines if deadline > now), default=None)
