"""A run of a class full of canaries, with a failure at each call: they are only in the emails and in the bucket."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest

from common.shared.deadlines import format_time
from common.shared.object_keys import manifest_key
from support.aws_calls import aws_error
from support.canaries import (
    ADDRESS,
    ALL,
    PERSONAL,
    STUDENT,
    TRAINER,
    WORDS,
    as_lambda_reports,
    canary_world,
    found_in,
    misplaced,
)
from support.run_handlers import ENVIRONMENT, HANDLERS, Context
from support.weekly_run import World

FAULTS: dict[str, Callable[[], Exception]] = {
    "refused": lambda: aws_error("MessageRejected", 400, message=f"Not verified: {ADDRESS}-1@example.org, {TRAINER}"),
    "failing": lambda: aws_error("InternalError", 500, message=WORDS),
    "unforeseen": lambda: KeyError(WORDS),
}


class Execution:
    """An execution of the state machine by the functions' handlers. `history`: what it keeps of each step."""

    def __init__(self, world: World, patch: pytest.MonkeyPatch) -> None:
        self.history: list[str] = []
        self._world = world
        for name in HANDLERS:
            module = importlib.import_module(name)
            step = name.split(".")[0]
            patch.setattr(module, "bucket", world.bucket_of[step])
            for attribute, value in (("mailer", world.mailer_of[step]), ("utc_now", world.clock)):
                patch.setattr(module, attribute, value, raising=False)
        patch.setattr("plan_run.handler.settings", world.settings)
        patch.setattr("mail_batch.handler.time", Clock(world))
        reporter = sys.modules["report_run.handler"]
        trainer_mail = reporter.TrainerMail(
            world.bucket_of["report_run"],
            world.mailer_of["report_run"],
            world.clock,
            world.sleep,
            link_of=lambda _: None,
            class_name="Demo",
            sender="sender@example.org",
            trainer=TRAINER,
            timezone="Europe/Warsaw",
        )
        patch.setattr(reporter, "reporter", reporter.Reporter(world.bucket_of["report_run"], trainer_mail, world.clock))

    def run(self, run_id: str) -> None:
        """Each step once; what fails is left to the next."""
        start = {"runId": run_id, "startedAt": format_time(self._world.now), "input": {}}
        if not self._step("plan_run.handler", start):
            return
        self._world.sleep(200)
        manifest = self._world.get(manifest_key(run_id))
        for item in manifest:
            self._step("score_batch.handler", item)
        self._step("mail_batch.handler", {"runId": run_id})
        for item in manifest:
            self._step("mail_batch.handler", item)
        self._step("report_run.handler", {"runId": run_id})

    def _step(self, handler: str, event: dict[str, Any]) -> Any:
        self.history.append(repr(event))
        try:
            answer = sys.modules[handler].lambda_handler(event, Context())
        except Exception as error:
            self.history.append(as_lambda_reports(error))
            return None
        self.history.append(repr(answer))
        return answer.get("due", 1)


class Clock:
    """The world's clock in place of the module `time`."""

    def __init__(self, world: World) -> None:
        self.monotonic, self.sleep = world.seconds, world.sleep


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    yield
    for name in HANDLERS:
        sys.modules.pop(name, None)


pytestmark = pytest.mark.usefixtures("handlers")


def check(world: World, execution: Execution, log: StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    printed = capsys.readouterr()
    assert found_in(log.getvalue() + printed.out + printed.err, (*ALL, STUDENT)) == []
    assert [line for line in execution.history if found_in(line, (*ALL, STUDENT))] == []
    log.truncate(0)


def test_a_run_keeps_its_class_to_itself(
    monkeypatch: pytest.MonkeyPatch, log: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    world = canary_world()
    execution = Execution(world, monkeypatch)
    execution.run("one")
    assert len(world.ses.sent) == 7
    assert all(found_in(message.as_string()) for message in world.ses.sent)
    assert "scored a batch" in log.getvalue()
    check(world, execution, log, capsys)
    assert misplaced(world.s3.objects) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failure_at_any_call_keeps_it_too(
    monkeypatch: pytest.MonkeyPatch, log: StringIO, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    whole = canary_world()
    with monkeypatch.context() as patch:
        Execution(whole, patch).run("one")
    for number in range(whole.calls.count):
        world = canary_world()

        def fail(this: int, _name: str, _parameters: dict[str, Any], real: Callable[[], Any], at: int = number) -> Any:
            if this == at:
                raise FAULTS[fault]()
            return real()

        world.calls.fault = fail
        with monkeypatch.context() as patch:
            execution = Execution(world, patch)
            execution.run("one")
        check(world, execution, log, capsys)
        assert misplaced(world.s3.objects) == []


def test_what_ses_says_reaches_no_log_and_no_execution(
    monkeypatch: pytest.MonkeyPatch, log: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every email is refused, the trainer's too, in words that no rule can tell an address in."""
    world = canary_world()

    def refuse(_number: int, name: str, _parameters: dict[str, Any], real: Callable[[], Any]) -> Any:
        if name == "ses:SendRawEmail":
            raise aws_error("MessageRejected", 400, message=WORDS)
        return real()

    world.calls.fault = refuse
    execution = Execution(world, monkeypatch)
    execution.run("one")
    assert "ReportNotSent" in execution.history[-1]
    check(world, execution, log, capsys)


def test_the_canaries_are_in_what_the_run_reads() -> None:
    everything = b"".join(canary_world().s3.objects.values()).decode()
    assert set(found_in(everything)) >= set(PERSONAL.values()) - {PERSONAL["API key"]}
