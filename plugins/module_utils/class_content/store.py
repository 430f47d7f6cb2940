"""What is published of a class in the data bucket, and how it is brought up to date.

Objects are compared by their ETag, which for objects under SSE-S3 is the MD5 of the content, so unchanged objects are
neither read nor written. An interrupted run never leaves a test partly visible: see `Update`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import compress
from typing import Any

from botocore.exceptions import ClientError

from ..shared.documents import ClassRecord, Index, IndexEntry, Questions, RosterEntry
from ..shared.object_keys import (
    ANSWER_KEYS,
    CALENDARS,
    CLASS,
    ROSTER,
    STUDENTS,
    SUBJECTS,
    answer_key_key,
    answers_prefix,
    attempt_of,
    is_image_key,
    is_index_key,
    is_students_calendar_key,
    is_subject_calendar_key,
    questions_key,
)
from . import written
from .history import TestKey
from .pools import picks
from .probe import belongs_to_probe
from .questions import has_given_ids
from .server_time import server_time

PARALLEL_CALLS = 16
_PREFIXES = (SUBJECTS, ANSWER_KEYS, STUDENTS, CALENDARS, ROSTER, CLASS)


@dataclass
class Published:
    """What is in the bucket: ETags by key, and the entries that publishing compares field by field.

    `read_at`: when it was read, by S3's clock, which decides what came first: a trainer's clock may be wrong.
    `tests`: the entries of the subjects' indexes. `roster`: its entries by student ID. `record`: which class it is.
    """

    read_at: datetime
    etags: dict[str, str] = field(default_factory=dict)
    tests: dict[TestKey, IndexEntry] = field(default_factory=dict)
    roster: dict[str, RosterEntry] = field(default_factory=dict)
    record: ClassRecord | None = None

    @property
    def roster_lost(self) -> bool:
        """Whether there is no roster although tests are published: somebody has removed it."""
        return ROSTER not in self.etags and bool(self.tests)

    def lacks(self, key: str, body: bytes) -> bool:
        """Whether the object is absent or different."""
        return self.etags.get(key) != hashlib.md5(body, usedforsecurity=False).hexdigest()


@dataclass
class Update:
    """The writes that bring the bucket up to date, in the order of `steps`.

    1. Delete the records and calendars of students who are no longer in the class: their access ends at once.
    2. Write images, then the questions and answer keys that name them, to which no index points yet.
    3. Write `first_roster`, in which nobody's time is shorter than it was: see `History.roster_until_all_is_written`.
    4. Write students' records and calendars with their deadlines.
    5. Write and delete indexes and the subjects' calendars: now students see new tests, which are complete, and no
       longer see removed ones.
    6. Write the roster.
    7. Delete questions, images and answer keys of removed tests, and write which class it is. Answers and scores stay.
    """

    puts: dict[str, bytes]
    deletes: list[str]
    first_roster: dict[str, bytes] = field(default_factory=dict)

    def steps(self) -> list[tuple[dict[str, bytes], list[str]]]:
        """Pairs of what to write and what to delete; within a pair, any order will do."""
        return [
            ({}, self._deletes(_is_student)),
            (self._puts(is_image_key), []),
            (self._puts(_is_test), []),
            (self.first_roster, []),
            (self._puts(_is_student), []),
            (self._puts(_is_list), self._deletes(_is_list)),
            (self._puts(_is_roster), []),
            (self._puts(_is_record), self._deletes(_is_test) + self._deletes(is_image_key)),
        ]

    def _puts(self, belongs: Callable[[str], bool]) -> dict[str, bytes]:
        return {key: body for key, body in self.puts.items() if belongs(key)}

    def _deletes(self, belongs: Callable[[str], bool]) -> list[str]:
        return [key for key in self.deletes if belongs(key)]


def _is_student(key: str) -> bool:
    return key.startswith(STUDENTS) or is_students_calendar_key(key)


def _is_list(key: str) -> bool:
    return is_index_key(key) or is_subject_calendar_key(key)


def _is_roster(key: str) -> bool:
    return key == ROSTER


def _is_record(key: str) -> bool:
    return key == CLASS


def _is_test(key: str) -> bool:
    """Except images."""
    return not (_is_student(key) or _is_roster(key) or _is_record(key) or _is_list(key) or is_image_key(key))


def read_published(s3: Any, bucket: str) -> Published:
    """What is in the bucket, except what belongs to the probe. Raises the SDK's errors."""
    with ThreadPoolExecutor(PARALLEL_CALLS) as pool:
        listed = list(pool.map(lambda prefix: _pages(s3, bucket, prefix), _PREFIXES))
        pages = [page for of_prefix in listed for page in of_prefix]
        read_at = server_time(pages[0])
        listed_etags = {item["Key"]: item["ETag"].strip('"') for page in pages for item in page.get("Contents", [])}
        etags = {key: etag for key, etag in listed_etags.items() if not belongs_to_probe(key, etag)}
        to_read = [key for key in etags if is_index_key(key) or key in (ROSTER, CLASS)]
        bodies = dict(zip(to_read, pool.map(lambda key: _read(s3, bucket, key), to_read), strict=True))
    return published_from(read_at, etags, bodies)


def published_from(read_at: datetime, etags: dict[str, str], bodies: Mapping[str, bytes]) -> Published:
    """What is in the bucket. `bodies`: of the indexes, the roster and the record, by key."""
    published = Published(read_at, etags)
    for key in filter(is_index_key, bodies):
        index: Index = json.loads(bodies[key])
        published.tests |= {(index["subjectName"], entry["testId"]): entry for entry in index["tests"]}
    published.roster = _roster(bodies.get(ROSTER, b""))
    published.record = _record(bodies.get(CLASS))
    return published


def _roster(body: bytes) -> dict[str, RosterEntry]:
    students: list[RosterEntry] = [json.loads(line) for line in body.splitlines()]
    return {student["studentId"]: student for student in students}


def _record(body: bytes | None) -> ClassRecord | None:
    record: ClassRecord | None = json.loads(body) if body else None
    return record


def read_record_and_roster(s3: Any, bucket: str) -> tuple[ClassRecord | None, dict[str, RosterEntry]]:
    """Which class is published, and its students by ID. Raises the SDK's errors."""

    def read(key: str) -> bytes | None:
        try:
            return _read(s3, bucket, key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise

    with ThreadPoolExecutor() as pool:
        record, roster = pool.map(read, (CLASS, ROSTER))
    return _record(record), _roster(roster or b"")


def _pages(s3: Any, bucket: str, prefix: str) -> list[Any]:
    return list(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix))


def _read(s3: Any, bucket: str, key: str) -> bytes:
    body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


def questions_to_carry_over(
    s3: Any, bucket: str, published: Published, tests: Mapping[TestKey, written.Test]
) -> dict[TestKey, Questions]:
    """The published questions of those of the tests whose options or items keep IDs that publishing gave them.

    And of those that have pools, or had some: these keep the secret that decides what is drawn, and once they have
    opened, their pools. Those of a publication that was cut off are among them. Raises the SDK's errors.
    """
    keys = {key: questions_key(*key) for key, test in tests.items() if _carry_over(test, published.tests.get(key))}
    found = {key: name for key, name in keys.items() if name in published.etags}
    with ThreadPoolExecutor(PARALLEL_CALLS) as pool:
        bodies = pool.map(lambda name: _read(s3, bucket, name), found.values())
        return {key: json.loads(body) for key, body in zip(found, bodies, strict=True)}


def _carry_over(test: written.Test, before: IndexEntry | None) -> bool:
    return has_given_ids(test) or bool(picks(test)) or (before is not None and "drawsSince" in before)


def returned_students(
    s3: Any, bucket: str, published: Published, students: Iterable[written.Student]
) -> dict[tuple[str, str], dict[str, datetime]]:
    """By student and subject: when those who are not enrolled now, but have been, first submitted each test.

    Only the subjects that have any submission are looked into for each new student. Raises the SDK's errors.
    """
    if not published.roster:
        return {}
    enrolled = {(id, subject) for id, entry in published.roster.items() for subject in entry["subjects"]}
    new = {(student["id"], subject) for student in students for subject in student["subjects"]} - enrolled

    def has_submissions(prefix: str) -> bool:
        return bool(s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1).get("Contents"))

    def first_submissions(asked: tuple[str, str]) -> dict[str, datetime]:
        student, subject = asked
        first: dict[str, datetime] = {}
        for page in _pages(s3, bucket, answers_prefix(subject, student)):
            for item in page.get("Contents", []):
                test, _ = attempt_of(item["Key"])
                first[test] = min(item["LastModified"], first.get(test, item["LastModified"]))
        return first

    with ThreadPoolExecutor(PARALLEL_CALLS) as pool:
        subjects = sorted({subject for _, subject in new})
        used = set(compress(subjects, pool.map(has_submissions, map(answers_prefix, subjects))))
        asked = [(student, subject) for student, subject in sorted(new) if subject in used]
        found = zip(asked, pool.map(first_submissions, asked), strict=True)
        return {student: submitted for student, submitted in found if submitted}


def compare(published: Published, wanted: Mapping[str, bytes], first_roster: bytes) -> Update:
    """The update after which the bucket has the wanted objects and no others of their kind."""
    puts = {key: body for key, body in wanted.items() if published.lacks(key, body)}
    if first_roster == wanted[ROSTER]:
        puts.pop(ROSTER, None)
    first = {ROSTER: first_roster} if published.lacks(ROSTER, first_roster) else {}
    return Update(puts, sorted(published.etags.keys() - wanted.keys()), first)


def rewritten_parts(
    published: Published, wanted: Mapping[str, bytes], tests: Iterable[TestKey]
) -> dict[TestKey, list[str]]:
    """Which objects of each test have changed, in words: `questions`, `answer key`."""
    parts: dict[TestKey, list[str]] = {}
    for test in tests:
        keys = {"questions": questions_key(*test), "answer key": answer_key_key(*test)}
        parts[test] = [name for name, key in keys.items() if published.lacks(key, wanted[key])]
    return parts


def apply(s3: Any, bucket: str, update: Update) -> None:
    """Write and delete, step by step, several objects at a time.

    Raises the SDK's first error once the calls in progress have ended. Running it again completes the work.
    """
    with ThreadPoolExecutor(PARALLEL_CALLS) as pool:
        for puts, deletes in update.steps():
            for _ in pool.map(lambda item: _put(s3, bucket, *item), puts.items()):
                pass
            for _ in pool.map(lambda key: s3.delete_object(Bucket=bucket, Key=key), deletes):
                pass


def _put(s3: Any, bucket: str, key: str, body: bytes) -> None:
    content_type = "application/x-ndjson" if key == ROSTER else "application/json"
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type, ServerSideEncryption="AES256")
