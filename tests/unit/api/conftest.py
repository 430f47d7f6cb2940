"""A class of two students behind the API."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from io import StringIO
from logging import StreamHandler
from typing import Any

import boto3
import pytest
from moto import mock_aws

from common import clock
from common.storage import Bucket
from common.telemetry import logger
from support.s3_as_on_aws import S3AsOnAws
from support.student_api import FUNCTIONS, Api, entry


@cache
def _s3_client() -> Any:
    """Made once: it takes longer than a test."""
    return boto3.client("s3")


@pytest.fixture
def api(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """operating-systems with test01 for both students; s001 alone has computer-networks too.

    A missing object is denied, as on AWS; parametrize it (indirectly) with False for the emulators' 404.
    """
    with mock_aws():
        client = _s3_client()
        client.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        s3 = S3AsOnAws(client, missing_is_denied=getattr(request, "param", True))
        bucket = Bucket("data", s3)
        for module in FUNCTIONS:
            monkeypatch.setattr(module, "BUCKET", bucket)
        api = Api(bucket, s3)
        monkeypatch.setattr(clock, "utc_now", lambda: api.now)
        api.publish("operating-systems", entry("test01"))
        api.publish("computer-networks", entry("test01"))
        api.enrol("s001", "operating-systems", "computer-networks")
        api.enrol("s002", "operating-systems")
        yield api


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What the functions log. Powertools' logger keeps the stream it was made with."""
    stream = StringIO()
    handler = logger.registered_handler
    assert isinstance(handler, StreamHandler)
    before = handler.setStream(stream)
    yield stream
    handler.setStream(before)
