"""The trainer is subscribed to the alarms, and again if nobody has confirmed it within 48 hours."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.modules.alarm_subscription import ensure

TOPIC, TRAINER = "arn:aws:sns:eu-central-1:123456789012:alarms", "trainer@example.org"


class Sns:
    """SNS with subscriptions by address, each as old as its hours, or confirmed (None).

    SNS deletes a subscription that is not confirmed within 48 hours.
    """

    def __init__(self, subscribed_hours_ago: dict[str, float | None], protocol: str = "email") -> None:
        self.hours = subscribed_hours_ago
        self.protocol = protocol

    def get_paginator(self, name: str) -> Sns:
        assert name == "list_subscriptions_by_topic"
        return self

    def paginate(self, TopicArn: str) -> Any:
        assert TopicArn == TOPIC
        for address, age in self.hours.items():
            if age is None or age < 48:
                arn = f"{TOPIC}:{address}" if age is None else "PendingConfirmation"
                yield {"Subscriptions": [{"Protocol": self.protocol, "Endpoint": address, "SubscriptionArn": arn}]}

    def subscribe(self, TopicArn: str, Protocol: str, Endpoint: str) -> Any:
        assert (TopicArn, Protocol) == (TOPIC, "email")
        self.hours[Endpoint] = 0
        return {"SubscriptionArn": "pending confirmation"}


@pytest.mark.parametrize(
    ("subscriptions", "result", "after"),
    [
        ({TRAINER: None}, {"changed": False, "confirmed": True}, None),
        ({TRAINER: 47}, {"changed": False, "confirmed": False}, 47),
        ({TRAINER: 49}, {"changed": True, "confirmed": False}, 0),
        ({}, {"changed": True, "confirmed": False}, 0),
        ({"old@example.org": None}, {"changed": True, "confirmed": False}, 0),
    ],
)
def test_an_address_is_subscribed_unless_it_is_or_has_been_asked(
    subscriptions: dict[str, float | None], result: dict[str, bool], after: float | None
) -> None:
    sns = Sns(subscriptions)
    assert ensure(sns, TOPIC, TRAINER, check_mode=False).items() >= result.items()
    assert sns.hours[TRAINER] == after


@pytest.mark.parametrize("check_mode", [True, False])
def test_others_who_still_get_the_alarms_are_named_and_kept(check_mode: bool) -> None:
    """For example the former trainer. Who has not confirmed gets none."""
    sns = Sns({"z@example.org": None, TRAINER: None, "former@example.org": None, "asked@example.org": 3})
    found = ensure(sns, TOPIC, TRAINER, check_mode=check_mode)
    assert found["others"] == ["former@example.org", "z@example.org"]
    assert len(sns.hours) == 4


@pytest.mark.parametrize("protocol", ["email-json", "https", "sms"])
def test_only_a_subscription_by_email_counts(protocol: str) -> None:
    sns = Sns({TRAINER: None}, protocol)
    assert ensure(sns, TOPIC, TRAINER, check_mode=True) == {"changed": True, "confirmed": False, "others": []}


def test_check_mode_subscribes_nobody() -> None:
    sns = Sns({TRAINER: 49})
    assert ensure(sns, TOPIC, TRAINER, check_mode=True) == {"changed": True, "confirmed": False, "others": []}
    assert sns.hours[TRAINER] == 49
