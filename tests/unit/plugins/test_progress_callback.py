"""What the trainer sees of a playbook that a script runs."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.callback.progress import CallbackModule


@pytest.fixture
def callback(monkeypatch: pytest.MonkeyPatch) -> CallbackModule:
    monkeypatch.setenv("TEST_TIME_PROGRAM", "update")
    return CallbackModule()


def task(action: str, name: str = "role : Do it") -> Any:
    return SimpleNamespace(action=action, get_name=lambda: name)


def result(action: str, **values: Any) -> Any:
    return SimpleNamespace(_result=values, _task=task(action))


def test_changes_go_to_stdout_as_they_are(callback: CallbackModule, capsys: pytest.CaptureFixture[str]) -> None:
    callback.v2_runner_on_ok(result("ansible.builtin.debug", msg=["+ test02 in os", "- student s003"]))
    callback.v2_runner_on_ok(result("training.test_time.class_publish", changes=["+ test02 in os"]))
    assert capsys.readouterr() == ("+ test02 in os\n- student s003\n", "")


def test_text_is_printed_a_line_a_line(callback: CallbackModule, capsys: pytest.CaptureFixture[str]) -> None:
    callback.v2_runner_on_ok(result("ansible.builtin.debug", msg="One line.\nAnother line."))
    assert capsys.readouterr() == ("One line.\nAnother line.\n", "")


@pytest.mark.parametrize(("failures", "told"), [(0, "==> ok=9 changed=0\n"), (1, "")])
def test_number_of_changes_is_told_unless_something_failed(
    callback: CallbackModule, capsys: pytest.CaptureFixture[str], failures: int, told: str
) -> None:
    counts = {"ok": 9, "changed": 0, "failures": failures, "unreachable": 0}
    callback.v2_playbook_on_stats(SimpleNamespace(processed={"localhost": 1}, summarize=lambda _: counts))
    assert capsys.readouterr() == ("", told)


def test_progress_goes_to_stderr(callback: CallbackModule, capsys: pytest.CaptureFixture[str]) -> None:
    callback.v2_playbook_on_task_start(task("training.test_time.class_publish"), False)
    callback.v2_playbook_on_task_start(task("ansible.builtin.include_tasks"), False)
    callback.v2_runner_item_on_ok(result("training.test_time.class_api_keys", _ansible_item_label="100 of 950"))
    assert capsys.readouterr() == ("", "==> Do it\n    100 of 950\n")


def test_a_question_is_shown_and_its_token_left_for_the_script_that_asks(
    callback: CallbackModule, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = result("training.test_time.class_losses", msg="Lost.\nHow.", losses=["Lost."], confirm="1a2b")
    monkeypatch.delenv("TEST_TIME_CONFIRM_FILE", raising=False)
    callback.v2_runner_on_failed(failed)
    assert capsys.readouterr() == ("", "update: Lost.\nupdate: How.\n")
    monkeypatch.setenv("TEST_TIME_CONFIRM_FILE", str(tmp_path / "question"))
    callback.v2_runner_on_failed(failed)
    assert capsys.readouterr() == ("", "Lost.\n")
    assert (tmp_path / "question").read_text() == "1a2b"


def test_each_line_of_an_error_is_told_once(callback: CallbackModule, capsys: pytest.CaptureFixture[str]) -> None:
    callback.v2_runner_on_failed(result("x", msg="a.yml:1: one\nb.yml:2: two"))
    callback.v2_runner_item_on_failed(result("x", msg="part"))
    callback.v2_runner_on_failed(result("x", msg="All items completed", results=[]))
    assert capsys.readouterr() == ("", "update: a.yml:1: one\nupdate: b.yml:2: two\nupdate: part\n")
