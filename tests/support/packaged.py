"""The packaged templates, as they reach CloudFormation, and with stand-ins for what only a deployment knows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.deployment.packaging import Package, package

from support.templates import FUNCTIONS, TEMPLATES

PARAMETERS = {"ArtifactBucketName": "artifacts", "AuthorizerTtlSeconds": "60", "ThrottleBurst": "20"}
ACCOUNT = "123456789012"
REGION = "eu-central-1"
PSEUDO_PARAMETERS = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "trainings-tests",
}
# The end of the name of what is referred to -> the ARN that it stands for.
ARNS = {
    "FunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:x",
    "StateMachine": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:x",
    "Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:x",
    "Bucket.Arn": "arn:aws:s3:::x",
    "Role.Arn": f"arn:aws:iam::{ACCOUNT}:role/x",
}

Json = dict[str, Any]


def files() -> dict[str, str]:
    """The text of each file in `templates/`, by its name."""
    return {path.name: path.read_text() for path in TEMPLATES.glob("*.json")}


def keys() -> dict[str, str]:
    """A key for each bundle."""
    return {name: f"code/{name}.zip" for name in (*FUNCTIONS, "dependencies")}


def packaged_templates(written: Mapping[str, str] | None = None) -> dict[str, Json]:
    """Every packaged template by its name, the storage stack's too, which is deployed as it is.

    `written`: as `files` returns them, if they are not those.
    """
    texts = written or files()
    result: Package = package(texts, keys(), PARAMETERS)
    found = {re.sub(r"templates/(.+)-[0-9a-f]+\.json", r"\1", key): text for key, text in result.templates.items()}
    return {name: json.loads(text) for name, text in {**found, "storage": texts["storage.json"]}.items()}


def resolved(node: Any) -> Any:
    """A part of a template with a stand-in for each intrinsic function."""
    if isinstance(node, list):
        return [resolved(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.keys() == {"Ref"}:
        return _stand_in(node["Ref"])
    if node.keys() == {"Fn::GetAtt"}:
        return _stand_in(".".join(node["Fn::GetAtt"]))
    if node.keys() == {"Fn::Sub"}:
        return re.sub(r"\$\{([^}]+)\}", lambda match: _stand_in(match[1]), node["Fn::Sub"])
    return {key: resolved(value) for key, value in node.items()}


def _stand_in(name: str) -> str:
    arns = (arn for end, arn in ARNS.items() if name.endswith(end))
    return PSEUDO_PARAMETERS.get(name) or next(arns, name.lower())


def api_document(template: Json) -> Json:
    """The OpenAPI document in the packaged `api.json`."""
    document: Json = resolved(template["Resources"]["RestApi"]["Properties"]["Body"])
    return document


def state_machine(template: Json) -> Json:
    """The state machine's definition in the packaged `weekly-run.json`, in the partition `aws`."""
    text = template["Resources"]["StateMachine"]["Properties"]["DefinitionString"]
    definition: Json = json.loads(text.replace("${Partition}", "aws"))
    return definition


def as_written(name: str, template: Json) -> dict[str, Json]:
    """The documents in `templates/` that a packaged template is made of, by their names: packaging undone."""
    text = re.sub(r"Deployment[0-9a-f]{12}", "Deployment", json.dumps(template))
    text = re.sub(r'\{"Fn::Sub": "https://[^"]*/templates/([^"]+)-[0-9a-f]{64}\.json"\}', r'"\1.json"', text)
    for bundle, key in keys().items():
        text = text.replace(json.dumps(key), json.dumps(bundle))
    written: Json = json.loads(text)
    documents = {name: written}
    for resource in written["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::ApiGateway::RestApi":
            documents["openapi"] = _with_references(properties["Body"])
            properties["Body"] = _include("openapi.json")
        elif resource["Type"] == "AWS::StepFunctions::StateMachine":
            documents["weekly-run.asl"] = json.loads(properties.pop("DefinitionString"))
            properties["Definition"] = _include("weekly-run.asl.json")
        elif resource["Type"] == "AWS::CloudWatch::Dashboard":
            documents["dashboard"] = json.loads(properties["DashboardBody"]["Fn::Sub"])
            properties["DashboardBody"] = _include("dashboard.json")
    return documents


def _with_references(body: Json) -> Json:
    authorizer = body["components"]["securitySchemes"]["student"]["x-amazon-apigateway-authorizer"]
    if authorizer.get("authorizerResultTtlInSeconds") == int(PARAMETERS["AuthorizerTtlSeconds"]):
        authorizer["authorizerResultTtlInSeconds"] = {"Ref": "AuthorizerTtlSeconds"}
    return body


def _include(location: str) -> Json:
    return {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": location}}}
