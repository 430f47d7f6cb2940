"""A role's variables: `defaults/main.yml` has their values; the argument spec and the README describe them."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from support.templates import ROOT

ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())


def defaults(role: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / f"roles/{role}/defaults/main.yml").read_text())
    return found


@pytest.mark.parametrize("role", ROLES)
def test_the_argument_spec_describes_every_variable_and_repeats_no_default(role: str) -> None:
    spec = yaml.safe_load((ROOT / f"roles/{role}/meta/argument_specs.yml").read_text())
    options = spec["argument_specs"]["main"]["options"]
    assert set(options) == set(defaults(role))
    for name, option in options.items():
        assert {"description", "type"} <= set(option), name
        assert "default" not in option, name


@pytest.mark.parametrize("role", ROLES)
def test_the_readmes_table_has_every_variable_and_the_right_numbers(role: str) -> None:
    rows = re.findall(r"^\| (`.*?`) \| (.*?) \|", (ROOT / f"roles/{role}/README.md").read_text(), re.M)
    described = {name: default for names, default in rows for name in re.findall(r"`(\w+)`", names)}
    if not described:
        return  # this README refers to defaults/main.yml
    assert set(described) == set(defaults(role))
    for name, value in defaults(role).items():
        if isinstance(value, int):
            assert described[name] == str(value), name
