"""The endpoint that emails lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.errors import BrokenObject
from common.shared.object_keys import CLASS
from common.storage import Bucket

if TYPE_CHECKING:
    from common.shared.documents import ClassRecord


def published_endpoint(bucket: Bucket) -> str | None:
    """The endpoint that the last publication recorded; None if it did not, or if its record is broken.

    An email without a link is better than none. Raises StorageError.
    """
    try:
        record: ClassRecord | None = bucket.get_json(CLASS)
    except BrokenObject:
        return None
    return record["endpoint"] if record else None
