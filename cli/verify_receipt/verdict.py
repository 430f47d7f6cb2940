"""What a receipt proves, in words. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cli.class_data import ClassData
from cli.verify_receipt.search import Found, Place

from common.index import published_test
from common.run.mail_text import number
from common.shared.deadlines import accepted_until, format_time, on_time_until, own_deadline, parse_time
from common.shared.documents import IndexEntry, RosterEntry, Score
from common.shared.ids import test_name
from score_batch.scoring import candidates_of


def as_text(found: Found, data: ClassData, score: Score | None, now: datetime) -> str:
    """Whose the receipt is, for which test, when, whether in time, and whether it is the attempt that counts."""
    student = next((each for each in data.roster if each["studentId"] == found.place.student), None)
    test = published_test(data.indexes.get(found.place.subject), found.place.test)
    enrolled = student if student and found.place.subject in student["subjects"] else None
    times = _Times(found.place.subject, test, enrolled) if test and enrolled else None
    lines = {
        "student": _student(found.place, student),
        "test": _test(found.place, test),
        "submitted": f"{found.receipt.submitted_at} by the server's clock",
        "in time": times.verdict(parse_time(found.receipt.submitted_at)) if times else _unknown(test),
        "attempt": f"{found.number} of {max(found.attempts)}",
        "counts": _scored(found, score, times) if score else _unscored(found, times, now),
    }
    return "\n".join([f"receipt    {found.receipt.id}", *(f"{name:<10} {text}" for name, text in lines.items())])


def draft_as_text(score: Score, data: ClassData) -> str:
    """The same of a draft that was handed in automatically. It is what counts, for it was scored with this receipt."""
    place = Place(score["subjectName"], score["studentId"], score["testId"])
    student = next((each for each in data.roster if each["studentId"] == place.student), None)
    test = published_test(data.indexes.get(place.subject), place.test)
    share = f"late, for {number(100 * score['credit'])}% of the points" if score["late"] else "on time"
    lines = {
        "receipt": score["receiptId"],
        "student": _student(place, student),
        "test": _test(place, test),
        "submitted": "nothing: a saved draft was handed in automatically",
        "saved": f"{score['submittedAt']} by the server's clock",
        "in time": f"{share}, by the deadline when it was scored",
        "counts": f"yes: it was scored with {number(score['points'])} of {number(score['maxPoints'])} points",
    }
    return "\n".join(f"{name:<10} {text}" for name, text in lines.items())


def _student(place: Place, student: RosterEntry | None) -> str:
    if student is None:
        return f"{place.student}, who is no longer in the class"
    return f"{student['studentId']}, {student['name']} <{student['email']}>"


def _test(place: Place, test: IndexEntry | None) -> str:
    name = test_name(place.subject, place.test)
    return f"{name}: {test['title']}" if test else f"{name}, which is no longer published"


def _unknown(test: IndexEntry | None) -> str:
    gone = "the student is no longer enrolled" if test else "the test is no longer published"
    return f"unknown: {gone}, so their deadline is not known. The server accepted the submission"


class _Times:
    """Until when a student has time for a test, as it is published now."""

    def __init__(self, subject: str, test: IndexEntry, student: RosterEntry) -> None:
        self.test = test
        self.deadline = own_deadline(test, subject, student["deadlines"])
        self.on_time_until = on_time_until(test, self.deadline)
        self.accepted_until = accepted_until(test, self.deadline)
        self._whose = "the deadline" if format_time(self.deadline) == test["closesAt"] else "the student's own deadline"

    def verdict(self, submitted: datetime) -> str:
        """Whether a submission is on time, late, or came after the time, which was longer when it was accepted."""
        ended, late = f"{self._whose} is {format_time(self.deadline)}", self.test["late"]
        if submitted <= self.deadline:
            return f"on time: {ended}"
        if submitted <= self.on_time_until:
            return f"on time: {ended}, and {number(self.test['graceMinutes'])} minutes of grace follow"
        if late and submitted <= self.accepted_until:
            until, percent = format_time(self.accepted_until), number(100 * late["credit"])
            return f"late: {ended}. Late work is accepted until {until}, for {percent}% of the points"
        worth = "as late work" if late else "in full"
        return f"after the time: {ended} now, but the server accepted the submission. It counts {worth}"

    def candidates(self, found: Found) -> list[int]:
        """The attempts that can count. If there are two, the one that earns more does."""
        submitted = {each: parse_time(receipt.submitted_at) for each, receipt in found.attempts.items()}
        return [each.number for each in candidates_of(self.test, self.on_time_until, submitted)]


def _scored(found: Found, score: Score, times: _Times | None) -> str:
    points = f"{number(score['points'])} of {number(score['maxPoints'])} points"
    if score["receiptId"] == found.receipt.id:
        return f"yes: it was scored with {points}"
    counted = f"attempt {score['attempt']} (receipt {score['receiptId']}) was scored with {points}"
    candidates = times.candidates(found) if times else []
    if found.number in candidates and score["attempt"] not in candidates:
        return f"not scored yet: the next run takes it. Before it, {counted}"
    return f"no: {counted}"


def _unscored(found: Found, times: _Times | None, now: datetime) -> str:
    if times is None:
        return "not scored"
    candidates = times.candidates(found)
    if found.number not in candidates:
        return f"no: {_attempts(found, candidates)}. Not scored yet"
    if len(candidates) > 1:
        return f"not scored yet: {_attempts(found, candidates)}"
    again = times.test["attempts"] == "last" and now <= times.accepted_until
    unless = f", unless the student submits again by {format_time(times.accepted_until)}" if again else ""
    return f"not scored yet: it is the attempt that counts{unless}"


def _attempts(found: Found, candidates: Sequence[int]) -> str:
    named = " or ".join(f"attempt {each} (receipt {found.attempts[each].id})" for each in candidates)
    return f"{named} counts{', whichever earns more' if len(candidates) > 1 else ''}"
