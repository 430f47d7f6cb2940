"""The project is an installable Ansible collection, and its playbooks run from where Ansible installs it."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

from support.deployed_project import Project

# As in docs/operations.md.
OWN_INVENTORY = """\
all:
  hosts:
    main:
    evening:
  vars:
    ansible_connection: local
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
"""


def test_built_and_installed_collection_finds_nothing_to_change(project: Project, tmp_path: Path) -> None:
    project.run(str(project.folder / ".venv" / "bin" / "pip"), "install", "-q", f"distlib=={version('distlib')}")
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
    (own / "inventory.yml").write_text(OWN_INVENTORY)
    for name in ("group_vars", "class"):
        shutil.copytree(project.folder / name, own / name)
    (own / "host_vars").mkdir()
    (own / "host_vars" / "main.yml").write_text("reminder_hours: 24\n")
    access_key, secret_key = project.root_credentials()

    def run(name: str, *options: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        # No Region in the environment: the roles take it from the parameters.
        environment = {
            "ANSIBLE_CONFIG": str(no_settings),
            "ANSIBLE_COLLECTIONS_PATH": str(collections),
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{project.port}",
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_SECRET_ACCESS_KEY": secret_key,
        }
        command = (playbook, "-i", str(own / "inventory.yml"), f"training.test_time.{name}", *options)
        return project.run(*command, environment=environment, check=check)

    done = run("deploy", "--limit", "main")
    assert "changed=0" in done.stdout
    assert "failed=0" in done.stdout

    refused = run("destroy", check=False)
    assert refused.returncode == 2
    assert "Name the one stage to remove: use --limit" in refused.stdout

    (own / "class").rename(own / "class-autumn")
    (own / "host_vars" / "main.yml").write_text("class_dir: class-autumn\n")
    refused = run("update", "--limit", "main", check=False)
    assert refused.returncode == 2
    [token] = set(re.findall(r"set class_content_confirmed to (\w+)", refused.stdout))
    assert "changed=0" not in run("update", "--limit", "main", "-e", f"class_content_confirmed={token}").stdout
    (own / "class-autumn").rename(own / "class")
    (own / "host_vars" / "main.yml").write_text("class_dir: class\n")
    run("update", "--limit", "main", "-e", "class_content_confirmed=yes")
