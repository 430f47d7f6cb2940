"""AWS's limits: docs/scaling.md quotes the table of tests/support/aws_limits.py, and the code keeps to it."""

from __future__ import annotations

import re
from datetime import date

import pytest
from ansible_collections.training.test_time.plugins.action.stack import INLINE_TEMPLATE_BYTES
from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import CALLS_PER_SECOND

from support.aws_limits import LIMITS, Limit
from support.templates import BEHIND_THE_API, FUNCTIONS, ROOT, pascal, properties, template

SCALING = (ROOT / "docs/scaling.md").read_text()
# Nothing that the tests do comes near these; the text quotes them.
QUOTED_ONLY = {
    *("ses:sandbox rate", "ses:sandbox quota", "ses:production quota", "apigateway:keys", "states:events"),
    *("apigateway:CreateDeployment", "scheduler:CreateSchedule"),
}


def number(value: float) -> str:
    return f"{value:,g}" if value < 1_000_000 else f"{value:,.0f}"


def test_the_docs_have_every_limit_with_its_source_and_when_it_was_read() -> None:
    table = SCALING.split("| limit | value | source | read |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| (.*?) \| ([\d.,]+) \| \[.*?\]\((.*?)\) \| (.*?) \|$", table, re.M)
    expected = [(limit.what, number(limit.value), limit.page, limit.read or "no") for limit in LIMITS.values()]
    assert rows == expected


@pytest.mark.parametrize("limit", LIMITS.values(), ids=LIMITS)
def test_a_limit_names_a_page_of_aws_and_a_real_day(limit: Limit) -> None:
    assert limit.page.startswith("https://docs.aws.amazon.com/")
    assert limit.read is None or date.fromisoformat(limit.read)


@pytest.mark.parametrize(
    ("around", "name"),
    [
        (r"GetSendQuota is limited to (\d+) call a second", "ses:GetSendQuota"),
        (r"CreateDeployment to ([\d.]+) calls a second", "apigateway:CreateDeployment"),
        (r"CreateSchedule to (\d+) calls a second", "scheduler:CreateSchedule"),
        (r"only verified addresses, (\d+) emails a day", "ses:sandbox quota"),
        (r"emails a day, (\d+) a second", "ses:sandbox rate"),
        (r"emails at (\d+) a second", "ses:production rate"),
        (r"quota of ([\d,]+) emails a day", "ses:production quota"),
        (r"API Gateway: ([\d,]+) API keys", "apigateway:keys"),
        (r"CreateApiKey is limited to (\d+) calls a second", "apigateway:CreateApiKey"),
        (r"may run ([\d,]+) child executions", "states:children"),
        (r"history may have ([\d,]+) events", "states:events"),
    ],
)
def test_the_text_quotes_the_table(around: str, name: str) -> None:
    found = re.findall(around.replace(" ", r"\s+"), SCALING)
    assert {float(value.replace(",", "")) for value in found} == {LIMITS[name].value}


def test_what_the_trainers_side_keeps_to_is_what_aws_documents() -> None:
    assert LIMITS["apigateway:CreateApiKey"].value == CALLS_PER_SECOND
    assert LIMITS["cloudformation:inline bytes"].value == INLINE_TEMPLATE_BYTES


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_within_lambdas_limits(function: str) -> None:
    of_function = properties("functions", f"{pascal(function)}Function")
    assert of_function["Timeout"] <= LIMITS["lambda:timeout"].value
    if function in BEHIND_THE_API:
        assert of_function["Timeout"] < LIMITS["apigateway:timeout"].value
    variables = of_function["Environment"]["Variables"]
    # What is no literal is a parameter: an address, a name, a number. None is longer than 255 characters.
    size = sum(len(name) + (len(value) if isinstance(value, str) else 255) for name, value in variables.items())
    assert size <= LIMITS["lambda:environment bytes"].value


def test_a_map_has_fewer_children_at_a_time_than_step_functions_allows() -> None:
    states = template("weekly-run.asl")["States"]
    assert all(states[name]["MaxConcurrency"] < LIMITS["states:children"].value for name in ("ScoreAll", "MailAll"))


def test_every_limit_but_those_that_are_only_quoted_is_kept_to() -> None:
    code = "".join(path.read_text() for path in (ROOT / "tests").rglob("*.py"))
    assert {name for name in LIMITS if f'LIMITS["{name}"]' not in code} == QUOTED_ONLY
