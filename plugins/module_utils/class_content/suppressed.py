"""Students to whom Amazon SES sends nothing, because their address is on the account's suppression list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..documents.mail_address import ascii_address
from . import written

_PAGE_SIZE = 1000


def suppressed_students(client: Any, students: Iterable[written.Student]) -> list[str]:
    """The IDs of the students who are on the list. `client`: boto3's client for version 2 of SES's API.

    The list is read once, page by page, whatever the size of the class. Raises the SDK's errors.
    """
    suppressed = set(_addresses(client))
    return [each["id"] for each in students if ascii_address(each["email"]).lower() in suppressed] if suppressed else []


def _addresses(client: Any) -> Iterable[str]:
    token: dict[str, str] = {}
    while True:
        page = client.list_suppressed_destinations(PageSize=_PAGE_SIZE, **token)
        yield from (item["EmailAddress"].lower() for item in page["SuppressedDestinationSummaries"])
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}
