"""What a script has started ends when the script is killed with `kill -9`, which it cannot notice itself."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.trainer_machine import Machine

ROOT = Path(__file__).parents[3]
START_SECONDS = 30
END_SECONDS = 10
# A pip that never ends, and says which process it is.
PIP = "import os, time, pathlib; pathlib.Path(os.environ['PIP_PID']).write_text(str(os.getpid())); time.sleep(600)"


def processes() -> dict[int, int]:
    """The parent of each process that runs."""
    listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    return {int(pid): int(parent) for pid, parent, state in map(str.split, listed.splitlines()) if "Z" not in state}


def descendants(of: int) -> set[int]:
    """Every process that this one has started, directly or not."""
    parents, found = processes(), {of}
    while new := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= new
    return found - {of}


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not (reached := condition()) and time.monotonic() < end:
        time.sleep(0.1)
    return reached


@contextlib.contextmanager
def started(code: str, folder: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A script that runs until the end of the block."""
    nowhere = subprocess.DEVNULL
    command = ["bash", "-c", code, "script.sh"]
    with subprocess.Popen(
        command, cwd=folder, env=os.environ | environment, stdin=nowhere, stdout=nowhere, stderr=nowhere
    ) as script:
        try:
            yield script
        finally:
            script.kill()


def kill_and_see_all_end(script: subprocess.Popen[bytes], killed: int, at_least: int) -> None:
    """Kill one of the script's processes. None of the others, which are `at_least` so many, may be left."""
    family = descendants(script.pid)
    assert len(family) >= at_least

    def left() -> set[int]:
        return family & processes().keys()

    os.kill(killed, signal.SIGKILL)
    if killed == script.pid:
        script.wait()
    ended = wait_for(lambda: not left(), END_SECONDS)
    for pid in left():
        os.kill(pid, signal.SIGKILL)
    assert ended


@pytest.mark.parametrize("killed", ["script", "ansible"])
def test_killed_deployment_leaves_no_process_behind(killed: str) -> None:
    with socket.socket() as cloud:  # accepts, and never answers
        cloud.bind(("127.0.0.1", 0))
        cloud.listen()
        cloud.settimeout(START_SECONDS)
        endpoint = f"http://127.0.0.1:{cloud.getsockname()[1]}"
        keys = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_REGION": "eu-central-1"}
        code = ". bin/lib/trainer.sh; stage=main; run_playbook update failed; true"
        with started(code, ROOT, AWS_ENDPOINT_URL=endpoint, **keys) as script, cloud.accept()[0]:
            ansible = next(pid for pid, parent in processes().items() if parent == script.pid)
            kill_and_see_all_end(script, {"script": script.pid, "ansible": ansible}[killed], at_least=2)


@pytest.fixture
def slow_pip(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "slow" / "pip").mkdir(parents=True)
    (tmp_path / "slow" / "pip" / "__init__.py").touch()
    (tmp_path / "slow" / "pip" / "__main__.py").write_text(PIP)
    return {"PYTHONPATH": str(tmp_path / "slow"), "PIP_PID": str(tmp_path / "pid")}


# Starts a process, as venv starts ensurepip and compileall its workers, and waits for it.
SLOW = """import os, pathlib, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path(os.environ["CHILD_PID"]).write_text(str(child.pid))
child.wait()
"""


@pytest.mark.parametrize("module", ["venv", "compileall"])
def test_killed_set_up_stops_every_step_and_what_it_has_started(machine: Machine, tmp_path: Path, module: str) -> None:
    shutil.copytree(ROOT / "cli", machine.root / "cli")
    for name in {"pip", module}:
        (tmp_path / "modules" / name).mkdir(parents=True)
        (tmp_path / "modules" / name / "__init__.py").touch()
        (tmp_path / "modules" / name / "__main__.py").write_text(SLOW if name == module else "")
    if module != "venv":
        working_venv(machine)
    environment = {"PYTHONPATH": str(tmp_path / "modules"), "CHILD_PID": str(tmp_path / "pid")}
    with started(". bin/lib/environment.sh; ensure_venv; true", machine.root, **environment) as script:
        assert wait_for((tmp_path / "pid").exists, START_SECONDS)
        kill_and_see_all_end(script, script.pid, at_least=2)


def working_venv(machine: Machine) -> None:
    binaries = machine.root / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "activate").write_text(f"VIRTUAL_ENV={machine.root}/.venv\n")
    (binaries / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (binaries / "python").chmod(0o755)


def test_killed_set_up_stops_pip(machine: Machine, slow_pip: dict[str, str]) -> None:
    shutil.copytree(ROOT / "cli", machine.root / "cli")
    working_venv(machine)
    with started(". bin/lib/environment.sh; ensure_venv; true", machine.root, **slow_pip) as script:
        assert wait_for(Path(slow_pip["PIP_PID"]).exists, START_SECONDS)
        kill_and_see_all_end(script, script.pid, at_least=1)


def test_killed_deployment_stops_building_the_layer(tmp_path: Path, slow_pip: dict[str, str]) -> None:
    project = tmp_path / "project"
    shutil.copytree(ROOT / "cli", project / "cli")
    shutil.copytree(ROOT / "bin", project / "bin")
    (project / "lambda_src").mkdir()
    (project / "lambda_src" / "requirements.txt").touch()
    path = os.pathsep.join([slow_pip["PYTHONPATH"], str(project), str(ROOT / ".build" / "collections")])
    code = f'. bin/lib/environment.sh; ENDING_WITH_SCRIPT[0]="{sys.executable}" CLI_PATH="{path}"; begin_layer; wait'
    with started(code, project, **slow_pip) as script:
        assert wait_for(Path(slow_pip["PIP_PID"]).exists, START_SECONDS)
        kill_and_see_all_end(script, script.pid, at_least=2)
