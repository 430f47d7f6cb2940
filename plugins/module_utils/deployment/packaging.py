"""Turn the raw templates into ones that CloudFormation accepts, as `aws cloudformation package` does. Pure functions.

The raw templates in `templates/` refer to their parts by local names, so that cfn-lint can read them unchanged:

- `TemplateURL: "api.json"` of a nested stack becomes the URL of that template in the artifact bucket;
- `S3Key: "upload_test"` of a function's `Code` or a layer's `Content` is a bundle's name and becomes its key;
- `{"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "openapi.json"}}}`, the API's `Body` or the
  state machine's `Definition`, becomes the document. `DefinitionSubstitutions` give the state machine its ARNs;
- a hash of the API's definition is appended to the logical ID of each `AWS::ApiGateway::Deployment`. A Deployment is a
  snapshot: without a new one, a changed API never reaches its stage.

Every key contains a hash of the content, so the same input gives the same keys and text, and a changed bundle changes
only the function that is built from it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

ROOT_TEMPLATE = "trainings-tests.json"

# Which property of which resource names a bundle.
_CODE_PROPERTIES = {"AWS::Lambda::Function": "Code", "AWS::Lambda::LayerVersion": "Content"}
# Resources and the property that a separate file is put into.
_DOCUMENT_PROPERTIES = {"AWS::ApiGateway::RestApi": "Body", "AWS::StepFunctions::StateMachine": "Definition"}
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
    `parameters`: the root stack's parameters; those that the API's definition uses are part of its hash.
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
        elif resource["Type"] in _DOCUMENT_PROPERTIES:
            document = _DOCUMENT_PROPERTIES[resource["Type"]]
            properties[document] = _parse(properties[document]["Fn::Transform"]["Parameters"]["Location"], files)
    text = json.dumps(_rename(template, _deployment_ids(template, parameters)), indent=1, sort_keys=True) + "\n"
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


def _deployment_ids(template: _Json, parameters: Mapping[str, str]) -> dict[str, str]:
    """The logical ID of each Deployment -> the same with a hash of the API that it is a snapshot of."""
    resources = template["Resources"]
    renamed = {}
    for logical_id, resource in resources.items():
        if resource["Type"] == "AWS::ApiGateway::Deployment":
            api = resources[resource["Properties"]["RestApiId"]["Ref"]]
            used = {name: parameters[name] for name in sorted(set(_references(api))) if name in parameters}
            digest = _sha256(json.dumps([api, resource, used], sort_keys=True))
            renamed[logical_id] = logical_id + digest[:_HASH_LENGTH]
    return renamed


def _references(node: Any) -> Iterator[str]:
    """The names that `Ref` and `Fn::Sub` refer to in a part of a template."""
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "Ref":
                yield value
            elif key == "Fn::Sub":
                yield from re.findall(r"\$\{([^!.}]+)", value if isinstance(value, str) else value[0])
            yield from _references(value)


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
