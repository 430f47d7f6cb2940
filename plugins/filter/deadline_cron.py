"""Ansible filter `training.test_time.deadline_cron`: see deadline_cron.yml beside this file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from ansible.errors import AnsibleFilterError
from ansible_collections.training.test_time.plugins.module_utils.class_content.deadline_cron import deadline_cron


def _filter(weekday: str, local_time: str, timezone: str) -> str:
    try:
        return deadline_cron(weekday, local_time, timezone, datetime.now(UTC).date())
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """The filters; Ansible finds them by this name."""

    def filters(self) -> dict[str, Callable[..., str]]:
        """The filters by name."""
        return {"deadline_cron": _filter}
