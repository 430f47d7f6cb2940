"""Packaged templates: what changes when something changes, and what does not."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.deployment.packaging import (
    Package,
    PackagingError,
    bundle_key,
    package,
)

from support.aws_limits import LIMITS
from support.packaged import PARAMETERS, as_written, files, packaged_templates
from support.templates import FUNCTIONS, NAMES
from support.templates import template as written


def bundles(**changed: bytes) -> dict[str, str]:
    return {name: bundle_key(name, changed.get(name, b"code")) for name in (*FUNCTIONS, "dependencies")}


def packaged(**changed: Any) -> Package:
    return package(
        changed.get("files") or files(), changed.get("bundles") or bundles(), changed.get("parameters") or PARAMETERS
    )


def template(result: Package, name: str) -> dict[str, Any]:
    [text] = [text for key, text in result.templates.items() if key.startswith(f"templates/{name}-")]
    document: dict[str, Any] = json.loads(text)
    return document


def deployment(result: Package) -> str:
    resources = template(result, "api")["Resources"]
    [logical_id] = [name for name, resource in resources.items() if resource["Type"] == "AWS::ApiGateway::Deployment"]
    return str(logical_id)


def changed_resources(one: Package, other: Package, name: str) -> list[str]:
    before, after = (template(result, name)["Resources"] for result in (one, other))
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def with_api_document(edit: tuple[str, str]) -> dict[str, str]:
    texts = files()
    assert edit[0] in texts["openapi.json"]
    return texts | {"openapi.json": texts["openapi.json"].replace(*edit)}


def test_the_same_input_gives_the_same_keys_and_text() -> None:
    assert packaged() == packaged()


def test_a_key_names_the_content_so_it_changes_with_it_alone() -> None:
    assert bundle_key("student", b"one") == bundle_key("student", b"one") != bundle_key("student", b"two")
    assert re.fullmatch(r"code/student-[0-9a-f]{64}\.zip", bundle_key("student", b"one"))


def test_a_changed_handler_changes_exactly_its_function() -> None:
    before, after = packaged(), packaged(bundles=bundles(score_batch=b"another line"))
    assert changed_resources(before, after, "functions") == ["ScoreBatchFunction"]
    assert changed_resources(before, after, "trainings-tests") == ["Functions"]
    unchanged = [key for key in before.templates if key in after.templates]
    assert {key.split("/")[1].rsplit("-", 1)[0] for key in unchanged} == {"api", "weekly-run", "monitoring"}


def test_every_function_and_the_layer_get_the_key_of_their_own_bundle() -> None:
    result, keys = template(packaged(), "functions")["Resources"], bundles()
    for name in FUNCTIONS:
        code = result["".join(part.capitalize() for part in name.split("_")) + "Function"]["Properties"]["Code"]
        assert code == {"S3Bucket": {"Ref": "ArtifactBucketName"}, "S3Key": keys[name]}
    assert result["Dependencies"]["Properties"]["Content"]["S3Key"] == keys["dependencies"]


def test_a_changed_line_of_the_api_gives_a_new_deployment_and_the_stage_is_on_it() -> None:
    before, after = packaged(), packaged(files=with_api_document(("The students' web page", "The page")))
    assert deployment(before) != deployment(after)
    for result in (before, after):
        stage = template(result, "api")["Resources"]["Stage"]["Properties"]
        assert stage["DeploymentId"] == {"Ref": deployment(result)}
        assert re.fullmatch(r"Deployment[0-9a-f]{12}", deployment(result))


def test_layout_alone_of_the_api_document_makes_no_new_deployment() -> None:
    texts = files()
    texts["openapi.json"] = json.dumps(json.loads(texts["openapi.json"]))
    assert packaged(files=texts) == packaged()


def test_a_parameter_the_api_takes_up_makes_a_new_deployment_and_no_other_does() -> None:
    before = deployment(packaged())
    assert deployment(packaged(parameters=PARAMETERS | {"AuthorizerTtlSeconds": "0"})) != before
    assert deployment(packaged(parameters=PARAMETERS | {"ThrottleBurst": "99"})) == before


def test_the_authorizers_time_is_a_number_in_the_packaged_api() -> None:
    # CloudFormation writes a parameter that is a number as text into the API's definition.
    body = template(packaged(), "api")["Resources"]["RestApi"]["Properties"]["Body"]
    authorizer = body["components"]["securitySchemes"]["student"]["x-amazon-apigateway-authorizer"]
    assert authorizer["authorizerResultTtlInSeconds"] == 60
    assert body["info"]["title"] == {"Ref": "RootStackName"}


def test_nested_templates_have_path_style_urls_of_keys_that_are_in_the_package() -> None:
    result = packaged()
    urls = [
        resource["Properties"]["TemplateURL"]["Fn::Sub"]
        for resource in json.loads(result.templates[result.root_key])["Resources"].values()
    ]
    prefix = "https://s3.${AWS::Region}.${AWS::URLSuffix}/${ArtifactBucketName}/"
    assert all(url.startswith(prefix) for url in urls)
    assert {url.removeprefix(prefix) for url in urls} | {result.root_key} == set(result.templates)


def test_a_packaged_template_has_no_local_name_left() -> None:
    text = "".join(packaged().templates.values())
    assert "AWS::Include" not in text
    assert '"openapi.json"' not in text
    assert '"weekly-run.asl.json"' not in text
    for name in FUNCTIONS:
        assert f'"S3Key": "{name}"' not in text


def test_a_packaged_template_names_no_partition() -> None:
    text = "".join(packaged().templates.values())
    assert re.findall(r"\barn:(?!\$\{(?:AWS::)?Partition\}:)", text) == []


def test_the_state_machine_is_the_document_and_its_change_changes_it_only() -> None:
    texts = files()
    before = packaged()
    machine = template(before, "weekly-run")["Resources"]["StateMachine"]["Properties"]
    # As text: in an object, CloudFormation may turn numbers and booleans into text.
    assert json.loads(machine["DefinitionString"]) == json.loads(texts["weekly-run.asl.json"])
    assert "Definition" not in machine
    edited = texts["weekly-run.asl.json"].replace('"TimeoutSeconds": 86400', '"TimeoutSeconds": 86399')
    after = packaged(files=texts | {"weekly-run.asl.json": edited})
    assert changed_resources(before, after, "weekly-run") == ["StateMachine"]


def test_the_dashboard_is_the_document_as_text_in_which_cloudformation_fills_in_names() -> None:
    body = template(packaged(), "monitoring")["Resources"]["Dashboard"]["Properties"]["DashboardBody"]
    assert json.loads(body["Fn::Sub"]) == json.loads(files()["dashboard.json"])


@pytest.mark.parametrize("name", NAMES)
def test_packaging_changes_nothing_but_what_it_replaces(name: str) -> None:
    for document, content in as_written(name, packaged_templates()[name]).items():
        assert content == written(document)


def test_packaged_templates_are_within_cloudformations_limits() -> None:
    result = packaged()
    largest, most = LIMITS["cloudformation:template bytes"].value, LIMITS["cloudformation:resources"].value
    assert all(len(text.encode()) <= largest for text in result.templates.values())
    assert len(result.templates[result.root_key].encode()) <= LIMITS["cloudformation:inline bytes"].value
    assert all(len(json.loads(text)["Resources"]) <= most for text in result.templates.values())


def test_a_missing_bundle_is_named() -> None:
    incomplete = {name: key for name, key in bundles().items() if name != "student"}
    with pytest.raises(PackagingError, match=r"functions\.json needs the bundle student"):
        packaged(bundles=incomplete)


def test_a_missing_file_is_named() -> None:
    incomplete = {name: text for name, text in files().items() if name != "openapi.json"}
    with pytest.raises(PackagingError, match=r"templates/openapi\.json"):
        packaged(files=incomplete)


def test_a_template_that_is_not_json_is_named() -> None:
    with pytest.raises(PackagingError, match=r"templates/api\.json is not valid JSON: .*line 1"):
        packaged(files=files() | {"api.json": "{'single': 'quotes'}"})
