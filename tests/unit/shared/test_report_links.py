"""Links to reports work in every Region, also for a bucket that is only an hour old."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.session import get_session
from cli.weekly_run import WeeklyRun, report_store

from common.storage import Bucket

SCHEMA = Path("schemas/parameters.schema.json")
SUFFIXES = {"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-eusc": "amazonaws.eu"}


def admitted_regions() -> dict[str, str]:
    """The Regions of botocore's table that the parameters admit, and their partitions."""
    pattern = json.loads(SCHEMA.read_text())["properties"]["region"]["pattern"]
    session = get_session()
    found = {
        region: partition
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("s3", partition, allow_non_regional=False)
    }
    return {region: partition for region, partition in found.items() if re.match(pattern, region)}


REGIONS = admitted_regions()
OLD_AND_NEW = ("us-east-1", "eu-central-1", "eu-south-2", "us-gov-west-1", "eusc-de-east-1")


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


def link_of_the_function() -> str:
    return Bucket("test-time-data").signed_link("reports/a b.html", 60)


def link_of_the_command() -> str:
    return WeeklyRun(Mock(), report_store(), "machine", "test-time-data").link("reports/a b.html")


@pytest.mark.parametrize(
    ("link", "region"),
    [(link_of_the_function, region) for region in sorted(REGIONS)]
    + [(link_of_the_command, region) for region in OLD_AND_NEW],
)
def test_a_link_is_signed_for_the_host_of_its_region(
    link: Callable[[], str], region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", region)
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    url = urlsplit(link())
    suffix = SUFFIXES.get(REGIONS[region])
    host = f"test-time-data.s3.{region}."
    assert url.hostname is not None
    assert url.hostname == f"{host}{suffix}" if suffix else url.hostname.startswith(host)
    [credential] = parse_qs(url.query)["X-Amz-Credential"]
    assert credential.split("/")[2:4] == [region, "s3"]
    assert parse_qs(url.query)["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]


def test_the_table_of_regions_has_old_and_new_ones() -> None:
    assert set(OLD_AND_NEW) <= REGIONS.keys()
    assert len(REGIONS) > 30


@pytest.mark.parametrize("link", [link_of_the_function, link_of_the_command])
def test_a_link_of_the_local_cloud_leads_there(link: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    assert link().startswith("http://127.0.0.1:4566/test-time-data/reports/a%20b.html?")
