"""The subscription of the trainer's address to the topic of the alarms."""

from __future__ import annotations

from typing import Any, Literal


def subscription_state(sns: Any, topic: str, address: str) -> Literal["confirmed", "pending", "none"]:
    """Whether the address is subscribed by email. SNS forgets a subscription that nobody confirms.

    Raises the SDK's errors.
    """
    found = [
        item["SubscriptionArn"]
        for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        for item in page["Subscriptions"]
        if (item["Protocol"], item["Endpoint"]) == ("email", address)
    ]
    if any(map(is_confirmed, found)):
        return "confirmed"
    return "pending" if "PendingConfirmation" in found else "none"


def is_confirmed(subscription: str) -> bool:
    """Whether SNS gives the subscription's ARN, and not words in its place."""
    return subscription.startswith("arn:")
