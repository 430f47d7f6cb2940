"""A home that cannot be written: what the scripts run writes nothing outside the project's folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_module_in_a_process_of_its_own_needs_no_home(tmp_path: Path) -> None:
    # Ansible copies the module into ~/.ansible/tmp of the user database's home, whatever HOME says.
    code = """. bin/lib/environment.sh; use_ansible
"$VENV/bin/ansible" -i inventory.yml localhost -m ansible.builtin.tempfile -a "path='$0'" -vvv"""
    done = subprocess.run(
        ["bash", "-c", code, tmp_path],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": "/dev/null"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    copies = [line for line in done.stdout.splitlines() if " PUT " in line]
    assert len(copies) == 1
    assert f" TO {ROOT}/.build/ansible/tmp/ansible-tmp-" in copies[0]
