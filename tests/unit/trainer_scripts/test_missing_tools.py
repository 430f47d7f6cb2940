"""The local cloud's script on a computer without curl, as a new Debian, or without ps, as a container."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from support.trainer_machine import Machine


class Cloud(BaseHTTPRequestHandler):
    """Is ready or not, as `status` says."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/_ministack/ready" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a local cloud."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Cloud) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server.server_port
        server.shutdown()


def status(machine: Machine, port: int, **variables: str) -> subprocess.CompletedProcess[str]:
    """What `status` says about a local cloud that is this process. `variables`: of its environment."""
    started = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(os.getpid())],
        env=os.environ | {"LC_ALL": "C", "TZ": "UTC0"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    folder = machine.root / ".local-cloud" / str(port)
    folder.mkdir(parents=True)
    (folder / "pid").write_text(f"{os.getpid()}\n{started}")
    return machine.run("./bin/local-cloud.sh", "status", LOCAL_CLOUD_PORT=str(port), **variables)


@pytest.mark.parametrize("zone", ["UTC0", "Asia/Tokyo", "America/New_York"])
def test_local_cloud_is_found_from_another_time_zone(machine: Machine, port: int, zone: str) -> None:
    found = status(machine, port, TZ=zone)
    assert found.returncode == 0
    assert "is running" in found.stdout


def test_local_cloud_is_found_without_curl(machine: Machine, port: int) -> None:
    assert not (machine.path / "curl").exists()
    found = status(machine, port)
    assert found.returncode == 0
    assert "is running" in found.stdout
    assert not found.stderr


@pytest.mark.parametrize("code", [404, 503])
def test_local_cloud_that_answers_with_an_error_is_not_ready(
    machine: Machine, port: int, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cloud, "status", code)
    assert status(machine, port).returncode == 3


def test_local_cloud_that_is_silent_or_closed_is_not_ready(machine: Machine) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        found = status(machine, port)
    assert (found.returncode, found.stderr) == (3, "")
    closed = machine.run("./bin/local-cloud.sh", "status", LOCAL_CLOUD_PORT=str(port))
    assert (closed.returncode, closed.stderr) == (3, "")


@pytest.mark.parametrize("command", ["start", "stop", "status", "mail"])
def test_missing_ps_is_told_at_once_with_the_way_to_get_it(machine: Machine, command: str) -> None:
    (machine.path / "ps").unlink()
    refused = machine.run("./bin/local-cloud.sh", command)
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        "local-cloud.sh: ps is missing. To install it on Debian or Ubuntu: sudo apt install procps"
    ]
    assert not (machine.root / ".venv").exists()
