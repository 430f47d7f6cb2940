"""The links in the trainer's email."""

from __future__ import annotations

from common.run.endpoint import published_endpoint
from common.shared.report_address import report_address
from common.storage import Bucket


def published_link(bucket: Bucket, page_key: str) -> str | None:
    """The address of a report; None if the endpoint is not known. Raises StorageError."""
    endpoint = published_endpoint(bucket)
    return report_address(endpoint, page_key) if endpoint else None
