"""Whether a mail address is one. The address itself is in no message: those end up in logs."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email


def address_problem(address: str) -> str | None:
    """What is wrong with the address, or None. Nothing is looked up in the network.

    Names such as `example.org` and `class.test` are fine: sample classes and tests use them.
    """
    try:
        validate_email(address, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError as error:
        return f"is no mail address: {error}"
    return None
