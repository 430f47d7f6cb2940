"""Ansible action `training.test_time.alarm_subscription`: runs the module of this name in Ansible's own process."""

from __future__ import annotations

from ansible_collections.training.test_time.plugins.modules import alarm_subscription
from ansible_collections.training.test_time.plugins.plugin_utils.in_process import InProcessAction


class ActionModule(InProcessAction):
    """The action; Ansible finds it by this name."""

    main = staticmethod(alarm_subscription.main)
