"""parliament: what IAM does not allow in a policy. It cannot check trust policies, which name no resource."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from parliament import analyze_policy_string, iam_definition

from support.deployer import BOUNDARY, DEPLOYER, PEOPLE, policy_text
from support.packaged import Json, resolved

# parliament 1.6.4 stops at this type, which is in its own list. Such a key's values are compared one by one.
for _service in iam_definition:
    for _key in _service["conditions"]:
        if _key["type"] == "ArrayOfARN":
            _key["type"] = "ARN"

# What parliament 1.6.4 says that AWS does not.
FALSE_ALARMS = (
    # An action on executions or state machines is granted on those, and not on Express ones and map runs too.
    "'required_format': 'arn:*:states:*:*:express:",
    "'required_format': 'arn:*:states:*:*:mapRun:",
    # CloudWatch takes only `*`: see tests/support/deployer_calls.py.
    "RESOURCE_STAR ['cloudwatch:DescribeAlarms']",
    # Version 2 of SES's API has identities as resources.
    "'action': 'ses:CreateEmailIdentity', 'required_format': '*'",
    # AWS's own examples compare this key as text, and the entry is an ARN.
    "MISMATCHED_TYPE_BUT_USABLE Type mismatch: StringEquals requires a value of type String but given Arn",
    # Newer than parliament's list. The schema of AWS::Lambda::Function has both.
    "Unknown action lambda:AssociateRuntimeAlias",
    "Unknown action lambda:GetFunctionScalingConfig",
)


def problems(templates: dict[str, Json]) -> list[str]:
    """What parliament finds in each policy of the templates, and in those of docs/."""
    in_templates = (
        (f"{name}/{path}", json.dumps(resolved(policy)))
        for name, template in templates.items()
        for path, policy in policies(template["Resources"])
    )
    documented = ((f"docs/{name}.json", policy_text(name)) for name in (*DEPLOYER, PEOPLE, BOUNDARY))
    return [line for where, text in (*in_templates, *documented) for line in findings(where, text)]


def findings(where: str, policy: str) -> Iterator[str]:
    """What parliament finds in a policy."""
    for finding in analyze_policy_string(policy).findings:
        said = f"{finding.issue} {finding.detail}"
        if not any(alarm in said for alarm in FALSE_ALARMS):
            yield f"{where}: {said} {finding.location}"


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
