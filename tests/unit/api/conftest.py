"""A class of two students behind the API."""

from __future__ import annotations

import pytest

from support.student_api import Api, deployed


@pytest.fixture
def api(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Api:
    """A missing object is denied, as on AWS; parametrize it (indirectly) with False for the emulators' 404."""
    return deployed(monkeypatch, missing_is_denied=getattr(request, "param", True))
