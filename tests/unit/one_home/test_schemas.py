"""The JSON Schemas say the same where they repeat each other or a rule of the code."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.objects import EXTRA_HOURS, SHUFFLE
from ansible_collections.training.test_time.plugins.module_utils.class_content.questions import POINTS

from common.shared.harmful_characters import CONTROLS, HIDDEN
from support.templates import ROOT

# In a text of several lines they are harmless, so CONTROLS does not have all of them.
TAB_AND_LINE_ENDS = {*"\t\n\r\x85\u2028\u2029"}
CHARACTERS = [chr(code) for code in (*range(0xD800), *range(0xE000, 0xE0100))]
# Not allowed in the class's name, which the scripts show: Ansible takes braces for a template.
NOT_IN_CLASS_NAME = {*"{}", *(chr(code) for first, last in HIDDEN for code in range(first, last + 1))}


def schema(name: str) -> dict[str, Any]:
    """The properties that `schemas/<name>.schema.json` describes."""
    properties: dict[str, Any] = json.loads((ROOT / f"schemas/{name}.schema.json").read_text())["properties"]
    return properties


def definitions(name: str) -> dict[str, Any]:
    """Its `$defs`."""
    found: dict[str, Any] = json.loads((ROOT / f"schemas/{name}.schema.json").read_text())["$defs"]
    return found


def limits(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule without the words for its reader, which differ where a test says `none` and the parameters `null`."""
    return {name: value for name, value in rule.items() if name not in {"description", "errorMessage", "examples"}}


@pytest.mark.parametrize(
    "name", ["announce", "attempts", "grace_minutes", "late", "partial_credit", "unsubmitted_drafts"]
)
def test_what_a_test_may_set_otherwise_has_the_parameters_limits(name: str) -> None:
    of_test, of_class = schema("test")[name], schema("parameters")[name]
    assert limits(of_test) == limits(of_class)
    assert of_test.get("errorMessage", "") == of_class.get("errorMessage", "").replace("be null, ", "be none, ")


def test_what_is_left_out_means_what_the_schema_and_the_authors_guide_say() -> None:
    student = schema("students")["students"]["items"]["properties"]
    assert student["extra_hours"]["default"] == EXTRA_HOURS
    assert definitions("test")["question"]["properties"]["points"]["default"] == POINTS
    assert schema("test")["shuffle"]["default"] is SHUFFLE
    guide = (ROOT / "docs/authoring.md").read_text()
    assert f"who are entitled to more time. Default: {EXTRA_HOURS}. |" in guide
    assert f"| Points for the right answer. Default: {POINTS}. |" in guide


@pytest.mark.parametrize(
    ("rule", "besides"),
    [
        (schema("test")["title"], set()),
        (schema("students")["students"]["items"]["properties"]["name"], set()),
        (schema("parameters")["class_name"], NOT_IN_CLASS_NAME),
    ],
    ids=["title", "name", "class_name"],
)
def test_a_name_has_no_control_character_and_one_line(rule: dict[str, Any], besides: set[str]) -> None:
    pattern = re.compile(rule["pattern"])
    refused = {character for character in CHARACTERS if not pattern.search(f"a{character}b")}
    controls = {chr(code) for first, last in CONTROLS for code in range(first, last + 1)}
    assert refused == controls | TAB_AND_LINE_ENDS | besides
