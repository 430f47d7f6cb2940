"""Every way, by rule, to take one protection away from the templates.

A rule walks the documents: the name of a property, a type of resource or a kind of entry says what is broken, so that a
new queue, alarm or retrier is broken too without being named here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from support.packaged import Json

Path = tuple[str | int, ...]
REMOVED: Any = object()

# Properties that protect something. Each is removed wherever it is.
PROTECTIONS = {
    # data at rest and in transit
    *("BucketEncryption", "PublicAccessBlockConfiguration", "OwnershipControls", "VersioningConfiguration"),
    *("LifecycleConfiguration", "SqsManagedSseEnabled", "ServerSideEncryption", "PolicyDocument"),
    # what is kept and for how long
    *("DeletionPolicy", "UpdateReplacePolicy", "RetentionInDays", "MessageRetentionPeriod", "ExpirationInDays"),
    *("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"),
    # who may do what
    *("Condition", "SourceArn", "Principal", "security", "x-amazon-apigateway-authorizer", "identitySource"),
    *("x-amazon-apigateway-api-key-source", "authorizerResultTtlInSeconds", "ApiStages"),
    # too much, too long, too wrong
    *("Throttle", "Quota", "RateLimit", "BurstLimit", "ThrottlingRateLimit", "ThrottlingBurstLimit", "MaxConcurrency"),
    *("Timeout", "TimeoutSeconds", "timeoutInMillis", "x-amazon-apigateway-request-validator", "required"),
    *("x-amazon-apigateway-request-validators", "ReaderConfig", "ResultSelector"),
    # what fails is tried again, kept and reported
    *("Retry", "Catch", "DeadLetterConfig", "RetryPolicy", "ToleratedFailurePercentage", "JitterStrategy"),
    *("AlarmActions", "Dimensions", "TreatMissingData", "Subscription", "MaxAttempts", "BackoffRate"),
    "DashboardBody",
    # what is recorded
    *("LoggingConfig", "LoggingConfiguration", "AccessLogSetting", "TracingConfig", "TracingConfiguration"),
    *("TracingEnabled", "MethodSettings", "DependsOn", "ManagedPolicyArns", "CloudWatchRoleArn"),
    "PermissionsBoundary",
}
# Properties whose every entry is removed, one at a time.
ENTRIES = {
    *("Retry", "Catch", "ErrorEquals", "Rules", "security", "required", "Subscription", "Targets", "Statement"),
    *("AlarmActions", "Dimensions", "MethodSettings", "x-amazon-apigateway-gateway-responses", "Condition"),
    *("DefinitionSubstitutions", "PublicAccessBlockConfiguration"),
}
# Resources that are removed, each with what protects: nothing else need refer to them.
RESOURCES = {
    *("AWS::CloudWatch::Alarm", "AWS::Lambda::Permission", "AWS::Logs::LogGroup", "AWS::S3::BucketPolicy"),
    *("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::ApiGateway::UsagePlan"),
    *("AWS::ApiGateway::Account", "AWS::Events::Rule", "AWS::Scheduler::ScheduleGroup", "AWS::IAM::ManagedPolicy"),
    "AWS::CloudWatch::Dashboard",
}
# Parts of a document that protect nothing: notes, and what the API answers. The models of requests and what a stack is
# given and gives have tests of their own.
UNPROTECTED = {"Metadata", "schemas", "responses"}
UNPROTECTED_AT_THE_TOP = {"Parameters", "Outputs"}
# Properties and a value that is worse than any they should have.
WORSE: dict[str, Any] = {
    **{"Effect": "Allow", "Resource": "*", "Principal": "*", "SourceArn": "*", "SSEAlgorithm": "aws:kms"},
    **{"ServerSideEncryption": "aws:kms", "ObjectOwnership": "ObjectWriter", "Status": "Disabled"},
    **{"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete", "Level": "OFF", "LoggingLevel": "OFF"},
    **{"Mode": "PassThrough", "StateMachineType": "EXPRESS", "State": "DISABLED", "TreatMissingData": "missing"},
    **{"Threshold": 1000, "EvaluationPeriods": 24, "Period": 86400, "ComparisonOperator": "LessThanThreshold"},
    **{"Statistic": "SampleCount", "MetricName": "Wrong", "Namespace": "Wrong", "RetentionInDays": 3653},
    **{"MessageRetentionPeriod": 60, "MaxAttempts": 0, "ToleratedFailurePercentage": 0, "MaxConcurrency": 10000},
    **{"ThrottlingRateLimit": 0, "ThrottlingBurstLimit": 0, "Timeout": 901, "TimeoutSeconds": 1},
    **{"x-amazon-apigateway-api-key-source": "AUTHORIZER", "identitySource": "method.request.header.authorization"},
    **{"Endpoint": "someone@example.org", "Protocol": "https", "Handler": "x.handler"},
    **{"authorizerResultTtlInSeconds": 3600, "MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
    **{"LogGroup": "another", "FunctionName": "another", "TemplateURL": "another", "Key.$": "$.another"},
    **{"Action": "*", "Types": ["EDGE"], "POWERTOOLS_LOG_LEVEL": "DEBUG", "Definition": {}},
}


@dataclass(frozen=True)
class Mutation:
    """One change of one document: a value at a path, or its removal."""

    document: str
    path: Path
    value: Any

    def __str__(self) -> str:
        what = "removed" if self.value is REMOVED else f"= {json.dumps(self.value)}"
        return f"{self.document}: {'/'.join(map(str, self.path))} {what}"

    def kind(self) -> tuple[object, ...]:
        """What mutations of like places have in common: the document and the last names in the path."""
        names = [step for step in self.path if isinstance(step, str)]
        return self.document, self.value is REMOVED, *names[-2:]

    @contextmanager
    def applied(self, documents: Mapping[str, Json]) -> Iterator[None]:
        """Change the documents, and put everything back afterwards."""
        *before, last = self.path
        node: Any = documents[self.document]
        for step in before:
            node = node[step]
        original = node.copy()
        if self.value is REMOVED:
            del node[last]
        else:
            node[last] = self.value
        try:
            yield
        finally:
            node.clear()
            node.extend(original) if isinstance(node, list) else node.update(original)


def mutations(name: str, document: Json) -> Iterator[Mutation]:
    """Every mutation of a document: a template, the state machine's definition or the API's."""
    for logical_id, resource in document.get("Resources", {}).items():
        if resource["Type"] in RESOURCES:
            yield Mutation(name, ("Resources", logical_id), REMOVED)
    for path, value in _walk(document, ()):
        yield from (Mutation(name, path, worse) for worse in _worse(path, value))


def _walk(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        if key not in UNPROTECTED and (path or key not in UNPROTECTED_AT_THE_TOP):
            yield (*path, key), value
            yield from _walk(value, (*path, key))


def _worse(path: Path, value: Any) -> Iterator[Any]:
    key, parent = path[-1], path[-2] if len(path) > 1 else ""
    if key in PROTECTIONS or parent in ENTRIES:
        yield REMOVED
    if key in WORSE and value != WORSE[key]:
        yield WORSE[key]
    if isinstance(value, bool):
        yield not value
