"""Checks email addresses. A message never contains the address: messages end up in logs."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email


def address_problem(address: str) -> str | None:
    """What is wrong with the address, or None. It does not use the network.

    Domains such as `example.org` and `class.test` are allowed: sample classes and tests use them.
    """
    try:
        validate_email(address, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError as error:
        return f"is not a valid email address: {error}"
    return None
