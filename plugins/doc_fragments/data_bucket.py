"""The option that names the data bucket."""

from __future__ import annotations


class ModuleDocFragment:
    """Ansible finds it by this name."""

    DOCUMENTATION = r"""
options:
  bucket:
    description: The data bucket.
    type: str
    required: true
"""
