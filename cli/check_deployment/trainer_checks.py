"""The trainer's key: it shows the class, and neither a student's key nor this one opens the other's routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cli.check_deployment.api import Api
from cli.check_deployment.findings import Check, Finding, judged

_NAME = "trainer's key"


@dataclass(frozen=True)
class TrainerChecks:
    """The check. `keys`: looks up the trainer's API keys. `student`: the API key of the probe's student."""

    api: Api
    keys: Callable[[], list[dict[str, Any]]]
    student: str
    stack: str

    def all(self) -> list[Check]:
        """The check."""
        return [Check(_NAME, self._look)]

    def _look(self) -> Finding:
        keys = self.keys()
        problems = [] if len(keys) == 1 else [f"there are {len(keys)} keys named {self.stack}:trainer instead of one"]
        if keys:
            own = self.api.call("GET", "/v1/class", key=keys[0]["value"])
            if own.status != 200 or "tests" not in own.json:
                problems.append(f"it does not show the class: {own}")
            problems += self._refusal("/v1/student", keys[0]["value"], "StudentsOnly", "it, for a student's route")
        problems += self._refusal("/v1/class", self.student, "TrainerOnly", "a student's key, for the trainer's route")
        return judged(
            _NAME,
            problems,
            "it shows the class, it cannot take tests, and students' keys do not show the class",
            f"deploy again, which puts the key right; then see the log groups /aws/lambda/{self.stack}-authorizer and"
            " -class-view",
        )

    def _refusal(self, path: str, key: str, code: str, case: str) -> list[str]:
        reply = self.api.call("GET", path, key=key)
        return [] if (reply.status, reply.code) == (403, code) else [f"{case}: {reply} instead of 403 {code}"]
