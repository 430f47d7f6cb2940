"""A stage's parameter, as the scripts read it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.training.test_time.plugins.module_utils.documents.inventory import UnknownStage
from cli.parameter import parameter

ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two stages, of which the second has a Region of its own."""
    for name, text in {
        "inventory.yml": "all:\n  hosts:\n    one:\n    two:\n",
        "group_vars/all.yml": "region: eu-central-1\ntracing: false\nsender_domain: null\n",
        "host_vars/two.yml": "region: us-east-1\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_stages_own_value_comes_before_the_common_one(folder: Path) -> None:
    assert parameter("region", folder=folder) == parameter("region", "one", folder) == "eu-central-1"
    assert parameter("region", "two", folder) == "us-east-1"
    assert parameter("tracing", "two", folder) == "False"
    assert (parameter("stage", folder=folder), parameter("stage", "two", folder)) == ("one", "two")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("group_vars/all.yml", "region: [", r"^group_vars/all\.yml:2: "),
        ("group_vars/all.yml", "- region", r"^group_vars/all\.yml:1: "),
        ("group_vars/all.yml", "class_name: demo\n", r"^group_vars/all\.yml:1: region: is not set"),
        ("host_vars/two.yml", "tracing: true\nregion: null\n", r"^host_vars/two\.yml:2: region: is not set"),
        ("host_vars/three.yml", "region: us-east-1\n", r"^host_vars/three\.yml:1: there is no stage 'three'"),
    ],
)
def test_parameter_that_cannot_be_read_is_an_error_with_the_file(
    folder: Path, name: str, text: str, words: str
) -> None:
    (folder / name).write_text(text)
    with pytest.raises(ValueError, match=words):
        parameter("region", "two" if "two" in name else "one", folder)


def test_a_stage_that_does_not_exist_is_an_error(folder: Path) -> None:
    with pytest.raises(UnknownStage, match="the stages are: one, two"):
        parameter("region", "three", folder)


def test_the_scripts_get_all_values_on_one_line_and_2_for_an_unknown_stage() -> None:
    def run(*options: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT}/.build/collections", "TEST_TIME_PROGRAM": "x.sh"}
        command = [sys.executable, "-m", "cli.parameter", *options]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert run("--stage", "evening", "stage", "timezone").stdout == "evening America/New_York\n"
    refused = run("--stage", "nowhere", "region")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(
        "x.sh: there is no stage 'nowhere' in inventory.yml; the stages are: main, evening"
    )
