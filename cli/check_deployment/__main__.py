"""Check a deployment, for bin/check-deployment.sh."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.class_content.probe_removal import (
    NotRemoved,
    NotTheProbes,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.trainer_key import trainer_api_keys
from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import ROSTER
from botocore.exceptions import BotoCoreError, ClientError
from cli.check_deployment.alarm_checks import AlarmChecks
from cli.check_deployment.api import Api, Unreachable
from cli.check_deployment.api_checks import ApiChecks
from cli.check_deployment.deployed import Deployed, client, find
from cli.check_deployment.findings import Check, Finding, Missing, as_json, exit_code, not_checked, ok, totals, wrong
from cli.check_deployment.log_checks import LogChecks
from cli.check_deployment.mail_checks import MailChecks
from cli.check_deployment.permission_checks import PermissionChecks
from cli.check_deployment.probe_student import LONGEST_CHECK, AtWork, Probe
from cli.check_deployment.run_checks import RunChecks
from cli.check_deployment.service_checks import ServiceChecks
from cli.check_deployment.start_checks import StartChecks
from cli.check_deployment.trainer_checks import TrainerChecks
from cli.command import CommandError, reason
from cli.parameter import parameter
from cli.weekly_run import WeeklyRun

from common.errors import StorageError
from common.storage import Bucket

PROGRAM = "check-deployment.sh"
_ERRORS = (CommandError, NotRemoved, NotTheProbes, AtWork, Missing, Unreachable, ValueError)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal asks this program to end. `number`: the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def say(text: str) -> None:
    """Tell the person who waits."""
    print(f"{PROGRAM}: {text}", file=sys.stderr, flush=True)


def check_all(deployed: Deployed, probe: Probe, show: Callable[[Finding], None]) -> None:
    """Make all checks. The probe is removed before this ends, however it ends.

    Raises Unreachable, NotRemoved, NotTheProbes, AtWork and the SDK's errors.
    """
    began_at = probe.begin()
    if probe.remove():
        say("removed what an earlier check had left")
    services = ServiceChecks(deployed)
    bucket = Bucket(deployed.bucket, client("s3"), lists=True)
    weekly_run = WeeklyRun(client("stepfunctions"), deployed.machine, bucket, deployed.endpoint)
    runs = RunChecks(weekly_run, began_at)
    show(services.stacks())
    try:
        student = probe.publish(began_at)
        api = ApiChecks(Api(deployed.endpoint), student, deployed.stack, deployed.is_local)
        for check in [*api.all(), *_trainer_checks(deployed, student).all()]:
            show(check())
        run = Check("weekly run", runs.score)()
        show(run)
        # The name is that of the check that is then not made.
        scored = Check("score for the student", api.scored)
        show(not_checked(scored.name, "no run was started") if run.state == "not checked" else scored())
    finally:
        show(_removed(probe))
    for check in [
        *StartChecks(deployed, began_at).all(),
        *_mail_checks(deployed).all(),
        *services.all(),
        *PermissionChecks(deployed).all(),
        *AlarmChecks(deployed).all(),
        *LogChecks(deployed, began_at, runs.planned, api.request_id).all(),
    ]:
        show(check())


def _removed(probe: Probe) -> Finding:
    """Remove the probe, whatever the impatience of the person who waits for it."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    try:
        probe.remove()
    except (NotRemoved, NotTheProbes) as error:
        why = str(error)
    except (BotoCoreError, ClientError) as error:
        why = explained(error)
    else:
        return ok("removal", "what the check had added has been removed")
    finally:
        _end_in_order()
    minutes = int(LONGEST_CHECK.total_seconds() / 60)
    return wrong(
        "removal",
        f"the check's student or test may still be there, though nobody else can see them: {why}",
        f"once the cause is gone, check again, {minutes} minutes from now at the earliest: that removes them",
    )


def _end_in_order() -> None:
    """Have a signal that ends this program raise an exception, so that the probe is removed."""
    for number in _SIGNALS:
        signal.signal(number, _stop)


def _stop(number: int, _frame: Any) -> None:
    raise Stopped(number)


def _trainer_checks(deployed: Deployed, student: str) -> TrainerChecks:
    def keys() -> list[dict[str, Any]]:
        return trainer_api_keys(client("apigateway"), deployed.stack)

    return TrainerChecks(Api(deployed.endpoint), keys, student, deployed.stack)


def _mail_checks(deployed: Deployed) -> MailChecks:
    def students() -> list[str]:
        body = client("s3").get_object(Bucket=deployed.bucket, Key=ROSTER)["Body"].read()
        return [json.loads(line)["email"] for line in body.splitlines()]

    sender, trainer = (deployed.parameters[name] for name in ("SenderEmail", "TrainerEmail"))
    return MailChecks(client("sesv2"), sender, trainer, students, deployed.is_local)


def _probe(deployed: Deployed) -> Probe:
    return Probe(
        s3=client("s3"),
        apigateway=client("apigateway"),
        states=client("stepfunctions"),
        sqs=client("sqs"),
        stack=deployed.stack,
        bucket=deployed.bucket,
        machine=deployed.machine,
        queue=deployed.resource("WeeklyRun/DeadLetterQueue"),
        usage_plan=deployed.outputs["UsagePlanId"],
        say=say,
    )


def _check(stage: str | None, show: Callable[[Finding], None]) -> int:
    """Check a stage. Returns the exit code, as if nothing was wrong; an error has been said."""
    try:
        deployed = find(stage or parameter("stage"), os.environ.get("AWS_ENDPOINT_URL"))
        check_all(deployed, _probe(deployed), show)
    except _ERRORS as error:
        say(str(error))
    except (StorageError, BotoCoreError, ClientError) as error:
        say(reason(error))
    except Stopped as stopped:
        say("stopped before all was checked")
        return 128 + stopped.number
    except BrokenPipeError:
        raise
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        say(f"unexpected error: {type(error).__name__}: {error} ({where.filename}:{where.lineno}). Please report it")
    else:
        return 0
    return 1


def main() -> int:
    """Exit codes: 0 nothing is wrong, 1 error, 2 wrong usage, 3 something is wrong; 128 and more: a signal's."""
    parser = argparse.ArgumentParser(prog=PROGRAM)
    parser.add_argument("--stage")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    _end_in_order()
    found: list[Finding] = []

    def show(finding: Finding) -> None:
        found.append(finding)
        if not options.json:
            print(finding, flush=True)

    try:
        code = _check(options.stage, show)
        if found:
            print(as_json(found) if options.json else f"\n{totals(found)}", flush=True)
    except BrokenPipeError:
        # Whoever read the results has seen enough. Python would complain once more when it closes its output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    return code or exit_code(found)


if __name__ == "__main__":
    sys.exit(main())
