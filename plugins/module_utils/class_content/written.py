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


class Reply(TypedDict, total=False):
    """What a student gets who typed an accepted answer: a share of the points, in per cent, and feedback."""

    share: Points
    feedback: str


# A number, and how far an answer may be from it: `0.05`, or `1%` of the number; or a range of numbers.
NumberForm = TypedDict(
    "NumberForm",
    {"value": str, "tolerance": str, "from": str, "to": str, "share": Points, "feedback": str},
    total=False,
)


class TextForm(Reply):
    """A text, in which `*` stands for any characters."""

    text: str


class Pair(TypedDict):
    """An item of a matching question, and its right option."""

    item: str
    option: str


# An option's letter, a number, or a text.
AcceptedForm = str | NumberForm | TextForm


class Correction(TypedDict):
    """What to do about a question that turned out wrong: why, and one of the other fields.

    `also_accept`: a list; of a question with gaps, one for each of some gaps.
    """

    reason: str
    drop: NotRequired[bool]
    all_credit: NotRequired[bool]
    also_accept: NotRequired[list[AcceptedForm] | dict[str, list[AcceptedForm]]]


class Asked(TypedDict, total=False):
    """What a question and a gap may both have.

    `options`: texts by letter. `feedback`: by letter. `number`, `accept`: what students may type.
    """

    options: dict[str, str]
    feedback: dict[str, str]
    number: str | NumberForm | list[str | NumberForm]
    accept: str | TextForm | list[str | TextForm]
    case_matters: bool
    spaces_matter: bool


class Gap(Asked, total=False):
    """A gap with one of `options`, `number` and `accept`. `answer`: the letter of an option."""

    answer: str


class Question(Asked):
    """A question with one of `options`, `number`, `accept`, `order`, `match` and `gaps`.

    `answer`: a letter, or a list of letters if several may be chosen, or what each letter earns, in per cent. `order`:
    in the right order. `gaps`: by their names in the text.
    """

    text: str
    answer: NotRequired[str | list[str] | dict[str, Points]]
    gaps: NotRequired[dict[str, Gap]]
    order: NotRequired[list[str]]
    match: NotRequired[list[Pair]]
    other_options: NotRequired[list[str]]
    points: NotRequired[Points]
    explanation: NotRequired[str]
    correction: NotRequired[Correction]


class Pool(TypedDict):
    """Questions of which each student gets `pick`: `questions`, or `question` with each row of `values`."""

    pool: str
    pick: NotRequired[int]
    questions: NotRequired[list[Question]]
    question: NotRequired[Question]
    values: NotRequired[list[dict[str, str]]]


class Closing(TypedDict, total=False):
    """The fields of a test that say when it opens and closes."""

    opens: str
    closes: str
    session_date: str


class Test(Closing):
    """A test's file. `extensions`: own deadlines by student ID."""

    title: str
    questions: list[Question | Pool]
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
