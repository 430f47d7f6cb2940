"""Ansible action `training.test_time.trainer_key`: runs the module of this name in Ansible's own process."""

from __future__ import annotations

from ansible_collections.training.test_time.plugins.modules import trainer_key
from ansible_collections.training.test_time.plugins.plugin_utils.in_process import InProcessAction


class ActionModule(InProcessAction):
    """The action; Ansible finds it by this name."""

    main = staticmethod(trainer_key.main)
