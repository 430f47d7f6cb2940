#!/usr/bin/python
# MIT License
"""Ansible module: have SES know the addresses mail is sent from and to."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ses_identities
short_description: Register mail addresses with SES
description:
  - Registers each address that SES does not know, neither itself nor by its domain. SES then mails that address a link,
    which makes it verified.
  - An identity that is there is never touched, verified or not.
options:
  addresses:
    description: The mail addresses.
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
  description: The addresses that were registered now; in check mode those that would be.
  returned: success
  type: list
  elements: str
unverified:
  description: The addresses whose owner has still to follow the link that SES mailed.
  returned: success
  type: list
  elements: str
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from botocore.exceptions import BotoCoreError, ClientError


def is_verified(client: Any, identity: str) -> bool | None:
    """Whether SES may use the address or domain; None where it does not know it."""
    try:
        return bool(client.get_email_identity(EmailIdentity=identity)["VerifiedForSendingStatus"])
    except client.exceptions.NotFoundException:
        return None


def ensure(client: Any, addresses: list[str], check_mode: bool) -> dict[str, Any]:
    """Register what SES does not know. Returns what the module does."""
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
        module.fail_json_aws(error, msg="Cannot register the mail addresses with SES")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
