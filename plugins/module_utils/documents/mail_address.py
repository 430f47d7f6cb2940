"""Checks email addresses. A message never contains the address: messages end up in logs."""

from __future__ import annotations

from email_validator import EmailNotValidError, ValidatedEmail, validate_email


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
            _validated(address)
        except EmailNotValidError as error:
            reason = str(error)
        else:
            return None
    return f"is not a valid email address: {reason}"


def ascii_address(address: str) -> str:
    """A valid address in the form in which emails are sent to it: a domain such as bücher.example is in Punycode."""
    if address.isascii():
        return address
    ascii_form = _validated(address).ascii_email
    assert ascii_form is not None  # noqa: S101  # only a local part that is not ASCII has no such form
    return ascii_form


def _validated(address: str) -> ValidatedEmail:
    return validate_email(address, allow_smtputf8=False, check_deliverability=False, test_environment=True, strict=True)
