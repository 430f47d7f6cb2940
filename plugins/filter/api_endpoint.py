"""Ansible filter `training.test_time.api_endpoint`: see api_endpoint.yml beside this file."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.training.test_time.plugins.module_utils.deployment.endpoint import api_endpoint


class FilterModule:
    """The filters; Ansible finds them by this name."""

    def filters(self) -> dict[str, Callable[..., str]]:
        """The filters by name."""
        return {"api_endpoint": api_endpoint}
