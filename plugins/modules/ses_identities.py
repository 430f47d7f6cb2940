#!/usr/bin/python
# MIT License
"""Ansible module: register the addresses that emails are sent from and to with SES."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ses_identities
short_description: Register email addresses with SES
description:
  - Registers each address that is not registered with SES yet, unless its domain is verified. SES then emails a link to
    that address, which verifies it when it is opened.
  - Never changes an existing identity, whether or not it is verified.
options:
  addresses:
    description: The email addresses.
    type: list
    elements: str
    required: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - The Test time developers
"""

EXAMPLES = r"""
- name: Register the sender
  training.test_time.ses_identities:
    addresses: [test-time@example.org]
"""

RETURN = r"""
created:
  description: The addresses that were registered or, in check mode, would be.
  returned: success
  type: list
  elements: str
unverified:
  description: The addresses whose owner still has to open the link that SES sent.
  returned: success
  type: list
  elements: str
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypedDict

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from botocore.exceptions import BotoCoreError, ClientError


class Result(TypedDict):
    """What the module returns: see RETURN."""

    changed: bool
    created: list[str]
    unverified: list[str]


def is_verified(client: Any, identity: str) -> bool | None:
    """Whether the address or domain is verified; None if it is not registered."""
    try:
        return bool(client.get_email_identity(EmailIdentity=identity)["VerifiedForSendingStatus"])
    except ClientError as error:
        # By its code: the classes in `client.exceptions` are made on first use, and two threads may make them twice.
        if error.response["Error"]["Code"] != "NotFoundException":
            raise
        return None


def ensure(client: Any, addresses: list[str], check_mode: bool) -> Result:
    """Register the addresses that SES does not know. Returns the module's result."""
    created, unverified = [], []
    domains = {address: address.rpartition("@")[2] for address in addresses}
    asked = list(dict.fromkeys([*domains.values(), *domains]))
    with ThreadPoolExecutor() as pool:
        known = dict(zip(asked, pool.map(lambda identity: is_verified(client, identity), asked), strict=True))
    for address, domain in domains.items():
        if known[domain]:
            continue
        verified = known[address]
        if verified is None:
            created.append(address)
            if not check_mode:
                verified = client.create_email_identity(EmailIdentity=address)["VerifiedForSendingStatus"]
        if not verified:
            unverified.append(address)
    return {"changed": bool(created), "created": created, "unverified": unverified}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec={"addresses": {"type": "list", "elements": "str", "required": True}}, supports_check_mode=True
    )
    try:
        result = ensure(module.client("sesv2"), module.params["addresses"], module.check_mode)
    except (BotoCoreError, ClientError) as error:
        module.fail_json_aws(error, msg="Cannot register the email addresses with SES")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
