"""Every role passes its own Region to the modules, so that it needs nothing from the playbook that uses it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.templates import ROOT

COLLECTION = "training.test_time."
LOCAL_MODULES = {"lambda_bundles"}  # these use no cloud
TASK_FILES = sorted((ROOT / "roles").glob("*/tasks/*.yml"))


def tasks_of(block: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for task in block:
        yield task
        yield from tasks_of(task.get("block", []))


def given_to_all(role: Path) -> dict[str, Any]:
    """The arguments that the role's `module_defaults` give to modules, by module."""
    main = yaml.safe_load((role / "tasks/main.yml").read_text())
    names = {module: text for task in tasks_of(main) for module, text in task.get("module_defaults", {}).items()}
    variables = yaml.safe_load((role / "vars/main.yml").read_text()) if names else {}
    return {module: variables[text.strip("{ }")] for module, text in names.items()}


@pytest.mark.parametrize("path", TASK_FILES, ids=lambda path: str(path.relative_to(ROOT / "roles")))
def test_every_call_of_the_cloud_is_in_the_roles_region(path: Path) -> None:
    role = path.parents[1]
    defaults = given_to_all(role)
    for task in tasks_of(yaml.safe_load(path.read_text())):
        for module in (name for name in task if name.startswith(COLLECTION)):
            if module.removeprefix(COLLECTION) not in LOCAL_MODULES:
                arguments = defaults.get(module, {}) | (task[module] or {})
                assert arguments.get("region") == f"{{{{ {role.name}_region }}}}", task["name"]
