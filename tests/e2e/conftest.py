"""The deployed sample class that the end-to-end tests share."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from support.deployed_project import Project
from support.deployer_user import rights_over_people, start_cloud_of_deployer
from support.near_deadline import NearDeadline, deploy_near_deadline


@pytest.fixture(scope="session")
def local_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The copy, not deployed yet. Its scripts have the rights to deploy only. Its local cloud is stopped at the end."""
    project = Project(tmp_path_factory.mktemp("project"))
    project.set_parameters(authorizer_ttl_seconds=1, throttle_rate_per_second=1000, throttle_burst=1000)
    try:
        start_cloud_of_deployer(project)
        yield project
    finally:
        project.run("./bin/local-cloud.sh", "stop", check=False)


@pytest.fixture(scope="session")
def deployment(local_project: Project) -> subprocess.CompletedProcess[str]:
    """What the first deployment printed."""
    return local_project.run("./deploy-api-gateway.sh", "--local")


@pytest.fixture(scope="session")
def project(local_project: Project, deployment: subprocess.CompletedProcess[str]) -> Project:
    """The sample class, deployed and published."""
    return local_project


@pytest.fixture(scope="session", autouse=True)
def near_deadline(local_project: Project, deployment: subprocess.CompletedProcess[str]) -> NearDeadline:
    """The stage whose rule is about to fire: made before any test, so that the others fill the waiting."""
    return deploy_near_deadline(local_project)


@pytest.fixture
def people_policy(project: Project) -> Iterator[None]:
    """The scripts also have the rights about people."""
    with rights_over_people(project):
        yield
