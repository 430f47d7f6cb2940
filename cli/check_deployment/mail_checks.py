"""Amazon SES: the account, its limits and the identities that the class's emails need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.shared.mail_domains import domains_of
from cli.check_deployment.findings import Check, Finding, judged, not_checked, ok, wrong

_ACCOUNT = "see the SES console, Account dashboard"


@dataclass(frozen=True)
class MailChecks:
    """`ses`: boto3's client for SES version 2. `students`: reads the addresses of the class."""

    ses: Any
    sender: str
    trainer: str
    students: Callable[[], Sequence[str]]
    is_local: bool

    def all(self) -> list[Check]:
        """The checks."""
        return [
            Check("SES account", self._account_state, _ACCOUNT),
            Check("SES quota", self._quota, _ACCOUNT),
            Check("SES sandbox", self._sandbox, _ACCOUNT),
            Check("sender", self._sender),
            Check("DKIM", self._dkim),
        ]

    @cached_property
    def _account(self) -> dict[str, Any]:
        account: dict[str, Any] = self.ses.get_account()
        return account

    @cached_property
    def _identities(self) -> dict[str, bool]:
        """Whether each identity of the account is verified, by its name in lower case."""
        found: dict[str, bool] = {}
        token: dict[str, str] = {}
        while True:
            page = self.ses.list_email_identities(PageSize=1000, **token)
            found |= {
                item["IdentityName"].lower(): item["VerificationStatus"] == "SUCCESS"
                for item in page["EmailIdentities"]
            }
            if not page.get("NextToken"):
                return found
            token = {"NextToken": page["NextToken"]}

    def _account_state(self) -> Finding:
        problems = []
        if not self._account["SendingEnabled"]:
            problems.append("sending is paused")
        if self._account["EnforcementStatus"] != "HEALTHY":
            problems.append(f"AWS has put the account under review ({self._account['EnforcementStatus']})")
        return judged("SES account", problems, "sending is enabled", f"{_ACCOUNT}: it says why and what AWS expects")

    def _quota(self) -> Finding:
        quota = self._account["SendQuota"]
        most, rate, sent = quota["Max24HourSend"], quota["MaxSendRate"], quota["SentLast24Hours"]
        if most < 0:
            return ok("SES quota", f"no daily limit, {rate:g} a second")
        needed = len(self.students()) + 1
        detail = f"{most:,.0f} emails a day, {rate:g} a second; sent in the last 24 hours: {sent:,.0f}"
        problems = [f"{detail}, but each test has {needed:,} emails"] if sent + needed > most else []
        return judged("SES quota", problems, detail, "ask AWS for a higher sending quota (Service Quotas, Amazon SES)")

    def _sandbox(self) -> Finding:
        if self._account["ProductionAccessEnabled"]:
            return ok("SES sandbox", "the account is not in the sandbox")
        recipients = [self.trainer, *self.students()]
        refused = sum(not self._is_verified(address) for address in recipients)
        if not refused:
            return ok("SES sandbox", "the account is in the sandbox, but every address of the class is verified")
        return wrong(
            "SES sandbox",
            f"the account is in the sandbox, and {refused} of the {len(recipients)} addresses of the class and the"
            " trainer are not verified",
            f"ask for production access ({_ACCOUNT}), or verify the addresses (SES console, Identities)",
        )

    def _sender(self) -> Finding:
        problems = [] if self._is_verified(self.sender) else ["the address that emails are sent from is not verified"]
        todo = f"follow the link that SES has sent to {self.sender}; to get another one, deploy again"
        return judged("sender", problems, "verified", todo)

    def _dkim(self) -> Finding:
        """Whether emails are signed by the sender's domain. SES uses an identity of the address before the domain's."""
        domain = next((name for name in domains_of(self.sender) if name in self._identities), None)
        if domain is None:
            return not_checked(
                "DKIM",
                "emails are not signed and may be taken for spam: SES does not know the sender's domain",
            )
        if self.is_local:
            return not_checked("DKIM", "the local cloud signs nothing")
        problems = []
        for name in (domain, self.sender.lower()):
            if name in self._identities:
                dkim = self.ses.get_email_identity(EmailIdentity=name).get("DkimAttributes", {})
                if dkim.get("Status") != "SUCCESS":
                    problems.append(f"the DNS records for {name} have not been found ({dkim.get('Status')})")
                elif not dkim.get("SigningEnabled"):
                    problems.append(f"signing is switched off for {name}")
        todo = (
            f"set the DNS records that a deployment prints with sender_domain: {domain}; in the SES console,"
            " Identities, switch DKIM on for the domain, and delete the identity of the address if there is one"
        )
        return judged("DKIM", problems, f"emails are signed by {domain}", todo)

    def _is_verified(self, address: str) -> bool:
        """By the address itself, its domain or a domain above it."""
        return any(self._identities.get(name, False) for name in (address.lower(), *domains_of(address)))
