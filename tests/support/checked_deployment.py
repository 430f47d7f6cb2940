"""A deployment in which nothing is wrong, kept in memory: all that bin/check-deployment.sh looks at.

Tests break it by changing what the services answer, or by having a call raise an error.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.class_content.probe import is_probes_index
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import (
    answers_key,
    index_key,
    student_key,
    summary_key,
)
from botocore.exceptions import ClientError
from cli.check_deployment.api import Reply

from common.shared import probe
from support.aws_calls import aws_error

STACK, BUCKET, ACCOUNT = "trainings-tests", "data", "123456789012"
AT = f"eu-central-1:{ACCOUNT}"
MACHINE = f"arn:aws:states:{AT}:stateMachine:{STACK}-weekly-run"
QUEUE_ARN, QUEUE = f"arn:aws:sqs:{AT}:{STACK}-weekly-run-failed", f"https://sqs/{STACK}-weekly-run-failed"
TOPIC = f"arn:aws:sns:{AT}:alarms"
TRAINER, SENDER = "trainer@example.org", "test-time@example.org"
SCHEDULE = "cron(0 21,22 ? * MON *)"
LOG_GROUPS = (f"/aws/lambda/{STACK}-plan-run", f"/aws/apigateway/{STACK}")
BEHIND_THE_API = (
    *("Authorizer", "ListTests", "GetTest", "UploadTest", "Draft", "Student", "Review"),
    *("ClassView", "CalendarFeed", "WebPage"),
)
# A Friday. The last weekly deadline was on Monday at 22:00 UTC.
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
STARTED = datetime(2026, 11, 23, 22, 0, 20, tzinfo=UTC)
RESOURCES = {
    "Monitoring": {"AlarmTopic": ("AWS::SNS::Topic", TOPIC), "Dashboard": ("AWS::CloudWatch::Dashboard", "board")},
    "WeeklyRun": {
        "WeeklyRule": ("AWS::Events::Rule", f"{STACK}-weekly-run"),
        "WeeklyRuleRole": ("AWS::IAM::Role", "rule-role"),
        "SchedulerRole": ("AWS::IAM::Role", "scheduler-role"),
        "DeadLetterQueue": ("AWS::SQS::Queue", QUEUE),
    },
    "Functions": {f"{name}Role": ("AWS::IAM::Role", f"{name}-role") for name in BEHIND_THE_API},
    "Api": {},
}
RESOURCES["Monitoring"] |= {name: ("AWS::CloudWatch::Alarm", name) for name in ("one-alarm", "other-alarm")}
RESOURCES["Api"] |= {f"Group{n}": ("AWS::Logs::LogGroup", name) for n, name in enumerate(LOG_GROUPS)}
OUTPUTS = {
    "ApiId": "api",
    "ApiEndpoint": "https://api",
    "UsagePlanId": "plan",
    "StateMachineArn": MACHINE,
    "DataBucketName": BUCKET,
    "ScheduleGroupName": STACK,
    "DeadLetterQueueArn": QUEUE_ARN,
}
PARAMETERS = {
    "TrainerEmail": TRAINER,
    "SenderEmail": SENDER,
    "LogRetentionDays": "30",
    "ScoringSchedule": SCHEDULE,
    "DeadlineWeekday": "monday",
    "DeadlineTime": "23:00",
    "Timezone": "Europe/Warsaw",
}


class NotFound(ClientError):
    """API Gateway's error for a key that has been deleted."""


class CheckedDeployment:
    """`fails`: a call's name, such as `s3.put_object`, with what it raises, or does before it is made."""

    def __init__(self) -> None:
        self.now = NOW
        self.fails: dict[str, Callable[[dict[str, Any]], None]] = {}
        self.calls: list[str] = []
        self.objects: dict[str, bytes] = {"roster.jsonl": b'{"email": "ada@example.net"}\n'}
        self.api_keys: list[dict[str, Any]] = []
        self.in_plan: set[str] = set()
        self.trainers_keys = [{"id": "t", "name": f"{STACK}:trainer", "value": "trainers", "createdDate": NOW}]
        self.executions = [self.execution("5b3c")]
        self.run_ends = True
        self.summary: dict[str, Any] | None = summary()
        self.failure: dict[str, Any] = {"status": "SUCCEEDED"}
        self.messages: list[str] = []
        self.hidden: dict[str, str] = {}
        self.rule = {"Name": f"{STACK}-weekly-run", "State": "ENABLED", "ScheduleExpression": SCHEDULE}
        self.targets: list[dict[str, Any]] = [
            {
                "Id": "weekly-run",
                "Arn": MACHINE,
                "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/rule-role",
                "Input": "{}",
                "DeadLetterConfig": {"Arn": QUEUE_ARN},
            }
        ]
        self.changed_at = NOW - timedelta(days=30)
        self.group_state = "ACTIVE"
        self.grants = {
            ("UploadTest-role", "s3:PutObject", "answers"),
            ("Draft-role", "s3:GetObject", "drafts"),
            ("Draft-role", "s3:PutObject", "drafts"),
            ("Student-role", "s3:GetObject", "scores"),
            ("Review-role", "s3:GetObject", "reviews"),
            ("ClassView-role", "s3:GetObject", "scores"),
            ("ClassView-role", "s3:GetObject", "roster.jsonl"),
            ("rule-role", "states:StartExecution", ""),
            ("scheduler-role", "states:StartExecution", ""),
            ("scheduler-role", "sqs:SendMessage", ""),
        }
        self.alarms = [
            {
                "AlarmName": name,
                "AlarmDescription": f"{name} rings",
                "ActionsEnabled": True,
                "AlarmActions": [TOPIC],
                "StateValue": "OK",
            }
            for name in ("one-alarm", "other-alarm")
        ]
        self.topic_policy: dict[str, Any] = {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudwatch.amazonaws.com"},
                    "Action": "sns:Publish",
                    "Resource": TOPIC,
                    "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
                }
            ]
        }
        self.retention: dict[str, int] = dict.fromkeys(LOG_GROUPS, 30)
        # What is logged of this check, in milliseconds since 1970; the first page of each answer is empty.
        self.logged: dict[str, list[tuple[str, int]]] = {group: [] for group in LOG_GROUPS}
        self.concurrency = 1000
        self.account = {
            "SendingEnabled": True,
            "EnforcementStatus": "HEALTHY",
            "ProductionAccessEnabled": True,
            "SendQuota": {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 7.0},
        }

    @staticmethod
    def execution(name: str, status: str = "SUCCEEDED", at: datetime = STARTED, given: str = "{}") -> dict[str, Any]:
        return {"name": name, "executionArn": f"arn:{name}", "status": status, "startDate": at, "input": given}

    def client(self, service: str, **_: Any) -> Any:
        """The fake of boto3's client: each call is recorded, and fails if a test wants it to."""
        made = getattr(self, f"_{service.replace('-', '')}")()

        def recorded(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
            def call(**parameters: Any) -> Any:
                self.calls.append(f"{service}.{name}")
                if f"{service}.{name}" in self.fails:
                    self.fails[f"{service}.{name}"](parameters)
                return real(**parameters)

            return call

        calls = {name: recorded(name, real) for name, real in made.items()}

        def get_paginator(name: str) -> Any:
            def paginate(**parameters: Any) -> Any:
                found = calls[name](**{key: value for key, value in parameters.items() if key != "PaginationConfig"})
                return found if isinstance(found, list) else [found]

            return SimpleNamespace(paginate=paginate)

        exceptions = SimpleNamespace(NotFoundException=NotFound)
        return SimpleNamespace(**calls, get_paginator=get_paginator, exceptions=exceptions)

    # --- services ---

    def _cloudformation(self) -> dict[str, Any]:
        def described(StackName: str) -> Any:
            stack: dict[str, Any] = {"StackStatus": "UPDATE_COMPLETE", "CreationTime": self.changed_at}
            if StackName == STACK:
                stack["Outputs"] = [{"OutputKey": key, "OutputValue": value} for key, value in OUTPUTS.items()]
                stack["Parameters"] = [
                    {"ParameterKey": key, "ParameterValue": value} for key, value in PARAMETERS.items()
                ]
            elif StackName not in {f"{STACK}-storage", *RESOURCES}:
                raise aws_error("ValidationError", 400, "DescribeStacks")
            return {"Stacks": [stack]}

        def listed(StackName: str) -> Any:
            nested = {name: ("AWS::CloudFormation::Stack", name) for name in RESOURCES}
            found = nested if StackName == STACK else RESOURCES[StackName]
            return {
                "StackResourceSummaries": [
                    {"LogicalResourceId": name, "ResourceType": kind, "PhysicalResourceId": physical}
                    for name, (kind, physical) in found.items()
                ]
            }

        return {"describe_stacks": described, "list_stack_resources": listed}

    def _s3(self) -> dict[str, Any]:
        def put(Key: str, Body: bytes, **parameters: Any) -> None:
            if parameters.get("ServerSideEncryption") != "AES256":
                raise aws_error("AccessDenied", 403)  # the bucket's policy
            self.objects[Key] = Body

        def get(Bucket: str, Key: str) -> Any:
            if Key not in self.objects:
                raise aws_error("NoSuchKey", 404, "GetObject")
            return {"Body": BytesIO(self.objects[Key])}

        def versions(Bucket: str, Prefix: str) -> Any:
            return {"Versions": [{"Key": key, "VersionId": "1"} for key in self.objects if key.startswith(Prefix)]}

        def delete(Bucket: str, Delete: Any) -> Any:
            for item in Delete["Objects"]:
                self.objects.pop(item["Key"], None)
            return {}

        def listed(Bucket: str, Prefix: str) -> Any:
            return {"Contents": [{"Key": key} for key in self.objects if key.startswith(Prefix)]}

        return {
            "put_object": put,
            "get_object": get,
            "list_object_versions": versions,
            "delete_objects": delete,
            "list_objects_v2": listed,
        }

    def _apigateway(self) -> dict[str, Any]:
        def create(name: str, enabled: bool) -> Any:
            number = len(self.api_keys)
            key = {"id": f"id-{number}", "name": name, "value": f"secret-{number}", "createdDate": self.now}
            self.api_keys.append(key)
            return key

        def add_to_plan(usagePlanId: str, keyId: str, keyType: str) -> None:
            assert (usagePlanId, keyType) == ("plan", "API_KEY")
            self.in_plan.add(keyId)

        def listed(nameQuery: str, includeValues: bool) -> Any:
            found = [key for key in (*self.api_keys, *self.trainers_keys) if key["name"].startswith(nameQuery)]
            return {"items": found, "ResponseMetadata": self._metadata()}

        def delete(apiKey: str) -> None:
            if apiKey not in {key["id"] for key in self.api_keys}:
                raise NotFound({"Error": {"Code": "NotFoundException"}}, "DeleteApiKey")
            self.api_keys = [key for key in self.api_keys if key["id"] != apiKey]

        return {
            "create_api_key": create,
            "create_usage_plan_key": add_to_plan,
            "get_api_keys": listed,
            "delete_api_key": delete,
        }

    def _metadata(self) -> Any:
        return {"HTTPHeaders": {"date": format_datetime(self.now, usegmt=True)}}

    def _stepfunctions(self) -> dict[str, Any]:
        def start(stateMachineArn: str, name: str, input: str) -> Any:
            status = self.failure["status"] if self.run_ends else "RUNNING"
            started = self.execution(name, status, self.now, input)
            started["executionArn"] = f"{MACHINE}:{name}"
            self.executions.insert(0, started)
            if self.summary is not None:
                self.objects[summary_key(name)] = json.dumps(self.summary).encode()
            self.logged[LOG_GROUPS[0]].append((f'{{"run_id": "{name}"}}', _milliseconds(self.now)))
            return {"executionArn": started["executionArn"]}

        def described(executionArn: str) -> Any:
            found = next(each for each in self.executions if each["executionArn"] == executionArn)
            return {**found, **(self.failure if found["name"].startswith("check-") and self.run_ends else {})}

        def listed(stateMachineArn: str, statusFilter: str | None = None) -> Any:
            found = [each for each in self.executions if statusFilter in (None, each["status"])]
            return [{"executions": found[:1]}, {"executions": found[1:]}]

        def stop(executionArn: str, cause: str) -> None:
            next(each for each in self.executions if each["executionArn"] == executionArn)["status"] = "ABORTED"

        return {
            "start_execution": start,
            "describe_execution": described,
            "list_executions": listed,
            "stop_execution": stop,
        }

    def _sqs(self) -> dict[str, Any]:
        def receive(**_: Any) -> Any:
            received, self.messages = self.messages[:10], self.messages[10:]
            self.hidden |= {f"handle of {body}": body for body in received}
            return {"Messages": [{"Body": body, "ReceiptHandle": f"handle of {body}"} for body in received]}

        def delete(QueueUrl: str, ReceiptHandle: str) -> None:
            del self.hidden[ReceiptHandle]

        def show(QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:
            self.messages.append(self.hidden.pop(ReceiptHandle))

        return {
            "receive_message": receive,
            "delete_message": delete,
            "change_message_visibility": show,
            "get_queue_attributes": lambda **_: {"Attributes": {"ApproximateNumberOfMessages": len(self.messages)}},
        }

    def _events(self) -> dict[str, Any]:
        return {"describe_rule": lambda Name: self.rule, "list_targets_by_rule": lambda Rule: {"Targets": self.targets}}

    def _scheduler(self) -> dict[str, Any]:
        return {"get_schedule_group": lambda Name: {"Name": Name, "State": self.group_state}}

    def _iam(self) -> dict[str, Any]:
        def simulate(PolicySourceArn: str, ActionNames: list[str], ResourceArns: list[str]) -> Any:
            role, name = PolicySourceArn.rsplit("/", 1)[-1], ResourceArns[0].partition(":::data/")[2].split("/")[0]
            return {
                "EvaluationResults": [
                    {
                        "EvalActionName": action,
                        "EvalDecision": "allowed" if (role, action, name) in self.grants else "implicitDeny",
                    }
                    for action in ActionNames
                ]
            }

        return {
            "get_role": lambda RoleName: {"Role": {"Arn": f"arn:aws:iam::{ACCOUNT}:role/{RoleName}"}},
            "simulate_principal_policy": simulate,
        }

    def _cloudwatch(self) -> dict[str, Any]:
        return {
            "describe_alarms": lambda AlarmNames: {
                "MetricAlarms": [alarm for alarm in self.alarms if alarm["AlarmName"] in AlarmNames]
            },
            "get_dashboard": lambda DashboardName: {},
        }

    def _sns(self) -> dict[str, Any]:
        subscription = {"Protocol": "email", "Endpoint": TRAINER, "SubscriptionArn": "arn:aws:sns:x"}
        return {
            "get_topic_attributes": lambda TopicArn: {"Attributes": {"Policy": json.dumps(self.topic_policy)}},
            "list_subscriptions_by_topic": lambda TopicArn: {"Subscriptions": [subscription]},
        }

    def _logs(self) -> dict[str, Any]:
        def groups(logGroupNamePrefix: str) -> Any:
            found = {name: days for name, days in self.retention.items() if name.startswith(logGroupNamePrefix)}
            return {"logGroups": [{"logGroupName": name, "retentionInDays": days} for name, days in found.items()]}

        def events(logGroupName: str, startTime: int, filterPattern: str = "") -> Any:
            wanted = filterPattern.strip('"')
            found = [
                {"message": message}
                for message, at in self.logged[logGroupName]
                if wanted in message and at >= startTime
            ]
            return [{"events": []}, {"events": found}]

        return {"describe_log_groups": groups, "filter_log_events": events}

    def _lambda(self) -> dict[str, Any]:
        return {"get_account_settings": lambda: {"AccountLimit": {"ConcurrentExecutions": self.concurrency}}}

    def _sesv2(self) -> dict[str, Any]:
        identity = {"IdentityName": SENDER, "VerificationStatus": "SUCCESS"}
        return {
            "get_account": lambda: self.account,
            "list_email_identities": lambda **_: {"EmailIdentities": [identity]},
        }

    # --- the API ---

    def call(self, method: str, path: str, *, key: str | None = None, body: Any = None, headers: Any = None) -> Reply:
        """What the API answers: to the probe's student only if the API key is known, in the plan, and has a record."""
        path, now = path.split("?", maxsplit=1)[0], self.now.timestamp()

        def reply(status: int, answer: Any, **more: str) -> Reply:
            raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            sent = {"date": format_datetime(datetime.now(UTC), usegmt=True), "x-amzn-requestid": "request-1", **more}
            return Reply(status, sent, raw, datetime.now(UTC).timestamp())

        self.calls.append(f"api {method} {path}")
        if failing := self.fails.get(f"api {method} {path}"):
            failing({})
        if path == "/":
            page = b"<!doctype html><title>Test time</title>"
            packed = headers["Accept"] == "text/html"
            more = {"content-encoding": "gzip"} if packed else {}
            return reply(200, gzip.compress(page) if packed else page, **more)
        if path.startswith("/calendar/"):
            return reply(404, {"code": "CalendarNotFound", "message": "No."})
        if self.trainers_keys and key == self.trainers_keys[0]["value"]:
            is_class = path == "/v1/class"
            return reply(200, {"tests": []}) if is_class else reply(403, {"code": "StudentsOnly", "message": "No."})
        known = next((each for each in self.api_keys if each["value"] == key and each["id"] in self.in_plan), None)
        if known is None or student_key(known["value"]) not in self.objects:
            return reply(403 if key else 401, {"code": "Forbidden", "message": "No."})
        self.logged[LOG_GROUPS[1]].append(('{"requestId": "request-1"}', int(now * 1000)))
        if path == "/v1/nothing":
            return reply(404, {"code": "NotFound", "message": "No."})
        if path == "/v1/class":
            return reply(403, {"code": "TrainerOnly", "message": "No."})
        if (method, path) == ("POST", "/v1/tests"):
            found = {"tests": [{"testId": probe.TEST}]}
            return reply(200, found) if body else reply(400, {"code": "InvalidRequest", "message": "No."})
        if (method, path) == ("GET", "/v1/test"):
            return reply(200, {"questions": [{"number": 1}]})
        if (method, path) == ("POST", "/v1/test"):
            stored = answers_key(probe.SUBJECT, probe.STUDENT, probe.TEST)
            if stored in self.objects:
                same = self.objects[stored] == json.dumps(body["answers"]).encode()
                return (
                    reply(200, {"receiptId": "R"}) if same else reply(409, {"code": "AlreadySubmitted", "message": "x"})
                )
            self.objects[stored] = json.dumps(body["answers"]).encode()
            return reply(201, {"receiptId": "R"})
        scored = "stepfunctions.start_execution" in self.calls
        return reply(200, {"tests": [{"state": "scored" if scored else "submitted"}]})

    # --- what is left ---

    def left(self) -> list[str]:
        """The objects and API keys that are not the class's."""
        keys = [key for key in self.objects if key != "roster.jsonl"]
        return sorted([*keys, *(key["name"] for key in self.api_keys)])

    def has_probe(self) -> bool:
        index = self.objects.get(index_key(probe.SUBJECT))
        return index is not None and is_probes_index(index)


def summary(*problems: str, **changes: Any) -> dict[str, Any]:
    """The summary of a run in which nothing is wrong but `problems`. `changes`: of its only test, or of the run."""
    test = {
        "subject": probe.SUBJECT,
        "testId": probe.TEST,
        "scored": 1,
        "meanPercent": 100.0,
        "mails": {"sent": 1},
        "problems": [],
    }
    test |= {key: changes.pop(key) for key in list(changes) if key in test}
    return {"tests": [test], "problems": list(problems), "trainerMail": "sent", "trainerMailFailure": None, **changes}


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def denied(parameters: dict[str, Any]) -> None:
    """AWS's answer to credentials that lack the permission."""
    raise aws_error("AccessDenied", 403, "Call")
