"""All versions of the objects in a stage's data bucket: found, read, deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from ansible_collections.training.test_time.plugins.module_utils.class_content.server_time import server_time
from botocore.exceptions import ClientError
from cli.command import CommandError

_DELETED_AT_ONCE = 1000


class Version(NamedTuple):
    """A version of an object, or a delete marker. `is_latest`: whether it is what S3 shows without a version."""

    key: str
    id: str
    is_latest: bool
    is_marker: bool
    written: datetime


class NotDeleted(CommandError):
    """S3 has not deleted some versions. The message names one of them and S3's error code."""


@dataclass(frozen=True)
class Versions:
    """The versions in one bucket. `s3`: boto3's client. All methods raise the SDK's errors."""

    s3: Any
    bucket: str

    def now(self) -> datetime:
        """S3's clock."""
        return server_time(self.s3.list_object_versions(Bucket=self.bucket, MaxKeys=1))

    def below(self, prefix: str) -> list[Version]:
        """All versions and delete markers of the keys that begin with `prefix`."""
        return [version for page in self._pages(Prefix=prefix) for version in _versions(page)]

    def level(self, prefix: str = "") -> tuple[list[str], list[Version]]:
        """The folders in a folder, each ending in `/`, and the versions of the objects that are in no folder of it."""
        pages = list(self._pages(Prefix=prefix, Delimiter="/"))
        folders = [folder["Prefix"] for page in pages for folder in page.get("CommonPrefixes", [])]
        return folders, [version for page in pages for version in _versions(page)]

    def read(self, version: Version) -> tuple[bytes, str]:
        """What a version holds, and its content type."""
        reply = self.s3.get_object(Bucket=self.bucket, Key=version.key, VersionId=version.id)
        return reply["Body"].read(), reply["ContentType"]

    def current(self, key: str) -> bytes | None:
        """What an object holds; None if there is no such object."""
        try:
            body: bytes = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            return None
        return body

    def write(self, key: str, body: bytes, content_type: str) -> None:
        """Write a new version."""
        self.s3.put_object(
            Bucket=self.bucket, Key=key, Body=body, ContentType=content_type, ServerSideEncryption="AES256"
        )

    def delete(self, versions: Iterable[Version]) -> None:
        """Delete versions for good. Raises NotDeleted."""
        named = [{"Key": version.key, "VersionId": version.id} for version in versions]
        for start in range(0, len(named), _DELETED_AT_ONCE):
            batch = named[start : start + _DELETED_AT_ONCE]
            reply = self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": batch, "Quiet": True})
            for error in reply.get("Errors", []):
                raise NotDeleted(f"cannot delete {error['Key']} ({error['Code']})")

    def _pages(self, **where: str) -> Iterator[Any]:
        return iter(self.s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket, **where))


def _versions(page: Any) -> Iterator[Version]:
    for kind in ("Versions", "DeleteMarkers"):
        for item in page.get(kind, []):
            yield Version(
                item["Key"], item["VersionId"], item["IsLatest"], kind == "DeleteMarkers", item["LastModified"]
            )
