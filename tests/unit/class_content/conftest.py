"""A small class to break and to publish."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from moto import mock_aws

from support.class_cloud import Cloud
from support.class_files import question, student


@pytest.fixture
def write_class(tmp_path: Path) -> Callable[..., Path]:
    """Writes a class's folder: `students` and `tests` (by `subject/testId`) as data or as text."""

    def write(students: Any = None, tests: dict[str, Any] | None = None) -> Path:
        folder = tmp_path / "class"
        (folder / "subjects").mkdir(parents=True, exist_ok=True)
        _dump(folder / "students.yml", [student(1), student(2)] if students is None else students, "students")
        for old in folder.glob("subjects/*/*.yml"):
            old.unlink()
        for name, test in ({"os/test01": [question()]} if tests is None else tests).items():
            path = folder / "subjects" / f"{name}.yml"
            path.parent.mkdir(exist_ok=True)
            _dump(path, {"title": "A test", "questions": test} if isinstance(test, list) else test)
        return folder

    return write


def _dump(path: Path, content: Any, wrapped_in: str | None = None) -> None:
    if not isinstance(content, str):
        content = {wrapped_in: content} if wrapped_in else content
        content = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    path.write_text(content, encoding="utf-8")


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield Cloud()
