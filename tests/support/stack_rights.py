"""What IAM is asked when CloudFormation creates, reads, updates and deletes the stacks with the deployer's rights.

The actions are those that each resource type's own schema names for its handlers; cfn-lint ships these schemas. A
handler's actions for a property that no template sets are left out: see `FOR_PROPERTIES`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import parliament
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from support.packaged import ACCOUNT, REGION
from support.permissions import Permission
from support.templates import NAMES, TEMPLATES, arn_text, template

BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/test-time-boundary"
HANDLERS = ("create", "read", "update", "delete")
# The root stacks whose resources are looked at: that of the stage `main`, and that of another stage.
ROOT_STACKS = ("trainings-tests", "trainings-tests-autumn")
# What a handler asks for only if a resource has the property.
FOR_PROPERTIES: dict[str, dict[str, tuple[str, ...]]] = {
    "AWS::ApiGateway::RestApi": {
        "BodyS3Location": ("s3:GetObject",),
        "Policy": ("apigateway:UpdateRestApiPolicy",),
        "credentials": ("iam:PassRole",),
    },
    "AWS::CloudFormation::Stack": {
        "RoleARN": ("iam:PassRole",),
        "StackPolicyBody": ("cloudformation:SetStackPolicy",),
        "EnableTerminationProtection": ("cloudformation:UpdateTerminationProtection",),
    },
    "AWS::IAM::ManagedPolicy": {
        "Groups": ("iam:AttachGroupPolicy", "iam:DetachGroupPolicy"),
        "Users": ("iam:AttachUserPolicy", "iam:DetachUserPolicy"),
        "Roles": ("iam:AttachRolePolicy", "iam:DetachRolePolicy"),
    },
    "AWS::IAM::Role": {"Tags": ("iam:TagRole", "iam:UntagRole")},
    "AWS::Lambda::Function": {
        "CapacityProviderConfig": ("lambda:PassCapacityProvider",),
        "CodeSigningConfigArn": (
            *("lambda:GetCodeSigningConfig", "lambda:PutFunctionCodeSigningConfig"),
            "lambda:DeleteFunctionCodeSigningConfig",
        ),
        "FileSystemConfigs": ("elasticfilesystem:*", "s3files:*"),
        "FunctionScalingConfig": ("lambda:PutFunctionScalingConfig",),
        "KmsKeyArn": ("kms:*",),
        "PublishToLatestPublished": ("lambda:PublishVersion",),
        "RecursiveLoop": ("lambda:PutFunctionRecursionConfig",),
        "ReservedConcurrentExecutions": ("lambda:*FunctionConcurrency",),
        "RuntimeManagementConfig": ("lambda:PutRuntimeManagementConfig",),
        "S3ObjectVersion": ("s3:GetObjectVersion",),
        "VpcConfig": ("ec2:*",),
    },
    "AWS::Lambda::LayerVersion": {"S3ObjectVersion": ("s3:GetObjectVersion",)},
    "AWS::Logs::LogGroup": {
        "BearerTokenAuthenticationEnabled": ("logs:PutBearerTokenAuthentication",),
        "DataProtectionPolicy": (
            *("logs:PutDataProtectionPolicy", "logs:DeleteDataProtectionPolicy", "logs:CreateLogDelivery"),
            *("s3:REST.PUT.OBJECT", "firehose:*"),
        ),
        "DeletionProtectionEnabled": ("logs:PutLogGroupDeletionProtection",),
        "FieldIndexPolicies": ("logs:PutIndexPolicy", "logs:DeleteIndexPolicy"),
        "KmsKeyId": ("logs:*KmsKey",),
        "ResourcePolicyDocument": ("logs:PutResourcePolicy", "logs:DeleteResourcePolicy"),
    },
    "AWS::S3::Bucket": {
        "AbacStatus": ("s3:PutBucketAbac",),
        "AccelerateConfiguration": ("s3:PutAccelerateConfiguration",),
        "AccessControl": ("s3:PutBucketAcl", "s3:GetBucketAcl", "s3:PutObjectAcl"),
        "AnalyticsConfigurations": ("s3:PutAnalyticsConfiguration",),
        "CorsConfiguration": ("s3:PutBucketCORS",),
        "IntelligentTieringConfigurations": ("s3:PutIntelligentTieringConfiguration",),
        "InventoryConfigurations": ("s3:PutInventoryConfiguration",),
        "LoggingConfiguration": ("s3:PutBucketLogging",),
        "MetadataTableConfiguration": ("s3:[CDU]*BucketMetadata*", "s3tables:*"),
        "MetricsConfigurations": ("s3:PutMetricsConfiguration",),
        "NotificationConfiguration": ("s3:PutBucketNotification",),
        "ObjectLockConfiguration": ("s3:PutBucketObjectLockConfiguration",),
        "ReplicationConfiguration": ("s3:PutReplicationConfiguration", "iam:PassRole", "s3:DeleteObject"),
        "WebsiteConfiguration": ("s3:PutBucketWebsite", "s3:DeleteBucketWebsite"),
    },
    "AWS::SNS::Topic": {
        "DataProtectionPolicy": ("sns:PutDataProtectionPolicy",),
        "DeliveryStatusLogging": ("iam:GetRole", "iam:PassRole"),
    },
    "AWS::StepFunctions::StateMachine": {
        "DefinitionS3Location": ("s3:GetObject", "s3:GetObjectVersion"),
        "EncryptionConfiguration": ("kms:*",),
    },
}
# What a handler asks for only when something is taken away that the templates have, or that they never had. A boundary
# is not to be taken away.
NEVER = {
    "AWS::IAM::Role": ("iam:DeleteRolePermissionsBoundary",),
    "AWS::Logs::LogGroup": ("logs:DeleteRetentionPolicy",),
}
# What a handler asks for although its schema does not say so. CloudFormation reads a nested stack's template from its
# URL: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
# When an update is rolled back, it cancels the updates of the nested stacks, for which it needs the right to:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html
ALSO = {"AWS::CloudFormation::Stack": {"s3:GetObject", "cloudformation:CancelUpdateStack"}}
# Names in the schemas that are not actions of IAM.
NOT_ACTIONS = (
    *("s3:DeleteBucketAnalyticsConfiguration", "s3:DeleteBucketCors", "s3:DeleteBucketEncryption"),
    *("s3:DeleteBucketLifecycle", "s3:DeleteBucketMetricsConfiguration", "s3:DeleteBucketReplication"),
    *("s3:DeleteBucketTagging", "s3:PutBucketReplication", "s3:PutObjectLockConfiguration"),
)
# The service to which a role is passed.
PASSED_TO = {
    "AWS::ApiGateway::Account": "apigateway.amazonaws.com",
    "AWS::Events::Rule": "events.amazonaws.com",
    "AWS::Lambda::Function": "lambda.amazonaws.com",
    "AWS::StepFunctions::StateMachine": "states.amazonaws.com",
}
_PLACE = f"{REGION}:{ACCOUNT}"
_ROLE = f"arn:aws:iam::{ACCOUNT}:role/{{root}}-Functions-1ABC-SomeRole-1ABC"
_LAYER = f"arn:aws:lambda:{_PLACE}:layer:{{root}}-dependencies"
# What an action of a type, or of all types (""), is about if it is not the resource itself. `{root}`: the root stack.
OTHERS = {
    ("", "iam:PassRole"): _ROLE,
    ("", "s3:GetObject"): "arn:aws:s3:::{root}-storage-artifactbucket-1abc/code/x.zip",
    ("AWS::ApiGateway::Account", "iam:GetRole"): _ROLE,
    ("AWS::CloudFormation::Stack", "s3:GetObject"): "arn:aws:s3:::{root}-storage-artifactbucket-1abc/templates/x.json",
    ("AWS::Lambda::Function", "lambda:GetLayerVersion"): f"{_LAYER}:1",
    ("AWS::Lambda::LayerVersion", "lambda:PublishLayerVersion"): _LAYER,
    ("AWS::Scheduler::ScheduleGroup", "scheduler:DeleteSchedule"): (
        f"arn:aws:scheduler:{_PLACE}:schedule/{{root}}/run-1"
    ),
}
# What an alarm or a rule does when it goes off, as conditions name it.
_ACTED_ON = {
    "cloudwatch:PutMetricAlarm": (
        "cloudwatch:AlarmActions",
        f"arn:aws:sns:{_PLACE}:{{root}}-Monitoring-1ABC-AlarmTopic-1ABC",
    ),
    "events:PutTargets": ("events:TargetArn", f"arn:aws:states:{_PLACE}:stateMachine:{{root}}-weekly-run"),
}
# The ARN of a resource of each type, without `arn:aws:`, and the property with its name. Without one, CloudFormation
# makes the name from those of the stack and the resource.
_ARNS: dict[str, tuple[str, str | None]] = {
    "AWS::ApiGateway::Account": ("apigateway:{region}::/account", None),
    "AWS::ApiGateway::Deployment": ("apigateway:{region}::/restapis/a1/deployments/d1", None),
    "AWS::ApiGateway::RestApi": ("apigateway:{region}::/restapis/a1", None),
    "AWS::ApiGateway::Stage": ("apigateway:{region}::/restapis/a1/stages/api", None),
    "AWS::ApiGateway::UsagePlan": ("apigateway:{region}::/usageplans/u1", None),
    "AWS::CloudFormation::Stack": ("cloudformation:{place}:stack/{name}/1-2-3", None),
    "AWS::CloudWatch::Alarm": ("cloudwatch:{place}:alarm:{name}", None),
    "AWS::CloudWatch::Dashboard": ("cloudwatch::{account}:dashboard/{name}", "DashboardName"),
    "AWS::Events::Rule": ("events:{place}:rule/{name}", "Name"),
    "AWS::IAM::ManagedPolicy": ("iam::{account}:policy/{name}", None),
    "AWS::IAM::Role": ("iam::{account}:role/{name}", None),
    "AWS::Lambda::Function": ("lambda:{place}:function:{name}", "FunctionName"),
    "AWS::Lambda::LayerVersion": ("lambda:{place}:layer:{name}:1", "LayerName"),
    "AWS::Lambda::Permission": ("lambda:{place}:function:{root}-upload-test", None),
    "AWS::Logs::LogGroup": ("logs:{place}:log-group:{name}", "LogGroupName"),
    "AWS::S3::Bucket": ("s3:::{name}", None),
    "AWS::S3::BucketPolicy": ("s3:::{root}-storage-databucket-1abc", None),
    "AWS::SNS::Topic": ("sns:{place}:{name}", None),
    "AWS::SNS::TopicPolicy": ("sns:{place}:{root}-Monitoring-1ABC-AlarmTopic-1ABC", None),
    "AWS::SQS::Queue": ("sqs:{place}:{name}", "QueueName"),
    "AWS::SQS::QueuePolicy": ("sqs:{place}:{root}-weekly-run-failed", None),
    "AWS::Scheduler::ScheduleGroup": ("scheduler:{place}:schedule-group/{name}", "Name"),
    "AWS::StepFunctions::StateMachine": ("states:{place}:stateMachine:{name}", "StateMachineName"),
}


def needed() -> set[Permission]:
    """What CloudFormation needs for every resource of the templates."""
    return {permission for root in ROOT_STACKS for name in NAMES for permission in _of_template(root, name)}


def _of_template(root: str, name: str) -> Iterator[Permission]:
    for logical_id, resource in template(name)["Resources"].items():
        kind, properties = resource["Type"], resource.get("Properties", {})
        for action in actions(kind, _text(kind, properties)):
            for arn in _arns(action, kind, root, _name(root, name, logical_id, kind, properties)):
                yield Permission(action, arn, _context(action, kind, root))


def _text(kind: str, properties: dict[str, Any]) -> str:
    document = (TEMPLATES / "openapi.json").read_text() if kind == "AWS::ApiGateway::RestApi" else ""
    return json.dumps(properties) + document


def actions(kind: str, properties: str) -> set[str]:
    """What the handlers of a type ask for. `properties`: the resource's, as JSON."""
    asked = named_by_schema(kind) | ALSO.get(kind, set())
    unused = [
        pattern
        for name, patterns in FOR_PROPERTIES.get(kind, {}).items()
        if f'"{name}":' not in properties
        for pattern in patterns
    ]
    not_asked = (*unused, *NEVER.get(kind, ()), *NOT_ACTIONS)
    return {action for action in asked if not any(fnmatchcase(action, pattern) for pattern in not_asked)}


def named_by_schema(kind: str) -> set[str]:
    """What the schema of a type says that its handlers ask for, also to give it CloudFormation's own tags."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    handlers, tagging = schema["handlers"], schema.get("tagging", {})
    named = {action for handler in HANDLERS for action in handlers.get(handler, {}).get("permissions", ())}
    return named | set(tagging.get("permissions", ()) if tagging.get("cloudFormationSystemTags") else ())


def exceptions() -> dict[str, list[str]]:
    """What is left out of each type's actions."""
    of_properties = {
        kind: [each for patterns in found.values() for each in patterns] for kind, found in FOR_PROPERTIES.items()
    }
    return {kind: [*of_properties.get(kind, []), *NEVER.get(kind, ())] for kind in of_properties.keys() | NEVER.keys()}


def _name(root: str, template_name: str, logical_id: str, kind: str, properties: dict[str, Any]) -> str:
    """The name of a resource, as a deployment makes it."""
    _, name_property = _ARNS[kind]
    if name_property:
        text = arn_text(properties[name_property])
        for known, value in {"RootStackName": root, "AWS::Region": REGION, "RestApi": "a1"}.items():
            text = text.replace(f"${{{known}}}", value)
        return text
    nested = {"storage": "storage", "trainings-tests": ""}.get(template_name, f"{template_name.title()}-1ABC")
    made = "-".join(filter(None, (root, nested, logical_id, "1ABC2DEF3GHI")))
    return made.lower() if kind == "AWS::S3::Bucket" else made


def _arns(action: str, kind: str, root: str, name: str) -> list[str]:
    """The resources that an action of a handler is about; `*` if the action does not have one."""
    other = OTHERS.get((kind, action)) or OTHERS.get(("", action))
    if other:
        return [other.format(root=root)]
    if not takes_resource(action):
        return ["*"]
    written, _ = _ARNS[kind]
    arn = "arn:aws:" + written.format(region=REGION, account=ACCOUNT, place=_PLACE, root=root, name=name)
    if not action.startswith("apigateway:"):
        return [arn]
    if action == "apigateway:POST":
        return [arn.rpartition("/")[0]]
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    tags = action in schema.get("tagging", {}).get("permissions", ())
    return [arn, f"arn:aws:apigateway:{REGION}::/tags/x"] if tags else [arn]


def _context(action: str, kind: str, root: str) -> tuple[tuple[str, str], ...]:
    if action == "iam:PassRole":
        return (("iam:PassedToService", PASSED_TO[kind]),)
    if action in _ACTED_ON:
        key, arn = _ACTED_ON[action]
        return ((key, arn.format(root=root)),)
    return (("iam:PermissionsBoundary", BOUNDARY),) if kind == "AWS::IAM::Role" else ()


@cache
def _service_authorization() -> dict[str, dict[str, Any]]:
    """The Service Authorization Reference, as parliament ships it: each action's entry."""
    services = json.loads((Path(parliament.__file__).parent / "iam_definition.json").read_text())
    return {f"{each['prefix']}:{action['privilege']}": action for each in services for action in each["privileges"]}


def is_known(action: str) -> bool:
    """Whether the Service Authorization Reference has an action."""
    return action in _service_authorization()


def takes_resource(action: str) -> bool:
    """Whether IAM is asked about a resource, and not about `*`."""
    known = _service_authorization().get(action)
    return known is None or any(each["resource_type"] for each in known["resource_types"])


def access_level(action: str) -> str:
    """How the reference classes an action: `List`, `Read`, `Write`, `Permissions management` or `Tagging`."""
    return str(_service_authorization().get(action, {}).get("access_level", ""))
