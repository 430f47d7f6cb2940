"""The published subjects and tests that a student may see, with the student's own deadlines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from common.api.errors import NotEnrolled, TestNotFound, TestNotOpen
from common.api.student import Student
from common.drawn import own_test_of
from common.index import published_test
from common.shared.deadlines import accepted_until, is_announced, on_time_until, own_deadline
from common.shared.object_keys import index_key, questions_key

if TYPE_CHECKING:
    from common.shared.documents import Index, IndexEntry, Questions


class OwnTest:
    """A published test as one student sees it. `questions`: those that the student gets; `deadline`: the student's own.

    Not a dataclass, because creating one takes a millisecond of every cold start.
    """

    def __init__(self, entry: IndexEntry, questions: Questions, deadline: datetime) -> None:
        self.entry, self.questions, self.deadline = entry, questions, deadline

    @property
    def on_time_until(self) -> datetime:
        """The last moment at which a submission counts in full."""
        return on_time_until(self.entry, self.deadline)

    @property
    def accepted_until(self) -> datetime:
        """The last moment at which a submission is accepted."""
        return accepted_until(self.entry, self.deadline)


def require_enrolment(student: Student, subject: str) -> None:
    """Raise NotEnrolled if the student is not enrolled in the subject.

    It is called before anything is read, so neither the answer nor its time shows whether there is such a subject.
    """
    if subject not in student.subjects:
        yours = ", ".join(student.subjects) or "none yet"
        raise NotEnrolled(
            f"You are not enrolled in a subject {subject}. Your subjects: {yours}. If one is missing, ask your trainer"
            " to add you."
        )


def own_test_reads(read: Callable[[str], Any], student: Student, subject: str, test: str) -> list[Callable[[], Any]]:
    """The reads for `in_parallel` whose results `own_test` needs: the subject's index and the test's questions.

    `read`: what returns an object as parsed JSON. Raises NotEnrolled.
    """
    require_enrolment(student, subject)
    return [partial(read, index_key(subject)), partial(read, questions_key(subject, test))]


def open_entry(subject: str, test: str, index: Index | None, now: datetime) -> IndexEntry:
    """A published test that has opened, whether or not it has closed since. Raises TestNotFound, TestNotOpen."""
    entry = published_entry(subject, test, index)
    if is_announced(entry, now):
        raise TestNotOpen(f"Test {test} opens at {entry['opensAt']}. Come back then.")
    return entry


def whole_test(
    subject: str, test: str, index: Index | None, questions: Questions | None
) -> tuple[IndexEntry, Questions]:
    """A test of which everything is published. Raises TestNotFound."""
    entry = published_entry(subject, test, index)
    if questions is None:
        raise TestNotFound(f"Test {test} is being published. Try again in a minute.")
    return entry, questions


def own_test(
    student: Student, subject: str, test: str, index: Index | None, questions: Questions | None, now: datetime
) -> OwnTest:
    """The test of a subject that the student is enrolled in. Raises TestNotFound, TestNotOpen."""
    open_entry(subject, test, index, now)
    entry, questions = whole_test(subject, test, index, questions)
    return OwnTest(entry, own_test_of(student.id, questions), own_deadline(entry, subject, student.deadlines))


def published_entry(subject: str, test: str, index: Index | None) -> IndexEntry:
    """A test in its subject's index. Raises TestNotFound."""
    entry = published_test(index, test)
    if entry is None:
        raise TestNotFound(f"Subject {subject} has no test {test}. List the subject's tests to see what is open.")
    return entry
