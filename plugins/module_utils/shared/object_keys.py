"""The keys of all objects in the data bucket. `documents.py` and docs/data-model.md describe their content.

Used by the functions (`common.shared`) and by the trainer's side (`module_utils.shared`: publishing and the commands).
"""

from __future__ import annotations

from hashlib import sha256

from . import probe

CLASS = "class.json"
ROSTER = "roster.jsonl"
STUDENTS = "students/"
TRAINERS = "trainers/"
SUBJECTS = "subjects/"
ANSWER_KEYS = "answer-keys/"
ANSWERS = "answers/"
DRAFTS = "drafts/"
SCORES = "scores/"
REVIEWS = "reviews/"
RELEASES = "releases/"
NOTIFICATIONS = "notifications/"
REPORTS = "reports/"
STATES = "states/"
RUNS = "runs/"
INVITATIONS = "invitations/"
CALENDARS = "calendars/"
FOLDERS = (
    *(STUDENTS, TRAINERS, SUBJECTS, ANSWER_KEYS, ANSWERS, DRAFTS, SCORES, REVIEWS, RELEASES),
    *(NOTIFICATIONS, REPORTS, STATES, RUNS, INVITATIONS, CALENDARS),
)
# Not allowed in an ID, so that the number of an attempt can follow it.
_ATTEMPT_SEPARATOR = "~"


def student_key(api_key: str) -> str:
    """The record of the student to whom `api_key` belongs. The API key itself is not stored."""
    return f"{STUDENTS}{_hash(api_key)}.json"


def trainer_key(api_key: str) -> str:
    """The record that makes `api_key` the trainer's. The API key itself is not stored."""
    return f"{TRAINERS}{_hash(api_key)}.json"


def roster_key(subject: str) -> str:
    """The roster that has a subject's students: the class's, or that of the probe, which is not in it."""
    return f"{SUBJECTS}{subject}/{ROSTER}" if subject == probe.SUBJECT else ROSTER


def index_key(subject: str) -> str:
    """The list of a subject's tests."""
    return f"{SUBJECTS}{subject}/index.json"


def is_index_key(key: str) -> bool:
    """Whether `key` is the `index_key` of any subject."""
    return key == index_key(key.removeprefix(SUBJECTS).partition("/")[0])


def questions_key(subject: str, test: str) -> str:
    """A test's questions, without the right answers."""
    return f"{SUBJECTS}{subject}/{test}/questions.json"


def image_key(subject: str, test: str, image: str) -> str:
    """An image in a test's questions or explanations. `image`: its ID."""
    return f"{SUBJECTS}{subject}/{test}/images/{image}.json"


def is_image_key(key: str) -> bool:
    """Whether `key` is any `image_key`."""
    return key.startswith(SUBJECTS) and [*key.split("/"), ""][3] == "images"


def answer_key_key(subject: str, test: str) -> str:
    """A test's right answers."""
    return f"{ANSWER_KEYS}{subject}/{test}.json"


def answers_prefix(subject: str, student: str | None = None) -> str:
    """Everything that was submitted in a subject, or what one student submitted in it."""
    return f"{ANSWERS}{subject}/{student}/" if student else f"{ANSWERS}{subject}/"


def drafts_prefix(subject: str, student: str | None = None) -> str:
    """Everything that was begun in a subject, or what one student has begun in it. Keys are as under `answers/`."""
    return f"{DRAFTS}{subject}/{student}/" if student else f"{DRAFTS}{subject}/"


def draft_key(subject: str, student: str, test: str) -> str:
    """What a student has begun of a test and not submitted."""
    return f"{drafts_prefix(subject, student)}{test}.json"


def answers_key(subject: str, student: str, test: str, attempt: int = 1) -> str:
    """One attempt of a student at a test, counted from 1."""
    number = "" if attempt == 1 else f"{_ATTEMPT_SEPARATOR}{attempt}"
    return f"{answers_prefix(subject, student)}{test}{number}.json"


def attempt_of(key: str) -> tuple[str, int]:
    """The test and the number of the attempt that a key under `answers/` holds."""
    test, _, number = key.rsplit("/", 1)[-1].removesuffix(".json").partition(_ATTEMPT_SEPARATOR)
    return test, int(number or 1)


def scores_prefix(subject: str, test: str) -> str:
    """All scores of a test."""
    return f"{SCORES}{subject}/{test}/"


def score_key(subject: str, test: str, student: str) -> str:
    """A student's score for a test."""
    return f"{scores_prefix(subject, test)}{student}.json"


def review_key(subject: str, test: str, student: str) -> str:
    """What a student is shown of a test once its right answers may be shown."""
    return f"{REVIEWS}{subject}/{test}/{student}.json"


def release_key(subject: str, test: str) -> str:
    """Whether the reviews of a test have been written, and the class's mean."""
    return f"{RELEASES}{subject}/{test}.json"


def notification_key(kind: str, subject: str, test: str, student: str) -> str:
    """The ledger entry of a student's email; `kind` is a MailKind."""
    return f"{NOTIFICATIONS}{kind}/{subject}/{test}/{student}.json"


def invitation_key(id: str) -> str:
    """An invitation: the share of a student's API key that is not in their link."""
    return f"{INVITATIONS}{id}.json"


def calendar_key(secret: str) -> str:
    """A student's calendar. `secret`: what is in its address. The secret itself is not stored."""
    return f"{CALENDARS}{_hash(secret)}.json"


def subject_calendar_key(subject: str) -> str:
    """What all calendars with a subject have in common: when its tests open and close."""
    return f"{_subject_calendars()}{subject}.json"


def is_students_calendar_key(key: str) -> bool:
    """Whether `key` is any `calendar_key`."""
    return key.startswith(CALENDARS) and not is_subject_calendar_key(key)


def is_subject_calendar_key(key: str) -> bool:
    """Whether `key` is any `subject_calendar_key`."""
    return key.startswith(_subject_calendars())


def _subject_calendars() -> str:
    return f"{CALENDARS}subjects/"


def invitation_notification_key(student: str) -> str:
    """The ledger entry of a student's invitation."""
    return f"{NOTIFICATIONS}invitation/{student}.json"


def report_notification_key() -> str:
    """The ledger entry of the emails to the trainer."""
    return f"{NOTIFICATIONS}report.json"


def probe_report_notification_key() -> str:
    """The ledger entry of the report on the probe, which the trainer does not get."""
    return f"{NOTIFICATIONS}report/{probe.SUBJECT}.json"


def report_prefix(subject: str, test: str, digest: str) -> str:
    """The folder of a test's report; `digest` identifies the grades in it."""
    return f"{REPORTS}{subject}/{test}/{digest}"


def report_page_key(prefix: str) -> str:
    """The report as a page, under its `report_prefix`."""
    return f"{prefix}/report.html"


def gradebook_key(prefix: str) -> str:
    """The gradebook, under its `report_prefix`."""
    return f"{prefix}/gradebook.csv"


def report_statistics_key(prefix: str) -> str:
    """The report's figures as data, under its `report_prefix`."""
    return f"{prefix}/statistics.json"


def run_prefix(run_id: str) -> str:
    """The working files of a weekly run."""
    return f"{RUNS}{run_id}/"


def plan_key(run_id: str) -> str:
    """What is due and why; written by plan_run."""
    return f"{run_prefix(run_id)}plan.json"


def manifest_key(run_id: str) -> str:
    """The list that the Distributed Map reads: `[{"runId": "...", "batch": 0}]`."""
    return f"{run_prefix(run_id)}manifest.json"


def batch_key(run_id: str, batch: int) -> str:
    """The students of a batch, with their addresses; written by plan_run."""
    return f"{run_prefix(run_id)}batches/{batch}.json"


def results_prefix(run_id: str) -> str:
    """The results of all batches of a run."""
    return f"{run_prefix(run_id)}results/"


def results_key(run_id: str, batch: int) -> str:
    """A row for each student of a batch; written by score_batch."""
    return f"{results_prefix(run_id)}{batch}.json"


def mails_prefix(run_id: str) -> str:
    """The outcomes of the emails of all batches of a run."""
    return f"{run_prefix(run_id)}mails/"


def mails_key(run_id: str, batch: int) -> str:
    """The outcome of each email of a batch; written by mail_batch."""
    return f"{mails_prefix(run_id)}{batch}.json"


def allowance_key(run_id: str) -> str:
    """How fast and how many emails the calls of mail_batch may still send."""
    return f"{run_prefix(run_id)}allowance.json"


def failures_prefix(run_id: str) -> str:
    """The batches of a run that could not be scored or emailed."""
    return f"{run_prefix(run_id)}failures/"


def failure_keys(run_id: str, batch: int) -> tuple[str, str]:
    """Why a batch could not be scored, and why it could not be emailed; written by the state machine."""
    return f"{failures_prefix(run_id)}{batch}.json", f"{failures_prefix(run_id)}mail-{batch}.json"


def sending_limits_failure_key(run_id: str) -> str:
    """Why SES could not be asked how much the run may send; written by the state machine."""
    return f"{failures_prefix(run_id)}sending-limits.json"


def summary_key(run_id: str) -> str:
    """What `run-scoring.sh` prints; written by report_run."""
    return f"{run_prefix(run_id)}summary.json"


def state_key(subject: str, test_id: str) -> str:
    """Up to when a test has been scored. Unlike reports, it never expires: without it, the test would be due again."""
    return f"{STATES}{subject}/{test_id}.json"


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
