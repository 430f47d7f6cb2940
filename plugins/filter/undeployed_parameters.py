"""Ansible filter `training.test_time.undeployed_parameters`: see undeployed_parameters.yml beside this file."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.training.test_time.plugins.module_utils.deployment.stacks import undeployed


class FilterModule:
    """The filters; Ansible finds them by this name."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        """The filters by name."""
        return {"undeployed_parameters": undeployed}
