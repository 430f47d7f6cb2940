"""moto's S3, corrected where AWS behaves otherwise, with faults to order."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError


def s3_error(code: str, status: int, operation: str = "PutObject") -> ClientError:
    """An error as S3 answers it."""
    reply: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(reply, operation)


class S3AsOnAws:
    """An S3 client over moto's.

    - A missing key is 403 AccessDenied where `missing_is_denied`: what AWS tells a role without ListBucket.
    - Conditional writes are decided one after the other; moto lets two threads win.
    - `faults[operation]`: errors to raise, one a call, instead of calling. A callable decides by itself:
      it is handed the real call.
    """

    def __init__(self, client: Any, missing_is_denied: bool) -> None:
        self._client = client
        self._missing_is_denied = missing_is_denied
        self._one_at_a_time = threading.Lock()
        self.calls: list[tuple[str, str]] = []
        self.faults: dict[str, list[Exception | Callable[[Callable[[], Any]], Any]]] = defaultdict(list)

    def __getattr__(self, operation: str) -> Any:
        method = getattr(self._client, operation)
        if operation == "get_paginator":
            return method

        def call(**parameters: Any) -> Any:
            with self._one_at_a_time:
                self.calls.append((operation, parameters.get("Key", "")))
                if self.faults[operation]:
                    fault = self.faults[operation].pop(0)
                    if isinstance(fault, Exception):
                        raise fault
                    return fault(lambda: method(**parameters))
                try:
                    return method(**parameters)
                except ClientError as error:
                    if self._missing_is_denied and error.response["Error"]["Code"] == "NoSuchKey":
                        raise s3_error("AccessDenied", 403, operation) from error
                    raise

        return call
