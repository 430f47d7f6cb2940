"""Each gate of `./run-tests.sh lint` finds mistakes that are planted into the packaged templates, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from gates import api, cloudformation, policies, state_machine
from support.deployer import policy_text
from support.packaged import Json, packaged_templates

Edit = Callable[[Json], object]


def planted(template: str, edit: Edit) -> dict[str, Json]:
    """The packaged templates, one of them with a mistake in its resources."""
    templates = packaged_templates()
    edit(templates[template]["Resources"])
    return templates


def machine(edit: Edit) -> Edit:
    """An edit of the state machine's definition."""

    def of_the_resources(resources: Json) -> None:
        properties = resources["StateMachine"]["Properties"]
        definition = json.loads(properties["DefinitionString"])
        edit(definition["States"])
        properties["DefinitionString"] = json.dumps(definition)

    return of_the_resources


def document(edit: Edit) -> Edit:
    """An edit of the API's definition."""
    return lambda resources: edit(resources["RestApi"]["Properties"]["Body"])


def policy(role: str, edit: Edit) -> Edit:
    """An edit of the first statement of a role's policy about the data bucket."""
    return lambda resources: edit(
        next(
            statement
            for statement in resources[role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
            if "s3:" in str(statement["Action"]) and (role != "StudentRole" or "Condition" in statement)
        )
    )


def rename(key: str, new: str) -> Edit:
    return lambda node: node.update({new: node.pop(key)})


@pytest.mark.parametrize("gate", [state_machine, policies, api], ids=lambda gate: gate.__name__)
def test_nothing_is_found_in_what_is_deployed(gate: ModuleType) -> None:
    assert gate.problems(packaged_templates()) == []


@pytest.mark.parametrize(
    ("name", "right", "wrong", "found"),
    [
        ("deployer-policy", '"s3:ListBucket"', '"s3:ListBuckets"', "UNKNOWN_ACTION"),
        ("deployer-policy", '"Effect": "Allow"', '"Effect": "Allowed"', "MALFORMED"),
        ("deployer-policy", "iam:PassedToService", "iam:PassedTo", "UNKNOWN_CONDITION_FOR_ACTION"),
        ("deployer-stacks-policy", "s3:::trainings-tests-*", "lambda:::trainings-tests-*", "RESOURCE_MISMATCH"),
        ("deployer-stacks-policy", "events:TargetArn", "events:Target", "UNKNOWN_CONDITION_FOR_ACTION"),
        ("deployer-stacks-policy", "ForAllValues:ArnLike", "ForAllValues:NumericEquals", "MISMATCHED_TYPE"),
        ("permissions-boundary", '"s3:ListBucket"', '"s3:ListBuckets"', "UNKNOWN_ACTION"),
    ],
)
def test_parliament_finds_a_mistake_in_a_documented_policy(name: str, right: str, wrong: str, found: str) -> None:
    text = policy_text(name)
    assert right in text
    assert found in "\n".join(policies.findings("docs", text.replace(right, wrong)))


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        (lambda states: states["Plan"].update(Next="Nowhere"), "Nowhere"),
        (lambda states: rename("TimestampPath", "TimestampPth")(states["Settle"]), "TimestampPth"),
        (lambda states: states["Report"].pop("End"), "Report"),
        (lambda states: states["Report"]["Retry"][0].update(MaxAttempts=-1), "MaxAttempts"),
        (lambda states: states["ScoreAll"]["ItemProcessor"].update(StartAt="Scoring"), "Scoring"),
    ],
    ids=["unknown next state", "misspelt field", "no end", "negative", "unknown start"],
)
def test_statelint_finds_a_mistake_in_the_state_machine(edit: Edit, found: str) -> None:
    lines = state_machine.problems(planted("weekly-run", machine(edit)))
    assert found in "\n".join(lines)


@pytest.mark.parametrize(
    ("role", "edit", "found"),
    [
        ("AuthorizerRole", lambda statement: statement.update(Action="s3:GetObjct"), "UNKNOWN_ACTION"),
        ("AuthorizerRole", lambda statement: statement.update(Action="s3:ListBucket"), "RESOURCE_MISMATCH"),
        ("AuthorizerRole", lambda statement: statement.update(Resource="arn:aws:s3:x"), "INVALID_ARN"),
        ("AuthorizerRole", lambda statement: statement.pop("Effect"), "MALFORMED"),
        (
            "StudentRole",
            lambda statement: statement.update(Condition={"StringLike": {"s3:prefx": "answers/*"}}),
            "UNKNOWN_CONDITION_FOR_ACTION",
        ),
    ],
    ids=["misspelt action", "action of another resource", "no ARN", "no effect", "misspelt condition"],
)
def test_parliament_finds_a_mistake_in_a_policy(role: str, edit: Edit, found: str) -> None:
    lines = policies.problems(planted("functions", policy(role, edit)))
    assert found in "\n".join(lines)
    assert all(role in line for line in lines)


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        (lambda body: body["paths"]["/"]["get"]["responses"]["200"].pop("description"), "responses/200"),
        (lambda body: body["paths"]["/v1/test"]["get"]["parameters"][0].update({"in": "body"}), "body"),
        (lambda body: body["components"]["schemas"]["Error"].update(required="code"), "code"),
        (lambda body: body["paths"]["/v1/student"]["get"].update(operationId="getTest"), "getTest"),
    ],
    ids=["no description", "parameter nowhere", "required is no list", "two operations of one name"],
)
def test_openapi_spec_validator_finds_a_mistake_in_the_api(edit: Edit, found: str) -> None:
    assert found in "\n".join(api.problems(planted("api", document(edit))))


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        (machine(lambda states: rename("TimestampPath", "TimestampPth")(states["Settle"])), "E3601"),
        (lambda resources: resources["DeadLetterQueue"]["Properties"].update(Encrypted=True), "E3002"),
        (lambda resources: resources["WeeklyRule"].update(DependsOn="Nothing"), "E3005"),
    ],
    ids=["state machine", "unknown property", "unknown resource"],
)
def test_cfn_lint_finds_a_mistake_in_a_packaged_template(edit: Edit, rule: str) -> None:
    templates: dict[str, Any] = planted("weekly-run", edit)
    [line] = cloudformation.problems({"weekly-run": templates["weekly-run"]})
    assert line.startswith(f"weekly-run: {rule} ")
