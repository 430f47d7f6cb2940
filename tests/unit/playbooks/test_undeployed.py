"""What is told of parameters that have not been deployed, as Ansible renders it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]


def test_each_undeployed_parameter_has_a_line_of_its_own(tmp_path: Path) -> None:
    [stop] = [
        task
        for task in yaml.safe_load((ROOT / "roles/parameters/tasks/deployed.yml").read_text())
        if task["name"] == "Stop if a parameter has not been deployed yet"
    ]
    names = ["deadline_time: a in the file, b deployed", "timezone: c in the file, d deployed"]
    stop["vars"] = {"parameters__undeployed": names, "parameters_stage": "main"}
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [stop]}]))
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "-i", ROOT / "inventory.yml", playbook],
        cwd=ROOT,
        env=os.environ
        | {
            "ANSIBLE_STDOUT_CALLBACK": "training.test_time.progress",
            "ANSIBLE_HOME": str(tmp_path),
            "TEST_TIME_PROGRAM": "update.sh",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    told = [line.removeprefix("update.sh: ") for line in done.stderr.splitlines()]
    assert told[-4:] == [
        "Nothing was published, because parameters of the stage main have not been deployed:",
        f"  {names[0]}",
        f"  {names[1]}",
        "Deploy first: run deploy-api-gateway.sh with the same options, which publishes the class too.",
    ]
