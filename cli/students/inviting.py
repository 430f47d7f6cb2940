"""`students.sh invite`: what the command does and prints."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from ansible_collections.training.test_time.plugins.module_utils.documents.mail_address import ascii_address
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import RosterEntry
from cli.command import CommandError
from cli.next_command import next_command
from cli.parameter import parameter
from cli.students.deployed import Stage, deployed_stage
from cli.students.invitations import Invitations, Way
from cli.students.ways import ByMail, ToFile

from common.run.mail import Mailer, MailNotSent, SendingClosed

_SANDBOX = (
    "In SES's sandbox, on a new AWS account, only verified addresses get emails. Write the links into a file and send"
    " them yourself:"
)


def invite(options: argparse.Namespace) -> int:
    """`invite`. Returns the exit code: 3 if somebody could not be invited. Raises CommandError, the SDK's errors."""
    stage = deployed_stage(parameter("stage", options.stage))
    invitations = Invitations(stage, lambda: datetime.now(UTC))
    students = invitations.wanted(options.student, options.again)
    if not options.again:
        _show_uncertain(invitations)
    if options.check or not students:
        print("\n".join(_name(student) for student in students) or "Nobody to invite.")
        return 0
    try:
        if options.output:
            with ToFile(options.output) as file:
                return carry_out(invitations, students, options.again, file)
        return carry_out(invitations, students, options.again, _by_mail(stage, options.stage))
    except FileExistsError as error:
        raise CommandError(f"{options.output} exists: give the name of a new file") from error
    except MailNotSent as error:
        raise CommandError(f"{error}; nobody was invited") from error


def after_publication(options: argparse.Namespace) -> int:
    """What publishing does at its end: invite, or say how many students have never been invited."""
    if parameter("invitations", options.stage) == "mail":
        return invite(options)
    stage = deployed_stage(parameter("stage", options.stage))
    count = Invitations(stage, lambda: datetime.now(UTC)).never_invited()
    if count:
        students = "1 student has" if count == 1 else f"{count} students have"
        command = next_command("./bin/students.sh invite")
        print(f"{students} never been invited. To send them links to their keys: {command}")
    return 0


def carry_out(invitations: Invitations, students: Iterable[RosterEntry], again: bool, way: Way) -> int:
    """Invite students and print what becomes of each. Returns the exit code."""
    states: Counter[str] = Counter()
    for student, outcome in invitations.invite(students, again, way):
        if outcome is None:
            states["failed"] += 1
            command = next_command(f"./bin/students.sh rotate-key {student['studentId']}")
            print(
                f"{_name(student)}: the key is of an earlier version and cannot be picked up; first: {command}",
                file=sys.stderr,
            )
            continue
        states[outcome.state] += 1
        if outcome.state in ("sent", "sent earlier"):
            print(f"{_name(student)}: invited")
        else:
            print(
                f"{_name(student)}: {outcome.state}: {outcome.reason or 'another command is inviting'}", file=sys.stderr
            )
        if isinstance(outcome.refusal, SendingClosed):
            print("The others are not invited yet. Run this again when that is settled.", file=sys.stderr)
            break
    if states["rejected"]:
        print(_SANDBOX, next_command("./bin/students.sh invite --output links.csv"), file=sys.stderr)
    return 0 if set(+states) <= {"sent", "sent earlier"} else 3


def _by_mail(stage: Stage, name: str | None) -> ByMail:
    sender = ascii_address(parameter("sender_email", name))
    return ByMail(parameter("class_name", name), stage.endpoint, sender, parameter("timezone", name), Mailer())


def _show_uncertain(invitations: Invitations) -> None:
    for student, entry in invitations.entries().items():
        if entry["state"] == "begun":
            command = next_command(f"./bin/students.sh invite --student {student} --again")
            print(
                f"{student} may or may not have been invited. To send another link, which replaces the first:"
                f" {command}",
                file=sys.stderr,
            )


def _name(student: RosterEntry) -> str:
    return f"{student['studentId']} {student['name']}"
