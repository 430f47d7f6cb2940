"""The data bucket. Only this module calls S3 and translates its errors.

Keys are in `object_keys.py`, the types of the documents in `documents.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

from common.errors import BrokenObject, StorageError
from common.parallel import in_parallel
from common.shared.canonical_json import canonical_json

_NO_SUCH_KEY = {"NoSuchKey", "404"}
_DENIED = {"AccessDenied", "403"}
_EXISTS = {"PreconditionFailed", "412"}
# 409: S3 is still deciding another conditional write of the same key. Its documentation says to try again.
_UNDECIDED = "ConditionalRequestConflict"
_CONFLICT_TRIES = 5
_LOST_RACE = _EXISTS | _NO_SUCH_KEY | {_UNDECIDED}
RECEIPT_TAG = "receipt"


@dataclass(frozen=True)
class Version:
    """A version of an object, or a mark that the object was deleted. `written`: by S3's clock."""

    key: str
    id: str
    written: datetime
    is_marker: bool = False


class Bucket:
    """One bucket. Raises StorageError if S3 fails, BrokenObject if an object is not JSON.

    `lists`: whether the role may list the keys that it reads. If it may not, S3 answers 403 for a missing key, so 403
    means that there is no such object. If it may, 403 means that the policy is wrong, and is an error.
    """

    def __init__(self, name: str, client: Any = None, max_connections: int = 10, lists: bool = False) -> None:
        self.name = name
        self._absent = _NO_SUCH_KEY if lists else _NO_SUCH_KEY | _DENIED
        # botocore, not boto3: it is the same client, but saves 40 ms of imports at every cold start.
        self._s3: Any = client or get_session().create_client(
            "s3",
            config=Config(
                connect_timeout=2,
                read_timeout=5,
                retries={"mode": "standard", "max_attempts": 3},
                max_pool_connections=max_connections,
            ),
        )

    def get_bytes(self, key: str) -> bytes | None:
        """The object's bytes, or None if there is no such object."""
        found = self._get(key)
        return None if found is None else found[0]

    def get_tagged(self, key: str) -> tuple[bytes, str] | None:
        """The object's bytes and its ETag, or None if there is no such object."""
        found = self._get(key)
        return None if found is None else (found[0], found[1]["ETag"])

    def get_dated(self, key: str) -> tuple[Any, datetime] | None:
        """The object as parsed JSON and the time by which it was written, or None if there is no such object.

        The time is that of S3's clock. S3 reports whole seconds, so it is rounded up.
        """
        found = self._get(key)
        return None if found is None else (_parsed(key, found[0]), found[1]["LastModified"] + timedelta(seconds=1))

    def etag(self, key: str) -> str | None:
        """The object's ETag, or None if there is no such object. The object is not transferred."""
        try:
            tag: str = self._s3.head_object(Bucket=self.name, Key=key)["ETag"]
            return tag
        except (ClientError, BotoCoreError) as error:
            if _code(error) in self._absent:
                return None
            raise StorageError(f"cannot read {_prefix(key)}") from error

    def get_json(self, key: str) -> Any:
        """The object as parsed JSON, or None if there is no such object."""
        found = self._get(key)
        return None if found is None else _parsed(key, found[0])

    def put(self, key: str, body: bytes, content_type: str = "application/json") -> None:
        """Write or overwrite an object."""
        self._put(key, body, ContentType=content_type)

    def put_json(self, key: str, value: Any) -> None:
        """Write or overwrite an object as canonical JSON."""
        self.put(key, canonical_json(value))

    def create_json(self, key: str, value: Any, receipt: str | None = None) -> bool:
        """Write an object unless it exists. Returns True if this call created it, False if it already existed.

        `receipt` becomes the object's tag `receipt`, which can be read by roles that may not read the object.
        """
        tagging = {"Tagging": _tagging(receipt)} if receipt else {}
        body = canonical_json(value)
        for _ in range(_CONFLICT_TRIES):
            try:
                self._put(key, body, IfNoneMatch="*", **tagging)
                return True
            except StorageError as error:
                code = _code(error.__cause__)
                if code in _EXISTS:
                    return False
                if code != _UNDECIDED:
                    raise
        raise StorageError(f"cannot write {_prefix(key)}: S3 did not decide between concurrent writes")

    def get_versioned(self, key: str) -> tuple[Any, str] | None:
        """The object as parsed JSON and its ETag, or None if there is no such object."""
        found = self._get(key)
        return None if found is None else (_parsed(key, found[0]), found[1]["ETag"])

    def swap_json(self, key: str, value: Any, etag: str | None) -> str | None:
        """Write an object if it is unchanged since it was read. Returns its new ETag, or None if it has changed.

        `etag` is the one that `get_versioned` or the last `swap_json` returned; None if the object must not exist yet.
        """
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        try:
            return self._put(key, canonical_json(value), **condition)
        except StorageError as error:
            if _code(error.__cause__) in _LOST_RACE:
                return None
            raise

    def receipt(self, key: str) -> str | None:
        """The object's `receipt` tag, or None if there is no such object or tag."""
        try:
            tags = self._s3.get_object_tagging(Bucket=self.name, Key=key)["TagSet"]
        except (ClientError, BotoCoreError) as error:
            if _code(error) in self._absent:
                return None
            raise StorageError(f"cannot read a tag of {_prefix(key)}") from error
        return next((tag["Value"] for tag in tags if tag["Key"] == RECEIPT_TAG), None)

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        """All keys that begin with `prefix` and come after `after`, sorted. They are read page by page."""
        for key, _ in self.dated_keys(prefix, after):
            yield key

    def dated_keys(self, prefix: str, after: str = "") -> Iterator[tuple[str, datetime]]:
        """The same, each with the time at which the object was written."""
        start = {"StartAfter": after} if after else {}
        try:
            for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix, **start):
                for item in page.get("Contents", []):
                    yield item["Key"], item["LastModified"]
        except (ClientError, BotoCoreError) as error:
            raise StorageError(f"cannot list {_prefix(prefix)}") from error

    def versions(self, prefix: str) -> Iterator[Version]:
        """All versions of the objects whose keys begin with `prefix`, those of a key one after the other."""
        start: dict[str, str] = {}
        try:
            while True:
                page = self._s3.list_object_versions(Bucket=self.name, Prefix=prefix, **start)
                found = [
                    Version(item["Key"], item["VersionId"], item["LastModified"], is_marker)
                    for kind, is_marker in (("Versions", False), ("DeleteMarkers", True))
                    for item in page.get(kind, [])
                ]
                yield from sorted(found, key=lambda version: version.key)
                if not page["IsTruncated"]:
                    return
                start = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}
        except (ClientError, BotoCoreError) as error:
            raise StorageError(f"cannot list {_prefix(prefix)}") from error

    def delete_versions(self, keys: Iterable[str]) -> None:
        """Delete objects with all their versions, several at a time. One that no longer exists is fine.

        Nobody reads an earlier version meanwhile, or adds one with a condition, even if this is interrupted: the object
        is marked as deleted first, and the mark goes last.
        """
        in_parallel([partial(self._delete_versions, key) for key in keys])

    def _delete_versions(self, key: str) -> None:
        self._delete(key)
        versions = [version for version in self.versions(key) if version.key == key]
        for version in sorted(versions, key=lambda version: version.is_marker):
            self._delete(key, VersionId=version.id)

    def _delete(self, key: str, **version: str) -> None:
        try:
            self._s3.delete_object(Bucket=self.name, Key=key, **version)
        except (ClientError, BotoCoreError) as error:
            raise StorageError(f"cannot delete in {_prefix(key)}") from error

    def _get(self, key: str) -> tuple[bytes, dict[str, Any]] | None:
        """The object's bytes and S3's reply, or None if there is no such object."""
        try:
            reply = self._s3.get_object(Bucket=self.name, Key=key)
            return reply["Body"].read(), reply
        except (ClientError, BotoCoreError) as error:
            if _code(error) in self._absent:
                return None
            raise StorageError(f"cannot read {_prefix(key)}") from error

    def _put(self, key: str, body: bytes, **options: Any) -> str:
        options.setdefault("ContentType", "application/json")
        try:
            reply = self._s3.put_object(Bucket=self.name, Key=key, Body=body, ServerSideEncryption="AES256", **options)
            etag: str = reply["ETag"]
            return etag
        except (ClientError, BotoCoreError) as error:
            raise StorageError(f"cannot write {_prefix(key)}") from error


def _parsed(key: str, body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise BrokenObject(f"an object under {_prefix(key)} is not JSON") from error


def _code(error: BaseException | None) -> str | None:
    """S3's code for the error; None if S3 did not answer."""
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else None


def _prefix(key: str) -> str:
    """The key's first folder. The rest may identify a student."""
    return key.split("/", 1)[0] + "/"


def _tagging(receipt: str) -> str:
    return urlencode({RECEIPT_TAG: receipt}, quote_via=quote)
