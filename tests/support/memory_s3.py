"""S3 kept in memory. tests/unit/support/test_memory_s3.py holds it to the answers of moto's S3."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import md5
from io import BytesIO
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from botocore.exceptions import ClientError

from common.clock import utc_now
from support.aws_calls import Calls, aws_error
from support.aws_limits import LIMITS

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class Version(NamedTuple):
    """A version of an object. `body`: None for a delete marker."""

    id: str
    body: bytes | None
    written: datetime
    content_type: str = "binary/octet-stream"


class MemoryS3:
    """The part of boto3's S3 client that the project's functions and commands call, for one bucket.

    - Conditional writes are decided one after the other, as S3 does it.
    - A missing key is 403 AccessDenied where `missing_is_denied`: S3's answer to a role without ListBucket.
    - `calls` has every call, and orders faults.
    - `objects` has the bodies by key, and `tags` the tags, for tests to look at and to change; `writes` counts the
      writes of each key, and `written` says when it was last written. An object that a test has put there itself was
      written long ago.
    """

    def __init__(
        self,
        calls: Calls | None = None,
        *,
        missing_is_denied: bool = False,
        objects: MutableMapping[str, bytes] | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.calls = calls or Calls()
        self.objects: MutableMapping[str, bytes] = {} if objects is None else objects
        self.writes: Counter[str] = Counter()
        self.written: dict[str, datetime] = {}
        self._versions: dict[str, list[Version]] = {}
        self._ids = count(1)
        self.page_size = int(LIMITS["s3:page"].value)
        self._missing_is_denied = missing_is_denied
        self._clock = clock
        self.tags: dict[str, str] = {}
        self._lock = threading.Lock()

    def get_object(self, **parameters: Any) -> Any:
        def get() -> Any:
            key = parameters["Key"]
            if "VersionId" in parameters:
                return _as_read(self._version(key, parameters["VersionId"]))
            body = self._body(key, "GetObject")
            return {"Body": BytesIO(body), "ETag": _etag(body), "LastModified": self.written.get(key, LONG_AGO)}

        return self.calls.make("s3:GetObject", parameters, get)

    def head_object(self, **parameters: Any) -> Any:
        def head() -> Any:
            # The reply to a HEAD has no body to say NoSuchKey in: botocore makes its status the code.
            missing = aws_error("403" if self._missing_is_denied else "404", 403 if self._missing_is_denied else 404)
            body = self.objects.get(parameters["Key"])
            if body is None:
                raise missing
            return {"ETag": _etag(body)}

        return self.calls.make("s3:HeadObject", parameters, head)

    def put_object(self, **parameters: Any) -> Any:
        def put() -> Any:
            key, body = parameters["Key"], bytes(parameters["Body"])
            with self._lock:
                self._check_condition(parameters)
                self._note_strays(key)
                self.objects[key] = body
                self.tags[key] = parameters.get("Tagging", "")
                self.writes[key] += 1
                self.written[key] = self._clock().replace(microsecond=0)
                self._add(key, body, parameters.get("ContentType", "binary/octet-stream"))
            return {"ETag": _etag(body)}

        return self.calls.make("s3:PutObject", parameters, put)

    def delete_object(self, **parameters: Any) -> Any:
        """Of one version, if it is named, otherwise with a delete marker."""

        def delete() -> Any:
            key = parameters["Key"]
            with self._lock:
                self._note_strays(key)
                if "VersionId" in parameters:
                    self._delete_version(key, parameters["VersionId"])
                    return {}
                self.objects.pop(key, None)
                self.written[key] = self._clock().replace(microsecond=0)
                self._add(key, None)
            return {}

        return self.calls.make("s3:DeleteObject", parameters, delete)

    def delete_objects(self, **parameters: Any) -> Any:
        """Only of versions that are named: they are gone for good."""

        def delete() -> Any:
            named = parameters["Delete"]["Objects"]
            assert len(named) <= LIMITS["s3:page"].value
            with self._lock:
                for each in named:
                    self._delete_version(each["Key"], each["VersionId"])
            return {} if parameters["Delete"].get("Quiet") else {"Deleted": named}

        return self.calls.make("s3:DeleteObjects", parameters, delete)

    @property
    def versions(self) -> dict[str, list[Version]]:
        with self._lock:
            for key in {*self.objects, *self._versions}:
                self._note_strays(key)
            return {key: list(versions) for key, versions in self._versions.items()}

    def list_object_versions(self, **parameters: Any) -> Any:
        def found() -> Any:
            after = (parameters.get("KeyMarker", ""), parameters.get("VersionIdMarker", ""))
            entries = self._version_entries(parameters.get("Prefix", ""), parameters.get("Delimiter"))
            places = [(entry.get("Key") or entry["Prefix"], entry.get("VersionId", "")) for entry in entries]
            start = places.index(after) + 1 if after[0] else 0
            page = entries[start : start + self.page_size]
            more = start + len(page) < len(entries)
            headers = {"date": format_datetime(self._clock(), usegmt=True)}
            reply: dict[str, Any] = {"IsTruncated": more, "ResponseMetadata": {"HTTPHeaders": headers}}
            kinds = {
                "Versions": [entry for entry in page if "ETag" in entry],
                "DeleteMarkers": [entry for entry in page if "Key" in entry and "ETag" not in entry],
                "CommonPrefixes": [entry for entry in page if "Key" not in entry],
            }
            reply |= {name: listed for name, listed in kinds.items() if listed}
            if more:
                reply["NextKeyMarker"], reply["NextVersionIdMarker"] = places[start + len(page) - 1]
            return reply

        return self.calls.make("s3:ListObjectVersions", parameters, found)

    def _version_entries(self, prefix: str, delimiter: str | None) -> list[dict[str, Any]]:
        """As they are listed: by key, of each key the newest first."""
        entries: list[dict[str, Any]] = []
        folders = set()
        for key, versions in sorted(self.versions.items()):
            rest = key.removeprefix(prefix)
            if not key.startswith(prefix):
                continue
            if delimiter and delimiter in rest:
                folder = prefix + rest.split(delimiter)[0] + delimiter
                if folder not in folders:
                    folders.add(folder)
                    entries.append({"Prefix": folder})
                continue
            for version in reversed(versions):
                entry = {"Key": key, "VersionId": version.id, "LastModified": version.written}
                entry["IsLatest"] = version is versions[-1]
                entries.append(entry if version.body is None else entry | {"ETag": _etag(version.body)})
        return entries

    def _add(self, key: str, body: bytes | None, content_type: str = "binary/octet-stream") -> None:
        version = Version(f"v{next(self._ids)}", body, self.written.get(key, LONG_AGO), content_type)
        self._versions.setdefault(key, []).append(version)

    def _note_strays(self, key: str) -> None:
        """Make what a test has put into `objects` itself, or taken out, a version."""
        versions = self._versions.get(key)
        if self.objects.get(key) != (versions[-1].body if versions else None):
            self._add(key, self.objects.get(key))

    def _version(self, key: str, version: str) -> Version:
        with self._lock:
            self._note_strays(key)
            found = next((each for each in self._versions.get(key, []) if each.id == version), None)
        if found is None:
            raise aws_error("NoSuchVersion", 404, "GetObject")
        if found.body is None:
            raise aws_error("MethodNotAllowed", 405, "GetObject")
        return found

    def _delete_version(self, key: str, version: str) -> None:
        self._note_strays(key)
        left = [each for each in self._versions.get(key, []) if each.id != version]
        self._versions[key] = left
        if left and left[-1].body is not None:
            self.objects[key], self.written[key] = left[-1].body, left[-1].written
        else:
            self.objects.pop(key, None)
        if not left:
            del self._versions[key]

    def get_object_tagging(self, **parameters: Any) -> Any:
        def get() -> Any:
            self._body(parameters["Key"], "GetObjectTagging")
            tags = parse_qsl(self.tags.get(parameters["Key"], ""))
            return {"TagSet": [{"Key": name, "Value": value} for name, value in tags]}

        return self.calls.make("s3:GetObjectTagging", parameters, get)

    def list_objects_v2(self, **parameters: Any) -> Any:
        def found() -> Any:
            prefix = parameters.get("Prefix", "")
            after = parameters.get("ContinuationToken") or parameters.get("StartAfter", "")
            keys = sorted(key for key in list(self.objects) if key.startswith(prefix) and key > after)
            page = [
                {"Key": key, "ETag": _etag(self.objects[key]), "LastModified": self.written.get(key, LONG_AGO)}
                for key in keys[: self.page_size]
            ]
            more = len(keys) > len(page)
            headers = {"date": format_datetime(self._clock(), usegmt=True)}
            reply: dict[str, Any] = {"IsTruncated": more, "KeyCount": len(page)}
            reply["ResponseMetadata"] = {"HTTPHeaders": headers}
            if page:
                reply["Contents"] = page
            return reply | ({"NextContinuationToken": page[-1]["Key"]} if more else {})

        return self.calls.make("s3:ListObjectsV2", parameters, found)

    def get_paginator(self, operation: str) -> Any:
        assert operation in {"list_objects_v2", "list_object_versions"}
        return self if operation == "list_objects_v2" else _VersionPages(self)

    def paginate(self, **parameters: Any) -> Iterator[Any]:
        """The pages of `list_objects_v2`, each a call of its own."""
        page = self.list_objects_v2(**parameters)
        yield page
        while page["IsTruncated"]:
            page = self.list_objects_v2(**parameters, ContinuationToken=page["NextContinuationToken"])
            yield page

    def _body(self, key: str, operation: str) -> bytes:
        body = self.objects.get(key)
        if body is None:
            raise self._missing(operation)
        return body

    def _missing(self, operation: str) -> ClientError:
        if self._missing_is_denied:
            return aws_error("AccessDenied", 403, operation)
        return aws_error("NoSuchKey", 404, operation)

    def _check_condition(self, parameters: dict[str, Any]) -> None:
        old = self.objects.get(parameters["Key"]) if {"IfNoneMatch", "IfMatch"} & parameters.keys() else None
        if "IfMatch" in parameters and old is None:
            raise self._missing("PutObject")
        if "IfMatch" in parameters and old is not None and parameters["IfMatch"] != _etag(old):
            raise aws_error("PreconditionFailed", 412, "PutObject")
        if "IfNoneMatch" in parameters and old is not None:
            raise aws_error("PreconditionFailed", 412, "PutObject")


class _VersionPages:
    """The pages of `list_object_versions`, each a call of its own."""

    def __init__(self, s3: MemoryS3) -> None:
        self._s3 = s3

    def paginate(self, **parameters: Any) -> Iterator[Any]:
        page = self._s3.list_object_versions(**parameters)
        yield page
        while page["IsTruncated"]:
            marker = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}
            page = self._s3.list_object_versions(**parameters, **marker)
            yield page


def _as_read(version: Version) -> dict[str, Any]:
    assert version.body is not None
    return {
        "Body": BytesIO(version.body),
        "ETag": _etag(version.body),
        "LastModified": version.written,
        "ContentType": version.content_type,
    }


def _etag(body: bytes) -> str:
    return f'"{md5(body, usedforsecurity=False).hexdigest()}"'
