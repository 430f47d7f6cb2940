"""The S3 of the tests answers as moto's does: the same calls, the same replies and the same errors."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ParamValidationError
from moto import mock_aws

from support.aws_calls import Calls, aws_error, in_turn
from support.memory_s3 import MemoryS3

BUCKET = "data"
STALE = '"d41d8cd98f00b204e9800998ecf8427e"'


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """boto3's own client, over moto."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    with mock_aws():
        client = boto3.client("s3", "eu-central-1")
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        yield client


@pytest.fixture
def memory() -> MemoryS3:
    s3 = MemoryS3()
    s3.page_size = 3
    return s3


def outcome(client: Any, operation: str, **parameters: Any) -> Any:
    """What a call answers, as far as the project looks at it: fields of the reply, or the error's code and status."""
    try:
        reply = getattr(client, operation)(Bucket=BUCKET, **parameters)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    if "Body" in reply:
        reply["Body"] = reply["Body"].read()
    shown = {name: reply[name] for name in ("Body", "ETag", "TagSet", "IsTruncated", "KeyCount") if name in reply}
    if "Contents" in reply:
        shown["Contents"] = [{"Key": item["Key"], "ETag": item["ETag"]} for item in reply["Contents"]]
    return shown


PUT, GET, HEAD, DELETE = "put_object", "get_object", "head_object", "delete_object"
TAGS, LIST = "get_object_tagging", "list_objects_v2"
Steps = list[tuple[str, dict[str, Any]]]
OLD: Steps = [(PUT, {"Key": "k", "Body": b"old"})]
CURRENT = '"149603e6c03516362a8da23f624db945"'
CASES: dict[str, Steps] = {
    "an object": [*OLD, (GET, {"Key": "k"})],
    "an object that is not there": [(GET, {"Key": "k"})],
    "the head of an object": [*OLD, (HEAD, {"Key": "k"})],
    "the head of an object that is not there": [(HEAD, {"Key": "k"})],
    "an empty object": [(PUT, {"Key": "k", "Body": b""}), (GET, {"Key": "k"})],
    "an overwritten object": [*OLD, (PUT, {"Key": "k", "Body": b"new"}), (GET, {"Key": "k"})],
    "created where nothing is": [(PUT, {"Key": "k", "Body": b"new", "IfNoneMatch": "*"}), (GET, {"Key": "k"})],
    "created where something is": [*OLD, (PUT, {"Key": "k", "Body": b"new", "IfNoneMatch": "*"}), (GET, {"Key": "k"})],
    "swapped": [*OLD, (PUT, {"Key": "k", "Body": b"new", "IfMatch": CURRENT}), (GET, {"Key": "k"})],
    "swapped too late": [*OLD, (PUT, {"Key": "k", "Body": b"new", "IfMatch": STALE}), (GET, {"Key": "k"})],
    "swapped where nothing is": [(PUT, {"Key": "k", "Body": b"new", "IfMatch": STALE}), (GET, {"Key": "k"})],
    "deleted": [*OLD, (DELETE, {"Key": "k"}), (GET, {"Key": "k"})],
    "deleted where nothing is": [(DELETE, {"Key": "k"})],
    "a tag": [
        (PUT, {"Key": "k", "Body": b"", "Tagging": "receipt=R-3f9a%202026%3A10Z%200%2Baf3"}),
        (TAGS, {"Key": "k"}),
    ],
    "two tags": [(PUT, {"Key": "k", "Body": b"", "Tagging": "a=1&b=2"}), (TAGS, {"Key": "k"})],
    "no tag": [*OLD, (TAGS, {"Key": "k"})],
    "tags of what is not there": [(TAGS, {"Key": "k"})],
    "tags do not outlive an overwriting": [
        (PUT, {"Key": "k", "Body": b"", "Tagging": "a=1"}),
        *OLD,
        (TAGS, {"Key": "k"}),
    ],
    "nothing to list": [*OLD, (LIST, {"Prefix": "a/"})],
    "a list is of one prefix, and sorted": [
        *[(PUT, {"Key": key, "Body": b"x"}) for key in ("a/b.json", "a/a~2.json", "a/a.json", "aa/x", "b/x")],
        (LIST, {"Prefix": "a/"}),
    ],
    "a list has a first page": [
        *[(PUT, {"Key": f"a/{n}", "Body": b"x"}) for n in range(4)],
        (LIST, {"Prefix": "a/"}),
    ],
}


@pytest.mark.parametrize("case", CASES)
def test_the_s3_of_the_tests_answers_as_moto_does(moto: Any, memory: MemoryS3, case: str) -> None:
    for operation, parameters in CASES[case]:
        assert outcome(memory, operation, **parameters) == outcome(moto, operation, **parameters), operation


@pytest.mark.parametrize("count", [0, 3, 7])
def test_pages_are_as_many_and_as_long_as_motos(moto: Any, memory: MemoryS3, count: int) -> None:
    pages = []
    for client in (moto, memory):
        for n in range(count):
            client.put_object(Bucket=BUCKET, Key=f"answers/{n}", Body=b"x")
        found = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="answers/")
        pages.append([[item["Key"] for item in page.get("Contents", [])] for page in found])
    assert pages[0] == pages[1]


@pytest.mark.parametrize("parameters", [{"Key": "k"}, {"Bucket": BUCKET, "Keys": "k"}, {"Bucket": BUCKET, "Key": 1}])
def test_parameters_that_boto3_refuses_are_refused(moto: Any, memory: MemoryS3, parameters: dict[str, Any]) -> None:
    errors = []
    for client in (moto, memory):
        with pytest.raises(ParamValidationError) as refused:
            client.get_object(**parameters)
        errors.append(str(refused.value))
    assert errors[0] == errors[1]


@pytest.mark.parametrize("memory_reads", [False, True])
def test_an_object_has_the_time_of_its_last_writing_in_whole_seconds(
    moto: Any, memory: MemoryS3, memory_reads: bool
) -> None:
    client = memory if memory_reads else moto
    before = datetime.now(UTC).replace(microsecond=0)
    client.put_object(Bucket=BUCKET, Key="k", Body=b"x")
    written = client.get_object(Bucket=BUCKET, Key="k")["LastModified"]
    assert before <= written <= datetime.now(UTC)
    assert written.microsecond == 0


@pytest.mark.parametrize("memory_lists", [False, True])
def test_a_list_says_what_time_it_is_and_when_each_object_was_written(
    moto: Any, memory: MemoryS3, memory_lists: bool
) -> None:
    client = memory if memory_lists else moto
    before = datetime.now(UTC).replace(microsecond=0)
    client.put_object(Bucket=BUCKET, Key="k", Body=b"x")
    [page] = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="k")
    now = parsedate_to_datetime(page["ResponseMetadata"]["HTTPHeaders"]["date"])
    assert before <= page["Contents"][0]["LastModified"] <= now <= datetime.now(UTC)


# --- versions ---

VERSIONS, DELETE_ALL = "list_object_versions", "delete_objects"
WRITTEN: Steps = [(PUT, {"Key": key, "Body": body}) for key in ("a/1", "a/b/2", "c") for body in (b"old", b"new")]
HISTORIES: dict[str, Steps] = {
    "an overwritten object": WRITTEN,
    "a deleted object": [*WRITTEN, (DELETE, {"Key": "c"})],
    "an object that was written again": [*WRITTEN, (DELETE, {"Key": "c"}), *OLD, (PUT, {"Key": "c", "Body": b"3"})],
}


def history(client: Any, **parameters: Any) -> list[Any]:
    """All versions as they are listed, with what is in each, and the folders."""
    found: list[Any] = []
    for page in client.get_paginator(VERSIONS).paginate(Bucket=BUCKET, **parameters):
        for entry in page.get("Versions", []):
            read = client.get_object(Bucket=BUCKET, Key=entry["Key"], VersionId=entry["VersionId"])
            found.append((entry["Key"], entry["IsLatest"], entry["ETag"], read["Body"].read(), read["ContentType"]))
        found += [(entry["Key"], entry["IsLatest"]) for entry in page.get("DeleteMarkers", [])]
        found += [folder["Prefix"] for folder in page.get("CommonPrefixes", [])]
    return found


@pytest.fixture
def versioned(moto: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """moto has no pages of folders and versions that S3's own client can follow, so it has one page."""
    moto.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "1000")
    return moto


@pytest.mark.parametrize(
    "where", [{}, {"Prefix": "a/"}, {"Delimiter": "/"}, {"Prefix": "a/", "Delimiter": "/"}], ids=str
)
@pytest.mark.parametrize("case", HISTORIES)
def test_versions_are_kept_as_moto_keeps_them(versioned: Any, case: str, where: dict[str, str]) -> None:
    memory = MemoryS3()
    for operation, parameters in HISTORIES[case]:
        outcome(memory, operation, **parameters)
        outcome(versioned, operation, **parameters)
    assert sorted(map(str, history(memory, **where))) == sorted(map(str, history(versioned, **where)))


@pytest.mark.parametrize("number", range(3))
def test_a_version_that_is_deleted_is_gone_for_good(versioned: Any, number: int) -> None:
    memory = MemoryS3()
    seen = []
    for client in (memory, versioned):
        outcome(client, PUT, Key="c", Body=b"old")
        outcome(client, PUT, Key="c", Body=b"new")
        outcome(client, DELETE, Key="c")
        [page] = client.get_paginator(VERSIONS).paginate(Bucket=BUCKET)
        every = [*page["DeleteMarkers"], *page["Versions"]]
        doomed = {"Key": "c", "VersionId": every[number]["VersionId"]}
        reply = client.delete_objects(Bucket=BUCKET, Delete={"Objects": [doomed], "Quiet": True})
        seen.append(("Errors" in reply, history(client), outcome(client, GET, **doomed), outcome(client, GET, Key="c")))
    assert seen[0] == seen[1]


def test_versions_are_listed_page_by_page(memory: MemoryS3) -> None:
    for operation, parameters in WRITTEN:
        outcome(memory, operation, **parameters)
    whole = history(memory)
    memory.page_size = 1000
    assert whole == history(memory)
    assert memory.calls.names.count("s3:ListObjectVersions") == 3


def test_what_a_test_puts_there_itself_is_a_version_too(memory: MemoryS3) -> None:
    memory.objects["k"] = b"old"
    outcome(memory, PUT, Key="k", Body=b"new")
    del memory.objects["k"]
    assert [version.body for version in memory.versions["k"]] == [b"old", b"new", None]


# --- what moto does not do ---


def test_a_role_that_may_not_list_is_denied_what_is_not_there() -> None:
    s3 = MemoryS3(missing_is_denied=True)
    assert outcome(s3, GET, Key="k") == outcome(s3, TAGS, Key="k") == ("AccessDenied", 403)
    assert outcome(s3, PUT, Key="k", Body=b"", IfNoneMatch="*") == {"ETag": STALE}


def test_of_many_conditional_writes_at_once_one_wins() -> None:
    class SlowToRead(dict[str, bytes]):
        def get(self, key: str, default: Any = None) -> Any:
            found = super().get(key, default)
            time.sleep(0.01)
            return found

    s3 = MemoryS3(objects=SlowToRead())
    start = threading.Barrier(8)

    def write(_: int) -> Any:
        start.wait()
        return outcome(s3, PUT, Key="k", Body=b"x", IfNoneMatch="*")

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(write, range(8)))
    assert outcomes.count(("PreconditionFailed", 412)) == 7
    assert s3.writes["k"] == 1


# --- calls and faults ---


def test_every_call_is_noted_in_order(memory: MemoryS3) -> None:
    outcome(memory, PUT, Key="a/1", Body=b"x")
    list(memory.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="a/"))
    outcome(memory, GET, Key="a/2")
    assert memory.calls.made == [("s3:PutObject", "a/1"), ("s3:ListObjectsV2", "a/"), ("s3:GetObject", "a/2")]


def test_a_fault_takes_a_call_over_before_or_after_it_is_made() -> None:
    calls = Calls()
    s3 = MemoryS3(calls)

    def after(real: Any) -> Any:
        real()
        raise aws_error("InternalError", 500)

    calls.fault = in_turn("s3:PutObject", aws_error("SlowDown", 503), after)
    assert outcome(s3, GET, Key="k") == ("NoSuchKey", 404)
    assert outcome(s3, PUT, Key="k", Body=b"x") == ("SlowDown", 503)
    assert s3.objects == {}
    assert outcome(s3, PUT, Key="k", Body=b"x") == ("InternalError", 500)
    assert s3.objects == {"k": b"x"}
    assert outcome(s3, PUT, Key="k", Body=b"y")["ETag"]
