"""The stages: the hosts of inventory.yml, each of which may have parameters of its own in host_vars/<stage>.yml.

Ansible's own loader would accept more kinds of inventories, but importing it takes half a second, ten times as long as
everything that the scripts need before they begin. What only Ansible would read is therefore reported as a problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .yaml_lines import Document, FieldPath, Problem, field_name, load_file

INVENTORY = "inventory.yml"
HOST_VARS = "host_vars"
_NAME = re.compile(r"(?!(.*-)?storage$)[a-z][a-z0-9-]{0,14}")
_RULE = (
    "must be 1 to 15 lower-case letters, digits and hyphens, beginning with a letter, and not end in 'storage' (the"
    " buckets' stacks are called that)"
)
# Ansible's own groups: --limit would take such a stage for all of them.
_GROUPS = ("all", "ungrouped")
_SHAPE = "must be a mapping of fields; list the stages as `all: hosts:` does in the inventory.yml of the project"
# What Ansible reads in host_vars.
_READ_BY_ANSIBLE = ("", ".yml", ".yaml", ".json")


class UnknownStage(Exception):
    """There is no such stage. The message says which there are and how to add one."""


@dataclass(frozen=True)
class Inventory:
    """`stages`: their names, in the order of the file. `problems`: what is wrong with it and with host_vars."""

    stages: list[str]
    problems: list[Problem]

    def stage(self, name: str | None) -> str:
        """The stage of this name, or the first one for None. Raises UnknownStage."""
        if name in self.stages:
            return name
        if name is None and self.stages:
            return self.stages[0]
        raise UnknownStage(_unknown("main" if name is None else name, self.stages))


def load_inventory(folder: Path) -> Inventory:
    """The stages of inventory.yml in a folder."""
    document = load_file(folder / INVENTORY, INVENTORY)
    stages: dict[str, None] = {}
    if document.data is not None:
        for name, path in _hosts(document, document.data, ()):
            if problem := name_problem(name):
                document.problem(path, field_name(path), problem)
            stages[name] = None
        if not stages and not document.problems:
            document.problem((), "", "has no stage; add one under `all: hosts:`")
    return Inventory(list(stages), sorted(document.problems) or stray_files(folder, stages))


def name_problem(stage: str) -> str | None:
    """What is wrong with a stage's name, or None."""
    if stage in _GROUPS:
        return f"cannot be the name of a stage, because Ansible calls a group of stages '{stage}'"
    return None if _NAME.fullmatch(stage) else _RULE


def stray_files(folder: Path, stages: Iterable[str]) -> list[Problem]:
    """A problem for each file in host_vars that is no stage's."""
    names = list(stages)
    files = sorted((folder / HOST_VARS).iterdir()) if (folder / HOST_VARS).is_dir() else []
    found = []
    for path in files:
        if path.name.startswith(".") or path.suffix not in _READ_BY_ANSIBLE:
            continue
        if path.stem not in names:
            known = ", ".join(names)
            message = (
                f"there is no stage '{path.stem}' in {INVENTORY} (its stages: {known}); rename or remove this file"
            )
        elif path.suffix != ".yml" or path.is_dir():
            message = f"is not read; put the stage's parameters into {HOST_VARS}/{path.stem}.yml"
        else:
            continue
        found.append(Problem(f"{HOST_VARS}/{path.name}", 0, "", message))
    return found


def _hosts(document: Document, groups: Any, path: FieldPath) -> Iterator[tuple[str, FieldPath]]:
    """The hosts of all groups, with their places. What is not understood is a problem of the document."""
    for name, group in _fields(document, groups, path):
        place = (*path, name)
        for field, content in _fields(document, group, place):
            inside = (*place, field)
            if field == "hosts":
                for host, variables in _fields(document, content, inside):
                    _check_variables(document, variables, (*inside, host))
                    yield host, (*inside, host)
            elif field == "vars":
                _check_variables(document, content, inside)
            elif field == "children":
                yield from _hosts(document, content, inside)
            else:
                document.problem(
                    inside, field_name(inside), "is not a known field; known fields: children, hosts, vars"
                )


def _fields(document: Document, value: Any, path: FieldPath) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    if value is not None:
        document.problem(path, field_name(path), _SHAPE)
    return []


def _check_variables(document: Document, variables: Any, path: FieldPath) -> None:
    for name, _ in _fields(document, variables, path):
        if not name.startswith("ansible_"):
            message = f"is not read here; parameters belong in {HOST_VARS}/<stage>.yml or group_vars/all.yml"
            document.problem((*path, name), field_name((*path, name)), message)


def _unknown(name: str, stages: list[str]) -> str:
    if problem := name_problem(name):
        return f"the stage's name '{name}' {problem}"
    known = f"the stages are: {', '.join(stages)}" if stages else "it has no stage"
    return (
        f"there is no stage '{name}' in {INVENTORY}; {known}. To add it, write under `hosts:` in {INVENTORY}\n"
        f"    {name}:\n"
        f"and its own parameters into {HOST_VARS}/{name}.yml, for example\n"
        f"  class_name: {name}\n"
        f"  class_dir: class-{name}"
    )
