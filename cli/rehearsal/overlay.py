"""A bucket that can be read and, as it seems, written: what is written stays in memory, over what S3 has."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from hashlib import md5
from io import BytesIO
from typing import Any

from botocore.exceptions import ClientError

from common.shared.object_keys import RUNS


class Overlay:
    """The part of boto3's S3 client that the functions of the run call. It has no other operation that writes.

    `written`: what was written, by key. The files of a run are never S3's: no other run has the same ID.
    """

    def __init__(self, s3: Any, now: datetime) -> None:
        self.written: dict[str, bytes] = {}
        self._s3 = s3
        self._now = now
        self._lock = threading.Lock()

    def get_object(self, **parameters: Any) -> Any:
        """As S3's, with the written object if there is one."""
        body = self.written.get(parameters["Key"])
        if body is not None:
            return {"Body": BytesIO(body), "ETag": _etag(body), "LastModified": self._now}
        if parameters["Key"].startswith(RUNS):
            raise _error("NoSuchKey", "GetObject")
        return self._s3.get_object(**parameters)

    def head_object(self, **parameters: Any) -> Any:
        """As S3's, with the written object if there is one."""
        body = self.written.get(parameters["Key"])
        if body is not None:
            return {"ETag": _etag(body)}
        if parameters["Key"].startswith(RUNS):
            raise _error("404", "HeadObject")
        return self._s3.head_object(**parameters)

    def put_object(self, **parameters: Any) -> Any:
        """Keep an object in memory, if the condition is met."""
        key, body = parameters["Key"], bytes(parameters["Body"])
        conditional = {"IfNoneMatch", "IfMatch"} & parameters.keys()
        below = self._etag_in_s3(parameters["Bucket"], key) if conditional else None
        with self._lock:
            there = _etag(self.written[key]) if key in self.written else below
            if ("IfNoneMatch" in parameters and there) or parameters.get("IfMatch", there) != there:
                raise _error("PreconditionFailed", "PutObject")
            self.written[key] = body
        return {"ETag": _etag(body)}

    def get_paginator(self, operation: str) -> Overlay:
        """The pages of `list_objects_v2`; the functions list nothing else."""
        if operation != "list_objects_v2":
            raise NotImplementedError(operation)
        return self

    def paginate(self, **parameters: Any) -> Iterator[Any]:
        """S3's pages. What the functions list, answers, they do not write."""
        yield from self._s3.get_paginator("list_objects_v2").paginate(**parameters)

    def _etag_in_s3(self, bucket: str, key: str) -> str | None:
        if key.startswith(RUNS):
            return None
        try:
            return str(self._s3.head_object(Bucket=bucket, Key=key)["ETag"])
        except ClientError as error:
            if error.response["Error"]["Code"] == "404":
                return None
            raise


def _etag(body: bytes) -> str:
    return f'"{md5(body, usedforsecurity=False).hexdigest()}"'


def _error(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)
