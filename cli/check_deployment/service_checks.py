"""The deployment's stacks, and the account's quota of Lambda."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.training.test_time.plugins.module_utils.deployment.stacks import UP_TO_DATE
from cli.check_deployment.deployed import Deployed, client
from cli.check_deployment.findings import Check, Finding, judged, not_checked

# 20 functions score and 10 send emails at the same time, beside those that serve students.
ENOUGH_CONCURRENCY = 100


@dataclass(frozen=True)
class ServiceChecks:
    """The checks."""

    deployed: Deployed

    def stacks(self) -> Finding:
        """The check that comes first: if it fails, the rest follows from that."""
        problems = [f"{name} is {status}" for name, status in self.deployed.status.items() if status not in UP_TO_DATE]
        return judged("stacks", problems, "complete", "deploy again with ./deploy-api-gateway.sh")

    def all(self) -> list[Check]:
        """The others."""
        return [
            Check("second deployment", self._second_deployment),
            Check("Lambda concurrency", self._concurrency),
        ]

    def _second_deployment(self) -> Finding:
        return not_checked("second deployment", "run ./deploy-api-gateway.sh again: its last line must show changed=0")

    def _concurrency(self) -> Finding:
        if self.deployed.is_local:
            return not_checked("Lambda concurrency", "only AWS has this quota")
        limit = client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
        problems = [f"only {limit}"] if limit < ENOUGH_CONCURRENCY else []
        return judged(
            "Lambda concurrency",
            problems,
            f"{limit:,} functions at a time",
            f"ask AWS for at least {ENOUGH_CONCURRENCY} (Service Quotas, AWS Lambda, Concurrent executions)",
        )
