"""What check-deployment.sh finds wrong with Amazon SES."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from cli.check_deployment.findings import Finding
from cli.check_deployment.mail_checks import MailChecks

SENDER, TRAINER = "test-time@mail.example.org", "trainer@example.com"
ACCOUNT: dict[str, Any] = {
    "SendingEnabled": True,
    "EnforcementStatus": "HEALTHY",
    "ProductionAccessEnabled": True,
    "SendQuota": {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 7.0},
}
SIGNED = {"Status": "SUCCESS", "SigningEnabled": True}


class Ses:
    """SES with these identities, which it lists one a page."""

    def __init__(self, **identities: str) -> None:
        self.account = copy.deepcopy(ACCOUNT)
        self.identities = identities or {SENDER: "SUCCESS", TRAINER: "SUCCESS"}
        self.dkim: dict[str, dict[str, Any]] = {}

    def get_account(self) -> Any:
        return self.account

    def list_email_identities(self, PageSize: int, NextToken: str = "0") -> Any:
        names, at = list(self.identities), int(NextToken)
        page: dict[str, Any] = {
            "EmailIdentities": [{"IdentityName": names[at], "VerificationStatus": self.identities[names[at]]}]
        }
        return page | ({"NextToken": str(at + 1)} if at + 1 < len(names) else {})

    def get_email_identity(self, EmailIdentity: str) -> Any:
        assert EmailIdentity in self.identities
        return {"DkimAttributes": self.dkim.get(EmailIdentity, {"Status": "NOT_STARTED", "SigningEnabled": False})}


def found(ses: Ses, *students: str, is_local: bool = False) -> dict[str, Finding]:
    checks = MailChecks(ses, SENDER, TRAINER, lambda: students, is_local).all()
    return {check.name: check() for check in checks}


def states(findings: dict[str, Finding]) -> dict[str, str]:
    return {name: finding.state for name, finding in findings.items() if finding.state != "ok"}


def test_nothing_is_wrong_with_a_production_account() -> None:
    findings = found(Ses(), "ada@example.net")
    assert states(findings) == {"DKIM": "not checked"}
    assert findings["SES quota"].detail == "50,000 emails a day, 14 a second; sent in the last 24 hours: 7"


@pytest.mark.parametrize(
    ("changes", "check", "detail"),
    [
        ({"SendingEnabled": False}, "SES account", "sending is paused"),
        ({"EnforcementStatus": "PROBATION"}, "SES account", "under review (PROBATION)"),
        ({"SendQuota": {**ACCOUNT["SendQuota"], "Max24HourSend": 2.0}}, "SES quota", "but each test has 3 emails"),
        ({"ProductionAccessEnabled": False}, "SES sandbox", "2 of the 3 addresses"),
    ],
)
def test_each_fault_of_the_account_is_reported(changes: dict[str, Any], check: str, detail: str) -> None:
    ses = Ses()
    ses.account |= changes
    findings = found(ses, "ada@example.net", "ben@example.net")
    assert states(findings) == {check: "wrong", "DKIM": "not checked"}
    assert detail in findings[check].detail
    assert findings[check].todo


def test_an_account_without_a_daily_limit_has_enough() -> None:
    ses = Ses()
    ses.account["SendQuota"]["Max24HourSend"] = -1.0
    assert found(ses, *["ada@example.net"] * 9)["SES quota"].detail == "no daily limit, 14 a second"


def test_the_sandbox_is_enough_for_a_class_whose_addresses_are_verified() -> None:
    ses = Ses(**{"example.org": "SUCCESS", "EXAMPLE.com": "SUCCESS", "ada@example.net": "SUCCESS"})
    ses.account["ProductionAccessEnabled"] = False
    assert found(ses, "Ada@example.net", "ben@sub.example.org")["SES sandbox"].state == "ok"
    ses.identities["ada@example.net"] = "PENDING"
    assert "1 of the 3 addresses" in found(ses, "Ada@example.net", "ben@sub.example.org")["SES sandbox"].detail


@pytest.mark.parametrize("status", ["PENDING", "FAILED", "TEMPORARY_FAILURE", "NOT_STARTED"])
def test_a_sender_that_is_not_verified_is_reported(status: str) -> None:
    findings = found(Ses(**{SENDER: status, "com": "SUCCESS"}))
    assert findings["sender"].state == "wrong"
    assert f"SES has sent to {SENDER}" in findings["sender"].todo


@pytest.mark.parametrize("domain", ["mail.example.org", "example.org"])
@pytest.mark.parametrize(
    ("dkim", "state", "detail"),
    [
        (SIGNED, "ok", "signed by"),
        ({"Status": "PENDING", "SigningEnabled": True}, "wrong", "have not been found (PENDING)"),
        ({"Status": "SUCCESS", "SigningEnabled": False}, "wrong", "signing is switched off"),
    ],
)
def test_the_signature_of_a_domain_is_checked(domain: str, dkim: dict[str, Any], state: str, detail: str) -> None:
    ses = Ses(**{domain: "SUCCESS"})
    ses.dkim[domain] = dkim
    finding = found(ses)["DKIM"]
    assert (finding.state, detail in finding.detail) == (state, True)
    assert found(ses, is_local=True)["DKIM"].state == "not checked"


def test_an_address_that_hides_its_domains_signature_is_reported() -> None:
    ses = Ses(**{"mail.example.org": "SUCCESS", SENDER: "SUCCESS"})
    ses.dkim["mail.example.org"] = SIGNED
    assert found(ses)["DKIM"].detail == f"the DNS records for {SENDER} have not been found (NOT_STARTED)"
