"""Emails by Amazon SES. Only this module calls SES and distinguishes its failures.

Each call is a single attempt, because the SDK also retries a request whose reply was lost, and each retry sends another
email. Failures differ in what they mean for the email:

- MailRejected, MailThrottled, MailUnreachable: SES certainly did not accept it;
- MailUncertain: it is not known whether SES accepted it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
)

# SES answers both "Maximum sending rate exceeded" and "Daily message quota exceeded" with one of these.
_THROTTLED = {"Throttling", "ThrottlingException", "TooManyRequestsException", "LimitExceededException"}
# Raised before a byte of the request is sent.
_NEVER_SENT = (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError)
_ADDRESS = re.compile(r"[^\s,:;<>()]+@[^\s,:;<>()]+")


class MailNotSent(Exception):
    """SES certainly did not accept the email."""


class MailRejected(MailNotSent):
    """SES refuses this email, for example because an address is not verified. The message contains no address."""


class MailThrottled(MailNotSent):
    """The rate was too high, or the daily quota is used up: SES will accept the email later."""


class MailUnreachable(MailNotSent):
    """SES could not be reached."""


class MailUncertain(Exception):
    """The request was sent, but there was no usable reply: the email may have been sent."""


@dataclass(frozen=True)
class Quota:
    """How much the account may still send. `left_today`: None if there is no limit."""

    per_second: float
    left_today: int | None


@dataclass(frozen=True)
class Draft:
    """An email as text and as HTML. `attachments`: file name -> bytes and the subtype of `text/`."""

    sender_name: str
    sender: str
    to: str
    subject: str
    text: str
    html: str
    attachments: Mapping[str, tuple[bytes, str]] = field(default_factory=dict)


class Mailer:
    """SES in the account and Region of the function."""

    def __init__(self, client: Any = None, max_connections: int = 10) -> None:
        self._ses = client or boto3.client(
            "ses",
            config=Config(
                connect_timeout=5,
                read_timeout=10,
                retries={"mode": "standard", "total_max_attempts": 1},
                max_pool_connections=max_connections,
            ),
        )

    def quota(self) -> Quota:
        """Emails per second, and how many are left of the quota for 24 hours. Raises MailUnreachable."""
        try:
            reply = self._ses.get_send_quota()
        except (ClientError, BotoCoreError) as error:
            raise MailUnreachable("SES did not report its sending quota") from error
        most = reply["Max24HourSend"]
        left = None if most < 0 else max(0, int(most - reply["SentLast24Hours"]))
        return Quota(per_second=max(reply["MaxSendRate"], 0.1), left_today=left)

    def send(self, draft: Draft) -> None:
        """Send one email, once. Raises MailNotSent (its subclasses say why) or MailUncertain."""
        message = _composed(draft)
        try:
            self._ses.send_raw_email(Source=draft.sender, RawMessage={"Data": message.as_bytes(policy=SMTP)})
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _THROTTLED:
                raise MailThrottled("SES accepts no more emails for now") from error
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
            if status < 500:
                reason = _ADDRESS.sub("(address)", error.response["Error"].get("Message", ""))
                raise MailRejected(f"{code}: {reason}") from error
            raise MailUncertain("SES failed while it accepted the email") from error
        except _NEVER_SENT as error:
            raise MailUnreachable("SES cannot be reached") from error
        except ParamValidationError as error:
            raise MailRejected("the email is malformed") from error
        except BotoCoreError as error:
            raise MailUncertain("the connection to SES was lost") from error


def _composed(draft: Draft) -> EmailMessage:
    """The email as SES expects it. Raises MailRejected for an address that a header cannot contain."""
    message = EmailMessage()
    try:
        message["From"] = formataddr((" ".join(draft.sender_name.split()), draft.sender))
        message["To"] = draft.to
    except (ValueError, IndexError) as error:
        raise MailRejected("the address is malformed") from error
    message["Subject"] = " ".join(draft.subject.split())
    # Programs that answer emails automatically do not answer this one (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(draft.text)
    message.add_alternative(draft.html, subtype="html")
    for name, (content, subtype) in draft.attachments.items():
        message.add_attachment(content, maintype="text", subtype=subtype, filename=name)
    return message
