"""What the commands that take arguments have in common: how they report wrong usage and errors."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained
from botocore.exceptions import BotoCoreError, ClientError

from common.errors import StorageError
from common.shared.ids import parse_test_name


class CommandError(Exception):
    """The command cannot do what it was asked. The message says what to do."""


class Parser(argparse.ArgumentParser):
    """Reports wrong usage in one line, as all the scripts do. The script's header comment is its help."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog=prog, add_help=False)
        self.add_argument("--stage")

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def a_test(text: str) -> str:
    """`text`, if it is `<subject>/<testId>`."""
    if parse_test_name(text):
        return text
    raise argparse.ArgumentTypeError(f"'{text}' is not of the form SUBJECT/TEST, such as operating-systems/test01")


@contextmanager
def errors_as_messages(program: str) -> Iterator[None]:
    """End with code 1 and a message if the block raises CommandError, ValueError, or an error of the cloud."""
    try:
        yield
    except (CommandError, ValueError) as error:
        sys.exit(f"{program}: {error}")
    except StorageError as error:
        cause = error.__cause__
        reason = f": {explained(cause)}" if isinstance(cause, BotoCoreError | ClientError) else ""
        sys.exit(f"{program}: {error}{reason}")
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"{program}: {explained(error)}")
