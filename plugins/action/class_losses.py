"""Ansible action `training.test_time.class_losses`: runs the module of this name in Ansible's own process."""

from __future__ import annotations

from ansible_collections.training.test_time.plugins.modules import class_losses
from ansible_collections.training.test_time.plugins.plugin_utils.in_process import InProcessAction


class ActionModule(InProcessAction):
    """The action; Ansible finds it by this name."""

    main = staticmethod(class_losses.main)
