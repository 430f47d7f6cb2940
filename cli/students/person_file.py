"""Everything that is stored about a student, as a ZIP file: JSON as it is stored, a summary, and a page to read."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.training.test_time.plugins.module_utils.shared.canonical_json import canonical_json
from ansible_collections.training.test_time.plugins.module_utils.shared.deadlines import format_time
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import (
    Answer,
    Gap,
    LedgerEntry,
    Option,
    Question,
    Questions,
    RosterEntry,
    Score,
    Submission,
)
from ansible_collections.training.test_time.plugins.module_utils.shared.gaps import with_gaps_named
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import (
    ANSWERS,
    NOTIFICATIONS,
    ROSTER,
    SCORES,
)
from cli.students.search import Found

from common.run.mail_text import templates

_TEMPLATES = Path(__file__).parent / "templates"


class Mail(NamedTuple):
    """An email's entry in the ledger. `about`: the kind of email and the test."""

    about: str
    entry: LedgerEntry


class Answered(NamedTuple):
    """A question and the parts of its answer. `is_as_given`: whether these may have what the student typed."""

    question: str
    parts: list[str]
    is_as_given: bool


@dataclass(frozen=True)
class PersonFile:
    """What is stored about one student. `questions`: of the published tests, by subject and test ID."""

    student: str
    exported_at: str
    stored: Sequence[Found]
    questions: Mapping[tuple[str, str], Questions] = field(default_factory=dict)

    @property
    def enrolment(self) -> RosterEntry | None:
        """The student's line of the roster; None if they are not enrolled any more."""
        return next((each.own[0] for each in self.stored if each.key == ROSTER and each.own), None)

    @property
    def submissions(self) -> list[Submission]:
        """The student's submissions, all attempts."""
        return self._all_below(ANSWERS)

    @property
    def scores(self) -> list[Score]:
        """The student's scores."""
        return self._all_below(SCORES)

    @property
    def mails(self) -> list[Mail]:
        """What the ledger has of the student's emails."""
        return [
            Mail(each.key.removeprefix(NOTIFICATIONS).rpartition("/")[0], each.own[0])
            for each in self.stored
            if each.key.startswith(NOTIFICATIONS) and each.own
        ]

    @property
    def elsewhere(self) -> list[Found]:
        """Files about the class in which the student has rows of their own, and records."""
        shown = (ANSWERS, SCORES, NOTIFICATIONS, ROSTER)
        return [each for each in self.stored if each.own and not each.key.startswith(shown)]

    @property
    def past(self) -> list[Found]:
        """The keys of which older versions are kept."""
        return [each for each in self.stored if each.past]

    def words_of(self, submission: Submission) -> list[Answered]:
        """Each question with what the student answered, in words if the test is still published."""
        published = self.questions.get((submission["subjectName"], submission["testId"]))
        asked = {str(each["number"]): each for each in published["questions"]} if published else {}
        return [_answered(number, asked.get(number), answer) for number, answer in submission["answers"].items()]

    def summary(self) -> dict[str, Any]:
        """The summary, for programs."""
        return {
            "studentId": self.student,
            "exportedAt": self.exported_at,
            "enrolment": self.enrolment,
            "submissions": self.submissions,
            "scores": self.scores,
            "mails": [{"about": mail.about, **mail.entry} for mail in self.mails],
            "alsoIn": {each.key: each.own for each in self.elsewhere},
            "olderVersions": {each.key: len(each.past) for each in self.past},
        }

    def as_zip(self, timezone: str, class_name: str) -> bytes:
        """The ZIP file."""
        page = templates(_TEMPLATES, timezone).get_template("person.html")
        title = f"What is stored about {self.student}"
        files = {
            "index.html": page.render(title=title, class_name=class_name, person=self).encode(),
            "summary.json": _readable(self.summary()),
        }
        for each in self.stored:
            name = each.key if each.key.endswith(".json") else f"{each.key}.json"
            if each.own:
                files[f"stored/{name}"] = canonical_json(_single(each.own))
            for number, past in enumerate(each.past, 1):
                written = {"written": format_time(past.written), "content": _single(past.own)}
                files[f"older-versions/{name.removesuffix('.json')}/{number}.json"] = canonical_json(written)
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, body in files.items():
                archive.writestr(name, body)
        return content.getvalue()

    def _all_below(self, folder: str) -> list[Any]:
        return [each.own[0] for each in self.stored if each.key.startswith(folder) and each.own]


def _answered(number: str, question: Question | None, answer: Answer) -> Answered:
    if question is None or question["type"] in ("number", "text"):
        return Answered(f"{number}. {question['text'] if question else ''}", _parts(answer, {}, {}), is_as_given=True)
    if question["type"] == "gaps" and isinstance(answer, dict):
        shown = f"{number}. {with_gaps_named(question['text'])}"
        return Answered(shown, _parts_in_gaps(question["gaps"], answer), is_as_given=True)
    options = _options(question["options"])
    items = {each["id"]: each["text"] for each in question.get("items", [])}
    return Answered(f"{number}. {question['text']}", _parts(answer, options, items), is_as_given=False)


def _options(options: Sequence[Option]) -> dict[str, str]:
    return {each["id"]: f"{each['id']}: {each['text']}" for each in options}


def _parts_in_gaps(gaps: Sequence[Gap], answer: Mapping[str, str]) -> list[str]:
    """The answers in gaps, such as `Gap 1: b: prints` and `Gap 2: 62`."""
    words = {gap["id"]: _options(gap.get("options", [])) for gap in gaps}
    return [f"Gap {gap}: {words.get(gap, {}).get(given, given)}" for gap, given in answer.items()]


def _parts(answer: Answer, options: Mapping[str, str], items: Mapping[str, str]) -> list[str]:
    """The options that were chosen, such as `b: Warsaw`, or for an item `Poland: b: Warsaw`; or what was typed."""
    if isinstance(answer, dict):
        return [f"{items.get(item, item)}: {options.get(option, option)}" for item, option in answer.items()]
    return [options.get(each, each) for each in (answer if isinstance(answer, list) else [answer])]


def _single(own: list[Any]) -> Any:
    """An object that is about the student as a whole is shown as it is stored."""
    return own[0] if len(own) == 1 else own


def _readable(value: Any) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode()
