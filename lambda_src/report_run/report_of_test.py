"""What the trainer's report says about one test of a run."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from common.errors import BrokenObject
from common.shared.object_keys import answer_key_key, questions_key, report_page_key, report_prefix
from common.storage import Bucket
from report_run.gradebook import gradebook
from report_run.item_analysis import TestStatistics, test_statistics
from report_run.question_report import QuestionReport, question_report
from report_run.results import MailResults, Problem, Row, read_mails, read_rows

if TYPE_CHECKING:
    from common.shared.documents import AnswerKey, AnswerKeyEntry, PlanEntry, Question, Questions

# In a larger class the mail has the summary and the link, but not every student.
LARGEST_LIST = 200
# The email has at most this many problems and changed scores of each test. The full report has them all.
LONGEST_EXCERPT = 50
# Some email programs do not open longer links.
LONGEST_LINK = 1900


@dataclass
class TestReport:
    """One test of the run, ready for the templates. `prefix`: where its report is kept; `link`: a link to its page.

    `released_for`: the `lastDeadline` of the reviews that the run has written; None if it has not.
    """

    __test__ = False
    entry: PlanEntry
    rows: list[Row]
    mails: MailResults
    questions: list[QuestionReport]
    statistics: TestStatistics
    csv: bytes
    prefix: str
    counts: Counter[str]
    released_for: str | None
    link: str | None = None

    @property
    def subject(self) -> str:
        """The subject's ID."""
        return self.entry["subject"]

    @property
    def test_id(self) -> str:
        """The test's ID."""
        return self.entry["test"]["testId"]

    @property
    def title(self) -> str:
        """The test's title."""
        return self.entry["test"]["title"]

    @property
    def page_key(self) -> str:
        """Where the page with the full report is kept."""
        return report_page_key(self.prefix)

    @property
    def listed(self) -> bool:
        """Whether the mail lists every student."""
        return len(self.rows) <= LARGEST_LIST

    @property
    def corrected(self) -> bool:
        """Whether the run scored the test because its answer key changed, or because it was asked to."""
        return bool({"answer key", "regrade"} & set(self.entry["reasons"]))

    def of_status(self, status: str) -> list[Row]:
        """The rows of one status."""
        return [row for row in self.rows if row.status == status]

    @property
    def suspects(self) -> list[QuestionReport]:
        """The questions whose answer key is probably wrong."""
        return [question for question in self.questions if question.suspects]

    @property
    def missing_addresses(self) -> list[str]:
        """The addresses of the students who have not submitted."""
        return [row.email for row in self.of_status("missing")]

    @property
    def mail_to_missing(self) -> str:
        """A link that begins an email to them, none of whom sees the others; empty if they are too many for a link."""
        to = ",".join(quote(address, safe="@") for address in self.missing_addresses)
        link = f"mailto:?bcc={to}&subject={quote(f'{self.test_id} in {self.subject}')}"
        return link if len(link) <= LONGEST_LINK else ""

    @property
    def handed_in(self) -> int:
        """How many results are those of drafts that were handed in automatically."""
        return sum(row.handed_in for row in self.rows)

    @property
    def problems(self) -> list[Problem]:
        """Failed results, and mails that were not sent or may not have been."""
        return [
            *(Problem("result failed", row.student_id, row.detail) for row in self.of_status("failed")),
            *(
                Problem("draft does not fit the questions any more", row.student_id, _left_out(row))
                for row in self.rows
                if row.left_out
            ),
            *self.mails.problems,
        ]


def _left_out(row: Row) -> str:
    return f"handed in without the answers to question {', '.join(row.left_out)}"


def read_test_report(bucket: Bucket, run_id: str, entry: PlanEntry) -> TestReport:
    """The report of a test that the run has scored. Raises StorageError."""
    subject, test_id = entry["subject"], entry["test"]["testId"]
    questions, key = _published(bucket, subject, test_id)
    numbers = [str(question["number"]) for question in questions]
    rows, released_for = read_rows(bucket, run_id, entry["batches"], numbers)
    csv = gradebook(subject, test_id, numbers, rows)
    return TestReport(
        entry=entry,
        rows=rows,
        mails=read_mails(bucket, run_id, entry["batches"]),
        questions=_question_reports(questions, key, rows),
        statistics=test_statistics([row.percent for row in rows if row.percent is not None]),
        csv=csv,
        prefix=report_prefix(subject, test_id, hashlib.sha256(csv).hexdigest()[:12]),
        counts=Counter(row.status for row in rows),
        released_for=released_for,
    )


def _published(bucket: Bucket, subject: str, test_id: str) -> tuple[list[Question], dict[str, AnswerKeyEntry]]:
    """The test's questions and answer key; nothing if they are missing or broken, which the rows report."""
    try:
        questions: Questions | None = bucket.get_json(questions_key(subject, test_id))
        key: AnswerKey | None = bucket.get_json(answer_key_key(subject, test_id))
        return questions.get("questions", []) if questions else [], key.get("questions", {}) if key else {}
    except BrokenObject:
        return [], {}


def _question_reports(
    questions: Sequence[Question], key: dict[str, AnswerKeyEntry], rows: Sequence[Row]
) -> list[QuestionReport]:
    scored = [row for row in rows if row.status == "scored"]
    totals = [sum(mark for mark in row.marks if mark is not None) for row in scored]
    return [
        _question_report(question, place, key.get(str(question["number"])), scored, totals)
        for place, question in enumerate(questions)
    ]


def _question_report(
    question: Question, place: int, entry: AnswerKeyEntry | None, scored: Sequence[Row], totals: Sequence[float]
) -> QuestionReport:
    """`place`: of the question in the test, from 0. `scored`, `totals`: each result, and its points."""
    got = [
        (row.answers[place], mark, total)
        for row, total in zip(scored, totals, strict=True)
        if (mark := row.marks[place]) is not None
    ]
    return question_report(
        question, entry, [answer for answer, _, _ in got], [mark for _, mark, _ in got], [total for _, _, total in got]
    )
