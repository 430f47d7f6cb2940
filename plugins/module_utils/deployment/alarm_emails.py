"""The subscription of the trainer's address to the topic of the alarms."""

from __future__ import annotations

from typing import Any, Literal


def subscription_state(sns: Any, topic: str, address: str) -> Literal["confirmed", "pending", "none"]:
    """Whether the address is subscribed by email. SNS forgets a subscription that nobody confirms.

    Raises the SDK's errors.
    """
    found = [subscription for endpoint, subscription in _by_email(sns, topic) if endpoint == address]
    if any(map(is_confirmed, found)):
        return "confirmed"
    return "pending" if "PendingConfirmation" in found else "none"


def other_addresses(sns: Any, topic: str, address: str) -> list[str]:
    """The other addresses that get the alarms by email, such as a former trainer's. Raises the SDK's errors."""
    confirmed = {endpoint for endpoint, subscription in _by_email(sns, topic) if is_confirmed(subscription)}
    return sorted(confirmed - {address})


def _by_email(sns: Any, topic: str) -> list[tuple[str, str]]:
    """The address and the ARN of each subscription by email."""
    return [
        (item["Endpoint"], item["SubscriptionArn"])
        for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        for item in page["Subscriptions"]
        if item["Protocol"] == "email"
    ]


def is_confirmed(subscription: str) -> bool:
    """Whether SNS gives the subscription's ARN, and not words in its place."""
    return subscription.startswith("arn:")
