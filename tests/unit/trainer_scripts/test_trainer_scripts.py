"""The trainer's scripts on machines that lack something, and with wrong arguments."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.trainer_machine import Machine


def test_missing_python_is_told_with_the_way_to_get_it(machine: Machine) -> None:
    refused = machine.run("./deploy-api-gateway.sh", "--local")
    assert refused.returncode == 1
    assert "deploy-api-gateway.sh: Python 3.11 or newer is needed" in refused.stderr
    assert "sudo apt install" in refused.stderr
    assert "brew install" in refused.stderr


def test_python_that_is_too_old_is_passed_over(machine: Machine) -> None:
    machine.program("python3", "exit 1")
    machine.program("python3.12", "exit 0")
    assert machine.shell("find_python").stdout == "python3.12\n"


def test_python_without_venv_is_told_with_the_package_that_has_it(machine: Machine) -> None:
    machine.program("python3", 'case "$2" in *ensurepip*) exit 1 ;; *print*) echo python3.11-venv ;; *) exit 0 ;; esac')
    refused = machine.shell("ensure_venv")
    assert refused.returncode == 1
    assert "sudo apt install python3.11-venv" in refused.stderr
    assert not (machine.root / ".venv").exists()


def working_venv(machine: Machine, project: Path | None = None) -> Path:
    """A virtual environment whose pip writes down that it ran; nothing is compiled."""
    binaries = machine.root / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "activate").write_text(f"VIRTUAL_ENV={project or machine.root}/.venv\n")
    log = machine.root / "pip.log"
    (binaries / "python").write_text(f'#!/bin/sh\ncase $* in *"pip install"*) echo "$@" >>"{log}" ;; esac\n')
    (binaries / "python").chmod(0o755)
    return log


def test_requirements_are_installed_once_and_again_when_they_change(machine: Machine) -> None:
    log = working_venv(machine)
    for _ in range(2):
        assert machine.shell("ensure_venv").returncode == 0
    assert len(log.read_text().splitlines()) == 1
    (machine.root / "requirements.txt").write_text("boto3==2\n")
    machine.shell("ensure_venv")
    assert len(log.read_text().splitlines()) == 2


def test_each_requirements_file_is_remembered_by_itself(machine: Machine) -> None:
    log = working_venv(machine)
    (machine.root / "requirements-dev.txt").write_text("pytest==9\n")
    for requirements in ("requirements-dev.txt", "requirements.txt", "requirements-dev.txt", "requirements.txt"):
        machine.shell(f"ensure_venv {requirements}")
    assert len(log.read_text().splitlines()) == 2


def test_failed_installation_shows_its_end_and_is_tried_again(machine: Machine) -> None:
    working_venv(machine)
    python = machine.root / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\n[ "$1" = -c ] || { echo "no such version"; exit 1; }\n')
    for _ in range(2):
        failed = machine.shell("ensure_venv")
        assert failed.returncode == 1
        assert "no such version" in failed.stderr


def test_moved_project_gets_a_new_virtual_environment(machine: Machine) -> None:
    working_venv(machine, project=Path("/where/it/was"))
    machine.program("python3", f'[ "$3" = venv ] && echo "$@" >"{machine.root}/made"; exit 0')
    machine.shell("ensure_venv")
    assert "venv --clear" in (machine.root / "made").read_text()


def test_two_scripts_at_once_install_once(machine: Machine) -> None:
    log = working_venv(machine)
    python = machine.root / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\ncase $* in *"pip install"*) sleep 2; echo "$@" >>"{log}" ;; esac\n')
    both = machine.shell("(ensure_venv) & ensure_venv; wait")
    assert both.returncode == 0
    assert len(log.read_text().splitlines()) == 1


def test_lock_of_a_run_that_died_is_taken_over(machine: Machine) -> None:
    log = working_venv(machine)
    lock = machine.root / ".build" / "venv.lock"
    lock.mkdir(parents=True)
    (lock / "pid").write_text("999999\n")
    assert machine.shell("ensure_venv").returncode == 0
    assert log.exists()
    assert not lock.exists()


def test_lock_whose_owner_died_before_it_wrote_its_id_is_taken_over_at_once(machine: Machine) -> None:
    log = working_venv(machine)
    lock = machine.root / ".build" / "venv.lock"
    lock.mkdir(parents=True)
    began = time.monotonic()
    assert machine.shell("ensure_venv").returncode == 0
    assert time.monotonic() - began < 20
    assert log.exists()
    assert not lock.exists()


def test_lock_with_an_empty_id_is_taken_over_at_once(machine: Machine) -> None:
    """As after a power failure, or a kill between opening the file and writing to it."""
    log = working_venv(machine)
    lock = machine.root / ".build" / "venv.lock"
    lock.mkdir(parents=True)
    (lock / "pid").touch()
    began = time.monotonic()
    assert machine.shell("ensure_venv").returncode == 0
    assert time.monotonic() - began < 20
    assert log.exists()
    assert not lock.exists()


def test_full_disk_is_told_at_once(machine: Machine) -> None:
    working_venv(machine)
    full = "echo 'No space left on device' >&2; return 1"
    code = f'printf() {{ case $2 in "$$"*) {full} ;; *) builtin printf "$@" ;; esac; }}; ensure_venv'
    began = time.monotonic()
    refused = machine.shell(code)
    assert time.monotonic() - began < 5
    assert refused.returncode == 1
    lock = machine.root / ".build" / "venv.lock"
    assert f"cannot write {lock}/pid: No space left on device" in refused.stderr
    assert not lock.exists()


def test_lock_of_another_users_process_is_waited_for_and_its_owner_is_named(machine: Machine) -> None:
    """kill fails with another user's process too, as it does here; the tests may run as root, whom it obeys."""
    log = working_venv(machine)
    lock = machine.root / ".build" / "venv.lock"
    lock.mkdir(parents=True)
    (lock / "pid").write_text(f"{os.getpid()}\n")
    done = machine.shell(
        f"kill() {{ return 1; }}; (sleep 3; [ ! -e {log} ] && echo waited; rm -r {lock}) & ensure_venv; wait"
    )
    assert (done.returncode, done.stdout) == (0, "waited\n")
    assert f"Waiting for process {os.getpid()} to finish creating .venv; its lock is {lock}" in done.stderr


def test_lock_whose_owner_is_about_to_write_its_id_is_waited_for(machine: Machine) -> None:
    log = working_venv(machine)
    lock = machine.root / ".build" / "venv.lock"
    lock.mkdir(parents=True)
    owner = f"(sleep 1; echo $$ >{lock}/pid; sleep 7; [ ! -e {log} ] && echo waited; rm -r {lock}) & ensure_venv; wait"
    done = machine.shell(owner)
    assert (done.returncode, done.stdout) == (0, "waited\n")
    assert log.exists()


def test_lock_that_cannot_be_made_is_told_at_once_with_the_cause(machine: Machine) -> None:
    """As in a project that another user has made; the tests may run as root, whom no mode stops."""
    working_venv(machine)
    refuse = "echo \"mkdir: cannot create directory '$1': Permission denied\" >&2; exit 1"
    machine.program("mkdir", f'[ "$1" = -p ] && exec {shutil.which("mkdir")} "$@"; {refuse}')
    began = time.monotonic()
    refused = machine.shell("ensure_venv")
    assert time.monotonic() - began < 5
    assert refused.returncode == 1
    assert f"cannot create {machine.root}/.build/venv.lock: " in refused.stderr
    assert "Permission denied" in refused.stderr
    assert "Waiting" not in refused.stderr


def test_build_folder_that_cannot_be_made_is_told(machine: Machine) -> None:
    working_venv(machine)
    (machine.root / ".build").write_text("")
    refused = machine.shell("ensure_venv")
    assert refused.returncode == 1
    assert f": cannot create {machine.root}/.build: " in refused.stderr


def test_lock_of_a_dead_run_that_cannot_be_taken_over_is_told_at_once(machine: Machine) -> None:
    working_venv(machine)
    lock = machine.root / ".build" / "venv.lock"
    lock.mkdir(parents=True)
    (lock / "pid").write_text("999999\n")
    machine.program("mv", "echo 'mv: Permission denied' >&2; exit 1")
    refused = machine.shell("ensure_venv")
    assert refused.returncode == 1
    assert f"cannot take over {lock} from process 999999, which has ended: " in refused.stderr
    assert "Permission denied" in refused.stderr


# Makes the time between reading a dead owner's ID and taking over as long as on a busy machine.
SLOW_LOOK = 'kill() { command kill "$@" 2>/dev/null && return; sleep "$SLOW"; return 1; }; '
HOLD = "lock_venv; echo got $NAME >>log; sleep 2; echo left $NAME >>log; unlock_venv"


@pytest.mark.parametrize("dead", ["999999\n", "", None])
def test_one_of_several_takes_over_the_lock_of_a_run_that_died(machine: Machine, dead: str | None) -> None:
    lock = machine.root / ".build" / "venv.lock"
    lock.mkdir(parents=True)
    if dead is not None:
        (lock / "pid").write_text(dead)
    runs = [machine.start(SLOW_LOOK + HOLD, NAME=str(number), SLOW=str(number / 2)) for number in range(4)]
    assert [run.wait(60) for run in runs] == [0] * 4
    told = [line.split() for line in (machine.root / "log").read_text().splitlines()]
    assert [what for what, _ in told] == ["got", "left"] * 4
    assert [name for _, name in told[::2]] == [name for _, name in told[1::2]]
    assert sorted((machine.root / ".build").iterdir()) == []


@pytest.mark.parametrize("name", ["pay$day", "${HOME}", "a:b"])
def test_folder_that_ansible_cannot_use_is_told_before_anything_is_made(machine: Machine, name: str) -> None:
    moved = machine.root.rename(machine.root.parent / name)
    for script in ("./deploy-api-gateway.sh", "./bin/pull-api-config.sh", "./bin/local-cloud.sh start"):
        refused = subprocess.run(
            script.split(), cwd=moved, env=machine.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert refused.returncode == 1
        assert f"the project's folder is {moved}" in refused.stderr
        assert "move it" in refused.stderr
    assert not (moved / ".venv").exists()
    assert not (moved / ".build").exists()


@pytest.mark.parametrize("port", ["abc", "123456", "65536", "0", "08080", "-1", "45 66"])
def test_port_that_is_none_is_refused(machine: Machine, port: str) -> None:
    refused = machine.shell("true", LOCAL_CLOUD_PORT=port)
    assert refused.returncode == 2
    assert "LOCAL_CLOUD_PORT" in refused.stderr


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["./deploy-api-gateway.sh", "--stage"], "--stage needs a name"),
        (["./deploy-api-gateway.sh", "--stage", ""], "--stage needs a name"),
        (["./deploy-api-gateway.sh", "--stage", "--local"], "--stage needs a name"),
        (["./deploy-api-gateway.sh", "main"], "unknown argument 'main'"),
        (["./bin/pull-api-config.sh", "--format", "xml"], "--format must be text, env or json, not 'xml'"),
        (["./bin/pull-api-config.sh", "--student"], "--student needs a value"),
        (["./bin/pull-api-config.sh", "--student", ""], "--student needs a value"),
        (["./bin/check-deployment.sh", "--quick"], "unknown argument '--quick'"),
        (["./bin/pull-api-config.sh", "--format", "env"], "--format env needs --student ID or --trainer"),
        (["./bin/pull-api-config.sh", "--rotate"], "--rotate can only be used with --trainer"),
        (["./bin/pull-api-config.sh", "--trainer", "--student", "s001"], "--trainer and --student cannot be used"),
        (["./bin/pull-api-config.sh", "s001"], "unknown argument 's001'"),
        (["./bin/estimate-cost.sh"], "--students is needed"),
        (["./bin/estimate-cost.sh", "--students"], "--students needs a value"),
        (["./bin/estimate-cost.sh", "--students", "0"], "--students must be a whole number from 1 to 9999999, not '0'"),
        (
            ["./bin/estimate-cost.sh", "--students", "-3"],
            "--students must be a whole number from 1 to 9999999, not '-3'",
        ),
        (["./bin/estimate-cost.sh", "--students", "3", "--tests-per-week", "0.5"], "--tests-per-week must be a whole"),
        (["./bin/estimate-cost.sh", "--students", "12345678"], "--students must be a whole number"),
        (["./bin/estimate-cost.sh", "--local"], "unknown argument '--local'"),
        (
            ["./bin/results.sh", "--format", "pdf"],
            "--format must be text, json, csv, xlsx, moodle or canvas, not 'pdf'",
        ),
        (["./bin/results.sh", "--format", "xlsx"], "--format xlsx needs --output FILE"),
        (["./bin/results.sh", "--test"], "--test needs a value"),
        (["./update-subjects-or-students.sh", "--json"], "--json can only be used with --check"),
        (["./update-subjects-or-students.sh", "--verbose"], "--verbose can only be used with --check"),
        (["./bin/verify-receipt.sh"], "a receipt is needed"),
        (["./bin/verify-receipt.sh", "R-1", "R-2"], "only one receipt can be given"),
        (["./bin/questions.sh"], "a command is missing"),
        (["./bin/questions.sh", "convert"], "unknown command 'convert'"),
        (["./bin/questions.sh", "import", "x.gift", "--local"], "unknown argument '--local'"),
        (["./bin/local-cloud.sh"], "a command is needed"),
        (["./bin/local-cloud.sh", "restart"], "unknown command 'restart'"),
        (["./bin/local-cloud.sh", "stop", "now"], "unknown argument 'now'"),
        (["./bin/local-cloud.sh", "mail", "--xml"], "unknown argument '--xml'"),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_made(machine: Machine, command: list[str], told: str) -> None:
    refused = machine.run(*command)
    assert refused.returncode == 2
    assert told in refused.stderr
    assert refused.stderr.startswith(f"{Path(command[0]).name}: ")
    assert not (machine.root / ".venv").exists()


def test_local_cloud_that_never_ran_is_told(machine: Machine) -> None:
    assert machine.run("./bin/local-cloud.sh", "status").returncode == 3
    assert machine.run("./bin/local-cloud.sh", "stop").returncode == 0
    for command in ("mail", "logs"):
        refused = machine.run("./bin/local-cloud.sh", command)
        assert refused.returncode == 1
        assert "local cloud" in refused.stderr


def test_process_that_took_over_the_recorded_id_is_not_stopped(machine: Machine) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        folder = machine.root / ".local-cloud" / "4566"
        folder.mkdir(parents=True)
        (folder / "pid").write_text(f"{other.pid}\nMon Jan  1 00:00:00 2001\n")
        assert machine.run("./bin/local-cloud.sh", "status").returncode == 3
        assert machine.run("./bin/local-cloud.sh", "stop").returncode == 0
        assert other.poll() is None
        other.communicate(b"\n")


def test_dead_process_that_nobody_waited_for_does_not_count_as_running(machine: Machine) -> None:
    with subprocess.Popen(["true"], stdout=subprocess.PIPE) as zombie:
        assert zombie.stdout
        zombie.stdout.read()  # it has ended; its exit code is still to be collected
        started = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(zombie.pid)],
            env=os.environ | {"LC_ALL": "C", "TZ": "UTC0"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        folder = machine.root / ".local-cloud" / "4566"
        folder.mkdir(parents=True)
        (folder / "pid").write_text(f"{zombie.pid}\n{started}")
        assert "is not running" in machine.run("./bin/local-cloud.sh", "mail").stderr


def test_taken_port_is_told_and_leaves_no_trace(machine: Machine) -> None:
    working_venv(machine)
    python = machine.root / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\ncase $1 in -m | -P) ;; *) exec "{sys.executable}" "$@" ;; esac\n')
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        refused = machine.run("./bin/local-cloud.sh", "start", LOCAL_CLOUD_PORT=port)
    assert refused.returncode == 1
    assert f"port {port} is in use" in refused.stderr
    assert not (machine.root / ".local-cloud").exists()


def test_the_options_that_find_the_deployment_are_known_to_what_a_script_starts(machine: Machine) -> None:
    code = """. bin/lib/trainer.sh
    for argument in --local --check "--stage evening"; do take_common_option $argument; done
    is_check=no; run_cli() { echo "$TEST_TIME_OPTIONS"; return 3; }; invite_students"""
    failed = machine.shell(code, TEST_TIME_OPTIONS="--stage of-another-script")
    assert failed.stdout == "--local --stage evening\n"
    assert "then run ./bin/students.sh invite --local --stage evening" in failed.stderr
