"""Which events a student's calendar has. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from common.shared.deadlines import accepted_until, own_deadline, parse_time
from common.shared.ids import test_name

if TYPE_CHECKING:
    from common.shared.documents import StudentCalendar, SubjectCalendar, TimedTest


@dataclass(frozen=True)
class Event:
    """A moment in the calendar. `uid`: always the same for the same student, test and kind of event.

    `revised_at`: when what the event follows from was last written.
    """

    uid: str
    at: datetime
    summary: str
    description: str
    revised_at: datetime


@dataclass(frozen=True)
class Subject:
    """A subject's calendar, and when it was written."""

    calendar: SubjectCalendar
    revised_at: datetime


def events(origin: str, calendar: StudentCalendar, revised_at: datetime, subjects: Iterable[Subject]) -> list[Event]:
    """When each test of the student opens, closes and stops accepting late work, in the order of time.

    `origin`: what distinguishes this class from all others. `revised_at`: when the student's calendar was written.
    """
    found: list[Event] = []
    for subject in subjects:
        name, title, page = (subject.calendar[part] for part in ("subjectName", "title", "page"))
        revised = max(revised_at, subject.revised_at)
        for test in subject.calendar["tests"]:
            about = f"{origin}/{calendar['studentId']}/{test_name(name, test['testId'])}"
            for kind, at, text in _moments(test, own_deadline(test, name, calendar["deadlines"])):
                uid = str(uuid5(NAMESPACE_URL, f"{about}/{kind}"))
                summary = f"{kind}: {test['title']} ({title})"
                found.append(Event(uid, at, summary, " ".join(filter(None, (text, page))), revised))
    return sorted(found, key=lambda event: (event.at, event.uid))


def _moments(test: TimedTest, deadline: datetime) -> Iterator[tuple[str, datetime, str]]:
    """What happens, when, and what else there is to say about it."""
    if "opensAt" in test:
        yield "Opens", parse_time(test["opensAt"]), ""
    yield "Closes", deadline, ""
    if late := test["late"]:
        yield (
            "Late work ends",
            accepted_until(test, deadline),
            f"Late work earns {late['credit'] * 100:g}% of the points.",
        )
