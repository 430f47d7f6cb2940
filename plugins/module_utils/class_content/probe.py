"""The probe: a test and its only student, which bin/check-deployment.sh publishes beside the class and removes again.

Publishing the class neither shows nor removes what belongs to it. Pure functions.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta

from ..shared import probe
from ..shared.canonical_json import canonical_json
from ..shared.deadlines import format_time
from ..shared.documents import AnswerKey, Index, Question, Questions, RosterEntry, StudentRecord
from ..shared.object_keys import (
    REPORTS,
    STUDENTS,
    answer_key_key,
    answers_prefix,
    index_key,
    notification_key,
    probe_report_notification_key,
    questions_key,
    roster_key,
    run_prefix,
    score_key,
    state_key,
)

TITLE = "Check of the deployment"
RIGHT, WRONG = "a", "b"
# The runs of checks have names that begin so.
RUN_NAME = "check-"
# For how long the test is open: longer than any check takes.
OPEN_FOR = timedelta(days=1)

_RECORD: StudentRecord = {
    "studentId": probe.STUDENT,
    "name": TITLE,
    "subjects": [probe.SUBJECT],
    "deadlines": {},
}
STUDENT_RECORD = canonical_json(_RECORD)
_RECORD_ETAG = hashlib.md5(STUDENT_RECORD, usedforsecurity=False).hexdigest()

# Everything that is about the probe, except its student's record, whose key is a hash of the API key. Nothing else: a
# class that was published before the subject's name was reserved may have objects beside these.
PREFIXES = (
    questions_key(probe.SUBJECT, probe.TEST),
    answer_key_key(probe.SUBJECT, probe.TEST),
    roster_key(probe.SUBJECT),
    index_key(probe.SUBJECT),
    answers_prefix(probe.SUBJECT, probe.STUDENT),
    score_key(probe.SUBJECT, probe.TEST, probe.STUDENT),
    notification_key("score", probe.SUBJECT, probe.TEST, probe.STUDENT),
    notification_key("reminder", probe.SUBJECT, probe.TEST, probe.STUDENT),
    f"{REPORTS}{probe.SUBJECT}/{probe.TEST}/",
    state_key(probe.SUBJECT, probe.TEST),
    probe_report_notification_key(),
    run_prefix(RUN_NAME).rstrip("/"),
)


def belongs_to_probe(key: str, etag: str) -> bool:
    """Whether a published object is the probe's. Every check writes the same record, so its ETag says whose it is."""
    return key.startswith(PREFIXES) or (key.startswith(STUDENTS) and etag == _RECORD_ETAG)


def is_probes_index(body: bytes) -> bool:
    """Whether an index of the probe's subject is the probe's, and not that of a class published long ago."""
    try:
        index: Index = json.loads(body)
        return index["title"] == TITLE and [test["testId"] for test in index["tests"]] == [probe.TEST]
    except (ValueError, TypeError, KeyError):
        return False


def api_key_name(root_stack: str) -> str:
    """The name of the probe's API key. It does not begin like those of students, `<root stack>/`."""
    return f"{root_stack}:{probe.SUBJECT}"


def published_objects(now: datetime) -> dict[str, bytes]:
    """What is published of the probe, by key, except its student's record."""
    closes_at, published_at = format_time(now + OPEN_FOR), format_time(now)
    index: Index = {
        "subjectName": probe.SUBJECT,
        "title": TITLE,
        "tests": [
            {
                "testId": probe.TEST,
                "title": TITLE,
                "questionCount": 1,
                "closesAt": closes_at,
                "graceMinutes": 0,
                "attempts": "1",
                "late": None,
                "lastDeadline": closes_at,
                "revisedAt": published_at,
                "publishedAt": published_at,
            }
        ],
    }
    question: Question = {
        "number": 1,
        "text": "Which answer is right?",
        "type": "single",
        "points": 1,
        "options": [{"id": RIGHT, "text": "This one."}, {"id": WRONG, "text": "Not this one."}],
    }
    questions: Questions = {
        "subjectName": probe.SUBJECT,
        "testId": probe.TEST,
        "title": TITLE,
        "shuffle": False,
        "questions": [question],
    }
    answer_key: AnswerKey = {
        "subjectName": probe.SUBJECT,
        "testId": probe.TEST,
        "partialCredit": "off",
        "questions": {"1": {"correct": [RIGHT], "points": 1}},
    }
    student: RosterEntry = {
        "studentId": probe.STUDENT,
        "name": TITLE,
        "email": probe.MAILBOX,
        "subjects": [probe.SUBJECT],
        "deadlines": {},
        "since": {probe.SUBJECT: published_at},
    }
    return {
        questions_key(probe.SUBJECT, probe.TEST): canonical_json(questions),
        answer_key_key(probe.SUBJECT, probe.TEST): canonical_json(answer_key),
        roster_key(probe.SUBJECT): canonical_json(student) + b"\n",
        index_key(probe.SUBJECT): canonical_json(index),
    }
