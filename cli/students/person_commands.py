"""The subcommands of bin/students.sh about all that is stored of one person: export and erase."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import load_class
from ansible_collections.training.test_time.plugins.module_utils.deployment.names import root_stack
from botocore.config import Config
from cli.command import a_student
from cli.elapsed import elapsed_seconds_shown
from cli.parameter import ROOT, parameter
from cli.private_file import write_private
from cli.students.erase import Deployed, NotErased, erase
from cli.students.export import export
from cli.students.search import Found, Person
from cli.students.versions import Versions
from cli.weekly_run import WeeklyRun, weekly_run

from common.parallel import MAX_PARALLEL


def add_person_commands(commands: Any) -> None:
    """Add `export ID --output FILE.zip` and `erase ID [--yes]` to the subparsers of the command."""
    command = commands.add_parser("export", add_help=False)
    command.add_argument("student", metavar="ID", type=a_student)
    command.add_argument("--output", metavar="FILE.zip", type=Path, required=True)
    command.set_defaults(run=_export)

    command = commands.add_parser("erase", add_help=False)
    command.add_argument("student", metavar="ID", type=a_student)
    command.add_argument("--yes", action="store_true")
    command.set_defaults(run=_erase)


def written_ids(folder: Path, shown_as: str) -> set[str]:
    """The students in a class's students.yml. Raises NotErased if it cannot be read."""
    document = load_class(folder, shown_as).students
    listed = document.data.get("students") if isinstance(document.data, dict) else None
    if document.problems or not isinstance(listed, list):
        problems = [
            *document.problems,
            f"{shown_as}/students.yml cannot be read: nobody is erased who may still be in it",
        ]
        raise NotErased("\n".join(map(str, problems)))
    return {str(each.get("id")) for each in listed if isinstance(each, dict)}


def _export(options: argparse.Namespace) -> None:
    stage = parameter("stage", options.stage)
    runs = weekly_run(stage)
    with elapsed_seconds_shown():
        file = export(_store(runs), options.student)
    write_private(options.output, file.as_zip(parameter("timezone", stage), parameter("class_name", stage)))
    print(f"{options.output} has everything that is stored about {options.student}. The page in it is index.html.")
    print("It shows how many points each answer got: wait for the tests' last deadlines before you give it away.")


def _erase(options: argparse.Namespace) -> None:
    stage = parameter("stage", options.stage)
    runs = weekly_run(stage)
    class_dir = parameter("class_dir", stage)
    deployed = Deployed(
        _store(runs),
        boto3.client("apigateway"),
        runs.states,
        root_stack(stage),
        runs.machine,
        timedelta(seconds=int(parameter("authorizer_ttl_seconds", stage))),
    )
    written = written_ids(ROOT / class_dir, class_dir)
    certificate = erase(deployed, options.student, written, partial(_confirmed, options))
    if certificate is not None:
        print(certificate.as_text(stage))


def _confirmed(options: argparse.Namespace, found: Sequence[Found], person: Person) -> bool:
    """Whether to erase what was found. Raises NotErased if nobody can be asked, or the answer is not yes."""
    if not found:
        print(f"Nothing is stored about a student with the ID {person.id}.")
        return False
    if options.yes:
        return True
    versions = sum(not version.is_marker for each in found for version in each.doomed)
    known_as = f" ({', '.join(sorted(person.words))})" if person.words else ""
    print(f"{len(found)} objects with {versions} versions are about {person.id}{known_as}.", file=sys.stderr)
    if not sys.stdin.isatty():
        raise NotErased("nothing was deleted: to erase without being asked, add --yes")
    print("They cannot be restored. To erase them, type yes: ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip() != "yes":
        raise NotErased("nothing was deleted")
    return True


def _store(runs: WeeklyRun) -> Versions:
    return Versions(boto3.client("s3", config=Config(max_pool_connections=MAX_PARALLEL)), runs.bucket.name)
