"""parliament: what IAM does not allow in a policy. It cannot check trust policies, which name no resource."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from parliament import analyze_policy_string

from support.packaged import Json, resolved

# The actions are granted on executions. parliament 1.6.4 demands those of Express state machines too.
FALSE_ALARM = "'required_format': 'arn:*:states:*:*:express:"


def problems(templates: dict[str, Json]) -> list[str]:
    """What parliament finds in each policy."""
    return [
        f"{name}/{path}: {finding.issue} {finding.detail} {finding.location}"
        for name, template in templates.items()
        for path, policy in policies(template["Resources"])
        for finding in analyze_policy_string(json.dumps(resolved(policy))).findings
        if FALSE_ALARM not in str(finding.detail)
    ]


def policies(node: Any, path: str = "") -> Iterator[tuple[str, Json]]:
    """Every policy that is not a trust policy, with its path."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "PolicyDocument":
                yield path, value
            else:
                yield from policies(value, f"{path}/{key}".lstrip("/"))
    elif isinstance(node, list):
        for number, item in enumerate(node):
            yield from policies(item, f"{path}/{number}")
