"""S3 kept in memory. tests/unit/support/test_memory_s3.py holds it to the answers of moto's S3."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import md5
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

from botocore.exceptions import ClientError

from common.clock import utc_now
from support.aws_calls import Calls, aws_error
from support.aws_limits import LIMITS
from support.permissions import on_object, take_caller

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


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
        self.page_size = int(LIMITS["s3:page"].value)
        self._missing_is_denied = missing_is_denied
        self._clock = clock
        self.tags: dict[str, str] = {}
        self._lock = threading.Lock()

    def get_object(self, **parameters: Any) -> Any:
        def get() -> Any:
            body = self._body(parameters["Key"], "GetObject")
            written = self.written.get(parameters["Key"], LONG_AGO)
            return {"Body": BytesIO(body), "ETag": _etag(body), "LastModified": written}

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
                self.objects[key] = body
                self.tags[key] = parameters.get("Tagging", "")
                self.writes[key] += 1
                self.written[key] = self._clock().replace(microsecond=0)
            return {"ETag": _etag(body)}

        return self.calls.make("s3:PutObject", parameters, put)

    def delete_object(self, **parameters: Any) -> Any:
        def delete() -> Any:
            with self._lock:
                self.objects.pop(parameters["Key"], None)
            return {}

        return self.calls.make("s3:DeleteObject", parameters, delete)

    def get_object_tagging(self, **parameters: Any) -> Any:
        def get() -> Any:
            self._body(parameters["Key"], "GetObjectTagging")
            tags = parse_qsl(self.tags.get(parameters["Key"], ""))
            return {"TagSet": [{"Key": name, "Value": value} for name, value in tags]}

        return self.calls.make("s3:GetObjectTagging", parameters, get)

    def list_objects_v2(self, **parameters: Any) -> Any:
        def found() -> Any:
            after, prefix = parameters.get("ContinuationToken", ""), parameters.get("Prefix", "")
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

    def get_paginator(self, operation: str) -> MemoryS3:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, **parameters: Any) -> Iterator[Any]:
        """The pages of `list_objects_v2`, each a call of its own."""
        page = self.list_objects_v2(**parameters)
        yield page
        while page["IsTruncated"]:
            page = self.list_objects_v2(**parameters, ContinuationToken=page["NextContinuationToken"])
            yield page

    def generate_presigned_url(self, _operation: str, Params: dict[str, str], ExpiresIn: int) -> str:
        # The link grants what its signer may do, when it is followed.
        if signer := take_caller():
            signer.use(on_object("s3:GetObject", Params["Key"]))
        return f"https://signed.example.org/{Params['Key']}?expires={ExpiresIn}"

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


def _etag(body: bytes) -> str:
    return f'"{md5(body, usedforsecurity=False).hexdigest()}"'
