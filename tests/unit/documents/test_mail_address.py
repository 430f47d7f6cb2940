"""Which addresses are accepted, and in which form emails are sent to them."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from ansible_collections.training.test_time.plugins.module_utils.documents import mail_address
from ansible_collections.training.test_time.plugins.module_utils.documents.mail_address import (
    address_problem,
    ascii_address,
)
from email_validator import EmailNotValidError, ValidatedEmail, validate_email

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
        (".ada@example.org", "start with a period"),
        ("ada.@example.org", "immediately before the @-sign"),
        ("a..da@example.org", "two periods"),
    ],
)
def test_address_that_cannot_be_written_to_is_refused(address: str, words: str) -> None:
    problem = address_problem(address)
    assert problem
    assert problem.startswith("is not a valid email address: ")
    assert words in problem
    assert address.split("@", maxsplit=1)[0] not in problem


@pytest.mark.parametrize(
    "address",
    [
        "b\u00fccher.example",
        "@b\u00fccher.example",
        "a..b@b\u00fccher.example",
        "a@b@b\u00fccher.example",
        "a@b\u00fccher",
        "A <a@b\u00fccher.example>",
        '"a b"@b\u00fccher.example',
        "a@" + "b\u00fccher." * 22 + "example",  # too long in ASCII only
        "a" * 64 + "@" + "b\u00fccher." * 14 + "example",
        "a" * 65 + "@b\u00fccher.example",
    ],
)
def test_wrong_address_at_a_domain_outside_ascii_is_told_in_the_validators_words(address: str) -> None:
    with pytest.raises(EmailNotValidError) as told:
        validate_email(address, check_deliverability=False, test_environment=True, strict=True)
    assert address_problem(address) == f"is not a valid email address: {told.value}"


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


def test_postmaster_of_a_domain_outside_ascii_is_one_address() -> None:
    assert ascii_address("POSTMASTER@b\u00fccher.example") == "postmaster@xn--bcher-kva.example"


def test_domain_outside_ascii_is_checked_once_for_all_students(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such a check takes almost a millisecond, and a class can have 50,000 students."""
    validate, domains = mail_address._validated, []

    def count(address: str) -> ValidatedEmail:
        domains.append(address.rpartition("@")[2])
        return validate(address)

    monkeypatch.setattr(mail_address, "_validated", count)
    for number in range(100):
        assert address_problem(f"student{number}@checked-once-b\u00fccher.example") is None
        assert ascii_address(f"student{number}@checked-once-b\u00fccher.example").startswith(f"student{number}@xn--")
    assert domains.count("checked-once-b\u00fccher.example") == 1
    assert not [domain for domain in domains if domain.startswith("xn--")]  # as slow to check
