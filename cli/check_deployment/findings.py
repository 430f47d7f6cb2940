"""What a check has found, and how it is shown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from botocore.exceptions import ClientError
from cli.command import lacks_permission, reason, refusal

from common.errors import StorageError

SOMETHING_WRONG = 3
# CloudFormation compares a template with the last one, not with what there is.
NOT_BY_DEPLOYING = "a deployment that changes nothing else does not put it back"
_INDENT = " " * 13


class Missing(Exception):
    """A part that a check looks at is not in the deployment. The message names it."""


@dataclass(frozen=True)
class Finding:
    """The result of a check. `detail`: what was seen, or why it was not checked. `todo`: what to do if it is wrong."""

    check: str
    state: Literal["ok", "wrong", "not checked"]
    detail: str
    todo: str = ""

    def __str__(self) -> str:
        lines = [f"{self.state:<11}  {self.check}: {self.detail}"]
        if self.todo:
            lines.append(f"{_INDENT}What to do: {self.todo}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Check:
    """A check by name. `look` returns what it has found; `todo` is the advice if the cloud refuses a call of it."""

    name: str
    look: Callable[[], Finding]
    todo: str = "deploy again with ./deploy-api-gateway.sh"

    def __call__(self) -> Finding:
        """Look. A permission that the trainer lacks does not mean that the deployment is wrong."""
        try:
            return self.look()
        except (ClientError, StorageError) as error:
            if refusal(error) is None:
                raise
            if lacks_permission(error):
                return not_checked(self.name, reason(error))
            return wrong(self.name, reason(error), self.todo)
        except Missing as error:
            return wrong(self.name, str(error), self.todo)


def ok(check: str, detail: str) -> Finding:
    """Nothing is wrong."""
    return Finding(check, "ok", detail)


def wrong(check: str, detail: str, todo: str) -> Finding:
    """Something is wrong."""
    return Finding(check, "wrong", detail, todo)


def not_checked(check: str, why: str) -> Finding:
    """It cannot be known from here."""
    return Finding(check, "not checked", why)


def judged(check: str, problems: Sequence[str], fine: str, todo: str) -> Finding:
    """Wrong if there are problems."""
    return wrong(check, "; ".join(problems), todo) if problems else ok(check, fine)


def totals(findings: Iterable[Finding]) -> str:
    """`20 ok, 1 wrong, 4 not checked`."""
    counts = Counter(finding.state for finding in findings)
    return ", ".join(f"{counts[state]} {state}" for state in ("ok", "wrong", "not checked"))


def exit_code(findings: Iterable[Finding]) -> int:
    """0, or SOMETHING_WRONG. What was not checked does not count."""
    return SOMETHING_WRONG if any(finding.state == "wrong" for finding in findings) else 0


def as_json(findings: Iterable[Finding]) -> str:
    """`{"findings": [{"check": "clock", "state": "ok", "detail": "..."}]}`; `todo` is there if something is wrong."""
    listed = [
        {"check": finding.check, "state": finding.state, "detail": finding.detail}
        | ({"todo": finding.todo} if finding.todo else {})
        for finding in findings
    ]
    return json.dumps({"findings": listed}, indent=2)
