"""How the templates fit together: what each is given and gives, described, and passed on whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.templates import NAMES, TEMPLATES, of_type, properties, template

NESTED = tuple(of_type("trainings-tests", "AWS::CloudFormation::Stack"))


def nested(logical_id: str) -> dict[str, Any]:
    """A nested stack's properties."""
    return properties("trainings-tests", logical_id)


def nested_template(logical_id: str) -> dict[str, Any]:
    """A nested stack's template."""
    return template(nested(logical_id)["TemplateURL"].removesuffix(".json"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("section", ["Parameters", "Outputs"])
def test_every_parameter_and_output_is_described(name: str, section: str) -> None:
    for entry, definition in template(name).get(section, {}).items():
        assert definition["Description"].endswith("."), entry
        assert len(definition["Description"]) > 10, entry


@pytest.mark.parametrize("name", NAMES)
def test_every_template_says_what_it_is(name: str) -> None:
    assert template(name)["Description"].startswith("Test time: ")


@pytest.mark.parametrize("file", sorted(TEMPLATES.glob("*.json")), ids=lambda file: file.name)
def test_no_template_has_a_null(file: Path) -> None:
    # CloudFormation refuses the whole template: "'null' values are not allowed in templates". cfn-lint does not say so.
    assert not list(nulls(json.loads(file.read_text())))


@pytest.mark.parametrize("file", sorted(TEMPLATES.glob("*.json")), ids=lambda file: file.name)
def test_no_template_names_a_partition(file: Path) -> None:
    # GovCloud's ARNs begin with arn:aws-us-gov:, those of the European Sovereign Cloud with arn:aws-eusc:.
    assert re.findall(r"\barn:(?!\$\{(?:AWS::)?Partition\}:)", file.read_text()) == []


@pytest.mark.parametrize("file", sorted(TEMPLATES.glob("*.json")), ids=lambda file: file.name)
def test_no_template_names_a_partitions_hosts_except_as_services(file: Path) -> None:
    # A service's name, such as lambda.amazonaws.com, is the same in every partition.
    hosts = re.findall(r'"?[\w.${}:/-]*\bamazonaws\.[\w.]*"?', file.read_text())
    assert [host for host in hosts if not re.fullmatch(r'"[a-z]+\.amazonaws\.com"', host)] == []


@pytest.mark.parametrize("file", sorted(TEMPLATES.glob("*.json")), ids=lambda file: file.name)
def test_every_template_is_ascii(file: Path) -> None:
    # CloudFormation returns any other character as "?", so a deployment would find the template changed every time.
    assert json.dumps(json.loads(file.read_text()), ensure_ascii=False).isascii()


def nulls(node: Any, path: str = "") -> Iterator[str]:
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from nulls(value, f"{path}/{key}")
    elif node is None:
        yield path


@pytest.mark.parametrize("logical_id", NESTED)
def test_a_nested_template_gets_exactly_the_parameters_it_takes(logical_id: str) -> None:
    assert set(nested(logical_id)["Parameters"]) == set(nested_template(logical_id)["Parameters"])


@pytest.mark.parametrize("logical_id", NESTED)
def test_what_is_passed_on_has_the_same_name_and_meaning(logical_id: str) -> None:
    for name, value in nested(logical_id)["Parameters"].items():
        if name == "RootStackName":
            assert value == {"Ref": "AWS::StackName"}
        elif "Ref" in value:
            assert value == {"Ref": name}
        else:
            assert value["Fn::GetAtt"][1] == f"Outputs.{name}"


def test_every_output_that_is_used_is_given() -> None:
    for source, output in used_outputs(template("trainings-tests")):
        assert output.removeprefix("Outputs.") in nested_template(source)["Outputs"], (source, output)


def test_nested_templates_take_no_attribute_of_a_resource_but_make_its_arn() -> None:
    # MiniStack 1.5.33 forgets the attributes of what an update of a nested stack leaves as it is, so Fn::GetAtt would
    # fail there. To be dropped when it remembers them.
    for logical_id in NESTED:
        found = nested_template(logical_id)
        assert not used_outputs(found)
        assert not re.findall(r"\$\{\w+\.\w+\}", json.dumps(found))


@pytest.mark.parametrize("name", NAMES)
def test_what_grants_permissions_has_no_name_of_its_own(name: str) -> None:
    # CloudFormation would ask for CAPABILITY_NAMED_IAM, which plugins/action/stack.py does not give.
    iam = [r for r in template(name)["Resources"].values() if r["Type"].startswith("AWS::IAM::")]
    assert not [r for r in iam if {"RoleName", "ManagedPolicyName", "UserName", "GroupName"} & r["Properties"].keys()]


def used_outputs(node: Any) -> list[tuple[str, str]]:
    if isinstance(node, dict):
        if "Fn::GetAtt" in node:
            return [(node["Fn::GetAtt"][0], node["Fn::GetAtt"][1])]
        return [found for value in node.values() for found in used_outputs(value)]
    return []


def test_the_root_gives_what_scripts_and_publishing_ask_for() -> None:
    assert set(template("trainings-tests")["Outputs"]) == {
        *("ApiId", "ApiEndpoint", "UsagePlanId", "TrainerUsagePlanId", "StateMachineArn", "ScheduleGroupName"),
        *("SchedulerRoleArn", "DeadLetterQueueArn", "DataBucketName", "AlarmTopicArn"),
    }


def test_stages_side_by_side_share_no_name() -> None:
    named = {
        **{"AWS::Lambda::Function": "FunctionName", "AWS::Logs::LogGroup": "LogGroupName"},
        **{"AWS::StepFunctions::StateMachine": "StateMachineName", "AWS::SQS::Queue": "QueueName"},
        **{"AWS::Events::Rule": "Name", "AWS::Scheduler::ScheduleGroup": "Name", "AWS::ApiGateway::RestApi": "Name"},
    }
    for template_name in NAMES:
        for resource_type, name in named.items():
            for logical_id, settings in of_type(template_name, resource_type).items():
                assert any(part in str(settings[name]) for part in ("RootStackName", "${RestApi}")), logical_id
