"""SES kept in memory, with the limits that AWS documents (support/aws_limits.py)."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

from common.clock import utc_now
from support.aws_calls import Calls, aws_error
from support.aws_limits import LIMITS, Rate

# Version 1 of SES's API says only here which limit it means.
TOO_FAST, USED_UP = "Maximum sending rate exceeded.", "Daily message quota exceeded."
# Both are a MessageRejected: of the sandbox, before the identities, and of an account that AWS has paused.
NOT_VERIFIED = "Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: "
PAUSED = (
    "Sending paused for this account. For more information, please check the inbox of the email address associated with"
    " your AWS account."
)


class MemorySes:
    """The part of boto3's SES client that Mailer uses.

    `sent`: every mail that SES took. `unverified`: addresses that the sandbox does not send to, or from. `is_paused`:
    by AWS. `daily`: the quota for 24 hours, -1 if there is none.
    """

    def __init__(self, calls: Calls, clock: Callable[[], datetime] = utc_now) -> None:
        self.sent: list[EmailMessage] = []
        self.unverified: set[str] = set()
        self.is_paused = False
        self.per_second = 1000.0
        self.daily = 50_000.0
        self._calls = calls
        self._clock = clock
        self._quota_calls = Rate(LIMITS["ses:GetSendQuota"].value)
        self._sending: Rate | None = None

    def get_send_quota(self) -> Any:
        def quota() -> Any:
            if not self._quota_calls.allows(self._clock()):
                raise aws_error("Throttling", 400, "GetSendQuota", "Rate exceeded")
            return {
                "MaxSendRate": self.per_second,
                "Max24HourSend": self.daily,
                "SentLast24Hours": float(len(self.sent)),
            }

        return self._calls.make("ses:GetSendQuota", {}, quota)

    def send_raw_email(self, **parameters: Any) -> Any:
        def send() -> Any:
            raw = parameters["RawMessage"]["Data"]
            message = _parsed(raw)
            self._check(len(raw), [parameters["Source"], message["To"]])
            self.sent.append(message)
            return {"MessageId": "m"}

        return self._calls.make("ses:SendRawEmail", parameters, send)

    def _check(self, size: int, addresses: list[str]) -> None:
        """Raise what SES answers while it is paused, to an email over a limit, and from or to an unverified address."""
        if self.is_paused:
            raise aws_error("MessageRejected", 400, "SendRawEmail", PAUSED)
        if size > LIMITS["ses:message bytes"].value:
            raise aws_error("InvalidParameterValue", 400, "SendRawEmail", "Message length is more than allowed.")
        if len(getaddresses(addresses[1:])) > LIMITS["ses:recipients"].value:
            raise aws_error("InvalidParameterValue", 400, "SendRawEmail", "Recipient count exceeds 50.")
        if failed := [address for address in addresses if address in self.unverified]:
            raise aws_error("MessageRejected", 400, "SendRawEmail", NOT_VERIFIED + ", ".join(failed))
        if 0 <= self.daily <= len(self.sent):
            raise aws_error("Throttling", 400, "SendRawEmail", USED_UP)
        if self._sending is None or self._sending.per_second != self.per_second:
            self._sending = Rate(self.per_second)
        if not self._sending.allows(self._clock()):
            raise aws_error("Throttling", 400, "SendRawEmail", TOO_FAST)

    def to(self, address: str) -> list[EmailMessage]:
        """The mails that one address got."""
        return [message for message in self.sent if message["To"] == address]


def _parsed(raw: bytes) -> EmailMessage:
    """The mail. Headers are left unparsed until they are read: parsing all of them takes ten times as long."""
    unparsed: Any = email.policy.compat32
    message: EmailMessage = email.message_from_bytes(raw, _class=EmailMessage, policy=unparsed)
    for part in message.walk():
        part.policy = email.policy.default
    return message
