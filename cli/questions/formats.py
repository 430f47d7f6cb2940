"""The formats of question banks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from cli.questions.aiken import is_aiken, read_aiken, write_aiken
from cli.questions.bank import Bank, BankError, BankQuestion
from cli.questions.bank_texts import BankTexts
from cli.questions.gift import is_gift, read_gift, write_gift
from cli.questions.moodle_xml import is_moodle_xml, read_moodle_xml, write_moodle_xml
from cli.questions.qti12 import is_qti12, read_qti12, write_qti12


class Format(NamedTuple):
    """How a format is recognised by a file's content, read and written.

    `read` also takes what the texts become, and `write` the files of images by name. `write` returns the file and, for
    each question that loses something, its `where` and what is lost. `has_names`: questions have names of their own.
    """

    title: str
    is_it: Callable[[bytes], bool]
    read: Callable[[bytes, BankTexts | None], Bank]
    write: Callable[[Sequence[BankQuestion], Mapping[str, bytes] | None], tuple[bytes, list[tuple[str, str]]]]
    has_names: bool = True


# In the order in which they are recognised: text in the form of Aiken could be GIFT's, too.
FORMATS = {
    "moodle-xml": Format("Moodle XML", is_moodle_xml, read_moodle_xml, write_moodle_xml),
    "qti12": Format("QTI 1.2", is_qti12, read_qti12, write_qti12),
    "aiken": Format("Aiken", is_aiken, read_aiken, write_aiken, has_names=False),
    "gift": Format("GIFT", is_gift, read_gift, write_gift),
}


def format_of(data: bytes) -> Format:
    """The format of a file with this content. Raises BankError."""
    for format in FORMATS.values():
        if format.is_it(data):
            return format
    raise BankError(f"is in none of the formats {', '.join(FORMATS)}; if it is in one of them, name it with --format")
