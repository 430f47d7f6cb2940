"""What run-scoring.sh shows and with which code it ends."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import RunRequest
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import plan_key
from botocore.exceptions import ClientError
from cli import run_scoring
from cli.command import CommandError, a_test
from cli.run_progress import Progress, ProgressLine
from cli.run_scoring import a_time, check_regrade, run
from cli.run_status import status
from cli.run_summary import as_text, exit_code
from cli.table import as_table
from cli.weekly_run import WeeklyRun

from common.errors import StorageError
from common.storage import Bucket
from support.step_functions import States
from support.trainer import client_of_trainer
from support.weekly_class import SUBJECT, TEST, make_test, make_world
from support.weekly_run import ENDPOINT

SUMMARY: dict[str, Any] = {"failed": 0, "uncertain": 0, "rejected": 0, "deferred": 0}
MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:trainings-tests-weekly-run"


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> WeeklyRun:
    """The class of support/weekly_class.py, ready to be scored."""
    monkeypatch.setattr("cli.run_scoring.time.sleep", lambda _: None)
    world = make_world()
    return WeeklyRun(States(world), MACHINE, Bucket("class-data", world.s3, lists=True), ENDPOINT)


def shown(deployment: WeeklyRun, given: RunRequest | None = None) -> tuple[int, list[str]]:
    lines: list[str] = []
    return run(deployment, given or {}, lines.append), lines


def test_a_run_shows_progress_and_ends_with_a_table(deployment: WeeklyRun, capsys: pytest.CaptureFixture[str]) -> None:
    code, progress = shown(deployment)
    assert code == 0
    assert progress == ["planning", "batches: 3, scored: 3, mailed: 3; emails sent: 4, failures: 0", ""]
    head, row, trainer = capsys.readouterr().out.splitlines()
    assert head.split("  ")[0] == "test"
    assert head.endswith("  students  scored  missing  open  failed  emails sent  waiting  uncertain  rejected")
    assert row.split() == [f"{SUBJECT}/{TEST}", "5", "4", "1", "0", "0", "4", "0", "0", "0"]
    assert trainer == "trainer's email: sent"


def test_a_run_that_waits_says_until_when(deployment: WeeklyRun) -> None:
    world = deployment.states.world
    world.run(run_id="run")
    progress = Progress(deployment, "run")
    planned = world.get(plan_key("run"))
    world.put(plan_key("run"), {**planned, "settleUntil": "2099-11-23T22:01:41Z"})
    assert progress.look() == "waiting until 2099-11-23T22:01:41Z: accepted uploads may still be arriving"


def test_a_run_with_nothing_due_says_so(deployment: WeeklyRun, capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = shown(deployment, {"asOf": "2026-11-23T21:00:00Z"})
    assert (code, capsys.readouterr().out) == (0, "Nothing is due.\n")


def test_a_failed_result_is_named_and_ends_with_3(deployment: WeeklyRun, capsys: pytest.CaptureFixture[str]) -> None:
    deployment.states.world.s3.objects[f"answers/{SUBJECT}/s2/{TEST}.json"] = b"{"
    code, _ = shown(deployment)
    assert code == 3
    assert (
        f"problem: {SUBJECT}/{TEST}: result failed: s2: the stored submission cannot be read" in capsys.readouterr().out
    )


def test_a_failed_run_is_an_error_with_the_functions_words(deployment: WeeklyRun) -> None:
    deployment.states.world.s3.objects.pop("roster.jsonl")
    with pytest.raises(CommandError, match=r"failed: roster\.jsonl is missing"):
        shown(deployment)


def test_a_run_whose_report_was_refused_still_shows_its_table(
    deployment: WeeklyRun, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment.states.world.ses.unverified = {"trainer@example.org"}
    with pytest.raises(CommandError, match="the trainer's email was not sent"):
        shown(deployment)
    assert f"{SUBJECT}/{TEST}" in capsys.readouterr().out
    [told] = [line for line in status(deployment).splitlines() if line.startswith("manual-")]
    assert ": the trainer's email could not be sent: MessageRejected" in told


def test_a_regrade_prints_the_difference(deployment: WeeklyRun, capsys: pytest.CaptureFixture[str]) -> None:
    world = deployment.states.world
    world.run()
    test = make_test()
    test["key"]["questions"]["1"]["correction"] = {"reason": "slip", "alsoAccept": ["b"]}
    world.put(f"answer-keys/{SUBJECT}/{TEST}.json", test["key"])
    shown(deployment, {"regrade": f"{SUBJECT}/{TEST}"})
    assert f"{SUBJECT}/{TEST}: s2 had 3 of 4, now has 4 of 4" in capsys.readouterr().out


def test_a_regrade_that_changes_nothing_says_so(deployment: WeeklyRun, capsys: pytest.CaptureFixture[str]) -> None:
    deployment.states.world.run()
    shown(deployment, {"regrade": f"{SUBJECT}/{TEST}"})
    assert f"{SUBJECT}/{TEST}: no student's score changed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("counts", "code"), [({}, 0), ({"deferred": 5}, 0), ({"failed": 1}, 3), ({"uncertain": 1}, 3), ({"rejected": 1}, 3)]
)
def test_the_exit_code_tells_what_the_trainer_must_look_at(counts: dict[str, int], code: int) -> None:
    summary: Any = {**SUMMARY, **counts}
    assert exit_code(summary) == code


def test_status_lists_runs_and_links_to_the_last_reports(deployment: WeeklyRun) -> None:
    assert status(deployment) == "No run has started yet."
    shown(deployment)
    text = status(deployment)
    assert "2026-11-23 22:00:05Z" in text
    assert "succeeded" in text
    [page] = [key for key in deployment.states.world.s3.objects if key.endswith("/report.html")]
    digest = page.split("/")[-2]
    assert text.endswith(f"\n{SUBJECT}/{TEST}: {ENDPOINT}/?trainer#report={SUBJECT}/{TEST}/{digest}")


def test_a_table_lines_up() -> None:
    assert as_table([["a", "number"], ["long", "5"], ["x", "10"]]) == "a     number\nlong       5\nx         10"


def test_emails_about_students_time_have_a_line_of_their_own() -> None:
    world = make_world()
    summary = world.run()
    assert summary is not None
    summary["reminders"] = {"sent": 2, "rejected": 1}
    assert any(line.split() == ["notices", "2", "0", "0", "1"] for line in as_text(summary).splitlines())


def test_another_error_than_absence_is_no_absence(deployment: WeeklyRun) -> None:
    def denied(*_: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")

    deployment.states.world.calls.fault = denied
    with pytest.raises(StorageError):
        deployment.summary("run")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--as-of", "yesterday"],
        ["--as-of", "2026-11-23T22:00:00"],
        ["--regrade", "test01"],
        ["--regrade", "a b/c!"],
        ["--status", "--regrade=a/b"],
        ["--status", "--rehearsal"],
        ["--as-of", "2999-01-01T00:00:00Z"],
    ],
)
def test_wrong_usage_is_told_in_one_line(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["run_scoring", *arguments])
    with pytest.raises(SystemExit) as ended:
        run_scoring.main()
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("run-scoring.sh: ")
    assert error.count("\n") == 1


def progress(texts: list[tuple[float, str]]) -> None:
    """Show each text at its second."""
    times = iter([0, *(second for second, _ in texts)])
    line = ProgressLine(clock=lambda: next(times))
    for _, text in texts:
        line(text)


def test_a_waiting_run_shows_signs_of_life_that_grow_rarer(capsys: pytest.CaptureFixture[str]) -> None:
    progress([*((float(second), "planning") for second in range(22)), (23, "scoring"), (24, "")])
    assert capsys.readouterr().err == "".join(
        f"{line}\n" for line in ("planning", *(f"planning ({seconds} s)" for seconds in (3, 6, 9, 12, 16)), "scoring")
    )


def test_in_a_terminal_the_progress_is_gone_before_the_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    progress([(0, "planning"), (1, "planning"), (2, "")])
    assert capsys.readouterr().err == "\r\033[Kplanning (0 s)\r\033[Kplanning (1 s)\r\033[K"


@pytest.mark.parametrize(
    "time",
    ["tomorrow", "2026-11-23", "2026-11-23T22:00:00", "2026-02-30T22:00:00Z", "9999-12-31T23:00:00-10:00"],
)
def test_a_time_that_is_not_valid_is_refused(time: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is not an ISO 8601 time with an offset"):
        a_time(time)


@pytest.mark.parametrize("time", ["2026-11-23T22:00:00Z", "2026-11-23T23:00+01:00", "20261123T220000Z"])
def test_a_time_with_its_offset_is_taken(time: str) -> None:
    assert a_time(time) == time


@pytest.mark.parametrize("test", ["test01", "a/b/c", "/test01", "operating-systems/"])
def test_a_test_without_its_subject_is_refused(test: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is not of the form SUBJECT/TEST"):
        a_test(test)


def started_with(deployment: WeeklyRun, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> list[Any]:
    """The inputs of the runs that the command starts."""
    monkeypatch.setattr(run_scoring, "weekly_run", lambda _stage: deployment)
    monkeypatch.setattr("sys.argv", ["run_scoring", "--stage", "main", *arguments])
    with pytest.raises(SystemExit):
        run_scoring.main()
    return [given for _, given in deployment.states.started]


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (["--as-of", "2026-11-23T22:00:00Z"], [{"asOf": "2026-11-23T22:00:00Z"}]),
        (["--local", "--as-of", "2999-01-01T00:00:00Z"], [{"asOf": "2999-01-01T00:00:00Z", "trial": True}]),
        (["--local"], [{}]),
        (["--as-of", "2999-01-01T00:00:00Z"], []),
    ],
)
def test_only_on_the_local_cloud_is_a_time_in_the_future_a_trial(
    deployment: WeeklyRun, monkeypatch: pytest.MonkeyPatch, arguments: list[str], given: list[Any]
) -> None:
    assert started_with(deployment, monkeypatch, *arguments) == given


def test_a_time_in_the_future_says_what_to_add(
    monkeypatch: pytest.MonkeyPatch, deployment: WeeklyRun, capsys: pytest.CaptureFixture[str]
) -> None:
    started_with(deployment, monkeypatch, "--as-of", "2999-01-01T00:00:00Z")
    assert "--as-of is in the future: add --rehearsal, which emails nobody" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--rehearsal"], ["--local", "--rehearsal", "--as-of", "2999-01-01T00:00:00Z"]])
def test_a_rehearsal_starts_no_run(
    deployment: WeeklyRun, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(run_scoring, "run_rehearsal", lambda stage, _now, given: asked.append((stage, given)))
    assert started_with(deployment, monkeypatch, *arguments) == []
    assert asked == [("main", {"asOf": arguments[-1]} if len(arguments) > 1 else {})]


def test_a_regrade_of_a_test_that_does_not_exist_starts_no_run_and_names_the_tests(
    deployment: WeeklyRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError) as refused:
        check_regrade(
            Bucket("class-data", client_of_trainer(deployment.states.world.s3), lists=True), f"{SUBJECT}/test9"
        )
    assert str(refused.value) == f"there is no test {SUBJECT}/test9: the tests are {SUBJECT}/{TEST}"
    assert started_with(deployment, monkeypatch, "--regrade", f"{SUBJECT}/test9") == []
    assert started_with(deployment, monkeypatch, "--regrade", f"{SUBJECT}/{TEST}") == [{"regrade": f"{SUBJECT}/{TEST}"}]
