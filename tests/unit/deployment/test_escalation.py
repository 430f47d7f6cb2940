"""Who may deploy cannot get any further: not by roles, policies, functions or stacks.

The ways are those of https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/, those that were
found since, and those around a permissions boundary.
"""

from __future__ import annotations

from typing import Any

import pytest

from support.deployer import BOUNDARY, BOUNDARY_NAME, DEPLOYER, Policy, each_alone, policy_statements
from support.packaged import ACCOUNT, REGION
from support.permissions import Permission, Statements
from support.stack_rights import PASSED_TO, access_level

IAM = f"arn:aws:iam::{ACCOUNT}:"
ADMIN_ROLE = f"{IAM}role/administrator"
OWN_ROLE = f"{IAM}role/trainings-tests-Functions-1ABC-NewRole-1ABC"
OWN_USER = f"{IAM}user/deployer"
ADMIN_USER = f"{IAM}user/administrator"
GROUP = f"{IAM}group/administrators"
BOUNDARY_POLICY = f"{IAM}policy/{BOUNDARY_NAME}"
NO_BOUNDARY = f"{IAM}policy/AnotherBoundary"
OWN_FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:trainings-tests-new"
FOREIGN_FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:payroll"
OWN_ALARM = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:trainings-tests-new"
OWN_RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/trainings-tests-new"
OWN_STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/trainings-tests-new/1"
FOREIGN_STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/payroll/1"
WITH_ADMIN = (("iam:PolicyARN", "arn:aws:iam::aws:policy/AdministratorAccess"),)


def passes(role: str, service: str) -> Permission:
    return Permission("iam:PassRole", role, (("iam:PassedToService", f"{service}.amazonaws.com"),))


def on_role(action: str, role: str, boundary: str | None = None) -> Permission:
    """On a role with this boundary."""
    context = (("iam:PermissionsBoundary", boundary),) if boundary else ()
    return Permission(f"iam:{action}", role, (*context, *WITH_ADMIN))


def acts_on(arn: str) -> Permission:
    """An alarm that does something to this when it goes off."""
    return Permission("cloudwatch:PutMetricAlarm", OWN_ALARM, (("cloudwatch:AlarmActions", arn),))


def sends_events_to(arn: str) -> Permission:
    """A rule that has events of the Region go there."""
    return Permission("events:PutTargets", OWN_RULE, (("events:TargetArn", arn),))


# Each way, with the calls that it takes, all of which must be allowed.
WAYS: dict[str, tuple[Permission, ...]] = {
    # Rhino Security Labs' list
    "new version of the own policy": (Permission("iam:CreatePolicyVersion", f"{IAM}policy/test-time-deployer-policy"),),
    "older version of the own policy": (
        Permission("iam:SetDefaultPolicyVersion", f"{IAM}policy/test-time-deployer-policy"),
    ),
    "instance with a role": (passes(ADMIN_ROLE, "ec2"), Permission("ec2:RunInstances", "*")),
    "access key of a user": (Permission("iam:CreateAccessKey", ADMIN_USER),),
    "password for a user": (Permission("iam:CreateLoginProfile", ADMIN_USER),),
    "other password for a user": (Permission("iam:UpdateLoginProfile", ADMIN_USER),),
    "policy attached to a user": (Permission("iam:AttachUserPolicy", OWN_USER, WITH_ADMIN),),
    "policy attached to a group": (Permission("iam:AttachGroupPolicy", GROUP, WITH_ADMIN),),
    "policy attached to a role of others": (on_role("AttachRolePolicy", ADMIN_ROLE),),
    "policy in a user": (Permission("iam:PutUserPolicy", OWN_USER),),
    "policy in a group": (Permission("iam:PutGroupPolicy", GROUP),),
    "policy in a role of others": (on_role("PutRolePolicy", ADMIN_ROLE),),
    "user in a group": (Permission("iam:AddUserToGroup", GROUP),),
    "trust of a role of others": (on_role("UpdateAssumeRolePolicy", ADMIN_ROLE),),
    "function with a role of others": (
        passes(ADMIN_ROLE, "lambda"),
        Permission("lambda:CreateFunction", OWN_FUNCTION),
    ),
    "function with a role, started by a table": (
        passes(ADMIN_ROLE, "lambda"),
        Permission("lambda:CreateFunction", OWN_FUNCTION),
        Permission("lambda:CreateEventSourceMapping", "*"),
    ),
    "code of a function of others": (Permission("lambda:UpdateFunctionCode", FOREIGN_FUNCTION),),
    "layer of a function of others": (Permission("lambda:UpdateFunctionConfiguration", FOREIGN_FUNCTION),),
    "development endpoint with a role": (passes(ADMIN_ROLE, "glue"), Permission("glue:CreateDevEndpoint", "*")),
    "key of a development endpoint": (Permission("glue:UpdateDevEndpoint", "*"),),
    "stack with a role": (passes(ADMIN_ROLE, "cloudformation"), Permission("cloudformation:CreateStack", OWN_STACK)),
    "pipeline with a role": (passes(ADMIN_ROLE, "datapipeline"), Permission("datapipeline:CreatePipeline", "*")),
    # found since
    "stack of others": (Permission("cloudformation:UpdateStack", FOREIGN_STACK),),
    "stack set": (Permission("cloudformation:CreateStackSet", "*"),),
    "notebook with a role": (passes(ADMIN_ROLE, "sagemaker"), Permission("sagemaker:CreateNotebookInstance", "*")),
    "build with a role": (passes(ADMIN_ROLE, "codebuild"), Permission("codebuild:CreateProject", "*")),
    "container with a role": (passes(ADMIN_ROLE, "ecs-tasks"), Permission("ecs:RunTask", "*")),
    "command on an instance": (Permission("ssm:SendCommand", "*"),),
    "role taken on": (Permission("sts:AssumeRole", ADMIN_ROLE),),
    "state machine with a role of others": (passes(ADMIN_ROLE, "states"),),
    "rule with a role of others": (passes(ADMIN_ROLE, "events"),),
    "schedule with a role of others": (passes(ADMIN_ROLE, "scheduler"),),
    "API with a role of others": (passes(ADMIN_ROLE, "apigateway"),),
    "own role for another service": (passes(OWN_ROLE, "ec2"),),
    "own role for a stack": (passes(OWN_ROLE, "cloudformation"),),
    "new user": (Permission("iam:CreateUser", f"{IAM}user/trainings-tests-new"),),
    "new user with the boundary": (
        Permission("iam:CreateUser", f"{IAM}user/trainings-tests-new", (("iam:PermissionsBoundary", BOUNDARY_POLICY),)),
    ),
    "new identity provider": (Permission("iam:CreateSAMLProvider", f"{IAM}saml-provider/trainings-tests"),),
    "new role of a service": (Permission("iam:CreateServiceLinkedRole", f"{IAM}role/aws-service-role/x"),),
    "alarm that ends instances": (acts_on(f"arn:aws:automate:{REGION}:ec2:terminate"),),
    "alarm that starts a function of others": (acts_on(FOREIGN_FUNCTION),),
    "alarm that writes to a topic of others": (acts_on(f"arn:aws:sns:{REGION}:{ACCOUNT}:payroll"),),
    "rule that starts a function of others": (sends_events_to(FOREIGN_FUNCTION),),
    "rule that starts a state machine of others": (
        sends_events_to(f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:payroll"),
    ),
    "rule that sends events to a queue": (
        sends_events_to(f"arn:aws:sqs:{REGION}:{ACCOUNT}:trainings-tests-new"),
        Permission("sqs:ReceiveMessage", f"arn:aws:sqs:{REGION}:{ACCOUNT}:trainings-tests-new"),
    ),
    "rule that sends events to another account": (
        sends_events_to(f"arn:aws:events:{REGION}:210987654321:event-bus/default"),
    ),
    # around the boundary
    "new role without a boundary": (on_role("CreateRole", OWN_ROLE),),
    "new role with another boundary": (on_role("CreateRole", OWN_ROLE, NO_BOUNDARY),),
    "new role with a policy of a stage as its boundary": (
        on_role("CreateRole", OWN_ROLE, f"{IAM}policy/trainings-tests-x-TracingPolicy-y"),
    ),
    "new role with a deployer's policy as its boundary": (
        on_role("CreateRole", OWN_ROLE, f"{IAM}policy/test-time-deployer-policy"),
    ),
    "boundary replaced by a deployer's policy": (
        on_role("PutRolePermissionsBoundary", OWN_ROLE, f"{IAM}policy/test-time-deployer-stacks-policy"),
    ),
    "new role of another name": (on_role("CreateRole", f"{IAM}role/new", BOUNDARY_POLICY),),
    "policy attached to a role without a boundary": (on_role("AttachRolePolicy", OWN_ROLE),),
    "policy in a role without a boundary": (on_role("PutRolePolicy", OWN_ROLE),),
    "policy in a role with another boundary": (on_role("PutRolePolicy", OWN_ROLE, NO_BOUNDARY),),
    "restriction removed from a role without a boundary": (on_role("DeleteRolePolicy", OWN_ROLE),),
    "restriction detached from a role without a boundary": (on_role("DetachRolePolicy", OWN_ROLE),),
    "boundary removed": (on_role("DeleteRolePermissionsBoundary", OWN_ROLE, BOUNDARY_POLICY),),
    "boundary replaced": (on_role("PutRolePermissionsBoundary", OWN_ROLE, NO_BOUNDARY),),
    "boundary of a user": (Permission("iam:DeleteUserPermissionsBoundary", OWN_USER),),
    "new version of the boundary": (Permission("iam:CreatePolicyVersion", BOUNDARY_POLICY),),
    "older version of the boundary": (Permission("iam:SetDefaultPolicyVersion", BOUNDARY_POLICY),),
    "version of the boundary deleted": (Permission("iam:DeletePolicyVersion", BOUNDARY_POLICY),),
    "another policy in place of the boundary": (Permission("iam:DeletePolicy", BOUNDARY_POLICY),),
    "new version of a policy that no stage has": (
        Permission("iam:CreatePolicyVersion", f"{IAM}policy/trainings-tests-administrators"),
    ),
    "new policy of the boundary's name": (Permission("iam:CreatePolicy", BOUNDARY_POLICY),),
}


def open_ways(statements: Statements) -> set[str]:
    policy = Policy(statements)
    return {way for way, calls in WAYS.items() if all(policy.allows(call) for call in calls)}


def test_no_way_is_open() -> None:
    assert open_ways(policy_statements(*DEPLOYER)) == set()


def changed(sid: str, **parts: Any) -> Statements:
    """The policies with one statement changed; a part that is None is removed."""
    statements = policy_statements(*DEPLOYER)
    [found] = [statement for statement in statements if statement["Sid"] == sid]
    for name, value in parts.items():
        if value is None:
            del found[name]
        else:
            found[name] = value
    return statements


@pytest.mark.parametrize(
    ("sid", "parts", "way"),
    [
        ("RolesWithinTheBoundary", {"Condition": None}, "new role without a boundary"),
        ("RolesWithinTheBoundary", {"Condition": None}, "policy in a role with another boundary"),
        ("RolesWithinTheBoundary", {"Condition": None}, "boundary replaced"),
        ("RolesWithinTheBoundary", {"Condition": None}, "restriction removed from a role without a boundary"),
        ("RolesWithinTheBoundary", {"Resource": "*"}, "new role of another name"),
        ("RolesWithinTheBoundary", {"Action": "iam:*"}, "boundary removed"),
        ("RolesWithinTheBoundary", {"Action": "iam:*", "Resource": "*"}, "new user with the boundary"),
        ("Roles", {"Resource": "*"}, "trust of a role of others"),
        ("Roles", {"Action": "iam:*"}, "new role without a boundary"),
        (
            "RolesWithinTheBoundary",
            {"Condition": {"StringLike": {"iam:PermissionsBoundary": f"{IAM}policy/trainings-tests-*"}}},
            "new role with a policy of a stage as its boundary",
        ),
        (
            "RolesWithinTheBoundary",
            {"Condition": {"ArnLike": {"iam:PermissionsBoundary": f"{IAM}policy/test-time-*"}}},
            "boundary replaced by a deployer's policy",
        ),
        ("TracingPolicy", {"Resource": f"{IAM}policy/trainings-tests-*"}, "new version of a policy that no stage has"),
        ("RolesOfServices", {"Condition": None}, "own role for a stack"),
        ("RolesOfServices", {"Resource": "*"}, "function with a role of others"),
        ("RolesOfServices", {"Resource": "*"}, "state machine with a role of others"),
        ("TracingPolicy", {"Resource": f"{IAM}policy/*"}, "new version of the boundary"),
        ("TracingPolicy", {"Resource": f"{IAM}policy/*"}, "new version of the own policy"),
        ("Functions", {"Resource": "*"}, "code of a function of others"),
        ("Stacks", {"Resource": "*"}, "stack of others"),
        ("AlarmsThatNotify", {"Condition": None}, "alarm that ends instances"),
        ("RuleOfRuns", {"Condition": None}, "rule that sends events to a queue"),
    ],
)
def test_a_protection_that_is_taken_away_opens_a_way(sid: str, parts: dict[str, Any], way: str) -> None:
    assert way in open_ways(changed(sid, **parts))


def test_a_role_has_this_boundary_and_no_other() -> None:
    [statement] = [each for each in policy_statements(*DEPLOYER) if each["Sid"] == "RolesWithinTheBoundary"]
    assert statement["Condition"] == {"StringEquals": {"iam:PermissionsBoundary": BOUNDARY_POLICY}}


def test_a_role_is_passed_only_to_the_services_of_the_templates_and_of_schedules() -> None:
    [condition] = [each["Condition"] for each in policy_statements(*DEPLOYER) if each["Action"] == "iam:PassRole"]
    services = {*PASSED_TO.values(), "scheduler.amazonaws.com"}
    assert condition == {"StringEquals": {"iam:PassedToService": sorted(services)}}


def test_whatever_a_role_is_granted_it_has_no_more_than_the_boundary() -> None:
    everything = Policy([{"Effect": "Allow", "Action": "*", "Resource": "*"}])
    boundary = Policy(policy_statements(BOUNDARY))
    beyond = [
        *(call for calls in WAYS.values() for call in calls),
        Permission("iam:PutRolePermissionsBoundary", OWN_ROLE, (("iam:PermissionsBoundary", BOUNDARY_POLICY),)),
        Permission("sts:AssumeRole", OWN_ROLE),
        Permission("s3:GetObject", "arn:aws:s3:::payroll/salaries.csv"),
        Permission("s3:PutBucketPolicy", "arn:aws:s3:::trainings-tests-storage-databucket-1abc"),
        Permission("s3:DeleteObject", "arn:aws:s3:::trainings-tests-storage-databucket-1abc/roster.jsonl"),
        Permission("lambda:InvokeFunction", FOREIGN_FUNCTION),
        Permission("lambda:UpdateFunctionCode", OWN_FUNCTION),
        Permission("secretsmanager:GetSecretValue", "*"),
        Permission("kms:Decrypt", "*"),
        Permission("dynamodb:Scan", "*"),
        Permission("organizations:ListAccounts", "*"),
    ]
    for asked in beyond:
        assert everything.allows(asked), asked
        assert not everything.allows(asked, boundary), asked


# What changes who may do what. Each is limited to what belongs to a stage, and to roles within the boundary.
MAY_CHANGE_PERMISSIONS = {
    *("iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy"),
    *("iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:DeleteRole"),
    *("iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion"),
    *("lambda:AddPermission", "lambda:RemovePermission", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"),
    *("s3:PutBucketPublicAccessBlock", "s3:PutBucketOwnershipControls", "sns:SetTopicAttributes"),
}


def test_every_action_that_changes_permissions_is_one_that_was_looked_at() -> None:
    actions = {entry["Action"] for entry in each_alone(policy_statements(*DEPLOYER))}
    found = {action for action in actions if access_level(action) == "Permissions management"}
    assert found - MAY_CHANGE_PERMISSIONS == set()


def test_a_deployer_cannot_change_the_policies_that_the_documentation_creates() -> None:
    policy = Policy(policy_statements(*DEPLOYER))
    for name in (BOUNDARY_NAME, *(f"test-time-{name}" for name in DEPLOYER)):
        for action in ("CreatePolicy", "CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicy"):
            assert not policy.allows(Permission(f"iam:{action}", f"{IAM}policy/{name}"))
