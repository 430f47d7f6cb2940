"""SES kept in memory."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import Any

from support.aws_calls import Calls, aws_error


class MemorySes:
    """The part of boto3's SES client that Mailer uses. `sent`: every mail that SES took."""

    def __init__(self, calls: Calls) -> None:
        self.sent: list[EmailMessage] = []
        self.rejected: set[str] = set()
        self.per_second = 1000.0
        self.daily = 50_000.0
        self._calls = calls

    def get_send_quota(self) -> Any:
        return self._calls.make(
            "ses:GetSendQuota",
            {},
            lambda: {
                "MaxSendRate": self.per_second,
                "Max24HourSend": self.daily,
                "SentLast24Hours": float(len(self.sent)),
            },
        )

    def send_raw_email(self, **parameters: Any) -> Any:
        def send() -> Any:
            message = _parsed(parameters["RawMessage"]["Data"])
            if message["To"] in self.rejected:
                raise aws_error(
                    "MessageRejected", 400, "SendRawEmail", f"Email address is not verified: {message['To']}"
                )
            if len(self.sent) >= self.daily:
                raise aws_error("Throttling", 400, "SendRawEmail", "Daily message quota exceeded.")
            self.sent.append(message)
            return {"MessageId": "m"}

        return self._calls.make("ses:SendRawEmail", parameters, send)

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
