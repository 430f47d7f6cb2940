"""What a student is written: the score, a changed score, the right answers, a reminder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from common.run.mail import Draft
from common.run.mail_text import local_time, number, templates, visible


class Letters:
    """Writes the mails of one class. `timezone`: IANA name; all times in mails are local."""

    def __init__(self, class_name: str, sender: str, timezone: str) -> None:
        self._class_name = class_name
        self._sender = sender
        self._timezone = timezone
        self._templates = templates(Path(__file__).parent / "templates", timezone)

    def score(
        self,
        batch: Mapping[str, Any],
        student: Mapping[str, Any],
        row: Mapping[str, Any],
        last_sent: Mapping[str, Any] | None,
        questions: Sequence[Mapping[str, Any]],
        key: Mapping[str, Any] | None,
    ) -> Draft:
        """The mail about a scored row. `last_sent`: what the student was told before (common/run/ledger.py).

        `key`: the answer key once right answers may be shown, else None.
        """
        points = f"{number(row['points'])} of {number(row['maxPoints'])}"
        name = f"{row['testId']} in {row['subjectName']}"
        if last_sent is None:
            kind, subject = "score", f"Your score for {name}: {points}"
        elif (last_sent["points"], last_sent["maxPoints"]) != (row["points"], row["maxPoints"]):
            kind, subject = "change", f"Your score for {name} changed: {points}"
        else:
            kind, subject = "answers", f"The answers to {name}: you have {points}"
        corrections = [
            {"number": question, "reason": entry["correction"].get("reason", "")}
            for question, entry in (key or {"questions": {}})["questions"].items()
            if entry.get("correction")
        ]
        return self._letter(
            "score",
            student["email"],
            subject,
            kind=kind,
            row=row,
            before=last_sent,
            test=batch["test"],
            answers=[_answer(question, row, key) for question in questions] if key else None,
            corrections=corrections,
        )

    def reminder(self, batch: Mapping[str, Any], student: Mapping[str, Any]) -> Draft:
        """The mail to a student who has not submitted."""
        name = f"{batch['test']['testId']} in {batch['subject']}"
        closes = local_time(student["deadline"], self._timezone)
        return self._letter(
            "reminder",
            student["email"],
            f"Reminder: {name} closes {closes}",
            student=student,
            test=batch["test"],
            subject=batch["subject"],
        )

    def _letter(self, template: str, to: str, headline: str, **context: Any) -> Draft:
        text, html = (
            self._templates.get_template(f"{template}.{kind}").render(
                title=headline, class_name=self._class_name, **context
            )
            for kind in ("txt", "html")
        )
        return Draft(self._class_name, self._sender, to, visible(headline), text, html)


def _answer(question: Mapping[str, Any], row: Mapping[str, Any], key: Mapping[str, Any]) -> dict[str, Any]:
    """One question as the mail shows it, with the student's and the right options in words."""
    number_ = str(question["number"])
    entry = key["questions"][number_]
    correction = entry.get("correction") or {}
    got = row["questions"][number_]
    words = {option["id"]: f"{option['id']}: {option['text']}" for option in question["options"]}
    return {
        "number": number_,
        "text": question["text"],
        "own": [words.get(option, option) for option in got["answer"]],
        "right": [words.get(option, option) for option in [*entry["correct"], *correction.get("alsoAccept", ())]],
        "points": got["points"],
        "maxPoints": got["maxPoints"],
        "explanation": entry.get("explanation"),
        "correction": correction.get("reason"),
        "dropped": bool(correction.get("drop")),
    }
