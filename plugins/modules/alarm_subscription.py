#!/usr/bin/python
# MIT License
"""Ansible module: have the alarms emailed to an address."""

from __future__ import annotations

DOCUMENTATION = r"""
module: alarm_subscription
short_description: Have a topic's alarms emailed to an address
description:
  - Subscribes an address to an SNS topic, unless it is subscribed. SNS then emails a link to that address, which
    confirms the subscription when it is opened.
  - SNS deletes a subscription that nobody confirms within 48 hours, and the stack that made it does not notice.
options:
  topic_arn:
    description: The topic.
    type: str
    required: true
  address:
    description: The email address.
    type: str
    required: true
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - The Test time developers
"""

EXAMPLES = r"""
- name: Have the alarms emailed to the trainer
  training.test_time.alarm_subscription:
    topic_arn: arn:aws:sns:eu-central-1:111122223333:alarms
    address: trainer@example.org
"""

RETURN = r"""
confirmed:
  description: Whether the owner of the address has confirmed the subscription.
  returned: success
  type: bool
others:
  description: Other addresses that get the alarms, for example that of a former trainer. The module keeps them.
  returned: success
  type: list
  elements: str
"""

from typing import Any, TypedDict

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.training.test_time.plugins.module_utils.deployment.alarm_emails import (
    is_confirmed,
    other_addresses,
    subscription_state,
)
from botocore.exceptions import BotoCoreError, ClientError


class Result(TypedDict):
    """What the module returns: see RETURN."""

    changed: bool
    confirmed: bool
    others: list[str]


def ensure(client: Any, topic: str, address: str, check_mode: bool) -> Result:
    """Subscribe the address unless it is subscribed, or asked to confirm. Returns the module's result."""
    state, others = subscription_state(client, topic, address), other_addresses(client, topic, address)
    if state != "none":
        return {"changed": False, "confirmed": state == "confirmed", "others": others}
    confirmed = False
    if not check_mode:
        reply = client.subscribe(TopicArn=topic, Protocol="email", Endpoint=address)
        confirmed = is_confirmed(reply["SubscriptionArn"])
    return {"changed": True, "confirmed": confirmed, "others": others}


def main() -> None:
    """Run the module."""
    text = {"type": "str", "required": True}
    module = AnsibleAWSModule(argument_spec={"topic_arn": text, "address": text}, supports_check_mode=True)
    try:
        result = ensure(module.client("sns"), module.params["topic_arn"], module.params["address"], module.check_mode)
    except (BotoCoreError, ClientError) as error:
        module.fail_json_aws(error, msg="Cannot subscribe the trainer to the alarms")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
