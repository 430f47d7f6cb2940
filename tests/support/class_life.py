"""A class from its first publication on: real publications, the real weekly run, and one S3 that keeps all versions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from cli.students.erase import Deployed
from cli.students.versions import Versions
from moto import mock_aws

from common.shared.deadlines import format_time
from support.class_cloud import STACK, Cloud
from support.class_files import question, student
from support.weekly_run import BUCKET, World

MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:trainings-tests-weekly-run"
DEADLINE = datetime(2026, 11, 23, 22, tzinfo=UTC)


class ClassLife:
    """A class whose files a test changes. `students`, `tests`: by ID, and by subject and test.

    `executions`: what Step Functions lists. API Gateway and the scheduler are moto's.
    """

    def __init__(self, folder: Path, students: list[dict[str, Any]]) -> None:
        self.world = World(batch_size=2, reminder_hours=24)
        self.world.now = datetime(2026, 11, 18, 9, tzinfo=UTC)
        self.cloud = Cloud()
        self.cloud.clients = replace(self.cloud.clients, s3=self.world.s3)
        self.students = {each["id"]: each for each in students}
        self.tests = {
            "os/test01": _test(attempts="last", late={"until_hours": 24, "credit": 0.5}),
            "os/test02": _test(),
            "git/test01": _test(),
        }
        self.executions: list[dict[str, Any]] = []
        self._folder = folder

    def publish(self) -> None:
        """Write the files and publish them now."""
        self._folder.mkdir(exist_ok=True)
        _write(self._folder / "students.yml", {"students": list(self.students.values())})
        for name, test in self.tests.items():
            _write(self._folder / "subjects" / f"{name}.yml", test)
        self.cloud.publish(self._folder, self.world.now)
        self.world.now += timedelta(minutes=5)

    def submit(self, test: str, who: str, answers: dict[str, Any], attempt: int = 1) -> None:
        subject, test_id = test.split("/")
        self.world.submit(subject, test_id, who, answers, format_time(self.world.now), attempt)

    def run_at(self, when: datetime, given: dict[str, Any] | None = None) -> Any:
        """A run, at this time or, if that has passed, now."""
        self.world.now = max(self.world.now, when)
        return self.world.run(given or {})

    def remove(self, who: str) -> None:
        """Take a student out of the files, and publish."""
        del self.students[who]
        for test in self.tests.values():
            test.get("extensions", {}).pop(who, None)
        self.publish()

    @property
    def stage(self) -> Deployed:
        """The stage, as the commands see it."""
        states = SimpleNamespace(list_executions=lambda **_: {"executions": self.executions})
        store = Versions(self.world.s3, BUCKET)
        return Deployed(store, self.cloud.clients.apigateway, states, STACK, MACHINE, timedelta(seconds=60))


@contextmanager
def class_life(folder: Path, students: list[dict[str, Any]], patch: pytest.MonkeyPatch) -> Iterator[ClassLife]:
    """A class in an AWS of its own."""
    patch.setenv("AWS_ACCESS_KEY_ID", "test")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield ClassLife(folder, students)


def students(*ids: str) -> list[dict[str, Any]]:
    """Students who are enrolled in both subjects, with addresses and names of their own."""
    return [
        student(number, id=id, name=f"Student {number}", email=f"student{number}@example.org", subjects=["os", "git"])
        for number, id in enumerate(ids, 1)
    ]


def _test(**rules: Any) -> dict[str, Any]:
    questions = [question(text="One?"), question(text="Two?", answer="b"), question(text="Three?", answer=["a", "b"])]
    return {"title": "A test", "questions": questions, "extensions": {}, **rules}


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
