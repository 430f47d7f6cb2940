"""The types of all documents in the data bucket, and of a run's input. `object_keys.py` says where each is stored.

Used by the functions (`common.shared`) and by the trainer's side (`module_utils.shared`). Times are text: UTC, ISO
8601, whole seconds, `Z`. These types describe what the project itself has written. Data from outside is validated
first.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

Points = int | float


# Published ------------------------------------------------------------------------------------------------------------


class ClassRecord(TypedDict):
    """`class.json`: which class is published. `classDir`: its folder, as the parameters name it."""

    endpoint: str
    className: str
    classDir: str


class StudentRecord(TypedDict):
    """`students/<sha256>.json`. `deadlines`: by `<subject>/<testId>`, only those that differ from `closesAt`.

    `receiptKey`: of a student whose API key was replaced, what the digests in their receipts are made with.
    """

    studentId: str
    name: str
    subjects: list[str]
    deadlines: dict[str, str]
    receiptKey: NotRequired[str]


class Extension(TypedDict):
    """A student's own deadline that came later than the one they knew: that one, and when it was published."""

    before: str
    grantedAt: str


class TrainerRecord(TypedDict):
    """`trainers/<sha256>.json`. The key that it is named after is the trainer's."""

    role: Literal["trainer"]


class RosterEntry(TypedDict):
    """A line of `roster.jsonl`.

    `extended`: by test (`<subject>/<testId>`), which of `deadlines` are extensions that the student is told about.
    `since`: by subject, when the student was first published as enrolled in it. `owes`: by test
    (`<subject>/<testId>`), whether the student owes it, where that does not follow from `since`. `externalId`: the
    student's ID in the learning management system.
    """

    studentId: str
    name: str
    subjects: list[str]
    deadlines: dict[str, str]
    email: str
    extended: NotRequired[dict[str, Extension]]
    since: dict[str, str]
    externalId: NotRequired[str]
    owes: NotRequired[dict[str, bool]]


class Late(TypedDict):
    """For how many hours late work is accepted, and for which share of the points (0 to 1)."""

    untilHours: Points
    credit: Points


class ClosingRules(TypedDict):
    """The fields that decide when a test accepts answers, apart from students' own deadlines.

    `opensAt`: only of a test that does not open as soon as it is published.
    """

    opensAt: NotRequired[str]
    closesAt: str
    graceMinutes: Points
    late: Late | None


class TimedTest(ClosingRules):
    """A test, and when it accepts answers."""

    testId: str
    title: str


class IndexEntry(TimedTest):
    """A test in its subject's index.

    `lastDeadline`: when the last student's time ends, including late time. `revisedAt`: the last publication that
    changed until when a student has time, or what a submission is worth by its time. `publishedAt`: the first one.
    `announce`: only if students are emailed when the test opens. `unsubmittedDrafts`: only if the draft of a student
    who submits nothing is handed in. `questionCount`: how many questions each student gets. `drawsSince`:
    only of a test with pools; from then on, they stay as they are.
    """

    questionCount: int
    attempts: Literal["1", "last"]
    lastDeadline: str
    revisedAt: str
    publishedAt: str
    announce: NotRequired[Literal[True]]
    unsubmittedDrafts: NotRequired[Literal["submit"]]
    drawsSince: NotRequired[str]


class Index(TypedDict):
    """`subjects/<subject>/index.json`."""

    subjectName: str
    title: str
    tests: list[IndexEntry]


class StudentCalendar(TypedDict):
    """`calendars/<sha256>.json`: whose tests a calendar has. `deadlines`: as in the student's record."""

    studentId: str
    subjects: list[str]
    deadlines: dict[str, str]


class SubjectCalendar(TypedDict):
    """`calendars/subjects/<subject>.json`. `page`: where students take the tests."""

    subjectName: str
    title: str
    page: str
    tests: list[TimedTest]


class MathElement(TypedDict):
    """An element of MathML Core. `attributes`: by name. It has `text` or `children`."""

    tag: str
    attributes: NotRequired[dict[str, str]]
    text: NotRequired[str]
    children: NotRequired[list[MathElement]]


NodeType = Literal[
    "paragraph",
    "codeBlock",
    "list",
    "item",
    "table",
    "row",
    "cell",
    "text",
    "break",
    "code",
    "emphasis",
    "strong",
    "link",
    "image",
    "formula",
]


class Node(TypedDict):
    """A part of a text that was written in Markdown: with `children`, or with a `text` that is shown as it is.

    `text`: of an image its alternative text, of a formula its source. `start`: the first number of a numbered list.
    `header`: of a cell. `href`: a link's address, of the web or of email. `image`: its ID. `block`: of a formula on a
    line of its own. `math`: the formula.
    """

    type: NodeType
    children: NotRequired[list[Node]]
    text: NotRequired[str]
    start: NotRequired[int]
    header: NotRequired[Literal[True]]
    href: NotRequired[str]
    image: NotRequired[str]
    block: NotRequired[Literal[True]]
    math: NotRequired[MathElement]


class Option(TypedDict):
    """An option of a question, or an item. `nodes`: what `text` is a plain rendition of, if Markdown was written."""

    id: str
    text: str
    nodes: NotRequired[list[Node]]


# `single`: one option is right; `multiple`: several may be chosen; `number`, `text`: students type it; `order`: the
# options are put in order; `match`: an option is found for each item; `gaps`: the gaps of the text are filled in.
QuestionType = Literal["single", "multiple", "number", "text", "order", "match", "gaps"]
GapType = Literal["single", "number", "text"]


class Gap(TypedDict):
    """A gap of a text, which has `{{1}}` where the gap with the ID `1` is. `options`: of a `single`."""

    id: str
    type: GapType
    options: NotRequired[list[Option]]


class Question(TypedDict):
    """A question without the right answer. `items`: of a `match`. `gaps`: of a text with gaps, in their order.

    `options`: empty if the answer is typed, and if there are gaps, which have their own. `nodes`: what `text` is a
    plain rendition of, if Markdown was written.

    The options of an `order`, and the options of a `match`, are stored in the order of their IDs, and neither says
    anything about what is right. `pool`: the name of the pool that the question is drawn from. No student sees it.
    """

    number: int
    text: str
    nodes: NotRequired[list[Node]]
    type: QuestionType
    points: Points
    options: list[Option]
    items: NotRequired[list[Option]]
    gaps: NotRequired[list[Gap]]
    pool: NotRequired[str]


class Questions(TypedDict):
    """`subjects/<subject>/<testId>/questions.json`. `images`: the IDs of those in it, only if there are any.

    `pools`: by name, how many questions of a pool are drawn for each student; `salt`: what decides which ones, besides
    who the student is. It is secret. Both only if there are pools.
    """

    subjectName: str
    testId: str
    title: str
    shuffle: bool
    questions: list[Question]
    pools: NotRequired[dict[str, int]]
    salt: NotRequired[str]
    images: NotRequired[list[str]]


ImageType = Literal["image/png", "image/jpeg", "image/svg+xml"]


class PublishedImage(TypedDict):
    """`subjects/<subject>/<testId>/images/<id>.json`. `data`: in base64."""

    type: ImageType
    data: str


class AcceptedAnswer(TypedDict):
    """A typed answer that earns points. `share`: in per cent of them, 100 if left out. `feedback`: to who gave it."""

    share: NotRequired[Points]
    feedback: NotRequired[str]


class AcceptedNumber(AcceptedAnswer):
    """The numbers from `low` to `high`, bounds included: decimals as text. `value`: the one that the author gave."""

    low: str
    high: str
    value: NotRequired[str]


class AcceptedText(AcceptedAnswer):
    """A text, in which `*` stands for any characters, and `\\*` for a star."""

    text: str


class AlsoAccepted(TypedDict, total=False):
    """Answers that a correction accepts, too.

    `alsoAccept`: further right options of a `single` question; `numbers`, `texts`: of those whose answer is typed.
    """

    alsoAccept: list[str]
    numbers: list[AcceptedNumber]
    texts: list[AcceptedText]


class Correction(AlsoAccepted):
    """A correction of an answer key: the reason and one of the other fields. `gaps`: what a gap accepts, too, by ID."""

    reason: str
    drop: NotRequired[bool]
    allCredit: NotRequired[bool]
    gaps: NotRequired[dict[str, AlsoAccepted]]


class RightAnswer(TypedDict):
    """What is right in a question, or in a gap.

    `feedback`: by option, to who chose it. `numbers`, `texts`: of a `number`, and of a `text`. `caseMatters`,
    `spacesMatter`: of a `text`, if they do.
    """

    feedback: NotRequired[dict[str, str]]
    numbers: NotRequired[list[AcceptedNumber]]
    texts: NotRequired[list[AcceptedText]]
    caseMatters: NotRequired[Literal[True]]
    spacesMatter: NotRequired[Literal[True]]


class GapKey(RightAnswer):
    """What is right in a gap. `correct`: the right option of a `single`."""

    correct: NotRequired[list[str]]


class AnswerKeyEntry(RightAnswer):
    """What is right in a question.

    `correct`: the right options; of an `order`, all options in the right order; otherwise empty. `shares`: of a
    `multiple` question that says what each option earns, in per cent of the points. `pairs`: of a `match`, the right
    option of each item. `gaps`: by ID. `explanationNodes`: what `explanation` is a plain rendition of, if Markdown was
    written.
    """

    correct: list[str]
    points: Points
    shares: NotRequired[dict[str, Points]]
    pairs: NotRequired[dict[str, str]]
    gaps: NotRequired[dict[str, GapKey]]
    explanation: NotRequired[str]
    explanationNodes: NotRequired[list[Node]]
    correction: NotRequired[Correction]


class AnswerKey(TypedDict):
    """`answer-keys/<subject>/<testId>.json`. `questions` by question number."""

    subjectName: str
    testId: str
    partialCredit: Literal["off", "net-correct", "each-answer"]
    questions: dict[str, AnswerKeyEntry]


# Submitted and scored -------------------------------------------------------------------------------------------------

# The chosen option, or the number or text that was typed; the chosen options, or all options in order; or the option
# for each item, or the answer in each gap.
Answer = str | list[str] | dict[str, str]
# By question number.
Answers = dict[str, Answer]
# The same with a single option, number or text in a list of its own; empty if there is no answer.
AnswerParts = list[str] | dict[str, str]


class Submission(TypedDict):
    """`answers/<subject>/<studentId>/<testId>.json`."""

    subjectName: str
    testId: str
    studentId: str
    answers: Answers
    submittedAt: str
    receiptId: str


class SavedDraft(TypedDict):
    """`drafts/<subject>/<studentId>/<testId>.json`: answers that are not submitted. They may be partial or empty."""

    answers: Answers
    savedAt: str


class QuestionScore(TypedDict):
    """The points for one question, before the credit for late work is applied."""

    answer: AnswerParts
    points: Points
    maxPoints: Points


class HandedInDraft(TypedDict):
    """What a score says of a draft that was handed in. `leftOut`: the questions whose answers did not fit any more."""

    leftOut: list[str]


class Score(TypedDict):
    """`scores/<subject>/<testId>/<studentId>.json`. `credit`: the share of the points that counts, 1 if on time.

    `draft`: only if the student submitted nothing and their draft was handed in. `attempt` is 0 then.
    """

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
    draft: NotRequired[HandedInDraft]


class ReviewedQuestion(TypedDict):
    """A question of a review. `answer`, `right`: the student's answer, and what is right.

    Both are IDs of options, in the right order of an `order`; or the option for each item; or what is typed, in words;
    or these by gap. `feedback`: to the answer, the trainer's. `items`: of a `match`. `gaps`: of a text with gaps.
    `points`, `maxPoints`: before the credit for late work is applied; 0 of 0 if the question was `dropped`.
    `explanation`: the trainer's, `correction`: why the answer key was corrected; None if there is none.
    `nodes`, `explanationNodes`: what `text` and `explanation` are plain renditions of, if Markdown was written.
    `leftOut`: whether the draft that was handed in had an answer that no longer fits the question.
    """

    number: int
    text: str
    nodes: NotRequired[list[Node]]
    type: QuestionType
    options: list[Option]
    items: NotRequired[list[Option]]
    gaps: NotRequired[list[Gap]]
    answer: AnswerParts
    right: AnswerParts
    feedback: list[str]
    points: Points
    maxPoints: Points
    dropped: bool
    explanation: str | None
    explanationNodes: NotRequired[list[Node]]
    correction: str | None
    leftOut: bool


class Review(TypedDict):
    """`reviews/<subject>/<testId>/<studentId>.json`. `questions`: in the student's own order, and so their options.

    `lastDeadline`: when the last student's time for the test ended. If somebody is given more time, no review that was
    written before it is shown. `handedIn`: whether a draft was handed in automatically.
    """

    subjectName: str
    testId: str
    title: str
    studentId: str
    receiptId: str
    submittedAt: str
    points: Points
    maxPoints: Points
    late: bool
    credit: Points
    handedIn: bool
    lastDeadline: str
    questions: list[ReviewedQuestion]


class Release(TypedDict):
    """`releases/<subject>/<testId>.json`: the reviews of a test have been written, for the same `lastDeadline`.

    `complete`: whether every student who submitted has one. `mean`: of the points; None if too few have submitted.
    """

    subjectName: str
    testId: str
    lastDeadline: str
    complete: bool
    mean: Points | None


class OptionFigures(TypedDict):
    """An answer in a report: how many of the upper and of the lower half of the students gave it.

    `option`: the ID of an option. Of answers that are typed or put in order, a number in the order of how often they
    were given, or `other` for those that are not among the most frequent; `text` is the answer itself there.
    `upper`: None if there are no halves; `lower` is the number of all then.
    """

    option: str
    text: str
    right: bool
    upper: int | None
    lower: int


class ItemFigures(TypedDict):
    """An item of a `match` in a report. `right`: the ID of its option.

    `counts`: by option, how many of the upper and of the lower half chose it, or how many of all if there are no
    halves. The empty ID is for no answer.
    """

    text: str
    right: str
    counts: dict[str, list[int]]


class GapFigures(TypedDict):
    """A gap in a report. `options`, `suspects`: as of a question of its type."""

    id: str
    type: QuestionType
    options: list[OptionFigures]
    suspects: list[str]


class QuestionFigures(TypedDict):
    """A question in a report: its statistics in per cent, None where undefined. `correction`: the reason, if any.

    `options`: the last one, whose ID is empty, is no answer. Of a `match`, they are those of all `items` together; of
    `gaps`, each has its own. `suspects`: the answers that may be right instead, in all gaps. `shown`: of a question of
    a pool, for how many of the results it was drawn.
    """

    number: str
    text: str
    type: QuestionType
    shown: NotRequired[int]
    facility: float | None
    discrimination: float | None
    efficiency: float | None
    dropped: bool
    correction: str | None
    options: list[OptionFigures]
    items: NotRequired[list[ItemFigures]]
    gaps: NotRequired[list[GapFigures]]
    suspects: list[str]


class ReportStatistics(TypedDict):
    """`reports/<subject>/<testId>/<digest>/statistics.json`. `mean`, `deviation`: in per cent of the most points.

    `distribution`: how many results lie in 0-10 %, 10-20 %, ... 90-100 %.
    """

    asOf: str
    students: int
    scored: int
    mean: float | None
    deviation: float | None
    distribution: list[int]
    questions: list[QuestionFigures]


# Invitations ----------------------------------------------------------------------------------------------------------


class Invitation(TypedDict):
    """`invitations/<id>.json`. `share`: the XOR of the student's API key with the share in their link."""

    share: str
    studentId: str
    expiresAt: str
    usedAt: NotRequired[str]


# The ledger of emails -------------------------------------------------------------------------------------------------

# An email about the time that a student has: it ends soon, the test is open, or the student has been given more of it.
ReminderKind = Literal["reminder", "opening", "extension"]
MailKind = Literal["score"] | ReminderKind


class MailContent(TypedDict, total=False):
    """What an email says.

    `deadline`: of a reminder, or an extension. `opensAt`: of an announcement, since when the test is open.
    `invitation`: the ID in the link of an invitation. `studentRecord`: the key of the record of the API key that the
    invitation leads to. `tests`: for the trainer's email, a digest of what it says of each test, by
    `<subject>/<testId>`, and one of the other problems under the empty name.
    """

    points: Points
    maxPoints: Points
    withAnswers: bool
    invitation: str
    studentRecord: str
    deadline: str
    opensAt: str
    tests: dict[str, str]


class LedgerEntry(TypedDict):
    """`notifications/...`. `lastSent`: the content of the last email before this one that was certainly sent.

    `maybeSent`: the content of the last email after that one that may have been sent.
    `plannedAt`: when the run started.
    """

    state: Literal["begun", "sent", "rejected", "deferred"]
    token: str
    runId: str
    plannedAt: str
    begunAt: str
    content: MailContent
    endedAt: NotRequired[str]
    lastSent: NotRequired[MailContent]
    maybeSent: NotRequired[MailContent]
    reason: NotRequired[str]


# A run ----------------------------------------------------------------------------------------------------------------


class RunRequest(TypedDict, total=False):
    """The input of a run's execution: what it is asked to do. plan_run checks it.

    `asOf`: the time at which it does what is due; a later time than now counts only if `trial` is true.
    `regrade`: the test to score again; `only`: the only test that the run looks at. Both are `<subject>/<testId>`.
    """

    asOf: str
    trial: bool
    resendUncertain: bool
    regrade: str
    only: str


class TestState(TypedDict, total=False):
    """`states/<subject>/<testId>.json`: what a test's students were last told. It has no student's ID.

    `told`: the fingerprint of it, apart from the answer key. `toldAt`: the time for which it was true. `reminded`: by
    kind of email, the fingerprint of whom the last run told of which time. `plannedBy`: the last run that planned to
    score the test. `disturbed`: whether a run that planned it earlier has stored scores or told somebody something
    since.
    """

    told: str
    toldAt: str
    keyVersion: str | None
    pendingMails: int
    uncertainMails: int
    rejectedMails: int
    reminded: dict[ReminderKind, str]
    plannedBy: str
    disturbed: bool


# Why a test is due: plan_run/due.py says what each means.
Reason = Literal["deadline", "answer key", "mails", "resend", "regrade"]


class PlanEntry(TypedDict):
    """A test of a run: why it is due, what its state says once it is done, and the numbers of its batches.

    `told`: empty for a trial of times that have not come, which tells nobody for certain. `questionsTag`: the ETag
    of the questions.
    """

    subject: str
    test: IndexEntry
    reasons: list[Reason]
    told: str
    keyVersion: str | None
    questionsTag: str | None
    reminded: dict[ReminderKind, str]
    batches: list[int]
    reminderBatches: list[int]


class Plan(TypedDict):
    """`runs/<runId>/plan.json`. `certainAt`: the earlier of `asOf`, `startedAt`. `settleUntil`: when scoring begins."""

    runId: str
    asOf: str
    startedAt: str
    certainAt: str
    settleUntil: str
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
    """A student to email about their time. `deadline`: the student's own.

    `opensAt`: since when the test is open, in an announcement of it. `extension`: in an email about one.
    """

    studentId: str
    name: str
    email: str
    deadline: str
    opensAt: NotRequired[str]
    extension: NotRequired[Extension]


class BatchHead(TypedDict):
    """The fields that both kinds of batches have.

    `rosterTag`: the ETag of the roster that the batch was made from. `mailers`: how many calls send emails at the same
    time.
    """

    subject: str
    test: IndexEntry
    rosterTag: str
    asOf: str
    startedAt: str
    certainAt: str
    showAnswers: bool
    resendUncertain: bool
    mailers: int


class ScoreBatch(BatchHead):
    """`runs/<runId>/batches/<n>.json`: students to score."""

    kind: Literal["score"]
    students: list[ScoringStudent]


class ReminderBatch(BatchHead):
    """`runs/<runId>/batches/<n>.json`: students to remind, or to tell that the test is open or about an extension."""

    kind: ReminderKind
    students: list[StudentToRemind]


Batch = ScoreBatch | ReminderBatch


class ScoredRow(Score):
    """The result of a student who submitted. `questionsTag`: the ETag of the questions by which it was scored."""

    name: str
    questionsTag: str
    status: Literal["scored"]


class MissingRow(TypedDict):
    """The result of a student whose time has ended and who has not submitted anything."""

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
    """A student in such a batch, who needs the email or has already submitted.

    `answered`: how many questions the draft of a student to remind answers, if there is one.
    """

    studentId: str
    name: str
    status: Literal["remind", "submitted"]
    answered: NotRequired[int]


ResultRow = ScoredRow | MissingRow | OpenRow | FailedRow | ReminderRow


class Results(TypedDict):
    """`runs/<runId>/results/<n>.json`. `releasedFor`: the `lastDeadline` of the reviews, if they were written."""

    rows: list[ResultRow]
    releasedFor: NotRequired[str]


MailState = Literal["sent", "sent earlier", "uncertain", "rejected", "deferred", "pending", "elsewhere", "outdated"]
# How many emails are in each state; a state without emails is left out.
MailCounts = dict[str, int]
TrainerMailState = Literal["sent", "sent earlier", "uncertain", "elsewhere", "failed", "none"]


class MailAllowance(TypedDict):
    """How fast and how many emails a run may still send: `runs/<runId>/allowance.json`. `left`: None if no limit."""

    perSecond: float
    left: int | None


class MailOutcome(TypedDict):
    """The outcome of an email. `lastSent`: the content of the last email that the recipient got before, if any."""

    state: MailState
    content: MailContent
    lastSent: NotRequired[MailContent]
    reason: NotRequired[str]


class MailRow(MailOutcome):
    """The outcome of a student's email."""

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
    """A problem that the trainer has to know about. `studentId`: empty if it concerns more than one student."""

    kind: str
    studentId: str
    reason: str


class ScoreChange(TypedDict):
    """A student whose score changed. `before`, `after`: points and maximum points."""

    studentId: str
    before: list[Points]
    after: list[Points]


class TestSummary(TypedDict):
    """A test in a run's summary. `mails`: emails by state. `report`: the key of the page with the report."""

    subject: str
    testId: str
    reasons: list[Reason]
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
    """`runs/<runId>/summary.json`: what `run-scoring.sh` prints.

    `reminders`: what became of the emails about students' time, of every ReminderKind.
    """

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
