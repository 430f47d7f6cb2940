"""Run a subcommand of bin/students.sh: `python -m cli.students import FILE.csv`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from ansible_collections.training.test_time.plugins.module_utils.class_content.closing_times import WeeklyDeadline
from ansible_collections.training.test_time.plugins.module_utils.documents.inventory import load_inventory
from ansible_collections.training.test_time.plugins.module_utils.documents.parameter_validation import load_parameters
from cli.parameter import ROOT
from cli.students.importing import ClassFolder, NotImported, plan_import, write_students
from cli.students.person_commands import add_person_commands

PROGRAM = "students.sh"


class Failed(Exception):
    """The command cannot be carried out. The message says why and what to do; each line is printed."""


class _Parser(argparse.ArgumentParser):
    """Reports wrong usage in one line, like all the scripts here."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{PROGRAM}: {message} (see {PROGRAM} --help)\n")


def class_folder(root: Path, stage: str | None) -> ClassFolder:
    """The stage's class. Raises Failed, UnknownStage."""
    inventory = load_inventory(root)
    if inventory.problems:
        raise Failed("\n".join(str(problem) for problem in inventory.problems))
    document = load_parameters(root, inventory.stage(stage))
    if document.problems:
        raise Failed("\n".join(str(problem) for problem in document.problems))
    values = document.data
    weekly = WeeklyDeadline(values["deadline_weekday"], values["deadline_time"], values["timezone"])
    return ClassFolder(root / values["class_dir"], values["class_dir"], weekly)


def import_list(options: argparse.Namespace) -> None:
    """`import FILE.csv`."""
    folder = class_folder(options.root, options.stage)
    plan = plan_import(options.file, folder, options.subjects, remove_missing=options.remove_missing)
    print(f"{options.file}: {plan.taken_as}")
    print("\n".join(plan.lines) or "Nothing changed.")
    if plan.lines and not options.check:
        write_students(folder.students, plan.text)
        print("To publish: ./update-subjects-or-students.sh", file=sys.stderr)


def _subjects(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _options() -> argparse.Namespace:
    parser = _Parser(prog=PROGRAM, add_help=False)
    parser.add_argument("--stage")
    parser.add_argument("--root", type=Path, default=ROOT)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    command = commands.add_parser("import", add_help=False)
    command.add_argument("file", type=Path)
    command.add_argument("--subjects", type=_subjects)
    command.add_argument("--remove-missing", action="store_true")
    command.add_argument("--check", action="store_true")
    command.set_defaults(run=import_list)

    add_person_commands(commands)
    return parser.parse_args()


def main() -> None:
    """Exit codes: 0 done, 1 error, 2 wrong usage."""
    options = _options()
    try:
        options.run(options)
    except (Failed, NotImported, OSError, ValueError) as error:
        for line in str(error).splitlines():
            print(f"{PROGRAM}: {line}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
