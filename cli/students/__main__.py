"""Run a subcommand of bin/students.sh: `python -m cli.students import FILE.csv`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cli.class_folder import class_folder
from cli.command import PlainParser, a_student, errors_as_messages
from cli.next_command import next_command
from cli.parameter import ROOT, parameter
from cli.students.deployed import deployed_stage
from cli.students.importing import plan_import, write_students
from cli.students.inviting import after_publication, invite
from cli.students.person_commands import add_person_commands
from cli.students.rotation import rotate

PROGRAM = "students.sh"


def import_list(options: argparse.Namespace) -> None:
    """`import FILE.csv`."""
    folder = class_folder(options.root, options.stage)
    plan = plan_import(options.file, folder, options.subjects, remove_missing=options.remove_missing)
    print(f"{options.file}: {plan.taken_as}")
    print("\n".join(plan.lines) or "Nothing changed.")
    if plan.lines and not options.check:
        write_students(folder.students, plan.text)
        print(f"To publish: {next_command('./update-subjects-or-students.sh')}", file=sys.stderr)


def rotate_key(options: argparse.Namespace) -> None:
    """`rotate-key ID`."""
    if rotate(deployed_stage(parameter("stage", options.stage)), options.student):
        print(f"An interrupted change of the key of {options.student} has been completed.")
    else:
        print(f"{options.student} has a new key.")
    seconds = parameter("authorizer_ttl_seconds", options.stage)
    print(f"The old one is refused within {seconds} seconds. To give the student the new one:")
    print(f"  {next_command(f'./bin/students.sh invite --student {options.student}')}")


def _subjects(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _options() -> argparse.Namespace:
    parser = PlainParser(prog=PROGRAM, add_help=False)
    parser.add_argument("--stage")
    parser.add_argument("--root", type=Path, default=ROOT)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=PlainParser)

    command = commands.add_parser("import", add_help=False)
    command.add_argument("file", type=Path)
    command.add_argument("--subjects", type=_subjects)
    command.add_argument("--remove-missing", action="store_true")
    command.add_argument("--check", action="store_true")
    command.set_defaults(run=import_list)

    command = commands.add_parser("invite", add_help=False)
    command.add_argument("--student", type=a_student, action="append", default=[])
    command.add_argument("--again", action="store_true")
    command.add_argument("--check", action="store_true")
    command.add_argument("--output", type=Path)
    command.set_defaults(run=invite)

    command = commands.add_parser("after-publication", add_help=False)
    command.set_defaults(run=after_publication, student=[], again=False, check=False, output=None)

    command = commands.add_parser("rotate-key", add_help=False)
    command.add_argument("student", metavar="ID", type=a_student)
    command.set_defaults(run=rotate_key)

    add_person_commands(commands)
    return parser.parse_args()


def main() -> None:
    """Exit codes: 0 done, 1 error, 2 wrong usage, 3 somebody could not be invited."""
    options = _options()
    with errors_as_messages(PROGRAM, about_people=True):
        sys.exit(options.run(options))


if __name__ == "__main__":
    main()
