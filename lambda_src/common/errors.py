"""The errors of the data bucket."""

from __future__ import annotations


class StorageError(Exception):
    """S3 refused a request or did not answer, even after the SDK's retries."""


class BrokenObject(StorageError):
    """A stored object is not valid JSON."""
