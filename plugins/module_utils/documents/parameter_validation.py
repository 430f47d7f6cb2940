"""Checks group_vars/all.yml against its schema, and what a schema cannot express (time zones, email addresses)."""

from __future__ import annotations

import difflib
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

from .mail_address import address_problem, ascii_address
from .schema_check import SCHEMAS, check, validator
from .yaml_lines import Document, Problem, load_file


def load_parameters(
    path: Path, shown_as: str = "group_vars/all.yml", stage: str | None = None, schemas: Path = SCHEMAS
) -> Document:
    """The parameters and everything that is wrong with them. `stage` replaces the file's own (`--stage`).

    Addresses are in the form in which emails are sent to them, which may differ from what is written.
    """
    document = load_file(
        path,
        shown_as,
        if_missing="does not exist; restore it with `git checkout group_vars/all.yml`",
    )
    if document.problems and document.data is None:
        return document
    if stage is not None and isinstance(document.data, dict):
        document.data["stage"] = stage
    check(document, validator("parameters", schemas))
    if isinstance(document.data, dict):
        _check_zone(document, document.data.get("timezone"))
        for name in ("trainer_email", "sender_email"):
            _check_address(document, name, document.data.get(name))
        _check_domain(document, document.data.get("sender_domain"), document.data.get("sender_email"))
    if stage is not None:
        document.problems = [_of_the_command(problem) for problem in document.problems]
    document.problems.sort()
    return document


def _of_the_command(problem: Problem) -> Problem:
    """The problem with its source, if it is in a stage that `--stage` gave and not in the file."""
    return replace(problem, message=f"{problem.message} (given with --stage)") if problem.field == "stage" else problem


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
