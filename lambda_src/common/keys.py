"""Where each object lies in the data bucket: docs/data-model.md as functions."""

from __future__ import annotations

import re
from hashlib import sha256

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
ID_RULE = "1 to 64 letters, digits, dots, underscores or hyphens, beginning with a letter or digit"
# In no ID: what follows it is the number of an attempt.
_ATTEMPT_SEPARATOR = "~"


def is_id(value: object) -> bool:
    """Whether `value` is a well-formed ID of a subject, test or student."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def student_key(api_key: str) -> str:
    """The record of the student whom `api_key` belongs to. The key itself is stored nowhere."""
    return f"students/{sha256(api_key.encode('utf-8', 'surrogatepass')).hexdigest()}.json"


def index_key(subject: str) -> str:
    """The list of a subject's tests."""
    return f"subjects/{subject}/index.json"


def questions_key(subject: str, test: str) -> str:
    """A test's questions, without the right answers."""
    return f"subjects/{subject}/{test}/questions.json"


def answer_key_key(subject: str, test: str) -> str:
    """A test's right answers."""
    return f"answer-keys/{subject}/{test}.json"


def answers_prefix(subject: str, student: str) -> str:
    """Everything a student submitted in a subject."""
    return f"answers/{subject}/{student}/"


def answers_key(subject: str, student: str, test: str, attempt: int = 1) -> str:
    """One attempt of a student at a test, counted from 1."""
    number = "" if attempt == 1 else f"{_ATTEMPT_SEPARATOR}{attempt}"
    return f"{answers_prefix(subject, student)}{test}{number}.json"


def attempt_of(key: str) -> tuple[str, int]:
    """The test and the number of the attempt that a key under `answers/` holds."""
    test, _, number = key.rsplit("/", 1)[-1].removesuffix(".json").partition(_ATTEMPT_SEPARATOR)
    return test, int(number or 1)


def score_key(subject: str, test: str, student: str) -> str:
    """A student's score for a test."""
    return f"scores/{subject}/{test}/{student}.json"
