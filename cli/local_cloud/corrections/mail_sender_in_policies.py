"""Check IAM policies for sending an email against the sender's identity, as AWS does.

Why: MiniStack checks them against `*`, so it refuses every email from a role that may use only one identity.

It can be removed when MiniStack's `extract_resource_arn` reads `Source` of SES's SendEmail and SendRawEmail.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from ministack.core import iam_actions

_extract_resource_arn = iam_actions.extract_resource_arn


def apply() -> None:
    """Put the correction in place."""
    iam_actions.extract_resource_arn = _naming_the_sender


def _naming_the_sender(
    service: str,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    query_params: dict[str, Any],
    region: str,
    account_id: str,
) -> str:
    if service == "ses":
        sent = parse_qs(body.decode(errors="replace"))
        if sent.get("Action", [""])[0] in ("SendEmail", "SendRawEmail") and "Source" in sent:
            return f"arn:aws:ses:{region}:{account_id}:identity/{sent['Source'][0]}"
    resource: str = _extract_resource_arn(service, method, path, headers, body, query_params, region, account_id)
    return resource
