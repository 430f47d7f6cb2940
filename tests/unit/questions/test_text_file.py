from __future__ import annotations

import pytest
from cli.questions.bank import BankError
from cli.questions.text_file import MAX_BYTES, MAX_QUESTIONS, decoded, numbered_lines, quoted, refuse_too_many


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_read_in_the_encodings_that_editors_save(encoding: str) -> None:
    assert decoded("Zażółć 🙂".encode(encoding)) == "Zażółć 🙂"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        ("Zażółć".encode("cp1250"), "save it as UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a text file"),
        (b"PK\x03\x04\0\0", "not a text file"),
        (b"\xff\xfea", "save it as UTF-8"),
        (b"a" * (MAX_BYTES + 1), "larger than 20 MB"),
    ],
)
def test_what_is_not_text_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(BankError, match=said):
        decoded(data)


def test_the_largest_file_is_read() -> None:
    assert len(decoded(b"a" * MAX_BYTES)) == MAX_BYTES


def test_lines_end_as_on_every_system_and_nowhere_else() -> None:
    assert list(numbered_lines("a\r\nb\rc\n\nd\u2028e\x0bf\x0cg")) == [
        (1, "a"),
        (2, "b"),
        (3, "c"),
        (4, ""),
        (5, "d\u2028e\x0bf\x0cg"),
    ]


def test_a_quotation_is_short_and_on_one_line() -> None:
    assert quoted("a\n b") == '"a b"'
    assert quoted("x" * 61) == f'"{"x" * 60}..."'


def test_a_file_with_too_many_questions_is_refused() -> None:
    refuse_too_many(MAX_QUESTIONS)
    with pytest.raises(BankError, match="more than 5,000 questions"):
        refuse_too_many(MAX_QUESTIONS + 1)
