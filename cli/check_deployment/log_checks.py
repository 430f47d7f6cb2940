"""Logs: how long they are kept, and whether this check is in them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cli.check_deployment.deployed import Deployed, client
from cli.check_deployment.findings import NOT_BY_DEPLOYING, Check, Finding, judged, not_checked

# How long a log entry may take to appear.
LOGGED_WITHIN_SECONDS = 60


@dataclass(frozen=True)
class LogChecks:
    """`began_at`: when the check began, by AWS's clock.

    `run_id`: that of the check's run, if it was planned. `request_id`: that of one of its requests, by API Gateway.
    """

    deployed: Deployed
    began_at: datetime
    run_id: str | None
    request_id: str | None
    sleep: Callable[[float], None] = time.sleep

    def all(self) -> list[Check]:
        """The checks."""
        return [Check("log retention", self._retention), Check("log entries", self._entries)]

    def _retention(self) -> Finding:
        wanted = int(self.deployed.parameters["LogRetentionDays"])
        problems = []
        for group in sorted(self.deployed.of_type("AWS::Logs::LogGroup").values()):
            listed = client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
            found = next((each for each in listed if each["logGroupName"] == group), None)
            if found is None:
                problems.append(f"{group} is missing")
            elif found.get("retentionInDays") != wanted:
                problems.append(f"{group} keeps entries for {found.get('retentionInDays', 'ever')} days")
        todo = f"set it again with aws logs put-retention-policy --retention-in-days {wanted}: {NOT_BY_DEPLOYING}"
        return judged("log retention", problems, f"{wanted} days", todo)

    def _entries(self) -> Finding:
        """Whether this check has been logged, by a function of its run and by API Gateway."""
        wanted = {
            f"/aws/lambda/{self.deployed.stack}-plan-run": self.run_id,
            f"/aws/apigateway/{self.deployed.stack}": None if self.deployed.is_local else self.request_id,
        }
        logged = {group: self._logged(group, identifier) for group, identifier in wanted.items() if identifier}
        if not logged:
            return not_checked("log entries", "the check has started no run that would be logged")
        return judged(
            "log entries",
            [f"{group} has no entry about this check" for group, found in logged.items() if not found],
            f"this check is in {' and '.join(logged)}",
            "see API Gateway's account settings (CloudWatch log role ARN), and the function's role",
        )

    def _logged(self, group: str, identifier: str) -> bool:
        end = time.monotonic() + LOGGED_WITHIN_SECONDS
        pages = client("logs").get_paginator("filter_log_events")
        since = int(self.began_at.timestamp() * 1000)
        while not any(
            page["events"]  # a page may be empty although more follow
            for page in pages.paginate(logGroupName=group, startTime=since, filterPattern=f'"{identifier}"')
        ):
            if time.monotonic() >= end:
                return False
            self.sleep(2)
        return True
