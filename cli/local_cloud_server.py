"""Run MiniStack, the local cloud, with what differs from AWS put right: `python cli/local_cloud_server.py`.

Measured on MiniStack 1.5.33; each says when it can go.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any
from urllib.parse import parse_qs

from ministack import app
from ministack.core import iam_actions
from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners

_update_resource = provisioners._update_resource
_extract_resource_arn = iam_actions.extract_resource_arn
_pin_request_origin = app.pin_request_origin


def _keeping_attributes(
    resource_type: str,
    physical_id: str,
    old_properties: dict[str, Any],
    new_properties: dict[str, Any],
    stack_name: str,
    logical_id: str,
    old_attributes: dict[str, Any] | None = None,
) -> Any:
    """Update a resource of a nested stack without forgetting its attributes.

    MiniStack loses those of unchanged resources, and the next `Fn::GetAtt` of one fails the update. This can go
    when `_cfn_nested_stack_deploy` passes `old_attrs`.
    """
    if old_attributes is None:
        resources = cloudformation._stacks[stack_name]["_resources"]
        old_attributes = resources.get(logical_id, {}).get("Attributes")
    return _update_resource(
        resource_type, physical_id, old_properties, new_properties, stack_name, logical_id, old_attributes
    )


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
    """The resource an IAM policy is asked about: for a mail the sender's identity, as on AWS.

    MiniStack asks about `*`, so it refuses every mail of a role that may use one identity alone. This can go when
    `extract_resource_arn` reads `Source` of SES's SendEmail and SendRawEmail.
    """
    if service == "ses":
        sent = parse_qs(body.decode(errors="replace"))
        if sent.get("Action", [""])[0] in ("SendEmail", "SendRawEmail") and "Source" in sent:
            return f"arn:aws:ses:{region}:{account_id}:identity/{sent['Source'][0]}"
    resource: str = _extract_resource_arn(service, method, path, headers, body, query_params, region, account_id)
    return resource


def _as_if_encrypted(source_ip: str, _: bool) -> None:
    """Loopback needs no TLS, so a policy that denies plain HTTP is to deny nothing here.

    This can go when MiniStack is started with USE_SSL and every client trusts its certificate.
    """
    _pin_request_origin(source_ip, True)


if __name__ == "__main__":
    provisioners._update_resource = _keeping_attributes
    iam_actions.extract_resource_arn = _naming_the_sender
    with contextlib.suppress(PermissionError):  # it leads a session already
        os.setsid()  # Ctrl-C in the terminal that started it is not meant for it
    app.pin_request_origin = _as_if_encrypted
    app.main()
