"""Everything that a stage's data bucket holds about a student: which keys and versions, and what in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import (
    ANSWER_KEYS,
    ANSWERS,
    CLASS,
    DRAFTS,
    NOTIFICATIONS,
    RELEASES,
    REPORTS,
    REVIEWS,
    RUNS,
    SCORES,
    STATES,
    STUDENTS,
    SUBJECTS,
    TRAINERS,
)
from cli.students.own_parts import mentions, parts
from cli.students.versions import Version, Versions

from common.parallel import in_parallel

# Where a student's ID is in the keys. A folder is read level by level in the place of a star.
_OWN_KEYS = (
    *(f"{ANSWERS}*/{{}}/", f"{DRAFTS}*/{{}}/", f"{SCORES}*/*/{{}}.json", f"{NOTIFICATIONS}*/*/*/{{}}.json"),
    *(f"{REVIEWS}*/*/{{}}.json", f"{NOTIFICATIONS}invitation/{{}}.json"),
)
NAMED_BY_KEY = tuple(pattern.partition("*")[0] for pattern in _OWN_KEYS)
# Texts and keys of the trainer, and fingerprints. Everything else is searched by what is in it.
ABOUT_NOBODY = (CLASS, TRAINERS, SUBJECTS, ANSWER_KEYS, STATES, RELEASES)


class Past(NamedTuple):
    """What an older version says about a student."""

    written: datetime
    own: list[Any]


@dataclass
class Found:
    """What a key holds about a student.

    `own`: what its current version says about the student. `past`: the same of older versions. `doomed`: the versions
    that have to be deleted, the current one included. `rest`: the current version without what it says about the
    student, and its content type; None if nothing can be left of it, or if it says nothing.
    """

    key: str
    own: list[Any] = field(default_factory=list)
    past: list[Past] = field(default_factory=list)
    doomed: list[Version] = field(default_factory=list)
    rest: tuple[bytes, str] | None = None

    def note(self, version: Version, own: list[Any]) -> None:
        """Note what a version says."""
        if version.is_latest:
            self.own = own
        else:
            self.past.append(Past(version.written, own))

    @property
    def folder(self) -> str:
        """The folder at the top of the bucket, or the object's own name."""
        folder, slash, _ = self.key.partition("/")
        return folder + slash


@dataclass
class Person:
    """A student's ID, and the names and addresses that are stored with it."""

    id: str
    words: set[str] = field(default_factory=set)

    def learn(self, own: Iterable[Any]) -> None:
        """Note the names and addresses in what is stored of the student."""
        records = [each for each in own if isinstance(each, dict)]
        self.words.update(each[name] for each in records for name in ("name", "email") if each.get(name))


def search(store: Versions, person: Person) -> list[Found]:
    """All that is stored about a student, sorted by key.

    Old rosters and the student's records are searched first: they say which names and addresses to look for in the
    rest. A file of a run or a page of a report that still has one of those words, or the ID, without the student's rows
    has no `rest`. Raises the SDK's errors.
    """
    folders, at_the_top = store.level()
    first = [folder for folder in folders if folder == STUDENTS]
    others = [folder for folder in folders if not folder.startswith((*ABOUT_NOBODY, *NAMED_BY_KEY, STUDENTS))]
    listed = [version for folder in first for version in store.below(folder)]
    listed += [version for version in at_the_top if not version.key.startswith(ABOUT_NOBODY)]
    found = _read_all(store, person, listed)
    for each in found:
        person.learn(each.own)
    for folder in others:
        found += _read_all(store, person, store.below(folder))
    return sorted([*found, *_named(store, person)], key=lambda each: each.key)


def _named(store: Versions, person: Person) -> list[Found]:
    """The keys that name the student."""
    wanted = [place for pattern in _OWN_KEYS for place in _expanded(store, pattern.format(person.id))]
    listed = in_parallel([partial(store.below, place) for place in wanted])
    own = [
        version
        for place, versions in zip(wanted, listed, strict=True)
        for version in versions
        if version.key == place or place.endswith("/")
    ]
    return in_parallel([partial(_read_named, store, *item) for item in _by_key(own).items()])


def _expanded(store: Versions, pattern: str) -> list[str]:
    head, star, rest = pattern.partition("*/")
    if not star:
        return [pattern]
    return [place for folder in store.level(head)[0] for place in _expanded(store, f"{folder}{rest}")]


def _read_all(store: Versions, person: Person, versions: Iterable[Version]) -> list[Found]:
    """Search objects whose keys do not say whom they are about."""
    calls = [partial(_read, store, person, *item) for item in _by_key(versions).items()]
    return [found for found in in_parallel(calls) if found is not None]


def _by_key(versions: Iterable[Version]) -> dict[str, list[Version]]:
    keys: dict[str, list[Version]] = {}
    for version in versions:
        keys.setdefault(version.key, []).append(version)
    return keys


def _read(store: Versions, person: Person, key: str, versions: Sequence[Version]) -> Found | None:
    """What a key holds. If nothing can be left of its current version, all versions have to go."""
    found = Found(key)
    latest_goes = False
    for version in versions:
        if version.is_marker:
            continue
        body, content_type = store.read(version)
        own, rest = parts(key, body, person.id)
        if not own and not _mentioned(key, body, person.words):
            continue
        found.doomed.append(version)
        found.note(version, own)
        person.learn(own)
        if version.is_latest:
            latest_goes = not own or rest is None or _mentioned(key, rest, {person.id, *person.words})
            found.rest = None if latest_goes or rest is None else (rest, content_type)
    nothing_left = sum(not version.is_marker for version in versions) == len(found.doomed)
    if found.doomed and not found.rest and (latest_goes or nothing_left):
        found.doomed = list(versions)
    return found if found.doomed else None


def _read_named(store: Versions, key: str, versions: Sequence[Version]) -> Found:
    found = Found(key, doomed=list(versions))
    for version in versions:
        if not version.is_marker:
            found.note(version, [_whole(store.read(version)[0])])
    return found


def _whole(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


def _mentioned(key: str, body: bytes, words: Iterable[str]) -> bool:
    """Whether a run's file, or a report's page or figures, have one of the words. Others are only searched for rows.

    Nothing reads a run's files after the run, and the gradebook has the results that are on the page. So it does no
    harm if a word stands for another person here. In a page and in figures, a student may have typed it as an answer.
    """
    is_report = key.startswith(REPORTS) and key.endswith((".html", ".json"))
    return (key.startswith(RUNS) or is_report) and mentions(key, body, words)
