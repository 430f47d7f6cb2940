"""A small class on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.class_folder import ClassFolder
from moto import mock_aws

from support.class_cloud import Cloud
from support.class_files import WEEKLY

STUDENTS = """\
# yaml-language-server: $schema=../schemas/students.schema.json
---
students:
  # The morning group.
  - id: s001
    name: "Zofia Żak"   # prefers email
    email: zofia@example.org
    subjects: [os, git]

  # Entitled to extra time.
  - id: s004
    name: 李 小龙
    email: xiaolong@bücher.example
    subjects:
      - os  # since October
    extra_hours: 24
# The end.
"""
TEST = "title: One\nquestions: [{text: Q?, options: {a: x, b: y}, answer: a}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> ClassFolder:
    """A class with two students and two subjects."""
    for subject in ("os", "git"):
        test = tmp_path / "class" / "subjects" / subject / "test01.yml"
        test.parent.mkdir(parents=True)
        test.write_text(TEST)
    (tmp_path / "class" / "students.yml").write_text(STUDENTS, encoding="utf-8")
    return ClassFolder(tmp_path / "class", "class", WEEKLY)


@pytest.fixture
def cloud(folder: ClassFolder, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A published class: s001 and s004."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        cloud = Cloud()
        cloud.clients.s3.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
        cloud.publish(folder.path)
        yield cloud
