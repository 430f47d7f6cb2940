"""The options that say which class is published."""

from __future__ import annotations


class ModuleDocFragment:
    """Ansible finds it by this name."""

    DOCUMENTATION = r"""
options:
  class_dir:
    description: The folder with C(students.yml) and C(subjects/<subject>/<testId>.yml).
    type: path
    required: true
  class_folder:
    description: The same folder as the parameters name it. It tells this class from another one.
    type: str
    required: true
  class_name:
    description: The class's name.
    type: str
    required: true
"""
