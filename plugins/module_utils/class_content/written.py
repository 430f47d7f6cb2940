"""The types of what a trainer writes, the parameters, `students.yml` and a test's file, once it has been validated.

`schemas/*.json` say what each field means and may contain; `files.py` has kept text such as `1.10` as it was written.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from ..shared.documents import Points

AttemptsPolicy = Literal[1, "1", "last"]
DraftsPolicy = Literal["ignore", "submit"]
PartialCreditPolicy = Literal["off", "net-correct", "each-answer", False]


class LateWork(TypedDict):
    """For how many hours late work is accepted, and for which share of the points (0 to 1)."""

    until_hours: Points
    credit: Points


LatePolicy = LateWork | Literal["none", False] | None


class Parameters(TypedDict):
    """A stage's parameters."""

    region: str
    class_name: str
    class_dir: str
    trainer_email: str
    sender_email: str
    sender_domain: str | None
    reminder_hours: int
    timezone: str
    deadline_weekday: str
    deadline_time: str
    grace_minutes: int
    attempts: AttemptsPolicy
    late: LatePolicy
    partial_credit: PartialCreditPolicy
    announce: bool
    show_class_mean: bool
    unsubmitted_drafts: DraftsPolicy
    retention_days: int
    log_retention_days: int
    throttle_rate_per_second: float
    throttle_burst: int
    quota_requests_per_day: int
    authorizer_ttl_seconds: int
    lambda_memory_mb: int
    tracing: bool
    permissions_boundary: str | None
    invitations: Literal["off", "mail", False]


class Student(TypedDict):
    """An entry of `students.yml`."""

    id: str
    name: str
    email: str
    subjects: list[str]
    external_id: NotRequired[str]
    extra_hours: NotRequired[Points]


class Correction(TypedDict):
    """What to do about a question that turned out wrong: why, and one of the other fields."""

    reason: str
    drop: NotRequired[bool]
    all_credit: NotRequired[bool]
    also_accept: NotRequired[list[str]]


class Question(TypedDict):
    """A question. `options`: texts by letter. `answer`: a letter, or a list of letters if several may be chosen."""

    text: str
    options: dict[str, str]
    answer: str | list[str]
    points: NotRequired[Points]
    explanation: NotRequired[str]
    correction: NotRequired[Correction]


class Closing(TypedDict, total=False):
    """The fields of a test that say when it opens and closes."""

    opens: str
    closes: str
    session_date: str


class Test(Closing):
    """A test's file. `extensions`: own deadlines by student ID."""

    title: str
    questions: list[Question]
    format: NotRequired[Literal["markdown"]]
    math: NotRequired[bool]
    shuffle: NotRequired[bool]
    attempts: NotRequired[AttemptsPolicy]
    grace_minutes: NotRequired[int]
    late: NotRequired[LatePolicy]
    partial_credit: NotRequired[PartialCreditPolicy]
    announce: NotRequired[bool]
    unsubmitted_drafts: NotRequired[DraftsPolicy]
    extensions: NotRequired[dict[str, str]]
