"""Step Functions over a weekly run that is tried in one process."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from support.weekly_run import World


class States:
    """Step Functions that runs a World when it is asked for the execution's state for the second time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.started: list[tuple[str, Any]] = []
        self.outcome: dict[str, Any] = {"status": "RUNNING"}
        self.asked = 0

    def start_execution(self, stateMachineArn: str, name: str, input: str) -> Any:
        self.started.append((name, json.loads(input)))
        return {"executionArn": f"{stateMachineArn.replace('stateMachine', 'execution')}:{name}"}

    def describe_execution(self, executionArn: str) -> Any:
        self.asked += 1
        if self.asked == 2:
            name, given = self.started[-1]
            try:
                self.world.run(given, run_id=name)
                self.outcome = {"status": "SUCCEEDED"}
            except Exception as error:
                cause = json.dumps({"errorMessage": str(error)})
                self.outcome = {"status": "FAILED", "error": type(error).__name__, "cause": cause}
        return self.outcome

    def list_executions(self, stateMachineArn: str, maxResults: int) -> Any:
        when = datetime(2026, 11, 23, 22, 0, 5, tzinfo=UTC)
        runs = [{"name": name, "startDate": when, "status": self.outcome["status"]} for name, _ in self.started]
        return {"executions": runs[:maxResults]}
