"""The text of a file of questions, whatever system has saved it."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from cli.questions.bank import BankError

MAX_BYTES = 20_000_000
MAX_MEGABYTES = MAX_BYTES // 1_000_000
MAX_QUESTIONS = 5_000
BLANKS = " \t\n\r\v"  # what separates words for Moodle's importer; a no-break space belongs to a text
_QUOTED = 60
LISTED = 10


def decoded(data: bytes) -> str:
    """The text of `data`: UTF-8, or UTF-16 with a byte order mark."""
    refuse_too_large(data)
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        problem = "the file is not a text file" if b"\0" in data else "the file is not in UTF-8: save it as UTF-8"
        raise BankError(problem) from None
    if "\0" in text:
        raise BankError("the file is not a text file")
    if not text.strip(BLANKS):
        raise BankError("the file is empty")
    return text


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line with its number from 1, without its end: CRLF, CR or LF."""
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        yield number, line.removesuffix("\n")


def quoted(text: str) -> str:
    """The beginning of `text` in quotation marks and on one line, for a message."""
    words = " ".join(text[: 2 * _QUOTED].split())
    return f'"{words}"' if len(words) <= _QUOTED else f'"{words[:_QUOTED]}..."'


def refuse_too_large(data: bytes) -> None:
    """Raise BankError if `data` is more than a file may have."""
    if len(data) > MAX_BYTES:
        raise BankError(f"the file is larger than {MAX_MEGABYTES} MB: split it into smaller files")


def refuse_too_many(questions: int) -> None:
    """Raise BankError if `questions` are more than a file may have."""
    if questions > MAX_QUESTIONS:
        raise BankError(f"the file has more than {MAX_QUESTIONS:,} questions: split it into smaller files")


@dataclass
class Listing:
    """Some of the things that a note is about, and how many there are."""

    first: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, thing: str) -> None:
        """Count a thing, and keep it if it is one of the first."""
        self.count += 1
        if self.count <= LISTED:
            self.first.append(thing)

    def __str__(self) -> str:
        more = [f"and {self.count - LISTED} more"] if self.count > LISTED else []
        return ", ".join([*self.first, *more])
