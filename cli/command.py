"""What the commands that take arguments have in common: how they report wrong usage and errors."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained, is_denied
from ansible_collections.training.test_time.plugins.module_utils.documents.inventory import UnknownStage
from botocore.exceptions import BotoCoreError, ClientError

from common.errors import StorageError
from common.shared.ids import ID_RULE, is_id, parse_test_name

NEEDS_PEOPLE_POLICY = "it needs the rights of docs/people-policy.json: docs/operations.md says how they are given"


class CommandError(Exception):
    """The command cannot do what it was asked. The message says what to do."""


class PlainParser(argparse.ArgumentParser):
    """Reports wrong usage in one line, as all the scripts do, also for a subcommand."""

    def error(self, message: str) -> NoReturn:
        program = self.prog.split()[0]
        self.exit(2, f"{program}: {message} (see {program} --help)\n")


class Parser(PlainParser):
    """A command with --stage. The script's header comment is its help."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog=prog, add_help=False)
        self.add_argument("--stage")


def a_test(text: str) -> str:
    """`text`, if it is `<subject>/<testId>`."""
    if parse_test_name(text):
        return text
    raise argparse.ArgumentTypeError(f"'{text}' is not of the form SUBJECT/TEST, such as operating-systems/test01")


def a_student(text: str) -> str:
    """`text`, if it has the form of a student's ID."""
    if is_id(text):
        return text
    raise argparse.ArgumentTypeError(f"'{text}' is not a student's ID: it must be {ID_RULE}")


def refusal(error: Exception) -> ClientError | None:
    """AWS's refusal that is the error, or that common/storage.py met; None if the error has another cause."""
    cause = error.__cause__ if isinstance(error, StorageError) else error
    return cause if isinstance(cause, ClientError) else None


def lacks_permission(error: Exception) -> bool:
    """Whether AWS refused something because the credentials lack a permission."""
    refused = refusal(error)
    return refused is not None and is_denied(refused)


@contextmanager
def errors_as_messages(program: str, *, about_people: bool = False) -> Iterator[None]:
    """End with a message if the block raises an error: code 2 if there is no such stage, otherwise 1.

    Those are UnknownStage, CommandError, ValueError, OSError, and the errors of the cloud. `about_people`: the command
    needs the rights of docs/people-policy.json, which whoever deploys may not have.
    """
    try:
        yield
    except UnknownStage as error:
        print(f"{program}: {error}", file=sys.stderr)
        sys.exit(2)
    except (CommandError, ValueError, OSError) as error:
        sys.exit("\n".join(f"{program}: {line}" for line in str(error).splitlines()))
    except (StorageError, BotoCoreError, ClientError) as error:
        message = f"{program}: {reason(error)}"
        if about_people and lacks_permission(error):
            message += f"\n{program}: {NEEDS_PEOPLE_POLICY}"
        sys.exit(message)


def reason(error: StorageError | BotoCoreError | ClientError) -> str:
    """An error of the cloud in words."""
    if not isinstance(error, StorageError):
        return explained(error)
    cause = error.__cause__
    return f"{error}: {explained(cause)}" if isinstance(cause, BotoCoreError | ClientError) else str(error)
