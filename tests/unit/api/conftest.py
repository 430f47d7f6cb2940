"""A class of two students behind the API."""

from __future__ import annotations

import pytest

from common import clock
from common.storage import Bucket
from support.documents import index_entry
from support.memory_s3 import MemoryS3
from support.student_api import FUNCTIONS, Api


@pytest.fixture
def api(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Api:
    """operating-systems with test01 for both students; s001 alone has computer-networks too.

    A missing object is denied, as on AWS; parametrize it (indirectly) with False for the emulators' 404.
    """
    s3 = MemoryS3(missing_is_denied=getattr(request, "param", True))
    api = Api(Bucket("data", s3), s3)
    for module in FUNCTIONS:
        monkeypatch.setattr(module, "BUCKET", api.bucket)
    monkeypatch.setattr(clock, "utc_now", lambda: api.now)
    api.publish("operating-systems", index_entry("test01"))
    api.publish("computer-networks", index_entry("test01"))
    api.enrol("s001", "operating-systems", "computer-networks")
    api.enrol("s002", "operating-systems")
    return api
