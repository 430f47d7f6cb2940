"""The types of all documents in the data bucket. `object_keys.py` says where each is stored.

Used by the functions (`common.shared`) and by the trainer's side (`module_utils.shared`). Times are text: UTC, ISO
8601, whole seconds, `Z`. These types describe what the project itself has written; what comes from outside is
validated first.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

Points = int | float


# Published ------------------------------------------------------------------------------------------------------------


class StudentRecord(TypedDict):
    """`students/<sha256>.json`. `deadlines`: by `<subject>/<testId>`, if they differ from the test's `closesAt`."""

    studentId: str
    name: str
    subjects: list[str]
    deadlines: dict[str, str]


class RosterEntry(StudentRecord):
    """A line of `roster.jsonl`."""

    email: str


class Late(TypedDict):
    """Late work: accepted until so many hours after the deadline, for this share of the points (0 to 1)."""

    untilHours: Points
    credit: Points


class ClosingRules(TypedDict):
    """What decides until when a test accepts answers, apart from students' own deadlines."""

    closesAt: str
    graceMinutes: Points
    late: Late | None


class IndexEntry(ClosingRules):
    """A test in its subject's index. `lastDeadline`: when the last enrolled student's time ends, late time included."""

    testId: str
    title: str
    questionCount: int
    attempts: Literal["1", "last"]
    lastDeadline: str


class Index(TypedDict):
    """`subjects/<subject>/index.json`."""

    subjectName: str
    title: str
    tests: list[IndexEntry]


class Option(TypedDict):
    """An option of a question."""

    id: str
    text: str


class Question(TypedDict):
    """A question, without the right answer. `single`: one right option; `multiple`: several may be chosen."""

    number: int
    text: str
    type: Literal["single", "multiple"]
    points: Points
    options: list[Option]


class Questions(TypedDict):
    """`subjects/<subject>/<testId>/questions.json`."""

    subjectName: str
    testId: str
    title: str
    shuffle: bool
    questions: list[Question]


class Correction(TypedDict):
    """A correction of an answer key: why, and one of the other fields."""

    reason: str
    drop: NotRequired[bool]
    allCredit: NotRequired[bool]
    alsoAccept: NotRequired[list[str]]


class AnswerKeyEntry(TypedDict):
    """The right options of a question."""

    correct: list[str]
    points: Points
    explanation: NotRequired[str]
    correction: NotRequired[Correction]


class AnswerKey(TypedDict):
    """`answer-keys/<subject>/<testId>.json`. `questions` by question number."""

    subjectName: str
    testId: str
    partialCredit: Literal["off", "net-correct", "each-answer"]
    questions: dict[str, AnswerKeyEntry]


# Submitted and scored -------------------------------------------------------------------------------------------------

# By question number: the chosen option, or the chosen options.
Answers = dict[str, str | list[str]]


class Submission(TypedDict):
    """`answers/<subject>/<studentId>/<testId>.json`."""

    subjectName: str
    testId: str
    studentId: str
    answers: Answers
    submittedAt: str
    receiptId: str


class QuestionScore(TypedDict):
    """What one question earned, before lateness."""

    answer: list[str]
    points: Points
    maxPoints: Points


class Score(TypedDict):
    """`scores/<subject>/<testId>/<studentId>.json`. `credit`: the share of the points that counts, 1 when on time."""

    subjectName: str
    testId: str
    studentId: str
    points: Points
    maxPoints: Points
    late: bool
    credit: Points
    attempt: int
    submittedAt: str
    receiptId: str
    keyVersion: str
    questions: dict[str, QuestionScore]


# The ledger of mails --------------------------------------------------------------------------------------------------

MailKind = Literal["score", "reminder"]


class MailContent(TypedDict, total=False):
    """What a mail says. Empty for reminders and for the trainer's mail."""

    points: Points
    maxPoints: Points
    withAnswers: bool


class LedgerEntry(TypedDict):
    """`notifications/...`. `lastSent`: the content of the last mail before this one that certainly went out."""

    state: Literal["begun", "sent", "rejected", "deferred"]
    token: str
    runId: str
    begunAt: str
    content: MailContent
    endedAt: NotRequired[str]
    lastSent: NotRequired[MailContent]
    reason: NotRequired[str]


# A run ----------------------------------------------------------------------------------------------------------------


class TestState(TypedDict, total=False):
    """`states/<subject>/<testId>.json`: what a test was last scored for."""

    scoredThrough: str
    scoredAt: str
    keyVersion: str | None
    pendingMails: int
    uncertainMails: int
    rejectedMails: int
    remindedThrough: str
    report: str


class PlanEntry(TypedDict):
    """A test of a run: why it is due, and the numbers of its batches."""

    subject: str
    test: IndexEntry
    reasons: list[str]
    keyVersion: str | None
    state: TestState | None
    batches: list[int]
    reminderBatches: list[int]


class Plan(TypedDict):
    """`runs/<runId>/plan.json`."""

    runId: str
    asOf: str
    startedAt: str
    resendUncertain: bool
    problems: list[str]
    tests: list[PlanEntry]


class ManifestItem(TypedDict):
    """An item of `runs/<runId>/manifest.json`, which the Distributed Maps read."""

    runId: str
    batch: int


class ScoringStudent(TypedDict):
    """A student to score. `over`: whether the time that counts in full has ended."""

    studentId: str
    name: str
    email: str
    onTimeUntil: str
    acceptedUntil: str
    over: bool


class StudentToRemind(TypedDict):
    """A student to remind of their own deadline."""

    studentId: str
    name: str
    email: str
    deadline: str


class BatchHead(TypedDict):
    """What both kinds of batches say. `mailers`: how many calls send mails at the same time."""

    subject: str
    test: IndexEntry
    asOf: str
    showAnswers: bool
    resendUncertain: bool
    mailers: int


class ScoreBatch(BatchHead):
    """`runs/<runId>/batches/<n>.json`: students to score."""

    kind: Literal["score"]
    students: list[ScoringStudent]


class ReminderBatch(BatchHead):
    """`runs/<runId>/batches/<n>.json`: students to remind."""

    kind: Literal["reminder"]
    students: list[StudentToRemind]


Batch = ScoreBatch | ReminderBatch


class ScoredRow(Score):
    """The result of a student who submitted."""

    name: str
    status: Literal["scored"]


class MissingRow(TypedDict):
    """The result of a student whose time has ended and who submitted nothing."""

    studentId: str
    name: str
    status: Literal["missing"]


class OpenRow(TypedDict):
    """The result of a student who still has time."""

    studentId: str
    name: str
    status: Literal["open"]
    until: str


class FailedRow(TypedDict):
    """The result of a student whose submission, or whose test, cannot be scored."""

    studentId: str
    name: str
    status: Literal["failed"]
    reason: str


class ReminderRow(TypedDict):
    """A student of a batch of reminders: to be reminded, or already done."""

    studentId: str
    name: str
    status: Literal["remind", "submitted"]


ResultRow = ScoredRow | MissingRow | OpenRow | FailedRow | ReminderRow


class Results(TypedDict):
    """`runs/<runId>/results/<n>.json`."""

    rows: list[ResultRow]


MailState = Literal["sent", "sent earlier", "uncertain", "rejected", "deferred", "pending", "elsewhere"]
# How many mails are in each state; a state without mails is left out.
MailCounts = dict[str, int]
TrainerMailState = Literal["sent", "sent earlier", "uncertain", "elsewhere", "failed", "none"]


class MailOutcome(TypedDict):
    """What became of a mail. `lastSent`: what the recipient was told before, if anything."""

    state: MailState
    content: MailContent
    lastSent: NotRequired[MailContent]
    reason: NotRequired[str]


class MailRow(MailOutcome):
    """What became of a student's mail."""

    studentId: str
    kind: MailKind


class Mails(TypedDict):
    """`runs/<runId>/mails/<n>.json`."""

    rows: list[MailRow]


class Failure(TypedDict):
    """`runs/<runId>/failures/<n>.json`, written by the state machine. `Cause`: often JSON with `errorMessage`."""

    Error: str
    Cause: str


class ProblemSummary(TypedDict):
    """Something that the trainer has to know. `studentId`: empty if it concerns more than one student."""

    kind: str
    studentId: str
    reason: str


class ScoreChange(TypedDict):
    """A student whose score changed. `before`, `after`: points and most points."""

    studentId: str
    before: list[Points]
    after: list[Points]


class TestSummary(TypedDict):
    """A test in a run's summary. `mails`: how many by state. `report`: the key of the kept page."""

    subject: str
    testId: str
    reasons: list[str]
    students: int
    scored: int
    missing: int
    open: int
    failed: int
    meanPercent: float | None
    mails: MailCounts
    problems: list[ProblemSummary]
    changes: list[ScoreChange]
    report: str


class Summary(TypedDict):
    """`runs/<runId>/summary.json`: what `run-scoring.sh` prints."""

    runId: str
    asOf: str
    startedAt: str
    finishedAt: str
    problems: list[str]
    tests: list[TestSummary]
    reminders: MailCounts
    reminderProblems: list[ProblemSummary]
    trainerMail: TrainerMailState
    trainerMailFailure: str | None
    scored: int
    failed: int
    uncertain: int
    rejected: int
    deferred: int
