"""A run's summary as text, and the exit code that follows from it."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.training.test_time.plugins.module_utils.shared.documents import (
    MailCounts,
    Points,
    ProblemSummary,
    Summary,
    TestSummary,
)
from ansible_collections.training.test_time.plugins.module_utils.shared.ids import test_name
from ansible_collections.training.test_time.plugins.module_utils.shared.mail_counts import waiting
from cli.table import as_table

SOMETHING_FAILED = 3
HEAD = ["test", "students", "scored", "missing", "open", "failed", "emails sent", "waiting", "uncertain", "rejected"]
TRAINER_MAIL = {
    "sent": "sent",
    "sent earlier": "sent earlier; nothing has changed since then",
    "uncertain": "uncertain: it may or may not have been sent (to send it again, use --resend-uncertain)",
    "elsewhere": "another run is sending it",
    "none": "none needed",
}


def as_text(summary: Summary) -> str:
    """A table, then the students whose score changed, then what went wrong."""
    rows = [_row(test) for test in summary["tests"]]
    if summary["reminders"]:
        rows.append(["notices", "", "", "", "", "", *_mail_cells(summary["reminders"])])
    lines = [as_table([HEAD, *rows])] if rows else []
    for test in summary["tests"]:
        lines += _changes(test)
    lines += [f"problem: {problem}" for problem in summary["problems"]]
    for test in summary["tests"]:
        lines += _problems(f"{_name(test)}: ", test["problems"])
    lines += _problems("", summary["reminderProblems"])
    lines.append(f"trainer's email: {TRAINER_MAIL.get(summary['trainerMail']) or summary['trainerMailFailure']}")
    return "\n".join(lines)


def exit_code(summary: Summary) -> int:
    """0, or SOMETHING_FAILED if a result or an email failed or is uncertain."""
    return SOMETHING_FAILED if summary["failed"] or summary["uncertain"] or summary["rejected"] else 0


def _name(test: TestSummary) -> str:
    return test_name(test["subject"], test["testId"])


def _row(test: TestSummary) -> list[str]:
    counts = (test["students"], test["scored"], test["missing"], test["open"], test["failed"])
    return [_name(test), *map(str, counts), *_mail_cells(test["mails"])]


def _mail_cells(mails: MailCounts) -> list[str]:
    counts = (mails.get("sent", 0), waiting(mails), mails.get("uncertain", 0), mails.get("rejected", 0))
    return [str(count) for count in counts]


def _changes(test: TestSummary) -> list[str]:
    if not test["changes"]:
        return [f"{_name(test)}: no student's score changed"] if "regrade" in test["reasons"] else []
    return [
        f"{_name(test)}: {change['studentId']} had {_points(change['before'])}, now has {_points(change['after'])}"
        for change in test["changes"]
    ]


def _points(pair: Sequence[Points]) -> str:
    return f"{pair[0]:g} of {pair[1]:g}"


def _problems(where: str, problems: Sequence[ProblemSummary]) -> list[str]:
    reported = ((problem["kind"], problem["studentId"], problem["reason"]) for problem in problems)
    return [f"problem: {where}{': '.join(part for part in parts if part)}" for parts in reported]
