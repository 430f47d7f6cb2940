"""check-deployment.sh on a deployment that works, and on one in which each part is broken once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import pytest

from common.shared import probe
from support.deployed_project import SENDER, Project, wait_until

STACK = "trainings-tests"
TRAINER = "trainer@example.org"
# What the local cloud cannot show, or only a person can see.
NOT_CHECKED = {
    *("errors of the API", "DKIM", "Lambda concurrency"),
    *("second deployment", "automatic start", "delivery of alarms"),
}


def check(project: Project) -> tuple[int, dict[str, str]]:
    """Check the deployment: the exit code, and the state of each check."""
    done = project.run("./bin/check-deployment.sh", "--local", "--json", check=False)
    assert done.returncode in (0, 3), done.stderr
    findings = json.loads(done.stdout)["findings"]
    assert all(finding["todo"] for finding in findings if finding["state"] == "wrong")
    return done.returncode, {finding["check"]: finding["state"] for finding in findings}


def wrong(project: Project) -> set[str]:
    code, states = check(project)
    found = {name for name, state in states.items() if state == "wrong"}
    assert code == (3 if found else 0)
    return found


def everything(project: Project) -> Any:
    """All versions of all objects of the class, and all API keys."""
    bucket = project.outputs(f"{STACK}-storage")["DataBucketName"]
    versions = [
        (item["Key"], item["VersionId"])
        for page in project.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket)
        for item in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
    ]
    return sorted(versions), sorted(item["name"] for item in api_keys(project))


def api_keys(project: Project) -> list[Any]:
    items: list[Any] = project.client("apigateway").get_api_keys(limit=500)["items"]
    return items


def has_probe(project: Project) -> bool:
    return any(item["name"] == f"{STACK}:{probe.SUBJECT}" for item in api_keys(project))


def start(project: Project) -> subprocess.Popen[str]:
    """Start a check, and wait until the probe is there."""
    running = subprocess.Popen(
        ["./bin/check-deployment.sh", "--local"],
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until(lambda: has_probe(project), 60, "the probe")
    return running


def test_nothing_is_wrong_with_a_fresh_deployment_and_nothing_is_left(project: Project) -> None:
    before, mailed = everything(project), len(project.mails())
    code, states = check(project)
    assert code == 0
    assert {name for name, state in states.items() if state == "wrong"} == set()
    assert {name for name, state in states.items() if state == "not checked"} - {"automatic start"} == NOT_CHECKED - {
        "automatic start"
    }
    assert everything(project) == before
    assert [mail["to"] for mail in project.mails()[mailed:]] == [[probe.MAILBOX], [probe.MAILBOX]]
    assert project.run("./update-subjects-or-students.sh", "--local").stdout.startswith("Nothing changed.\n")


def test_the_class_can_be_published_while_a_check_is_at_work(project: Project) -> None:
    running = start(project)
    published = project.run("./update-subjects-or-students.sh", "--local")
    shown, errors = running.communicate(timeout=120)
    assert running.returncode == 0, shown + errors
    assert probe.SUBJECT not in published.stdout + published.stderr


def test_a_check_that_is_interrupted_leaves_nothing(project: Project) -> None:
    before = everything(project)
    running = start(project)
    os.killpg(running.pid, signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert "stopped before all was checked" in errors
    assert "Traceback" not in errors
    assert everything(project) == before


def test_a_reader_who_stops_reading_leaves_nothing(project: Project) -> None:
    before = everything(project)
    done = project.run("bash", "-c", "./bin/check-deployment.sh --local | head -n 3")
    assert len(done.stdout.splitlines()) == 3
    assert "Traceback" not in done.stderr
    assert everything(project) == before


@contextmanager
def checks_are_short(project: Project) -> Iterator[None]:
    """As if no check could take longer than a second."""
    path = project.folder / "cli" / "check_deployment" / "probe_student.py"
    text = path.read_text()
    shorter = text.replace("LONGEST_CHECK = timedelta(minutes=20)", "LONGEST_CHECK = timedelta(seconds=1)")
    assert shorter != text
    path.write_text(shorter)
    try:
        yield
    finally:
        path.write_text(text)


def test_a_second_check_is_refused_and_what_a_killed_check_leaves_is_removed_later(project: Project) -> None:
    before = everything(project)
    running = start(project)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate(timeout=60)
    assert has_probe(project)
    refused = project.run("./bin/check-deployment.sh", "--local", check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "another check of this stage began at" in refused.stderr
    assert has_probe(project)
    with checks_are_short(project):
        done = project.run("./bin/check-deployment.sh", "--local")
    assert "removed what an earlier check had left" in done.stderr
    assert everything(project) == before


def resource(project: Project, nested: str, name: str) -> str:
    """The physical ID of a resource of a nested stack."""
    cloudformation = project.client("cloudformation")

    def listed(stack: str) -> dict[str, str]:
        found = cloudformation.list_stack_resources(StackName=stack)["StackResourceSummaries"]
        return {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in found}

    return listed(listed(STACK)[nested])[name]


@contextmanager
def rule_disabled(project: Project) -> Iterator[None]:
    events = project.client("events")
    events.disable_rule(Name=f"{STACK}-weekly-run")
    try:
        yield
    finally:
        events.enable_rule(Name=f"{STACK}-weekly-run")


@contextmanager
def rule_changed(project: Project) -> Iterator[None]:
    """Another time, another input, and no role."""
    events, name = project.client("events"), f"{STACK}-weekly-run"
    rule, targets = events.describe_rule(Name=name), events.list_targets_by_rule(Rule=name)["Targets"]
    put = partial(events.put_rule, Name=name, Description=rule["Description"], State="ENABLED")
    put(ScheduleExpression="cron(0 3 1 1 ? 2030)")
    events.put_targets(
        Rule=name, Targets=[{"Id": targets[0]["Id"], "Arn": targets[0]["Arn"], "Input": '{"only":"a/b"}'}]
    )
    try:
        yield
    finally:
        put(ScheduleExpression=rule["ScheduleExpression"])
        events.put_targets(Rule=name, Targets=targets)


@contextmanager
def roles_may_start_nothing(project: Project) -> Iterator[None]:
    iam, kept = project.client("iam"), []
    for role in (resource(project, "WeeklyRun", name) for name in ("WeeklyRuleRole", "SchedulerRole")):
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            kept.append({"RoleName": role, "PolicyName": policy, "PolicyDocument": json.dumps(document)})
            iam.delete_role_policy(RoleName=role, PolicyName=policy)
    try:
        yield
    finally:
        for policy in kept:
            iam.put_role_policy(**policy)


@contextmanager
def schedule_group_deleted(project: Project) -> Iterator[None]:
    scheduler = project.client("scheduler")
    scheduler.delete_schedule_group(Name=STACK)
    try:
        yield
    finally:
        scheduler.create_schedule_group(Name=STACK)
        project.run("./update-subjects-or-students.sh", "--local")  # the schedules were deleted with their group


@contextmanager
def topic_closed(project: Project) -> Iterator[None]:
    sns, topic = project.client("sns"), resource(project, "Monitoring", "AlarmTopic")
    policy = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    statement = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sns:Subscribe"}
    closed = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": topic}]})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=closed)
    try:
        yield
    finally:
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


@contextmanager
def dashboard_deleted(project: Project) -> Iterator[None]:
    cloudwatch, name = project.client("cloudwatch"), resource(project, "Monitoring", "Dashboard")
    body = cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]
    cloudwatch.delete_dashboards(DashboardNames=[name])
    try:
        yield
    finally:
        cloudwatch.put_dashboard(DashboardName=name, DashboardBody=body)


@contextmanager
def start_failed(project: Project) -> Iterator[None]:
    queue = resource(project, "WeeklyRun", "DeadLetterQueue")
    project.client("sqs").send_message(QueueUrl=queue, MessageBody="{}")
    try:
        yield
    finally:
        project.client("sqs").purge_queue(QueueUrl=queue)


@contextmanager
def alarm_rings(project: Project) -> Iterator[None]:
    alarm = resource(project, "Monitoring", "ApiServerErrors")
    set_state = project.client("cloudwatch").set_alarm_state
    set_state(AlarmName=alarm, StateValue="ALARM", StateReason="trial")
    try:
        yield
    finally:
        set_state(AlarmName=alarm, StateValue="OK", StateReason="trial")


@contextmanager
def trainer_unsubscribed(project: Project) -> Iterator[None]:
    sns, topic = project.client("sns"), resource(project, "Monitoring", "AlarmTopic")
    for item in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=item["SubscriptionArn"])
    try:
        yield
    finally:
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=TRAINER)


@contextmanager
def logs_kept_for_a_day(project: Project) -> Iterator[None]:
    logs, group = project.client("logs"), f"/aws/lambda/{STACK}-student"
    kept = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["retentionInDays"]
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    try:
        yield
    finally:
        logs.put_retention_policy(logGroupName=group, retentionInDays=kept)


@contextmanager
def student_may_change_everything(project: Project) -> Iterator[None]:
    iam, role = project.client("iam"), resource(project, "Functions", "StudentRole")
    actions = ["s3:DeleteObject", "s3:PutObject", "s3:GetObjectVersion"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=role, PolicyName="too-much", PolicyDocument=policy)
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="too-much")


@contextmanager
def account_in_sandbox(project: Project) -> Iterator[None]:
    ses = project.client("sesv2")
    details = {"MailType": "TRANSACTIONAL", "WebsiteURL": "https://example.org", "UseCaseDescription": "tests"}
    ses.put_account_details(**details, ProductionAccessEnabled=False)
    try:
        yield
    finally:
        ses.put_account_details(**details, ProductionAccessEnabled=True)


@contextmanager
def sender_unverified(project: Project) -> Iterator[None]:
    ses = project.client("sesv2")
    ses.delete_email_identity(EmailIdentity=SENDER)
    try:
        yield
    finally:
        ses.create_email_identity(EmailIdentity=SENDER)


def handler_missing(*functions: str) -> Callable[[Project], Any]:
    """Let functions fail at once."""

    @contextmanager
    def broken(project: Project) -> Iterator[None]:
        client = project.client("lambda")
        names = [f"{STACK}-{function}" for function in functions]
        handlers = {name: client.get_function_configuration(FunctionName=name)["Handler"] for name in names}
        for name in names:
            client.update_function_configuration(FunctionName=name, Handler="nothing.lambda_handler")
        try:
            yield
        finally:
            for name, handler in handlers.items():
                client.update_function_configuration(FunctionName=name, Handler=handler)

    return broken


@pytest.mark.parametrize(
    ("breakages", "reported"),
    [
        pytest.param(
            [
                *(rule_disabled, start_failed, alarm_rings, trainer_unsubscribed, logs_kept_for_a_day),
                *(student_may_change_everything, account_in_sandbox),
            ],
            {
                *("weekly rule", "failed starts", "alarms", "alarm emails", "log retention"),
                *("permissions", "SES sandbox"),
            },
            id="settings",
        ),
        pytest.param(
            [rule_changed, roles_may_start_nothing, schedule_group_deleted, topic_closed, dashboard_deleted],
            {"weekly rule", "start permissions", "schedule group", "alarm topic", "dashboard"},
            id="what starts runs and what tells of them",
        ),
        pytest.param([sender_unverified], {"sender", "weekly run"}, id="sender"),
        pytest.param(
            [handler_missing("web-page", "get-test", "student")],
            {"compressed page", "taking the test", "state of the test", "score for the student"},
            id="page, questions and state",
        ),
        pytest.param([handler_missing("list-tests")], {"API key", "invalid request", "taking the test"}, id="list"),
        pytest.param(
            [handler_missing("upload-test")],
            {"handing in", "state of the test", "weekly run", "score for the student"},
            id="upload",
        ),
        pytest.param([handler_missing("authorizer")], {"API key", "errors of the API"}, id="authorizer"),
        pytest.param([handler_missing("score-batch")], {"weekly run", "score for the student"}, id="scoring"),
    ],
)
def test_each_part_that_is_broken_is_reported(
    project: Project, breakages: list[Callable[[Project], Any]], reported: set[str]
) -> None:
    before = everything(project)
    with ExitStack() as broken:
        for breakage in breakages:
            broken.enter_context(breakage(project))
        assert reported <= wrong(project)
    assert everything(project) == before


def test_nothing_is_wrong_once_all_is_repaired(project: Project) -> None:
    assert wrong(project) == set()


def test_a_stage_that_is_not_deployed_is_an_error(project: Project) -> None:
    project.add_stage("nowhere")
    done = project.run("./bin/check-deployment.sh", "--local", "--stage", "nowhere", check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "stage 'nowhere' is not deployed here: run ./deploy-api-gateway.sh first" in done.stderr
