"""Check a deployment, for bin/check-deployment.sh."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import ROSTER
from botocore.exceptions import BotoCoreError, ClientError
from cli.check_deployment.api import Api, Unreachable
from cli.check_deployment.api_checks import ApiChecks
from cli.check_deployment.deployed import Deployed, NotDeployed, client, find
from cli.check_deployment.findings import Check, Finding, as_json, exit_code, totals
from cli.check_deployment.mail_checks import MailChecks
from cli.check_deployment.probe_student import NotRemoved, Probe
from cli.check_deployment.run_checks import RunChecks
from cli.check_deployment.service_checks import ServiceChecks
from cli.parameter import parameter
from cli.weekly_run import WeeklyRun, report_store

PROGRAM = "check-deployment.sh"


def check_all(deployed: Deployed, probe: Probe, show: Callable[[Finding], None]) -> None:
    """Make all checks. The probe is removed before this ends, however it ends.

    Raises Unreachable, NotRemoved and the SDK's errors.
    """
    began_at, now = time.time(), datetime.now(UTC)
    if probe.remove():
        print(f"{PROGRAM}: removed what an earlier check had left", file=sys.stderr)
    services = ServiceChecks(deployed, began_at).all()
    runs = RunChecks(
        deployed, WeeklyRun(client("stepfunctions"), report_store(), deployed.machine, deployed.bucket), now
    )
    show(services.pop(0)())  # the stacks: if they are broken, the rest follows from that
    try:
        api = ApiChecks(Api(deployed.endpoint), probe.publish(now), deployed.stack, deployed.is_local)
        for check in [*api.all(), Check("weekly run", runs.score), Check("score for the student", api.scored)]:
            show(check())
    finally:
        _remove(probe)
    for check in [*runs.automatic(), *_mail_checks(deployed).all(), *services]:
        show(check())


def _remove(probe: Probe) -> None:
    """Remove the probe, whatever the impatience of the person who waits for it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    try:
        probe.remove()
    finally:
        _end_in_order()


def _end_in_order() -> None:
    """Have a signal that ends this program raise an exception, so that the probe is removed."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _stop(number: int, _frame: Any) -> None:
    raise SystemExit(128 + number)


def _mail_checks(deployed: Deployed) -> MailChecks:
    def students() -> list[str]:
        body = client("s3").get_object(Bucket=deployed.bucket, Key=ROSTER)["Body"].read()
        return [json.loads(line)["email"] for line in body.splitlines()]

    sender, trainer = (deployed.parameters[name] for name in ("SenderEmail", "TrainerEmail"))
    return MailChecks(client("sesv2"), sender, trainer, students, deployed.is_local)


def _probe(deployed: Deployed) -> Probe:
    return Probe(
        client("s3"),
        client("apigateway"),
        client("stepfunctions"),
        deployed.stack,
        deployed.bucket,
        deployed.outputs["UsagePlanId"],
        deployed.machine,
    )


def main() -> int:
    """Exit codes: 0 nothing is wrong, 1 error, 2 wrong usage, 3 something is wrong."""
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
        deployed = find(options.stage or parameter("stage"), os.environ.get("AWS_ENDPOINT_URL"))
        check_all(deployed, _probe(deployed), show)
    except (NotDeployed, NotRemoved, Unreachable, ValueError) as error:
        sys.exit(f"{PROGRAM}: {error}")
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"{PROGRAM}: {explained(error)}")
    except KeyboardInterrupt:
        print(f"{PROGRAM}: stopped; what the check had added has been removed", file=sys.stderr)
        return 130
    print(as_json(found) if options.json else f"\n{totals(found)}")
    return exit_code(found)


if __name__ == "__main__":
    sys.exit(main())
