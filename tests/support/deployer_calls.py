"""The calls that the commands make with the deployer's own rights, and what IAM is asked about each.

Recorded with the commands on the local cloud, and completed by those that only AWS or a broken deployment sees. Actions
and resources are those of the Service Authorization Reference.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from botocore import xform_name
from botocore.session import get_session

from support.packaged import ACCOUNT, REGION
from support.permissions import Permission
from support.stack_rights import ROOT_STACKS
from support.templates import ROOT

SERVICES = (
    *("apigateway", "cloudformation", "cloudwatch", "events", "iam", "lambda", "logs", "s3", "scheduler", "ses"),
    *("sesv2", "sns", "sqs", "stepfunctions", "sts"),
)
_PLACE = f"{REGION}:{ACCOUNT}"
_DATA = "arn:aws:s3:::{root}-storage-databucket-1abc"
_ARTIFACTS = "arn:aws:s3:::{root}-storage-artifactbucket-1abc"
_STACK = f"arn:aws:cloudformation:{_PLACE}:stack/{{root}}/1-2-3"
_STORAGE = f"arn:aws:cloudformation:{_PLACE}:stack/{{root}}-storage/1-2-3"
_NESTED = f"arn:aws:cloudformation:{_PLACE}:stack/{{root}}-Functions-1ABC/1-2-3"
_KEYS = f"arn:aws:apigateway:{REGION}::/apikeys"
_KEYS_OF_PLAN = f"arn:aws:apigateway:{REGION}::/usageplans/u1/keys"
_TOPIC = f"arn:aws:sns:{_PLACE}:{{root}}-Monitoring-1ABC-AlarmTopic-1ABC"
_IDENTITIES = tuple(f"arn:aws:ses:{_PLACE}:identity/{name}" for name in ("example.org", "sender@example.org"))
_MACHINE = f"arn:aws:states:{_PLACE}:stateMachine:{{root}}-weekly-run"
_EXECUTION = f"arn:aws:states:{_PLACE}:execution:{{root}}-weekly-run:check-1"
_RULE = f"arn:aws:events:{_PLACE}:rule/{{root}}-weekly-run"
_ROLE = f"arn:aws:iam::{ACCOUNT}:role/{{root}}-Functions-1ABC-GetTestRole-1ABC"
_QUEUE = f"arn:aws:sqs:{_PLACE}:{{root}}-weekly-run-failed"
_LOGS = tuple(
    f"arn:aws:logs:{_PLACE}:log-group:{name}" for name in ("/aws/lambda/{root}-plan-run", "/aws/apigateway/{root}")
)
_SCHEDULE = f"arn:aws:scheduler:{_PLACE}:schedule/{{root}}/run-20261129T220000Z-3df03f1f"
_SCHEDULE_GROUP = f"arn:aws:scheduler:{_PLACE}:schedule-group/{{root}}"
_DASHBOARD = f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{{root}}-{REGION}"
_PUBLISHED = (
    *("subjects/os/index.json", "subjects/os/test01/questions.json", "answer-keys/os/test01.json"),
    *("students/1a2b.json", "trainers/1a2b.json", "calendars/1a2b.json", "calendars/subjects/os.json"),
)
_OF_THE_PROBE = (
    *("subjects/check-deployment/index.json", "answer-keys/check-deployment/check-deployment.json"),
    *(
        "answers/check-deployment/check-deployment/check-deployment.json",
        "students/1a2b.json",
        "runs/check-1/plan.json",
    ),
    *("scores/check-deployment/check-deployment/check-deployment.json", "notifications/report/check-deployment.json"),
    "notifications/score/check-deployment/check-deployment/check-deployment.json",
    *("states/check-deployment/check-deployment.json", "reports/check-deployment/check-deployment/1a2b/report.html"),
)
_READ = (
    *(
        "subjects/os/index.json",
        "subjects/os/test01/questions.json",
        "class.json",
        "roster.jsonl",
        "runs/r1/plan.json",
        "runs/r1/manifest.json",
        "runs/r1/mails/0.json",
    ),
    "runs/r1/summary.json",
)
_UPLOADED = ("code/upload_test-1a2b.zip", "templates/api-1a2b.json")

# Each operation, as the SDK names it -> the action and the resources that IAM is asked about. `{root}`: the root stack.
CALLS: dict[str, tuple[str, tuple[str, ...]]] = {
    "change_message_visibility": ("sqs:ChangeMessageVisibility", (_QUEUE,)),
    "continue_update_rollback": ("cloudformation:ContinueUpdateRollback", (_STACK, _STORAGE)),
    "create_api_key": ("apigateway:POST", (_KEYS,)),
    "create_email_identity": ("ses:CreateEmailIdentity", _IDENTITIES),
    "create_schedule": ("scheduler:CreateSchedule", (_SCHEDULE,)),
    "create_stack": ("cloudformation:CreateStack", (_STACK, _STORAGE)),
    "create_usage_plan_key": ("apigateway:POST", (_KEYS_OF_PLAN,)),
    "delete_api_key": ("apigateway:DELETE", (f"{_KEYS}/k1",)),
    "delete_message": ("sqs:DeleteMessage", (_QUEUE,)),
    "delete_object": ("s3:DeleteObject", tuple(f"{_DATA}/{key}" for key in _PUBLISHED)),
    # Each object is named with its version.
    "delete_objects": ("s3:DeleteObjectVersion", tuple(f"{_DATA}/{key}" for key in _OF_THE_PROBE)),
    "delete_schedule": ("scheduler:DeleteSchedule", (_SCHEDULE,)),
    "delete_stack": ("cloudformation:DeleteStack", (_STACK, _STORAGE)),
    # "scoped to *": https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    "describe_alarms": ("cloudwatch:DescribeAlarms", ("*",)),
    "describe_execution": ("states:DescribeExecution", (_EXECUTION,)),
    "describe_log_groups": ("logs:DescribeLogGroups", ("*",)),
    "describe_rule": ("events:DescribeRule", (_RULE,)),
    "describe_stack_events": ("cloudformation:DescribeStackEvents", (_STACK, _STORAGE, _NESTED)),
    "describe_stacks": ("cloudformation:DescribeStacks", (_STACK, _STORAGE, _NESTED)),
    "filter_log_events": ("logs:FilterLogEvents", _LOGS),
    "get_account": ("ses:GetAccount", ("*",)),
    "get_account_settings": ("lambda:GetAccountSettings", ("*",)),
    "get_api_keys": ("apigateway:GET", (_KEYS,)),
    "get_dashboard": ("cloudwatch:GetDashboard", (_DASHBOARD,)),
    "get_email_identity": ("ses:GetEmailIdentity", _IDENTITIES),
    "get_object": ("s3:GetObject", tuple(f"{_DATA}/{key}" for key in _READ)),
    "get_queue_attributes": ("sqs:GetQueueAttributes", (_QUEUE,)),
    "get_role": ("iam:GetRole", (_ROLE,)),
    "get_schedule_group": ("scheduler:GetScheduleGroup", (_SCHEDULE_GROUP,)),
    "get_template": ("cloudformation:GetTemplate", (_STACK, _STORAGE, _NESTED)),
    "get_topic_attributes": ("sns:GetTopicAttributes", (_TOPIC,)),
    "get_usage_plan_keys": ("apigateway:GET", (_KEYS_OF_PLAN,)),
    # IAM is asked about the same action as for the whole object.
    "head_object": ("s3:GetObject", tuple(f"{_DATA}/{key}" for key in _READ)),
    "list_email_identities": ("ses:ListEmailIdentities", ("*",)),
    "list_executions": ("states:ListExecutions", (_MACHINE,)),
    "list_object_versions": ("s3:ListBucketVersions", (_DATA,)),
    "list_objects_v2": ("s3:ListBucket", (_DATA, _ARTIFACTS)),
    "list_schedules": ("scheduler:ListSchedules", ("*",)),
    "list_stack_resources": ("cloudformation:ListStackResources", (_STACK, _STORAGE, _NESTED)),
    "list_subscriptions_by_topic": ("sns:ListSubscriptionsByTopic", (_TOPIC,)),
    "list_suppressed_destinations": ("ses:ListSuppressedDestinations", ("*",)),
    "list_targets_by_rule": ("events:ListTargetsByRule", (_RULE,)),
    "put_object": (
        "s3:PutObject",
        (
            *(f"{_DATA}/{key}" for key in (*_PUBLISHED, "class.json", "roster.jsonl")),
            *(f"{_ARTIFACTS}/{key}" for key in _UPLOADED),
        ),
    ),
    "receive_message": ("sqs:ReceiveMessage", (_QUEUE,)),
    "simulate_principal_policy": ("iam:SimulatePrincipalPolicy", (_ROLE,)),
    "start_execution": ("states:StartExecution", (_MACHINE,)),
    "stop_execution": ("states:StopExecution", (_EXECUTION,)),
    "subscribe": ("sns:Subscribe", (_TOPIC,)),
    "update_stack": ("cloudformation:UpdateStack", (_STACK, _STORAGE)),
    "validate_template": ("cloudformation:ValidateTemplate", ("*",)),
    "verify_email_identity": ("ses:VerifyEmailIdentity", ("*",)),
}
# AWS asks nobody for a permission to learn who they are.
ALWAYS_ALLOWED = {"get_caller_identity"}
# Only the commands about people make these: tests/unit/deployment/test_people_policy.py.
OF_PEOPLE = {"get_object_tagging", "get_send_quota", "send_raw_email"}


# What calls S3 and SES for the functions and for the commands.
SHARED_WITH_FUNCTIONS = [ROOT / f"lambda_src/common/{name}.py" for name in ("storage", "run/mail")]
# A method of the check's probe, whose name SNS uses too.
NOT_OPERATIONS = {"publish"}


def needed() -> set[Permission]:
    """What IAM is asked about the calls of the commands."""
    asked = {
        Permission(action, arn.format(root=root))
        for action, arns in CALLS.values()
        for arn in arns
        for root in ROOT_STACKS
    }
    passed = {
        Permission("iam:PassRole", _ROLE.format(root=root), (("iam:PassedToService", "scheduler.amazonaws.com"),))
        for root in ROOT_STACKS
    }
    return asked | passed


def operations_in_the_source() -> set[str]:
    """The operations, as the SDK names them, that plugins/ and cli/ call, themselves or through common/storage.py."""
    known = {
        xform_name(operation)
        for service in SERVICES
        for operation in get_session().get_service_model(service).operation_names
    }
    sources = [*(ROOT / "plugins").rglob("*.py"), *(ROOT / "cli").rglob("*.py"), *SHARED_WITH_FUNCTIONS]
    return (known - NOT_OPERATIONS) & set(_called(sources))


def _called(sources: Iterable[Path]) -> Iterator[str]:
    """The name of every method that is called, and of every operation whose pages are read."""
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                pages_of = node.args[0] if node.func.attr == "get_paginator" else None
                yield str(pages_of.value) if isinstance(pages_of, ast.Constant) else node.func.attr
