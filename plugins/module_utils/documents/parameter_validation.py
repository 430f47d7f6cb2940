"""Checks a stage's parameters against their schema, and what a schema cannot express (time zones, email addresses)."""

from __future__ import annotations

import difflib
from importlib import resources
from pathlib import Path
from typing import Any

from .inventory import INVENTORY
from .layers import load_layers
from .mail_address import address_problem, ascii_address
from .schema_check import SCHEMAS, check, validator
from .yaml_lines import Document


def load_parameters(folder: Path, stage: str, schemas: Path = SCHEMAS) -> Document:
    """A stage's parameters and everything that is wrong with them.

    Addresses are in the form in which emails are sent to them, which may differ from what is written.
    """
    document = load_layers(folder, stage)
    if document.problems:
        return document
    _take_out_stage(document, stage)
    check(document, validator("parameters", schemas))
    _check_zone(document, document.data.get("timezone"))
    for name in ("trainer_email", "sender_email"):
        _check_address(document, name, document.data.get(name))
    _check_domain(document, document.data.get("sender_domain"), document.data.get("sender_email"))
    document.problems.sort()
    return document


def _take_out_stage(document: Document, stage: str) -> None:
    """Ignore the parameter of earlier versions if it names this stage; otherwise say where a stage is named now."""
    written = document.data.pop("stage", stage)
    if written != stage:
        message = (
            f"is no longer a parameter: a stage is a host of {INVENTORY}, and this one is '{stage}'. Remove this line;"
            f" if your stage is '{written}', write it into {INVENTORY} in place of '{stage}'"
        )
        document.problem(("stage",), "stage", message)


def _check_zone(document: Document, zone: Any) -> None:
    if not isinstance(zone, str):
        return
    known = _zones()
    if zone in known:
        return
    by_lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(zone.lower(), by_lower, n=1)
    hint = f"did you mean {by_lower[near[0]]}?" if near else "use a name such as Europe/Warsaw"
    document.problem(("timezone",), "timezone", f"'{zone}' is not an IANA time zone; {hint}")


def _zones() -> set[str]:
    """IANA's names, from the package `tzdata`. The computer's own folder also has files that are not zones of IANA.

    Factory is IANA's placeholder for a clock that has not been set.
    """
    return set(resources.files("tzdata").joinpath("zones").read_text().split()) - {"Factory"}


def _check_domain(document: Document, domain: Any, sender: Any) -> None:
    """A domain's identity is good for its addresses and those of the domains below it."""
    has_problem = any(problem.field == "sender_domain" for problem in document.problems)
    if has_problem or not isinstance(domain, str) or not isinstance(sender, str):
        return
    of_sender = sender.rpartition("@")[2].lower()
    if of_sender != domain and not of_sender.endswith(f".{domain}"):
        document.problem(
            ("sender_domain",), "sender_domain", "is not the domain of sender_email; set it to that domain, or to null"
        )


def _check_address(document: Document, name: str, address: Any) -> None:
    if not isinstance(address, str):
        return
    problem = address_problem(address)
    if problem:
        document.problem((name,), name, problem)
    else:
        document.data[name] = ascii_address(address)
