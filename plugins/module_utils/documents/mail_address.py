"""Checks email addresses. A message never contains the address: messages end up in logs."""

from __future__ import annotations

import re
from functools import lru_cache

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

_MAX_LENGTH = 254
_PLAIN_LOCAL_PART = re.compile(r"(?!postmaster\Z)[a-z0-9_+-]+(\.[a-z0-9_+-]+)*", re.IGNORECASE | re.ASCII)
_MAX_LOCAL_PART = 64


def address_problem(address: str) -> str | None:
    """What is wrong with the address, or None. It does not use the network.

    Domains such as `example.org` and `class.test` are allowed: sample classes and tests use them.
    """
    local_part = address.rpartition("@")[0]
    if not local_part.isascii():
        reason = "Before the @-sign, only letters a to z, digits and punctuation are supported."
    elif "=?" in local_part:
        reason = (
            "Before the @-sign, `=?` is not supported: in an email's header, another address would be read from it."
        )
    else:
        try:
            _ascii_form(address)
        except EmailNotValidError as error:
            reason = str(error)
        else:
            return None
    return f"is not a valid email address: {reason}"


def ascii_address(address: str) -> str:
    """A valid address in the form in which emails are sent to it: a domain such as bücher.example is in Punycode."""
    if address.isascii():
        return address
    return _ascii_form(address)


def _ascii_form(address: str) -> str:
    """An address, whose local part is ASCII, with its domain in Punycode. Raises EmailNotValidError for a wrong one.

    A domain takes long to check, and students share them: the local part is checked on its own.
    """
    local_part, at, domain = address.rpartition("@")
    ascii_domain = _ascii_domain(domain) if at else None
    if ascii_domain:
        form = f"{_ascii_local_part(local_part)}@{ascii_domain}"
        if max(len(form), len(address.encode())) <= _MAX_LENGTH:
            return form
    ascii_form = _validated(address).ascii_email
    assert ascii_form is not None  # noqa: S101  # only a local part that is not ASCII has no such form
    return ascii_form


def _ascii_local_part(local_part: str) -> str:
    if len(local_part) <= _MAX_LOCAL_PART and _PLAIN_LOCAL_PART.fullmatch(local_part):
        return local_part
    ascii_form = _validated(f"{local_part}@example.org").ascii_local_part
    assert ascii_form is not None  # noqa: S101  # only a local part that is not ASCII has no such form
    return ascii_form


@lru_cache(maxsize=10_000)
def _ascii_domain(domain: str) -> str | None:
    """A domain in Punycode, or None if it is wrong."""
    try:
        return _validated(f"a@{domain}").ascii_domain
    except EmailNotValidError:
        return None


def _validated(address: str) -> ValidatedEmail:
    return validate_email(address, allow_smtputf8=False, check_deliverability=False, test_environment=True, strict=True)
