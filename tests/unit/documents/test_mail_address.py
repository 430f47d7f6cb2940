"""Which addresses are accepted, and in which form emails are sent to them."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from ansible_collections.training.test_time.plugins.module_utils.documents.mail_address import (
    address_problem,
    ascii_address,
)

IDN = "info@b\u00fccher.example"
IDN_DECOMPOSED = "info@bu\u0308cher.example"
PUNYCODE = "info@xn--bcher-kva.example"


@pytest.mark.parametrize("address", ["ada@example.org", "a+b@sub.example.org", "o'brien@class.test", IDN, PUNYCODE])
def test_good_address_is_accepted(address: str) -> None:
    assert address_problem(address) is None


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nobody", "must have an @-sign"),
        ("j\u00f3zef@example.org", "letters a to z"),  # most servers refuse it, and SES does
        ("jo\u0301zef@example.org", "letters a to z"),
        ("\u212aate@example.org", "letters a to z"),  # the sign for kelvin, which normalises to K
        ("=?utf-8?q?victim=40example.com?=@example.org", "`=?`"),
        ("=?utf-8?b?YQ==?=@example.org", "`=?`"),
        ("a=?b@example.org", "`=?`"),
    ],
)
def test_address_that_cannot_be_written_to_is_refused(address: str, words: str) -> None:
    problem = address_problem(address)
    assert problem
    assert problem.startswith("is not a valid email address: ")
    assert words in problem
    assert address.split("@", maxsplit=1)[0] not in problem


@pytest.mark.parametrize("address", [IDN, IDN_DECOMPOSED, "info@B\u00dcCHER.example", PUNYCODE])
def test_emails_are_sent_to_the_ascii_form_of_a_domain(address: str) -> None:
    assert ascii_address(address) == PUNYCODE


def test_address_in_ascii_stays_as_written() -> None:
    assert ascii_address("Ada@Example.org") == "Ada@Example.org"


def test_accepted_address_is_the_one_in_the_emails_header() -> None:
    for address in ("ada@example.org", "a+b=c?d@example.org", "o'brien@class.test", IDN):
        message = EmailMessage()
        message["To"] = ascii_address(address)
        parsed = BytesParser(policy=policy.SMTP).parsebytes(message.as_bytes(policy=policy.SMTP))
        assert parsed["To"] == ascii_address(address)
