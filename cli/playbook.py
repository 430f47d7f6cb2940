"""Run a playbook as ansible-playbook does, but faster: `python -m cli.playbook [OPTION...] PLAYBOOK`.

Ansible and boto3 create a million objects that live until the end. Python's garbage collector looks at them again and
again while they are created, and once more at the end, which takes a quarter of the time of a short playbook.
"""

from __future__ import annotations

import gc
import runpy

# New objects after which the collector looks for garbage. Python's own value is 700 to 2,000.
OBJECTS_BETWEEN_COLLECTIONS = 50_000

if __name__ == "__main__":
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    try:
        runpy.run_module("ansible.cli.playbook", run_name="__main__", alter_sys=True)
    finally:
        gc.freeze()
