"""Takes emails in place of Amazon SES and keeps them."""

from __future__ import annotations

from typing import Any


class Mailbox:
    """The part of boto3's SES client that the functions of the run call. `mails`: every email, as it would be sent."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []

    def get_send_quota(self) -> Any:
        """No limit: nothing is sent."""
        return {"MaxSendRate": 1_000_000.0, "Max24HourSend": -1.0, "SentLast24Hours": 0.0}

    def send_raw_email(self, Source: str, RawMessage: dict[str, bytes]) -> Any:
        """Keep an email."""
        self.mails.append(RawMessage["Data"])
        return {"MessageId": str(len(self.mails))}
