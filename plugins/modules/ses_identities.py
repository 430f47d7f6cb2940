#!/usr/bin/python
# MIT License
"""Ansible module: register the addresses that emails are sent from and to with SES."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ses_identities
short_description: Register email addresses and the sender's domain with SES
description:
  - Registers each address that is not registered with SES yet, unless its domain is verified. SES then emails a link to
    that address, which verifies it when it is opened within 24 hours.
  - Has SES send another link to an address whose link has expired. Otherwise, never changes an existing identity.
options:
  addresses:
    description: The email addresses.
    type: list
    elements: str
    required: true
  domain:
    description:
      - The domain that emails are sent from, if SES is to sign them with it. Its addresses are then not registered.
    type: str
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
sent_again:
  description: The addresses whose link had expired, and to which SES has sent another one or, in check mode, would.
  returned: success
  type: list
  elements: str
domain:
  description:
    - The state of O(domain), as SES has found it in the DNS. V(verified) is whether emails can be sent and are signed.
    - V(records) has the DNS records to set, each with V(type), V(name) and V(value).
  returned: if O(domain) is given
  type: dict
unverified:
  description: The addresses whose owner still has to open the link that SES sent.
  returned: success
  type: list
  elements: str
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any, NamedTuple, TypedDict

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.training.test_time.plugins.module_utils.shared.mail_domains import domains_of
from botocore.exceptions import BotoCoreError, ClientError

# The states of an address that has no link which can still be opened. SES's link works for 24 hours:
# https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html#verify-email-addresses-procedure
_WITHOUT_LINK = {"FAILED", "NOT_STARTED"}


class Result(TypedDict):
    """What the module returns: see RETURN."""

    changed: bool
    created: list[str]
    sent_again: list[str]
    unverified: list[str]


class Record(TypedDict):
    """A DNS record."""

    type: str
    name: str
    value: str


class Domain(TypedDict):
    """The sender's domain: see RETURN. `records`: unknown in check mode before the domain is registered."""

    name: str
    registered: bool
    verified: bool
    status: str
    records: list[Record]


class State(NamedTuple):
    """Of an address or a domain: whether it is verified, and whether the link to verify it can no longer be used."""

    verified: bool
    expired: bool = False


class Clients(NamedTuple):
    """boto3's clients for both versions of SES's API: only version 1 can send another link."""

    v1: Any
    v2: Any


def state_of(client: Any, identity: str) -> State | None:
    """The state of an address or domain; None if it is not registered."""
    try:
        found = client.get_email_identity(EmailIdentity=identity)
        return State(found["VerifiedForSendingStatus"], found.get("VerificationStatus") in _WITHOUT_LINK)
    except ClientError as error:
        # By its code: the classes in `client.exceptions` are made on first use, and two threads may make them twice.
        if error.response["Error"]["Code"] != "NotFoundException":
            raise
        return None


def ensure(clients: Clients, addresses: list[str], check_mode: bool) -> Result:
    """Register the addresses that SES does not know, and renew links that have expired. Returns the module's result."""
    result: Result = {"changed": False, "created": [], "sent_again": [], "unverified": []}
    domains = {address: domains_of(address) for address in addresses}
    asked = list(dict.fromkeys([*chain.from_iterable(domains.values()), *domains]))
    with ThreadPoolExecutor() as pool:
        known = dict(zip(asked, pool.map(lambda identity: state_of(clients.v2, identity), asked), strict=True))
    for address, above in domains.items():
        if any(of_domain.verified for domain in above if (of_domain := known[domain])):
            continue
        state = known[address]
        if state is None:
            result["created"].append(address)
            if not check_mode:
                reply = clients.v2.create_email_identity(EmailIdentity=address)
                state = State(reply["VerifiedForSendingStatus"])
        elif state.expired and not state.verified:
            result["sent_again"].append(address)
            if not check_mode:
                clients.v1.verify_email_identity(EmailAddress=address)
        if state is None or not state.verified:
            result["unverified"].append(address)
    result["changed"] = bool(result["created"] or result["sent_again"])
    return result


def is_in_domain(address: str, domain: str) -> bool:
    """Whether an address is in a domain or one below it: then the domain's identity is good for it."""
    of_address = address.rpartition("@")[2].lower()
    return of_address == domain or of_address.endswith(f".{domain}")


def ensure_domain(client: Any, name: str, check_mode: bool) -> Domain:
    """Register a domain unless SES knows it. `client`: boto3's client for version 2 of SES's API."""
    registered = False
    try:
        found = client.get_email_identity(EmailIdentity=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NotFoundException":
            raise
        registered = True
        found = {} if check_mode else client.create_email_identity(EmailIdentity=name)
    dkim = found.get("DkimAttributes", {})
    signed = dkim.get("Status") == "SUCCESS" and dkim.get("SigningEnabled", False)
    return {
        "name": name,
        "registered": registered,
        "verified": bool(found.get("VerifiedForSendingStatus")) and signed,
        "status": dkim.get("Status", "NOT_STARTED"),
        "records": dns_records(name, dkim),
    }


def dns_records(domain: str, dkim: Mapping[str, Any]) -> list[Record]:
    """The records that DKIM needs, and the one recommended for DMARC. `dkim`: SES's DkimAttributes.

    If the owner has given SES a key of their own, its record is theirs to know. SPF needs no record: it is checked for
    SES's own domain.

    https://docs.aws.amazon.com/ses/latest/dg/send-email-authentication-dkim-easy.html
    """
    zone = dkim.get("SigningHostedZone", "dkim.amazonses.com")
    own_key = dkim.get("SigningAttributesOrigin") == "EXTERNAL"
    records: list[Record] = [
        {"type": "CNAME", "name": f"{token}._domainkey.{domain}", "value": f"{token}.{zone}"}
        for token in dkim.get("Tokens", [])
        if not own_key
    ]
    records.append({"type": "TXT", "name": f"_dmarc.{domain}", "value": "v=DMARC1; p=none"})
    return records


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec={"addresses": {"type": "list", "elements": "str", "required": True}, "domain": {"type": "str"}},
        supports_check_mode=True,
    )
    try:
        clients = Clients(module.client("ses"), module.client("sesv2"))
        name: str | None = module.params["domain"]
        domain = ensure_domain(clients.v2, name, module.check_mode) if name else None
        addresses = [each for each in module.params["addresses"] if not (name and is_in_domain(each, name))]
        result: dict[str, Any] = {**ensure(clients, addresses, module.check_mode)}
        if domain:
            result["domain"] = domain
            result["changed"] = result["changed"] or domain["registered"]
    except (BotoCoreError, ClientError) as error:
        module.fail_json_aws(error, msg="Cannot register the email addresses with SES")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
