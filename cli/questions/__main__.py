"""Run a subcommand of bin/questions.sh: `python -m cli.questions import bank.gift --subject operating-systems`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cli.class_folder import class_folder
from cli.command import CommandError, PlainParser, errors_as_messages
from cli.next_command import next_command
from cli.parameter import ROOT
from cli.questions.exporting import exported, questions_of
from cli.questions.formats import FORMATS
from cli.questions.importing import plan_import, write_tests

from common.shared.ids import ID_RULE, is_id, parse_test_name

PROGRAM = "questions.sh"
SOME, NONE = 3, 1


def import_files(options: argparse.Namespace) -> int:
    """`import FILE...`: exit code 0 if all questions are imported, 3 if some are, 1 if none is."""
    if options.test and len(options.files) > 1:
        raise CommandError("--test names one test: import one file at a time, or leave --test out")
    folder = class_folder(options.root, options.stage)
    plans = [plan_import(file, folder, options.subject, options.test, options.format) for file in options.files]
    tests = [test for plan in plans for test in plan.tests]
    names = [test.shown_as for test in tests]
    if len(set(names)) < len(names):
        raise CommandError("two files would make the same test: import one file at a time, with --test")
    if not options.check:
        write_tests(tests)
    print("\n".join(line for plan in plans for line in plan.lines))
    if tests and not options.check:
        print("Read the new tests, set what else they need (docs/authoring.md), then check:", file=sys.stderr)
        print(f"  {next_command('./update-subjects-or-students.sh --check')}", file=sys.stderr)
    return _code(sum(plan.imported for plan in plans), sum(plan.total for plan in plans))


def export_questions(options: argparse.Namespace) -> int:
    """`export SUBJECT[/TEST]`: exit code 0 if all questions are exported, 3 if some are, 1 if none is."""
    export = questions_of(class_folder(options.root, options.stage), options.wanted)
    data, lines, count = exported(export, options.format)
    if count and options.output:
        try:
            with options.output.open("xb") as file:
                file.write(data)
        except FileExistsError as error:
            raise CommandError(f"{options.output} exists already: name a new file") from error
    elif count:
        sys.stdout.buffer.write(data)
    lines.append(f"{count} of {len(export.questions)} exported")
    print("\n".join(lines), file=sys.stderr)
    return _code(count, len(export.questions))


def _code(done: int, total: int) -> int:
    if done == 0:
        return NONE
    return 0 if done == total else SOME


def _subject(text: str) -> str:
    if is_id(text):
        return text
    raise argparse.ArgumentTypeError(f"'{text}' is not a valid ID: it must be {ID_RULE}")


def _subject_or_test(text: str) -> str:
    if is_id(text) or parse_test_name(text):
        return text
    raise argparse.ArgumentTypeError(f"'{text}' is neither a subject nor a test, such as operating-systems/test01")


def _options() -> argparse.Namespace:
    parser = PlainParser(prog=PROGRAM, add_help=False)
    parser.add_argument("--stage")
    parser.add_argument("--root", type=Path, default=ROOT)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=PlainParser)

    command = commands.add_parser("import", add_help=False)
    command.add_argument("files", type=Path, nargs="+", metavar="FILE")
    command.add_argument("--subject", type=_subject, required=True)
    command.add_argument("--test", type=_subject)
    command.add_argument("--format", choices=FORMATS)
    command.add_argument("--check", action="store_true")
    command.set_defaults(run=import_files)

    command = commands.add_parser("export", add_help=False)
    command.add_argument("wanted", type=_subject_or_test, metavar="SUBJECT[/TEST]")
    command.add_argument("--format", choices=FORMATS, required=True)
    command.add_argument("--output", type=Path)
    command.set_defaults(run=export_questions)
    return parser.parse_args()


def main() -> None:
    """Exit codes: 0 all questions, 1 error or none of them, 2 wrong usage, 3 some of them."""
    options = _options()
    with errors_as_messages(PROGRAM):
        sys.exit(options.run(options))


if __name__ == "__main__":
    main()
