"""How invitations go out: by email, or into a file for the trainer's own channel."""

from __future__ import annotations

import csv
import io
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from ansible_collections.training.test_time.plugins.module_utils.shared.student_addresses import (
    install_line,
    page_address,
)
from cli.students.invitations import Invited

from common.run.mail import Draft, Mailer, QuotaUsedUp
from common.run.mail_text import templates, visible
from report_run.gradebook import cell


class ByMail:
    """Emails by SES, no faster than it allows. Raises MailUnreachable and SendingClosed if SES gives no limits."""

    def __init__(self, class_name: str, endpoint: str, sender: str, timezone: str, mailer: Mailer) -> None:
        self._class_name = class_name
        self._endpoint = endpoint
        self._sender = sender
        self._templates = templates(Path(__file__).parent / "templates", timezone)
        self._mailer = mailer
        quota = mailer.quota()
        self._pause, self._left = 1 / quota.per_second, quota.left_today

    def letter(self, invited: Invited) -> Draft:
        """The email."""
        title = f"{self._class_name}: get your key for the tests"
        text, html = (
            self._templates.get_template(f"invitation.{kind}").render(
                title=title,
                class_name=self._class_name,
                student=invited.student,
                link=invited.link,
                page=page_address(self._endpoint),
                install_line=install_line(self._endpoint),
                expires=invited.expires,
                first=invited.first,
            )
            for kind in ("txt", "html")
        )
        return Draft(self._class_name, self._sender, invited.student["email"], visible(title), text, html)

    def send(self, letter: Draft) -> None:
        """Send an email once. Raises what Mailer.send raises."""
        if self._left is not None:
            if self._left == 0:
                raise QuotaUsedUp("the daily quota is used up: invite the others tomorrow")
            self._left -= 1
        time.sleep(self._pause)
        self._mailer.send(letter)


class ToFile:
    """A CSV file with a line for each student, which only its owner can read. Raises FileExistsError."""

    def __init__(self, path: Path) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(handle, "w", encoding="utf-8-sig", newline="")
        self._file.write(_line("studentId", "name", "email", "link"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def letter(self, invited: Invited) -> Draft:
        """The student's line."""
        student = invited.student
        line = _line(student["studentId"], student["name"], student["email"], invited.link)
        return Draft("", "", student["email"], "", line, "")

    def send(self, letter: Draft) -> None:
        """Write a line. It is on the disk when this returns."""
        self._file.write(letter.text)
        self._file.flush()
        os.fsync(self._file.fileno())


def _line(*values: str) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cell(value) for value in values)
    return text.getvalue()
