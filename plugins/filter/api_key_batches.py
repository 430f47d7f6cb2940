"""Ansible filter `training.test_time.api_key_batches`: see api_key_batches.yml beside this file."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import Batch, batches


class FilterModule:
    """The filters; Ansible finds them by this name."""

    def filters(self) -> dict[str, Callable[..., list[Batch]]]:
        """The filters by name."""
        return {"api_key_batches": batches}
