"""The folder with a class's files, as the stage's parameters name it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ansible_collections.training.test_time.plugins.module_utils.class_content.closing_times import WeeklyDeadline
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import (
    ClassFiles,
    class_document,
    load_class,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import class_problems
from ansible_collections.training.test_time.plugins.module_utils.documents.inventory import load_inventory
from ansible_collections.training.test_time.plugins.module_utils.documents.parameter_validation import load_parameters
from ansible_collections.training.test_time.plugins.module_utils.documents.yaml_lines import Problem
from cli.command import CommandError


@dataclass(frozen=True)
class ClassFolder:
    """The class's folder, its name in messages, and the class's weekly deadline."""

    path: Path
    shown_as: str
    weekly: WeeklyDeadline

    @property
    def students(self) -> Path:
        """The file with the students."""
        return self.path / "students.yml"

    def load(self) -> ClassFiles:
        """All of the class's files."""
        return load_class(self.path, self.shown_as)

    def problems_with(self, students: str) -> list[Problem]:
        """What is wrong in the class if `students.yml` has this text."""
        files = self.load()
        files.students = class_document(students, f"{self.shown_as}/students.yml")
        return class_problems(files, self.weekly)


def class_folder(root: Path, stage: str | None) -> ClassFolder:
    """The stage's class. Raises CommandError, UnknownStage."""
    inventory = load_inventory(root)
    if inventory.problems:
        raise CommandError("\n".join(str(problem) for problem in inventory.problems))
    document = load_parameters(root, inventory.stage(stage))
    if document.problems:
        raise CommandError("\n".join(str(problem) for problem in document.problems))
    values = document.data
    weekly = WeeklyDeadline(values["deadline_weekday"], values["deadline_time"], values["timezone"])
    return ClassFolder(root / values["class_dir"], values["class_dir"], weekly)
