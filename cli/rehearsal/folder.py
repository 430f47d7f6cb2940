"""What a rehearsal leaves: a folder with every email, the reports and an index, which only the trainer can read."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterable, Mapping
from email.message import EmailMessage
from html import escape
from pathlib import Path

from cli.private_file import write_private

from common.shared.object_keys import REPORTS

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "td,th{text-align:left;padding:.25rem 1rem .25rem 0}"
)


def report_path(folder: Path, key: str) -> Path:
    """Where a report or gradebook is kept: as in the bucket, without the digest of the grades."""
    *parts, _digest, name = key.split("/")
    return folder.joinpath(*parts, name)


def save(folder: Path, title: str, summary: str, mails: Iterable[bytes], written: Mapping[str, bytes]) -> Path:
    """Write the folder; its index. Raises CommandError if it cannot be written."""
    reports = {report_path(folder, key): body for key, body in written.items() if key.startswith(REPORTS)}
    for path, body in reports.items():
        _write(path, body)
    rows = [_save_mail(folder, number, raw) for number, raw in enumerate(mails, 1)]
    _write(folder / "summary.txt", summary.encode() + b"\n")
    index = folder / "index.html"
    _write(index, _index(title, summary, rows, [path.relative_to(folder).as_posix() for path in sorted(reports)]))
    return index


def _write(path: Path, content: bytes) -> None:
    for folder in reversed(path.parents):
        folder.mkdir(mode=0o700, exist_ok=True)
    write_private(path, content)


def _save_mail(folder: Path, number: int, raw: bytes) -> tuple[str, str, str]:
    """Write an email as it would be sent, and its two bodies; a link to it, its recipient and its subject."""
    message = email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)
    recipient, subject = str(message["To"]), str(message["Subject"])
    name = f"emails/{number:04}-{re.sub(r'[^A-Za-z0-9@._-]', '_', recipient)[:64]}"
    _write(folder / f"{name}.eml", raw)
    for kind, ending in (("plain", "txt"), ("html", "html")):
        body = message.get_body((kind,))
        _write(folder / f"{name}.{ending}", str(body.get_content()).encode() if body else b"")
    return f"{name}.html", recipient, subject


def _index(title: str, summary: str, mails: list[tuple[str, str, str]], reports: list[str]) -> bytes:
    rows = "\n".join(
        f'<tr><td>{escape(to)}</td><td><a href="{escape(link)}">{escape(subject)}</a></td></tr>'
        for link, to, subject in mails
    )
    items = "\n".join(f'<li><a href="{escape(path)}">{escape(path)}</a></li>' for path in reports)
    page = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>\n<h1>{escape(title)}</h1>\n"
        f"<p>Nothing was sent or stored.</p>\n<pre>{escape(summary)}</pre>\n"
        f"<h2>Emails: {len(mails)}</h2>\n<table><tr><th>to</th><th>subject</th></tr>\n{rows}\n</table>\n"
        f"<h2>Reports</h2>\n<ul>\n{items}\n</ul>\n</body></html>\n"
    )
    return page.encode()
