"""Reads a stage's parameters from the two files that have them, as Ansible does.

group_vars/all.yml has the parameters of all stages. Those in host_vars/<stage>.yml replace them for one stage.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .inventory import HOST_VARS
from .yaml_lines import Document, FieldPath, Problem, load_file

COMMON = "group_vars/all.yml"


@dataclass
class _Layers(Document):
    """The fields of two files; those of `own` replace the other's. A problem names the file of its field."""

    own: Document = field(default_factory=lambda: Document(""))

    def problem(self, path: FieldPath, name: str, message: str) -> None:
        """Add a problem with the field at `path`, called `name` in the message."""
        is_own = bool(path) and path[0] in self.own.data
        self.problems.append(Problem(self.own.file if is_own else self.file, self.line(path), name, message))
        self.faulty.add(name)


def load_layers(folder: Path, stage: str) -> Document:
    """The parameters of a stage, unchecked, from both files in a folder."""
    missing = f"does not exist; restore it with `git checkout {COMMON}`"
    common = load_file(folder / COMMON, COMMON, if_missing=missing)
    name = f"{HOST_VARS}/{stage}.yml"
    own = load_file(folder / name, name, if_empty=None) if (folder / name).exists() else Document(name)
    own.data = {} if own.data is None else own.data
    problems = common.problems + own.problems
    for document in (common, own):
        if document.data is not None and not isinstance(document.data, dict):
            problems.append(
                Problem(document.file, 1, "", "must be a mapping of fields: lines such as `region: eu-central-1`")
            )
    if problems:
        return Document(COMMON, problems=sorted(problems))

    def layered(one: dict[FieldPath, Any], two: dict[FieldPath, Any]) -> dict[FieldPath, Any]:
        kept = {path: value for path, value in one.items() if not path or path[0] not in own.data}
        return kept | {path: value for path, value in two.items() if path}

    return _Layers(
        COMMON,
        common.data | own.data,
        layered(common.lines, own.lines),
        layered(common.raw, own.raw),
        own=own,
    )
