"""The text of a file of questions, whatever system has saved it."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator

from cli.questions.bank import BankError

MAX_BYTES = 20 * 1024 * 1024
MAX_QUESTIONS = 5_000
BLANKS = " \t\n\r\v"  # what separates words for Moodle's importer; a no-break space belongs to a text
_QUOTED = 60


def decoded(data: bytes) -> str:
    """The text of `data`: UTF-8, or UTF-16 with a byte order mark."""
    if len(data) > MAX_BYTES:
        raise BankError(f"the file is larger than {MAX_BYTES // (1024 * 1024)} MB: split it into smaller files")
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


def refuse_too_many(questions: int) -> None:
    """Raise BankError if `questions` are more than a file may have."""
    if questions > MAX_QUESTIONS:
        raise BankError(f"the file has more than {MAX_QUESTIONS:,} questions: split it into smaller files")
