"""SES is told of addresses it does not know, and of nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from ansible_collections.training.test_time.plugins.modules import ses_identities
from ansible_collections.training.test_time.plugins.modules.ses_identities import (
    Clients,
    ensure,
    ensure_domain,
    is_in_domain,
)
from ansible_collections.training.test_time.plugins.plugin_utils.in_process import _output
from botocore.exceptions import ClientError
from moto import mock_aws

from support.aws_calls import aws_error

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
    clients = Clients(None, ses)
    assert ensure(clients, [SENDER, TRAINER, SENDER], check_mode=False)["created"] == [SENDER, TRAINER]
    assert known(ses) == {SENDER, TRAINER}
    assert ensure(clients, [SENDER, TRAINER], check_mode=False)["changed"] is False


def test_check_mode_registers_nothing(ses: Any) -> None:
    result = ensure(Clients(None, ses), [SENDER], check_mode=True)
    assert (result["changed"], result["created"], result["unverified"]) == (True, [SENDER], [SENDER])
    assert known(ses) == set()


class Ses:
    """Both versions of SES's API, with identities that were registered some hours ago, or are verified (None).

    A link works for 24 hours; after that the identity is `FAILED`, and only version 1 can send another link: version 2
    refuses to register an identity that exists. An unknown identity is reported by its code only, as in a thread that
    has made its own exception classes.
    """

    def __init__(self, **registered_hours_ago: float | None) -> None:
        self.hours = {name.replace("_at_", "@").replace("_", "."): age for name, age in registered_hours_ago.items()}
        self.created: list[str] = []

    @property
    def clients(self) -> Clients:
        return Clients(self, self)

    def get_email_identity(self, EmailIdentity: str) -> dict[str, Any]:
        if EmailIdentity not in self.hours:
            raise ClientError({"Error": {"Code": "NotFoundException"}}, "GetEmailIdentity")
        age = self.hours[EmailIdentity]
        status = "SUCCESS" if age is None else "PENDING" if age < 24 else "FAILED"
        return {"VerifiedForSendingStatus": age is None, "VerificationStatus": status}

    def create_email_identity(self, EmailIdentity: str) -> dict[str, bool]:
        if EmailIdentity in self.hours:
            raise ClientError({"Error": {"Code": "AlreadyExistsException"}}, "CreateEmailIdentity")
        self.created.append(EmailIdentity)
        self.hours[EmailIdentity] = 0
        return {"VerifiedForSendingStatus": False}

    def verify_email_identity(self, EmailAddress: str) -> None:
        self.hours[EmailAddress] = 0


NOTHING: dict[str, Any] = {"changed": False, "created": [], "sent_again": [], "unverified": []}


def test_address_of_a_verified_domain_needs_nothing() -> None:
    ses = Ses(example_org=None, **{SENDER: 30})
    assert ensure(ses.clients, [SENDER], check_mode=False) == NOTHING
    assert ses.hours[SENDER] == 30


@pytest.mark.parametrize("address", ["a@mail.example.org", "a@two.mail.example.org", "a@Mail.Example.org"])
def test_address_below_a_verified_domain_needs_nothing(address: str) -> None:
    ses = Ses(example_org=None)
    assert ensure(ses.clients, [address], check_mode=False) == NOTHING


def test_address_below_an_unverified_domain_or_beside_a_verified_one_is_registered() -> None:
    ses = Ses(example_org=1, other_example_org=None)
    addresses = ["a@mail.example.org", "a@notother.example.org"]
    assert ensure(ses.clients, addresses, check_mode=False)["created"] == addresses


def test_no_top_level_domain_is_asked_for() -> None:
    ses = Ses(org=None)
    assert ensure(ses.clients, [SENDER], check_mode=False)["created"] == [SENDER]


def test_address_of_an_unverified_domain_is_registered_itself() -> None:
    ses = Ses(example_org=1)
    assert ensure(ses.clients, [SENDER], check_mode=False)["created"] == [SENDER]


def test_unverified_address_is_reported_and_not_registered_again() -> None:
    ses = Ses(trainer_at_example_com=23)
    result = ensure(ses.clients, [TRAINER], check_mode=False)
    assert result == {**NOTHING, "unverified": [TRAINER]}
    assert (ses.created, ses.hours[TRAINER]) == ([], 23)


def test_a_link_that_has_expired_is_sent_again_by_the_next_deployment() -> None:
    ses = Ses(trainer_at_example_com=25)
    expected = {**NOTHING, "changed": True, "sent_again": [TRAINER], "unverified": [TRAINER]}
    assert ensure(ses.clients, [TRAINER], check_mode=True) == expected
    assert ses.hours[TRAINER] == 25
    assert ensure(ses.clients, [TRAINER], check_mode=False) == expected
    assert ses.hours[TRAINER] == 0
    assert ensure(ses.clients, [TRAINER], check_mode=False) == {**NOTHING, "unverified": [TRAINER]}


def test_a_verified_address_is_left_alone() -> None:
    assert ensure(Ses(**{SENDER: None}).clients, [SENDER], check_mode=False) == NOTHING


class Answers:
    """SES that gives one answer, or error, about every identity, and refuses every change."""

    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self.answer = answer

    def get_email_identity(self, EmailIdentity: str) -> dict[str, Any]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"VerifiedForSendingStatus": False} if EmailIdentity == "example.org" else self.answer


DENIED = aws_error("AccessDeniedException", 403, "GetEmailIdentity")


def test_an_address_that_is_verified_gets_no_link_whatever_became_of_its_last_one() -> None:
    answer = {"VerifiedForSendingStatus": True, "VerificationStatus": "FAILED"}
    assert ensure(Clients(None, Answers(answer)), [SENDER], check_mode=False) == NOTHING


@pytest.mark.parametrize("status", ["FAILED", "NOT_STARTED"])
def test_each_state_without_a_link_gets_another(status: str) -> None:
    answer = {"VerifiedForSendingStatus": False, "VerificationStatus": status}
    assert ensure(Clients(None, Answers(answer)), [SENDER], check_mode=True)["sent_again"] == [SENDER]


def test_ses_that_refuses_to_answer_is_not_taken_to_know_nothing() -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        ensure(Clients(None, Answers(DENIED)), [SENDER], check_mode=True)
    with pytest.raises(ClientError, match="AccessDenied"):
        ensure_domain(Answers(DENIED), "example.org", check_mode=True)


def run_module(monkeypatch: pytest.MonkeyPatch, ses: Any, *addresses: str, **options: Any) -> dict[str, Any]:
    """The module's result. `ses`: both clients."""
    monkeypatch.setattr(f"{ses_identities.__name__}.AnsibleAWSModule.client", lambda _module, _name: ses)
    arguments = {"addresses": addresses, "region": "eu-central-1", **options}
    result: dict[str, Any] = json.loads(_output(ses_identities.main, arguments))
    return result


def test_with_a_domain_only_the_addresses_of_others_are_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    ses = Domains()
    result = run_module(monkeypatch, ses, SENDER, "a@mail.example.org", TRAINER, domain="example.org")
    assert result["created"] == [TRAINER]
    assert sorted(ses.dkim) == ["example.org", TRAINER]
    assert result["domain"]["registered"]


def test_a_new_domain_is_a_change_and_a_known_one_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    ses = Domains()
    assert run_module(monkeypatch, ses, SENDER, domain="example.org")["changed"]
    assert not run_module(monkeypatch, ses, SENDER, domain="example.org")["changed"]
    assert "domain" not in run_module(monkeypatch, ses)


def test_an_error_of_ses_fails_the_module(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run_module(monkeypatch, Answers(DENIED), SENDER)
    assert result["failed"]
    assert result["msg"].startswith("Cannot register the email addresses with SES")


class Domains:
    """SES with the domain identities that it has been asked for; it looks for their records in the DNS."""

    def __init__(self) -> None:
        self.dkim: dict[str, dict[str, Any]] = {}
        self.may_send = True

    def get_email_identity(self, EmailIdentity: str) -> dict[str, Any]:
        if EmailIdentity not in self.dkim:
            raise ClientError({"Error": {"Code": "NotFoundException"}}, "GetEmailIdentity")
        dkim = self.dkim[EmailIdentity]
        return {"VerifiedForSendingStatus": dkim["Status"] == "SUCCESS" and self.may_send, "DkimAttributes": dkim}

    def create_email_identity(self, EmailIdentity: str) -> dict[str, Any]:
        self.dkim[EmailIdentity] = {
            "SigningEnabled": True,
            "Status": "PENDING",
            "Tokens": ["one", "two", "three"],
            "SigningHostedZone": "dkim.eu-south-2.amazonses.com",
        }
        return self.get_email_identity(EmailIdentity)


def test_a_domain_is_registered_once_and_its_records_are_returned_until_ses_has_found_them() -> None:
    ses = Domains()
    first = ensure_domain(ses, "example.org", check_mode=False)
    assert (first["registered"], first["verified"], first["status"]) == (True, False, "PENDING")
    assert first["records"] == [
        *(
            {
                "type": "CNAME",
                "name": f"{token}._domainkey.example.org",
                "value": f"{token}.dkim.eu-south-2.amazonses.com",
            }
            for token in ("one", "two", "three")
        ),
        {"type": "TXT", "name": "_dmarc.example.org", "value": "v=DMARC1; p=none"},
    ]
    again = ensure_domain(ses, "example.org", check_mode=False)
    assert again == {**first, "registered": False}
    ses.dkim["example.org"]["Status"] = "SUCCESS"
    assert ensure_domain(ses, "example.org", check_mode=False)["verified"]
    ses.may_send = False
    assert not ensure_domain(ses, "example.org", check_mode=False)["verified"]
    ses.may_send = True
    ses.dkim["example.org"]["SigningEnabled"] = False
    assert not ensure_domain(ses, "example.org", check_mode=False)["verified"]


def test_a_domain_that_is_signed_with_the_owners_key_needs_no_records_of_ses() -> None:
    ses = Domains()
    ensure_domain(ses, "example.org", check_mode=False)
    ses.dkim["example.org"] |= {"SigningAttributesOrigin": "EXTERNAL", "Tokens": ["selector"]}
    found = ensure_domain(ses, "example.org", check_mode=False)
    assert [record["type"] for record in found["records"]] == ["TXT"]
    ses.dkim["example.org"]["SigningAttributesOrigin"] = "AWS_SES"
    assert "CNAME" in [record["type"] for record in ensure_domain(ses, "example.org", check_mode=False)["records"]]


def test_check_mode_registers_no_domain() -> None:
    ses = Domains()
    assert ensure_domain(ses, "example.org", check_mode=True)["registered"]
    assert ses.dkim == {}


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("a@example.org", True),
        ("a@Mail.example.org", True),
        ("a@otherexample.org", False),
        ("a@example.com", False),
    ],
)
def test_the_addresses_of_a_domain_are_those_below_it_too(address: str, inside: bool) -> None:
    assert is_in_domain(address, "example.org") == inside
