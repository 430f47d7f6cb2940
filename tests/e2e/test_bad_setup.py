"""Set-up that cannot work is refused in one clear error, before anything is touched."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.deployed_project import Project, free_port


@pytest.fixture
def parameters(project: Project) -> Iterator[Path]:
    """The parameters' file, put back afterwards."""
    path = project.folder / "group_vars" / "all.yml"
    original = path.read_text()
    yield path
    path.write_text(original)


def test_every_wrong_parameter_is_named_with_its_line(project: Project, parameters: Path) -> None:
    project.set_parameters(timezone="Europe/Nowhere", deadline_time="25:00", trainer_email="none", log_retention_days=8)
    refused = project.run("./deploy-api-gateway.sh", "--local", check=False)
    told = refused.stdout + refused.stderr
    assert refused.returncode == 1
    for name in ("timezone", "deadline_time", "trainer_email", "log_retention_days"):
        line = next(n for n, text in enumerate(parameters.read_text().splitlines(), 1) if text.startswith(f"{name}:"))
        assert f"group_vars/all.yml:{line}:" in told, name


def test_a_stage_that_does_not_exist_is_refused_with_those_that_do(project: Project) -> None:
    for script in (
        "./deploy-api-gateway.sh",
        "./update-subjects-or-students.sh",
        "./bin/pull-api-config.sh",
        "./bin/run-scoring.sh",
        "./bin/check-deployment.sh",
    ):
        refused = project.run(script, "--local", "--stage", "b", check=False)
        assert refused.returncode == 2, script
        told = f"{Path(script).name}: there is no stage 'b' in inventory.yml; the stages are: main, evening"
        assert told in refused.stderr, script


def test_missing_credentials_are_told_in_plain_words(project: Project) -> None:
    for script in ("./deploy-api-gateway.sh", "./update-subjects-or-students.sh", "./bin/pull-api-config.sh"):
        refused = project.run(script, environment={"AWS_EC2_METADATA_DISABLED": "true"}, check=False)
        assert refused.returncode == 1, script
        assert "credentials" in refused.stderr, script


def test_taken_port_is_told_with_the_way_out(project: Project) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        refused = project.run("./deploy-api-gateway.sh", "--local", environment={"LOCAL_CLOUD_PORT": port}, check=False)
    assert refused.returncode != 0
    assert f"port {port} is in use" in refused.stderr


def test_nothing_deployed_is_told_with_what_to_run(project: Project) -> None:
    port = str(free_port())
    for script in ("./update-subjects-or-students.sh", "./bin/pull-api-config.sh", "./bin/run-scoring.sh"):
        refused = project.run(script, "--local", environment={"LOCAL_CLOUD_PORT": port}, check=False)
        assert refused.returncode != 0
        assert "./deploy-api-gateway.sh --local" in refused.stderr, script
    assert not (project.folder / ".local-cloud" / port).exists()


@pytest.mark.parametrize(
    "script",
    [
        "./deploy-api-gateway.sh",
        "./update-subjects-or-students.sh",
        "./run-tests.sh",
        "./bin/pull-api-config.sh",
        "./bin/run-scoring.sh",
        "./bin/test-time.sh",
        "./bin/local-cloud.sh",
    ],
)
def test_help_tells_the_usage_and_an_unknown_option_is_refused(project: Project, script: str) -> None:
    helped = project.run(script, "--help")
    assert script.rsplit("/", 1)[1] in helped.stdout
    assert "Exit codes:" in helped.stdout
    refused = project.run(script, "--no-such-option", check=False)
    assert refused.returncode == 2
    assert refused.stderr
