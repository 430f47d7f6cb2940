"""Turn the raw templates into ones that CloudFormation accepts, as `aws cloudformation package` does. Pure functions.

The raw templates in `templates/` refer to their parts by local names, so that cfn-lint can read them unchanged:

- `TemplateURL: "api.json"` of a nested stack becomes the URL of that template in the artifact bucket;
- `S3Key: "upload_test"` of a function's `Code` or a layer's `Content` is a bundle's name and becomes its key;
- `{"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "openapi.json"}}}`, the API's `Body`, becomes
  the document. In it, a `Ref` to a parameter becomes its value, because CloudFormation would write a number as text;
- the same of a state machine's `Definition` becomes a `DefinitionString`, the document as text, which CloudFormation
  passes on as it is. `DefinitionSubstitutions` give it its ARNs;
- the same of a dashboard's `DashboardBody` becomes a `Fn::Sub` of the document as text;
- a hash of the API's definition is appended to the logical ID of each `AWS::ApiGateway::Deployment`. A Deployment is a
  snapshot: without a new one, a changed API never reaches its stage.

Every key contains a hash of the content, so the same input gives the same keys and text, and a changed bundle changes
only the function that is built from it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

ROOT_TEMPLATE = "trainings-tests.json"

# Which property of which resource names a bundle.
_CODE_PROPERTIES = {"AWS::Lambda::Function": "Code", "AWS::Lambda::LayerVersion": "Content"}
_HASH_LENGTH = 12

_Json = dict[str, Any]


class PackagingError(Exception):
    """A template refers to a missing file or bundle, or is not valid JSON. The message says which."""


@dataclass(frozen=True)
class Package:
    """The packaged templates, which are uploaded to the artifact bucket.

    `templates`: S3 key -> JSON text, including the root template. `root_key`: the root template's key.
    """

    root_key: str
    templates: dict[str, str]


def bundle_key(name: str, content: bytes) -> str:
    """The S3 key of a bundle: `code/<name>-<sha256>.zip`."""
    return f"code/{name}-{hashlib.sha256(content).hexdigest()}.zip"


def package(
    files: Mapping[str, str],
    bundles: Mapping[str, str],
    parameters: Mapping[str, str],
    root: str = ROOT_TEMPLATE,
) -> Package:
    """The packaged root template and all templates nested in it.

    `files`: the text of each file in `templates/`, by its name. `bundles`: bundle name -> S3 key.
    `parameters`: the root stack's parameters.
    Raises PackagingError.
    """
    packaged: dict[str, str] = {}
    root_key = _add(root, files, bundles, parameters, packaged)
    return Package(root_key, packaged)


def _add(
    name: str,
    files: Mapping[str, str],
    bundles: Mapping[str, str],
    parameters: Mapping[str, str],
    packaged: dict[str, str],
) -> str:
    """Add the packaged template `name` to `packaged`, after those nested in it. Returns its key."""
    template = _parse(name, files)
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::CloudFormation::Stack":
            passed = _passed_on(properties.get("Parameters", {}), parameters)
            properties["TemplateURL"] = _url(_add(properties["TemplateURL"], files, bundles, passed, packaged))
        elif resource["Type"] in _CODE_PROPERTIES:
            code = properties[_CODE_PROPERTIES[resource["Type"]]]
            code["S3Key"] = _bundle(name, code["S3Key"], bundles)
        elif resource["Type"] == "AWS::ApiGateway::RestApi":
            values = _values(template["Parameters"], parameters)
            properties["Body"] = _with_values(_included(properties["Body"], files), values)
        elif resource["Type"] == "AWS::StepFunctions::StateMachine":
            document = _included(properties.pop("Definition"), files)
            properties["DefinitionString"] = _as_text(document)
        elif resource["Type"] == "AWS::CloudWatch::Dashboard":
            properties["DashboardBody"] = {"Fn::Sub": _as_text(_included(properties["DashboardBody"], files))}
    text = json.dumps(_rename(template, _deployment_ids(template)), indent=1, sort_keys=True) + "\n"
    key = f"templates/{PurePosixPath(name).stem}-{_sha256(text)}.json"
    packaged[key] = text
    return key


def _parse(name: str, files: Mapping[str, str]) -> _Json:
    if name not in files:
        raise PackagingError(f"templates/{name} does not exist, but another template refers to it")
    try:
        document: _Json = json.loads(files[name])
    except ValueError as error:
        raise PackagingError(f"templates/{name} is not valid JSON: {error}") from error
    return document


def _url(key: str) -> _Json:
    """A path-style URL, because the local cloud does not support any other."""
    return {"Fn::Sub": f"https://s3.${{AWS::Region}}.${{AWS::URLSuffix}}/${{ArtifactBucketName}}/{key}"}


def _bundle(template: str, name: str, bundles: Mapping[str, str]) -> str:
    if name not in bundles:
        raise PackagingError(f"templates/{template} needs the bundle {name}, which was not built")
    return bundles[name]


def _passed_on(arguments: Mapping[str, Any], parameters: Mapping[str, str]) -> dict[str, str]:
    """The values that a nested stack gets from its parent's `parameters`, without those that other resources return."""
    return {
        name: parameters[value["Ref"]]
        for name, value in arguments.items()
        if isinstance(value, dict) and value.get("Ref") in parameters
    }


def _included(include: _Json, files: Mapping[str, str]) -> _Json:
    return _parse(include["Fn::Transform"]["Parameters"]["Location"], files)


def _as_text(document: _Json) -> str:
    return json.dumps(document, separators=(",", ":"), sort_keys=True)


def _values(defined: Mapping[str, _Json], parameters: Mapping[str, str]) -> dict[str, str | int | float]:
    """The value of each parameter that a template defines, a number as a number."""
    return {
        name: json.loads(parameters[name]) if definition["Type"] == "Number" else parameters[name]
        for name, definition in defined.items()
        if name in parameters
    }


def _with_values(node: Any, values: Mapping[str, str | int | float]) -> Any:
    """A document in which each `Ref` to one of the values is the value."""
    if isinstance(node, list):
        return [_with_values(item, values) for item in node]
    if isinstance(node, dict):
        if node.keys() == {"Ref"} and node["Ref"] in values:
            return values[node["Ref"]]
        return {key: _with_values(value, values) for key, value in node.items()}
    return node


def _deployment_ids(template: _Json) -> dict[str, str]:
    """The logical ID of each Deployment -> the same with a hash of the API that it is a snapshot of."""
    resources = template["Resources"]
    renamed = {}
    for logical_id, resource in resources.items():
        if resource["Type"] == "AWS::ApiGateway::Deployment":
            api = resources[resource["Properties"]["RestApiId"]["Ref"]]
            renamed[logical_id] = logical_id + _sha256(json.dumps([api, resource], sort_keys=True))[:_HASH_LENGTH]
    return renamed


def _rename(node: Any, names: Mapping[str, str], parent: str = "") -> Any:
    """The template with its resources renamed where they are defined and in every `Ref` and `DependsOn`."""
    if isinstance(node, dict):
        keys = names if parent == "Resources" else {}
        return {keys.get(key, key): _rename(value, names, key) for key, value in node.items()}
    if isinstance(node, list):
        return [_rename(item, names, parent) for item in node]
    if parent in {"Ref", "DependsOn"}:
        return names.get(node, node)
    return node


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
