"""A built collection has what its playbooks need, and nothing of the trainer who builds it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from support.templates import ROOT

FOLDERS = ("bin", "docs", "lambda_src", "meta", "playbooks", "plugins", "roles", "schemas", "templates")
FILES = {"README.md", "LICENSE", "CHANGELOG.md", "requirements.txt"}
# Only people who develop the project need them.
LEFT_OUT = {"lambda_src/requirements.in"}
# What a trainer keeps in the same folder.
OF_THE_TRAINER = (
    "class/students.yml",
    "autumn-2026/students.yml",
    "group_vars/all.yml",
    "host_vars/main.yml",
    "inventory.yml",
    "results.xlsx",
    "s001.config",
    ".local-cloud/4566/credentials",
    ".env",
    "docs/.notes.md",
    "templates/.api.json.swp",
    "plugins/__pycache__/x.py",
)


def tracked() -> set[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return {name for name in listed.splitlines() if (ROOT / name).exists()}


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files in an archive that is built in a trainer's folder."""
    folder = tmp_path_factory.mktemp("project")
    for name in tracked():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    for name in OF_THE_TRAINER:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("secret")
    (folder / ".build" / "collections").mkdir(parents=True)
    (folder / ".build" / "collections" / "test_time").symlink_to("../..")
    galaxy = str(Path(sys.executable).with_name("ansible-galaxy"))
    command = [galaxy, "collection", "build", "--output-path", str(folder / "out")]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    [archive] = (folder / "out").glob("training-test_time-*.tar.gz")
    with tarfile.open(archive) as content:
        return {member.name for member in content.getmembers() if not member.isdir()}


def test_the_archive_has_everything_that_the_project_has_in_its_folders(packed: set[str]) -> None:
    # The link to plugins/module_utils/shared is a file for git; the archive has what it leads to.
    needed = {name for name in tracked() if name.partition("/")[0] in FOLDERS and not (ROOT / name).is_symlink()}
    trainers = {name for name in needed if name.startswith("bin/")} - {"bin/test-time.sh"}
    assert needed - trainers - LEFT_OUT <= packed
    assert "plugins/module_utils/shared/ids.py" in packed


def test_the_archive_has_nothing_else(packed: set[str]) -> None:
    assert {name for name in packed if "/" not in name} == FILES | {"MANIFEST.json", "FILES.json"}
    assert {name.partition("/")[0] for name in packed if "/" in name} == set(FOLDERS)
    assert packed & set(OF_THE_TRAINER) == set()
    assert {name for name in packed if name.startswith("bin/")} == {"bin/test-time.sh"}
