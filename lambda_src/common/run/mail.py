"""Emails by Amazon SES. Only this module calls SES and distinguishes its failures.

Each call is a single attempt, because the SDK also retries a request whose reply was lost, and each retry sends another
email. Failures differ in what they mean for the email:

- MailNotSent: SES certainly did not accept it. What SES's refusal is about decides which of its subclasses is raised;
- MailUncertain: it is not known whether SES accepted it.
"""

from __future__ import annotations

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

from common.run.ses_refusals import ACCOUNT, understood

# Raised before a byte of the request is sent.
_NEVER_SENT = (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError)


class MailNotSent(Exception):
    """SES certainly did not accept the email. The message says why, and contains no address."""


class MailRejected(MailNotSent):
    """SES refuses this email, for example because the recipient's address is not verified."""


class MailThrottled(MailNotSent):
    """The rate was too high: SES will accept the email later."""


class SendingClosed(MailNotSent):
    """SES accepts no email from this sender or account for now. The message says what the trainer has to do."""


class QuotaUsedUp(SendingClosed):
    """The account's daily quota is used up."""


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
        """Emails per second, and how many are left of the quota for 24 hours.

        Raises SendingClosed if asking again does not help, otherwise MailUnreachable.
        """
        try:
            reply = self._ses.get_send_quota()
        except ClientError as error:
            code = error.response["Error"]["Code"]
            kind = SendingClosed if code in ACCOUNT else MailUnreachable
            raise kind(f"SES did not report its sending limits ({code})") from error
        except BotoCoreError as error:
            raise MailUnreachable("SES did not report its sending limits, because it cannot be reached") from error
        most = reply["Max24HourSend"]
        left = None if most < 0 else max(0, int(most - reply["SentLast24Hours"]))
        return Quota(per_second=max(reply["MaxSendRate"], 0.1), left_today=left)

    def send(self, draft: Draft) -> None:
        """Send one email, once. Raises MailNotSent (its subclasses say why) or MailUncertain."""
        message = _composed(draft)
        try:
            self._ses.send_raw_email(Source=draft.sender, RawMessage={"Data": message.as_bytes(policy=SMTP)})
        except ClientError as error:
            raise _meaning(error, draft) from error
        except _NEVER_SENT as error:
            raise MailUnreachable("SES cannot be reached") from error
        except ParamValidationError as error:
            raise MailRejected("the email is malformed") from error
        except BotoCoreError as error:
            raise MailUncertain("the connection to SES was lost") from error


def _meaning(error: ClientError, draft: Draft) -> Exception:
    """What SES's error means for the email. After a failure of SES's own, the email may have been accepted."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    refusal = understood(code, message, draft.sender, draft.to)
    if status >= 500 and refusal.about not in {"rate", "quota"}:
        return MailUncertain("SES failed while it accepted the email")
    kinds = {
        "recipient": MailRejected,
        "account": SendingClosed,
        "quota": QuotaUsedUp,
        "rate": MailThrottled,
        "email": MailNotSent,
    }
    return kinds[refusal.about](refusal.reason)


def _composed(draft: Draft) -> EmailMessage:
    """The email as SES expects it. Raises MailRejected for an address that a header cannot contain."""
    message = EmailMessage()
    try:
        message["From"] = formataddr((" ".join(draft.sender_name.split()), draft.sender))
        message["To"] = draft.to
    except (ValueError, IndexError, AttributeError) as error:  # Python's parser fails in any of these ways
        raise MailRejected("the address is malformed") from error
    message["Subject"] = " ".join(draft.subject.split())
    # Programs that answer emails automatically do not answer this one (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(draft.text)
    message.add_alternative(draft.html, subtype="html")
    for name, (content, subtype) in draft.attachments.items():
        message.add_attachment(content, maintype="text", subtype=subtype, filename=name)
    return message
