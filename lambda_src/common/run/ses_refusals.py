"""What SES's refusals are about: the recipient, the sender or the whole account, or only the sending rate.

Pure functions. The codes are those of version 1 of the SES API: the errors of SendRawEmail in botocore's service model,
and the errors that are common to all actions (Amazon SES API Reference, "Common Error Types").
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from common.shared.mail_domains import domains_of

ADDRESS = re.compile(r"[^\s,:;<>()]+@[^\s,:;<>()]+")
# What may name an identity: an address, a domain, or the end of an ARN such as `arn:aws:ses:...:identity/example.org`.
_NAME = re.compile(r"[^\s,:;<>()]+")

# About the email's recipient or its content: SES would refuse this email again, but not another student's.
RECIPIENT = {"InvalidParameterValue", "ValidationError"}
# About the recipient, the sender, the account (if AWS has paused it) or the email's content: the message names whom.
REJECTED = "MessageRejected"
# Both "Maximum sending rate exceeded" and "Daily message quota exceeded" have one of these codes.
THROTTLED = {"Throttling", "ThrottlingException", "TooManyRequestsException", "LimitExceededException"}
_DENIED = (
    "the function may not send from sender_email: deploy again, and check the sending policies of the identity"
    " (SES console, Identities)"
)
_CREDENTIALS = (
    "AWS does not accept the function's credentials: check that the account and the function's role are active"
)
# About the sender or the whole account: SES would refuse every email. With what to do.
ACCOUNT = {
    "AccountSendingPausedException": "SES has paused sending for the account: see the SES console, Account dashboard",
    "ConfigurationSetSendingPausedException": (
        "sending is paused for the default configuration set of sender_email: enable it (SES console, Configuration"
        " sets)"
    ),
    "ConfigurationSetDoesNotExist": (
        "the default configuration set of sender_email does not exist: create it or choose another (SES console,"
        " Identities)"
    ),
    "MailFromDomainNotVerifiedException": (
        "the custom MAIL FROM domain of sender_email is not set up: correct its DNS records (SES console, Identities)"
    ),
    "AccessDenied": _DENIED,
    "AccessDeniedException": _DENIED,
    "NotAuthorized": _DENIED,
    "ExpiredToken": _CREDENTIALS,
    "ExpiredTokenException": _CREDENTIALS,
    "IncompleteSignature": _CREDENTIALS,
    "InvalidClientTokenId": _CREDENTIALS,
    "MissingAuthenticationToken": _CREDENTIALS,
    "OptInRequired": "SES is not enabled for the account: see the SES console",
    "RequestExpired": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "UnrecognizedClientException": _CREDENTIALS,
}
_SENDER_UNVERIFIED = (
    "sender_email is not verified: follow the link in the email from AWS, or deploy again to get another one"
)
TOO_FAST = (
    "SES accepts emails more slowly than it says: something else may use up the account's sending rate (SES console,"
    " Account dashboard)"
)
DAILY_QUOTA = "the daily sending quota is used up: ask AWS for a higher one (SES console, Account dashboard)"


class Refusal(NamedTuple):
    """What a refusal is about, and why in words. `email`: only this email, for an unknown reason."""

    about: Literal["recipient", "account", "quota", "rate", "email"]
    reason: str


def understood(code: str, message: str, sender: str, recipient: str) -> Refusal:
    """What SES meant by an error that is the caller's. The reason contains no address."""
    if code in THROTTLED:
        # Version 1 of SES's API says which of the two limits it means only in the message, so this is the one place
        # where the words of an error decide. Words that are not known count as the rate: then sending is tried again.
        return Refusal("quota", DAILY_QUOTA) if "daily message quota" in message.lower() else Refusal("rate", TOO_FAST)
    if code in ACCOUNT:
        return Refusal("account", ACCOUNT[code])
    said = f"{code}: {ADDRESS.sub('(address)', message)}"
    if code == REJECTED:
        return _rejected(said, message, sender, recipient)
    if code in RECIPIENT:
        return Refusal("recipient", said)
    return Refusal("email", f"SES refused the email ({code})")


def _rejected(said: str, message: str, sender: str, recipient: str) -> Refusal:
    """What a MessageRejected is about: whom the message names. It is not its words that decide.

    In the sandbox it names the identities that are not verified, sender or recipient. If AWS has paused the account, it
    names nobody.
    """
    named = {name.casefold().rstrip(".").removeprefix("identity/") for name in _NAME.findall(message)}
    if not named.isdisjoint(_identities(sender)):
        return Refusal("account", _SENDER_UNVERIFIED)
    if recipient.casefold() in named:
        return Refusal("recipient", said)
    return Refusal("email", f"SES refused the email ({said})")


def _identities(address: str) -> set[str]:
    """What SES may know an address by: itself and its domains."""
    return {name.casefold() for name in (address, *domains_of(address))}
