"""The project is an installable Ansible collection, and its playbooks run from where Ansible installs it."""

from __future__ import annotations

import shutil
from pathlib import Path

from support.deployed_project import Project


def test_built_and_installed_collection_finds_nothing_to_change(project: Project, tmp_path: Path) -> None:
    galaxy = str(project.folder / ".venv" / "bin" / "ansible-galaxy")
    playbook = str(project.folder / ".venv" / "bin" / "ansible-playbook")
    collections = tmp_path / "collections"
    project.run(galaxy, "collection", "build", "--output-path", str(tmp_path))
    # The project's own settings would have the collection installed already.
    no_settings = tmp_path / "ansible.cfg"
    no_settings.touch()
    (archive,) = tmp_path.glob("training-test_time-*.tar.gz")
    project.run(
        galaxy,
        *("collection", "install", "--no-deps", "--offline", "-p", str(collections), str(archive)),
        environment={"ANSIBLE_CONFIG": str(no_settings)},
    )
    own = tmp_path / "my-class"
    own.mkdir()
    for name in ("inventory.yml", "group_vars", "class"):
        source = project.folder / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, own / name)
    access_key, secret_key = project.root_credentials()
    # No Region in the environment: the roles take it from the parameters.
    done = project.run(
        playbook,
        "-i",
        str(own / "inventory.yml"),
        "training.test_time.deploy",
        environment={
            "ANSIBLE_CONFIG": str(no_settings),
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{project.port}",
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_SECRET_ACCESS_KEY": secret_key,
        },
    )
    assert "changed=0" in done.stdout
    assert "failed=0" in done.stdout
