"""The students of the class, and the parts in which a large class is shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.shared.object_keys import ROSTER
from common.storage import Bucket

if TYPE_CHECKING:
    from common.shared.documents import RosterEntry


@dataclass(frozen=True)
class Part:
    """Some of the students, in the order of their keys in the bucket. `after`: the ID of the last one before them.

    `next`: the ID of their last one, if others follow.
    """

    students: Sequence[RosterEntry]
    after: str | None
    next: str | None


class Roster:
    """The roster, which is read again only if it has changed. `tag`: its ETag, None if there is no roster."""

    def __init__(self) -> None:
        self.tag: str | None = None
        self._students: list[RosterEntry] = []

    def students(self, bucket: Bucket) -> Sequence[RosterEntry]:
        """Everybody in the published class, in the order of their keys in the bucket. Raises StorageError."""
        if self.tag is None or bucket.etag(ROSTER) != self.tag:
            body, self.tag = bucket.get_tagged(ROSTER) or (b"", None)
            self._students = sorted(map(json.loads, body.splitlines()), key=lambda entry: _place(entry["studentId"]))
        return self._students


def part_of(students: Sequence[RosterEntry], after: str | None, size: int) -> Part:
    """At most `size` of the students: the first ones, or those that follow the student `after`."""
    rest = [each for each in students if after is None or _place(each["studentId"]) > _place(after)]
    part = rest[:size]
    return Part(part, after, part[-1]["studentId"] if len(rest) > size else None)


def _place(student_id: str) -> str:
    """S3 sorts by the whole key, in which a slash follows the ID: `s1-a/` comes before `s1/`."""
    return f"{student_id}/"
