"""Modules run in Ansible's own process where that comes to the same, and as any module does elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
BINARIES = Path(sys.executable).parent
TASK: dict[str, Any] = {
    "name": "Build",
    "training.test_time.lambda_bundles": {
        "source": "src",
        "shared": "shared",
        "client": "test-time.sh",
        "requirements": "req",
        "build": "out",
    },
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


@pytest.fixture
def refusing_cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A cloud that denies everything. The value is the list of the requests it got."""
    requests: list[str] = []

    class Denial(BaseHTTPRequestHandler):
        def do_DELETE(self) -> None:
            requests.append(f"{self.command} {self.path}")
            self.send_error(403)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Denial) as server:
        threading.Thread(target=server.serve_forever).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
        yield requests
        server.shutdown()


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


@pytest.mark.parametrize("options", [["--check"], []], ids=["check mode", "no check mode"])
def test_check_mode_reaches_the_module(folder: Path, refusing_cloud: list[str], options: list[str]) -> None:
    arguments = {"state": "absent", "key_ids": ["k1"], "region": "eu-central-1"}
    result, said = run(folder, {"name": "Keys", "training.test_time.class_api_keys": arguments}, *options)
    assert not is_wrapped(said)
    if options:
        assert result["changed"]
        assert result["count"] == 1
        assert refusing_cloud == []
    else:
        assert "Cannot change API keys" in result["msg"]
        assert refusing_cloud == ["DELETE /apikeys/k1"]
