"""The links in the trainer's email."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.shared.object_keys import CLASS
from common.shared.report_address import report_address
from common.storage import Bucket

if TYPE_CHECKING:
    from common.shared.documents import ClassRecord


def published_link(bucket: Bucket, page_key: str) -> str | None:
    """The address of a report; None if nothing was published since `class.json` exists. Raises StorageError."""
    record: ClassRecord | None = bucket.get_json(CLASS)
    return report_address(record["endpoint"], page_key) if record else None
