"""SES is told of addresses it does not know, and of nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from ansible_collections.training.test_time.plugins.modules.ses_identities import ensure
from botocore.exceptions import ClientError
from moto import mock_aws

SENDER, TRAINER = "test-time@example.org", "trainer@example.com"


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield boto3.client("sesv2", region_name="eu-central-1")


def known(ses: Any) -> set[str]:
    return {identity["IdentityName"] for identity in ses.list_email_identities()["EmailIdentities"]}


def test_unknown_addresses_are_registered_once(ses: Any) -> None:
    assert ensure(ses, [SENDER, TRAINER, SENDER], check_mode=False)["created"] == [SENDER, TRAINER]
    assert known(ses) == {SENDER, TRAINER}
    assert ensure(ses, [SENDER, TRAINER], check_mode=False)["changed"] is False


def test_check_mode_registers_nothing(ses: Any) -> None:
    result = ensure(ses, [SENDER], check_mode=True)
    assert (result["changed"], result["created"], result["unverified"]) == (True, [SENDER], [SENDER])
    assert known(ses) == set()


class Ses:
    """SES with some identities; any registration is recorded. A refusal is told by its code only, as in a thread that
    has made its own exception classes.
    """

    def __init__(self, **identities: bool) -> None:
        self.identities = {name.replace("_at_", "@").replace("_", "."): done for name, done in identities.items()}
        self.created: list[str] = []

    def get_email_identity(self, EmailIdentity: str) -> dict[str, bool]:
        if EmailIdentity not in self.identities:
            raise ClientError({"Error": {"Code": "NotFoundException"}}, "GetEmailIdentity")
        return {"VerifiedForSendingStatus": self.identities[EmailIdentity]}

    def create_email_identity(self, EmailIdentity: str) -> dict[str, bool]:
        self.created.append(EmailIdentity)
        return {"VerifiedForSendingStatus": False}


def test_address_of_a_verified_domain_needs_nothing() -> None:
    ses = Ses(example_org=True)
    assert ensure(ses, [SENDER], check_mode=False) == {"changed": False, "created": [], "unverified": []}
    assert ses.created == []


def test_address_of_an_unverified_domain_is_registered_itself() -> None:
    ses = Ses(example_org=False)
    assert ensure(ses, [SENDER], check_mode=False)["created"] == [SENDER]


def test_unverified_address_is_reported_and_not_registered_again() -> None:
    ses = Ses(trainer_at_example_com=False)
    result = ensure(ses, [TRAINER], check_mode=False)
    assert result == {"changed": False, "created": [], "unverified": [TRAINER]}
    assert ses.created == []
