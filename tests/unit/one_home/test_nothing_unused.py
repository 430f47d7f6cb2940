"""No output, parameter, returned value or setting is left that nobody uses.

A function's environment variables are checked in tests/unit/templates/test_functions_template.py. cfn-lint reports a
template's parameter that the template does not use, except in api.json, whose parameters openapi.json uses too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from support.templates import NAMES, ROOT, of_type, template

ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
STACK_PARAMETERS = yaml.safe_load((ROOT / "roles/stacks/vars/main.yml").read_text())["stacks__parameters"]
# What a deployment has no need to vary: the root template is the home of these values.
SET_IN_THE_TEMPLATE = {"BatchSize", "SettleSeconds"}

# What a module changed, for who runs it with -v.
SHOWN_BY_ANSIBLE = {"uploaded", "created", "count"}
# What the scripts' callback reads of a module that failed.
READ_BY_THE_CALLBACK = {"confirm"}


def text_of(*patterns: str) -> str:
    return "\n".join(path.read_text() for pattern in patterns for path in sorted(ROOT.glob(pattern)))


def is_named(name: str, text: str) -> bool:
    return re.search(rf"\b{name}\b", text) is not None


def outputs(name: str) -> dict[str, Any]:
    found: dict[str, Any] = template(name).get("Outputs", {})
    return found


@pytest.mark.parametrize("name", ["storage", "trainings-tests"])
def test_every_output_of_a_stack_is_used_by_a_role_or_by_code(name: str) -> None:
    users = text_of(
        "cli/*.py", "plugins/module_utils/*/*.py", "roles/*/tasks/*.yml", "roles/*/vars/*.yml", "roles/*/defaults/*.yml"
    )
    assert not [output for output in outputs(name) if not is_named(output, users)]


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"storage", "trainings-tests"}))
def test_every_output_of_a_nested_stack_is_used_by_the_root(name: str) -> None:
    stacks = of_type("trainings-tests", "AWS::CloudFormation::Stack")
    [logical_id] = [i for i, stack in stacks.items() if stack["TemplateURL"] == f"{name}.json"]
    root = json.dumps(template("trainings-tests"))
    assert not [o for o in outputs(name) if json.dumps({"Fn::GetAtt": [logical_id, f"Outputs.{o}"]}) not in root]


def test_every_parameter_of_the_api_is_used_by_it_or_by_its_definition() -> None:
    users = [template("api")["Resources"], template("api").get("Outputs", {}), template("openapi")]
    assert set(template("api")["Parameters"]) <= {name for user in users for name in named_in(user)}


def named_in(node: Any) -> Iterator[str]:
    """The parameters and resources that a template's `Ref` and `Fn::Sub` name."""
    if isinstance(node, dict):
        for function, value in node.items():
            if function == "Ref":
                yield value
            elif function == "Fn::Sub":
                yield from re.findall(r"\$\{([\w:.]+)\}", json.dumps(value))
            yield from named_in(value)
    elif isinstance(node, list):
        for item in node:
            yield from named_in(item)


def test_a_stacks_parameter_is_passed_by_its_role_or_has_its_value_in_the_template_not_both() -> None:
    parameters = template("trainings-tests")["Parameters"]
    assert set(parameters) == set(STACK_PARAMETERS) | SET_IN_THE_TEMPLATE
    assert {name for name, settings in parameters.items() if "Default" in settings} == SET_IN_THE_TEMPLATE
    assert "Default" not in template("storage")["Parameters"]["RetentionDays"]


# What is decided after a publication, outside of Ansible.
FOR_A_COMMAND = {"invitations"}


@pytest.mark.parametrize("parameter", yaml.safe_load((ROOT / "group_vars/all.yml").read_text()))
def test_every_parameter_of_the_project_is_used_by_a_role_or_is_for_a_command(parameter: str) -> None:
    if parameter in FOR_A_COMMAND:
        assert f'parameter("{parameter}"' in text_of("cli/*/*.py")
        return
    roles = "\n".join(re.findall(r"{{.*?}}", text_of("roles/*/vars/*.yml", "roles/*/defaults/*.yml")))
    assert is_named(parameter, roles)


def test_the_schema_describes_the_parameters_that_there_are() -> None:
    schema = json.loads((ROOT / "schemas/parameters.schema.json").read_text())
    assert set(schema["properties"]) == set(yaml.safe_load((ROOT / "group_vars/all.yml").read_text()))


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_of_a_role_is_used_by_it(role: str) -> None:
    text = text_of(f"roles/{role}/tasks/*.yml", f"roles/{role}/defaults/*.yml", f"roles/{role}/vars/*.yml")
    variable = re.compile(rf"^({role}_\w+):", re.M)
    used = re.sub(r"#.*", "", variable.sub("", text))
    assert not [name for name in variable.findall(text) if not is_named(name, used)]


@pytest.mark.parametrize("module", sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py")))
def test_every_value_that_a_module_returns_is_used_by_a_role(module: str) -> None:
    [returned] = re.findall(
        r'^RETURN = r"""\n(.*?)"""', (ROOT / f"plugins/modules/{module}.py").read_text(), re.M | re.S
    )
    roles = text_of("roles/*/tasks/*.yml", "roles/*/defaults/*.yml", "roles/*/vars/*.yml")
    unread = {name for name in yaml.safe_load(returned) if not re.search(rf"__\w+\.{name}\b", roles)}
    assert unread <= SHOWN_BY_ANSIBLE | READ_BY_THE_CALLBACK
