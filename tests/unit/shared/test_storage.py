"""What the bucket's errors say: which kind of object failed, but not whose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from common.errors import BrokenObject, StorageError
from common.storage import Bucket
from support.aws_calls import Calls, aws_error
from support.memory_s3 import MemoryS3

KEY = "answers/os/ada-lovelace/test01.json"
CALLS: dict[str, Callable[[Bucket], object]] = {
    "get": lambda bucket: bucket.get_bytes(KEY),
    "etag": lambda bucket: bucket.etag(KEY),
    "put": lambda bucket: bucket.put(KEY, b""),
    "create": lambda bucket: bucket.create_json(KEY, {}),
    "swap": lambda bucket: bucket.swap_json(KEY, {}, None),
    "receipt": lambda bucket: bucket.receipt(KEY),
    "list": lambda bucket: list(bucket.keys(KEY)),
}


def bucket_that_fails(error: Exception) -> Bucket:
    calls = Calls()

    def fault(*_: Any) -> Any:
        raise error

    calls.fault = fault
    return Bucket("data", MemoryS3(calls))


@pytest.mark.parametrize("call", CALLS)
def test_an_error_names_the_first_folder_only(call: str) -> None:
    with pytest.raises(StorageError) as raised:
        CALLS[call](bucket_that_fails(aws_error("InternalError", 500)))
    assert str(raised.value).endswith("answers/")


def test_writes_that_s3_cannot_decide_name_the_first_folder_only() -> None:
    with pytest.raises(StorageError, match=r"^cannot write answers/: S3 did not decide"):
        CALLS["create"](bucket_that_fails(aws_error("ConditionalRequestConflict", 409)))


def test_a_broken_object_names_the_first_folder_only() -> None:
    s3 = MemoryS3(Calls())
    s3.objects[KEY] = b"{"
    with pytest.raises(BrokenObject, match=r"^an object under answers/ is not JSON$"):
        Bucket("data", s3).get_json(KEY)
