"""Modules run in Ansible's own process where that comes to the same, and as any module does elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
BINARIES = Path(sys.executable).parent
TASK: dict[str, Any] = {
    "name": "Build",
    "training.test_time.lambda_bundles": {"source": "src", "requirements": "req", "build": "out"},
}
# Each makes a module run in a process of its own.
REASONS: dict[str, dict[str, Any]] = {
    "environment": {"environment": {"SOMETHING": "set"}},
    "async": {"async": 30, "poll": 1},
    "another Python": {"vars": {"ansible_python_interpreter": f"{BINARIES}/../bin/{Path(sys.executable).name}"}},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A function, and a layer that is built already."""
    (tmp_path / "src" / "one").mkdir(parents=True)
    (tmp_path / "src" / "one" / "handler.py").touch()
    return tmp_path


def run(folder: Path, task: dict[str, Any], *options: str) -> tuple[dict[str, Any], str]:
    """The task's result, and what Ansible said at the level at which it names the files of modules."""
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}
    (folder / "play.yml").write_text(yaml.safe_dump([play]))
    done = subprocess.run(
        [BINARIES / "ansible-playbook", "-i", ROOT / "inventory.yml", "-vvv", *options, "play.yml"],
        cwd=folder,
        env=os.environ
        | {
            "PATH": f"{BINARIES}:{os.environ['PATH']}",
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "collections"),
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_HOME": str(folder / ".ansible"),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    result = done.stdout[done.stdout.index("=> {") + 3 :]
    found: dict[str, Any] = json.JSONDecoder().raw_decode(result)[0]
    return found, done.stdout


def is_wrapped(said: str) -> bool:
    return "Using module file" in said


def test_module_runs_in_process_and_its_failure_is_its_own_message(folder: Path) -> None:
    result, said = run(folder, TASK)
    assert "No such file or directory" in result["msg"]
    assert "req" in result["msg"]
    assert not is_wrapped(said)


def test_arguments_are_checked_as_everywhere(folder: Path) -> None:
    arguments = TASK["training.test_time.lambda_bundles"] | {"sauce": "src"}
    result, said = run(folder, {"name": "Build", "training.test_time.lambda_bundles": arguments})
    assert "Unsupported parameters" in result["msg"]
    assert "sauce" in result["msg"]
    assert not is_wrapped(said)


@pytest.mark.parametrize("reason", REASONS)
def test_module_that_could_notice_the_difference_runs_by_itself_and_says_the_same(folder: Path, reason: str) -> None:
    here, _ = run(folder, TASK)
    there, said = run(folder, TASK | REASONS[reason])
    assert is_wrapped(said)
    assert there["msg"] == here["msg"]


def test_check_mode_reaches_the_module(folder: Path) -> None:
    arguments = {"student_ids": [], "usage_plan_id": "p", "prefix": "x", "region": "eu-central-1"}
    result, said = run(folder, {"name": "Keys", "training.test_time.class_api_keys": arguments}, "--check")
    assert result["invocation"]["module_args"]["usage_plan_id"] == "p"
    assert not is_wrapped(said)
