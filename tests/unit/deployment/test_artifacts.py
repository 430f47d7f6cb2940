"""The artifact bucket gets what it lacks, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from ansible_collections.training.test_time.plugins.module_utils.deployment import artifacts
from moto import mock_aws

from support.templates import BEHIND_THE_API

TEMPLATES = Path(__file__).parents[3] / "templates"
BUCKET = "artifacts"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield client


def test_what_is_absent_or_was_replaced_is_uploaded(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="code/a-1.zip", Body=b"there")
    s3.put_object(Bucket=BUCKET, Key="other/b-1.zip", Body=b"not ours")
    s3.put_object(Bucket=BUCKET, Key="templates/d.json", Body=b"somebody else's")
    wanted = {
        "code/a-1.zip": b"there".lower,
        "code/b-2.zip": b"bytes".lower,
        "templates/c.json": b"{}".lower,
        "templates/d.json": b"{}".lower,
    }
    wrong = artifacts.wrong_keys(s3, BUCKET, wanted)
    assert wrong == ["code/b-2.zip", "templates/c.json", "templates/d.json"]
    artifacts.upload(s3, BUCKET, {key: wanted[key] for key in wrong})
    assert artifacts.wrong_keys(s3, BUCKET, wanted) == []
    assert s3.get_object(Bucket=BUCKET, Key="templates/d.json")["Body"].read() == b"{}"
    uploaded = s3.get_object(Bucket=BUCKET, Key="code/b-2.zip")
    assert uploaded["Body"].read() == b"bytes"
    assert uploaded["ServerSideEncryption"] == "AES256"
    assert uploaded["ContentType"] == "application/zip"


def test_more_artifacts_than_a_page_are_all_seen(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    keys = [f"code/{n}.zip" for n in range(7)]
    wanted = dict.fromkeys(keys, bytes)
    artifacts.upload(s3, BUCKET, wanted)
    assert artifacts.wrong_keys(s3, BUCKET, wanted) == []


def test_failed_upload_is_no_success(s3: Any) -> None:
    def unreadable() -> bytes:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        artifacts.upload(s3, BUCKET, {"code/a.zip": bytes, "code/b.zip": unreadable})


def test_projects_templates_are_packaged_with_the_bundles(tmp_path: Path) -> None:
    runs = ("plan_run", "score_batch", "mail_batch", "report_run", "dependencies")
    zipped = tmp_path / "a.zip"
    zipped.write_bytes(b"zip")
    bundles = [{"name": name, "key": f"code/{name}-1.zip", "path": str(zipped)} for name in (*BEHIND_THE_API, *runs)]
    package = artifacts.packaged(TEMPLATES, bundles, {"ThrottleBurst": 10})
    contents = artifacts.contents(package, bundles)
    assert package.root_key in contents
    assert contents["code/student-1.zip"]() == b"zip"
    assert json.loads(contents[package.root_key]())["Resources"]
