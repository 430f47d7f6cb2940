"""check-deployment.sh as a whole: what it finds wrong, and that it leaves nothing behind however it ends."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.client import IncompleteRead
from typing import Any

import boto3
import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content import probe_removal
from ansible_collections.training.test_time.plugins.module_utils.class_content.probe import (
    OPEN_FOR,
    STUDENT_RECORD,
    published_objects,
)
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import index_key, student_key
from cli.check_deployment import __main__ as command
from cli.check_deployment import api_checks, deployed, log_checks, run_checks
from cli.check_deployment.api import Unreachable
from cli.check_deployment.permission_checks import PermissionChecks
from cli.check_deployment.probe_student import LONGEST_CHECK

from common.shared import probe
from support.aws_calls import aws_error
from support.checked_deployment import (
    BEHIND_THE_API,
    LOG_GROUPS,
    MACHINE,
    NOW,
    QUEUE_ARN,
    RESOURCES,
    STACK,
    STARTED,
    TOPIC,
    CheckedDeployment,
    denied,
    summary,
)

Break = Callable[[CheckedDeployment], None]
NOT_CHECKED = {"second deployment", "DKIM", "delivery of alarms"}
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
API_KEY = f"{STACK}:{probe.SUBJECT}"


def unhandled(number: int, _: Any) -> None:
    """Fail the test instead of ending its process."""
    raise AssertionError(f"nothing handles signal {number}")


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[CheckedDeployment]:
    """The deployment, which nobody has to wait for."""
    made = CheckedDeployment()
    monkeypatch.setattr(boto3, "client", made.client)
    monkeypatch.setattr(command, "Api", lambda _: made)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for module, name in [
        (probe_removal, "RUN_ENDS_WITHIN_SECONDS"),
        (probe_removal, "STOPPED_PAUSE_SECONDS"),
        (run_checks, "RUN_ENDS_WITHIN_SECONDS"),
        (api_checks, "KEY_KNOWN_WITHIN_SECONDS"),
        (log_checks, "LOGGED_WITHIN_SECONDS"),
    ]:
        monkeypatch.setattr(module, name, 0)
    before = {number: signal.signal(number, unhandled) for number in SIGNALS}
    deployed.client.cache_clear()
    yield made
    deployed.client.cache_clear()
    for number, handler in before.items():
        signal.signal(number, handler)


class Done:
    """What a check said and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err
        listed = json.loads(out)["findings"] if out else []
        self.findings = {finding["check"]: finding for finding in listed}
        assert len(self.findings) == len(listed)
        assert all(finding["todo"] for finding in listed if finding["state"] == "wrong")

    def states(self, state: str) -> set[str]:
        return {name for name, finding in self.findings.items() if finding["state"] == state}


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[], Done]:
    def run() -> Done:
        monkeypatch.setattr(sys, "argv", ["check-deployment.sh", "--stage", "main", "--json"])
        code = command.main()
        return Done(code, *capsys.readouterr())

    return run


Checked = Callable[[], Done]


def test_nothing_is_wrong_and_nothing_is_left(cloud: CheckedDeployment, check: Checked) -> None:
    done = check()
    assert (done.code, done.states("wrong"), done.states("not checked")) == (0, set(), NOT_CHECKED)
    assert cloud.left() == []
    assert done.findings["automatic start"]["detail"] == "the latest was at 2026-11-23 22:00:20Z, 3 days ago"
    assert done.err == "planning\n", "the run's progress"


def setting(name: str, value: Any) -> Break:
    return lambda cloud: setattr(cloud, name, value)


def target(**changes: Any) -> Break:
    return lambda cloud: cloud.targets[0].update(changes)


def no_role(cloud: CheckedDeployment) -> None:
    del cloud.targets[0]["RoleArn"], cloud.targets[0]["DeadLetterConfig"]


def granted(*grant: str) -> Break:
    return lambda cloud: cloud.grants.add(grant)  # type: ignore[arg-type]


def taken(*grant: str) -> Break:
    return lambda cloud: cloud.grants.remove(grant)  # type: ignore[arg-type]


def alarm(**changes: Any) -> Break:
    return lambda cloud: cloud.alarms[0].update(changes)


def statement(**changes: Any) -> Break:
    return lambda cloud: cloud.topic_policy["Statement"][0].update(changes)


def deny_publishing(cloud: CheckedDeployment) -> None:
    cloud.topic_policy["Statement"].append({"Effect": "Deny", "Principal": "*", "Action": "sns:*", "Resource": "*"})


def group_missing(cloud: CheckedDeployment) -> None:
    del cloud.retention[LOG_GROUPS[0]]


def not_logged(group: str, instead: str = "", at: datetime = NOW) -> Break:
    """Let another's entry be in the log in place of the check's, or the check's only before it began."""

    class Other(list[Any]):
        def append(self, entry: Any) -> None:
            super().append((instead or entry[0], int(at.timestamp() * 1000)))

    return lambda cloud: cloud.logged.update({group: Other()})


def run_of(*problems: str, **changes: Any) -> Break:
    return setting("summary", summary(*problems, **changes))


def account(**changes: Any) -> Break:
    return lambda cloud: cloud.account.update(changes)


def quota(sent: float) -> Break:
    return account(SendQuota={"Max24HourSend": 50.0, "MaxSendRate": 14.0, "SentLast24Hours": sent})


def automatic(status: str) -> Break:
    return setting("executions", [CheckedDeployment.execution("5b3c", status)])


def raising(call: str, code: str = "ResourceNotFoundException") -> Break:
    def fail(_: Any) -> None:
        raise aws_error(code, 404)

    return lambda cloud: cloud.fails.update({call: fail})


def not_in_plan(cloud: CheckedDeployment) -> None:
    class Plan(set[str]):
        def add(self, _: str) -> None:
            pass

    cloud.in_plan = Plan()


OTHER = [{**summary()["tests"][0], "subject": "os"}]
TWO = [*summary()["tests"], *OTHER]
PUBLISH = "the topic's policy does not let CloudWatch publish alarms"


@pytest.mark.parametrize(
    ("breaks", "name", "detail"),
    [
        (lambda cloud: cloud.rule.update(State="DISABLED"), "weekly rule", "the rule is disabled"),
        (
            lambda cloud: cloud.rule.update(ScheduleExpression="cron(0 3 1 1 ? 2030)"),
            "weekly rule",
            "it fires at cron(0 3 1 1 ? 2030) instead of cron(0 21,22 ? * MON *)",
        ),
        (target(Arn="arn:other"), "weekly rule", "it does not start the weekly run, or not only that"),
        (setting("targets", []), "weekly rule", "it does not start the weekly run, or not only that"),
        (target(Input='{"only":"a/b"}'), "weekly rule", 'it starts a run with the input {"only":"a/b"}'),
        (target(RoleArn="arn:aws:iam::1:role/other"), "weekly rule", "it does not use WeeklyRuleRole"),
        (no_role, "weekly rule", "it does not use WeeklyRuleRole; failed starts are not put into the queue"),
        (target(DeadLetterConfig={"Arn": "other"}), "weekly rule", "failed starts are not put into the queue"),
        (
            taken("rule-role", "states:StartExecution", ""),
            "start permissions",
            "WeeklyRuleRole does not grant states:StartExecution",
        ),
        (
            taken("scheduler-role", "states:StartExecution", ""),
            "start permissions",
            "SchedulerRole does not grant states:StartExecution",
        ),
        (
            taken("scheduler-role", "sqs:SendMessage", ""),
            "start permissions",
            "SchedulerRole does not grant sqs:SendMessage",
        ),
        (raising("scheduler.get_schedule_group"), "schedule group", "ResourceNotFoundException"),
        (setting("group_state", "DELETING"), "schedule group", "trainings-tests is DELETING"),
        (setting("messages", ["{}"]), "failed starts", "1 in the queue"),
        (automatic("FAILED"), "automatic start", "3 days ago, and failed"),
        (automatic("TIMED_OUT"), "automatic start", "3 days ago, and timed out"),
        (automatic("ABORTED"), "automatic start", "3 days ago, and aborted"),
        (statement(Principal={"AWS": "arn:aws:iam::1:root"}), "alarm topic", PUBLISH),
        (statement(Action="sns:Subscribe"), "alarm topic", PUBLISH),
        (statement(Resource="arn:other"), "alarm topic", PUBLISH),
        (statement(Condition={"StringEquals": {"aws:SourceAccount": "1"}}), "alarm topic", PUBLISH),
        (deny_publishing, "alarm topic", PUBLISH),
        (raising("cloudwatch.get_dashboard"), "dashboard", "ResourceNotFoundException"),
        (lambda cloud: cloud.alarms.pop(0), "alarms", "one-alarm is missing"),
        (alarm(ActionsEnabled=False), "alarms", "one-alarm emails nobody"),
        (alarm(AlarmActions=["arn:other"]), "alarms", "one-alarm emails nobody"),
        (alarm(StateValue="ALARM"), "alarms", "one-alarm rings"),
        (group_missing, "log retention", f"{LOG_GROUPS[0]} is missing"),
        (lambda cloud: cloud.retention.update({LOG_GROUPS[1]: 1}), "log retention", "keeps entries for 1 days"),
        (not_logged(LOG_GROUPS[0], '{"run_id": "check-2"}'), "log entries", f"{LOG_GROUPS[0]} has no entry"),
        (not_logged(LOG_GROUPS[1], "{}"), "log entries", f"{LOG_GROUPS[1]} has no entry about this check"),
        (not_logged(LOG_GROUPS[1], at=NOW - timedelta(days=1)), "log entries", f"{LOG_GROUPS[1]} has no entry"),
        (setting("concurrency", 10), "Lambda concurrency", "only 10"),
        (quota(sent=49), "SES quota", "sent in the last 24 hours: 49, but each test has 2 emails"),
        (account(EnforcementStatus="SHUTDOWN"), "SES account", "under review (SHUTDOWN)"),
        (run_of(subject="os"), "weekly run", "the run looked at other tests"),
        (run_of(testId="test02"), "weekly run", "the run looked at other tests"),
        (run_of(tests=OTHER), "weekly run", "the run looked at other tests"),
        (run_of(tests=TWO), "weekly run", "the run looked at other tests"),
        (run_of(tests=[]), "weekly run", "the run looked at other tests"),
        (run_of(scored=0), "weekly run", "the test was not scored"),
        (run_of(meanPercent=50.0), "weekly run", "the right answer got 50.0%"),
        (run_of(mails={"rejected": 1}), "weekly run", "the student's email: rejected"),
        (run_of(mails={}), "weekly run", "the student's email: none"),
        (run_of(trainerMail="none"), "weekly run", "the report: none"),
        (lambda cloud: cloud.trainers_keys.clear(), "trainer's key", "there are 0 keys named trainings-tests:trainer"),
        (lambda cloud: cloud.trainers_keys.extend(cloud.trainers_keys), "trainer's key", "there are 2 keys named"),
    ],
)
def test_each_fault_is_reported_and_nothing_else(
    cloud: CheckedDeployment, check: Checked, breaks: Break, name: str, detail: str
) -> None:
    breaks(cloud)
    done = check()
    assert (done.code, done.states("wrong")) == (3, {name}), done.findings
    assert detail in done.findings[name]["detail"]
    assert done.states("not checked") == NOT_CHECKED
    assert cloud.left() == []


@pytest.mark.parametrize("function", BEHIND_THE_API)
@pytest.mark.parametrize("action", ["GetObject", "GetObjectVersion", "PutObject", "DeleteObject"])
@pytest.mark.parametrize("objects", ["answers", "answer-keys", "scores", "roster.jsonl"])
def test_each_right_that_a_function_has_or_lacks_wrongly_is_reported(
    cloud: CheckedDeployment, function: str, action: str, objects: str
) -> None:
    cloud.grants ^= {(f"{function}-role", f"s3:{action}", objects)}
    stage = deployed.find("main", None)
    finding = PermissionChecks(stage).all()[0]()
    assert finding.state == "wrong"
    assert finding.detail.startswith(function)
    assert ";" not in finding.detail


@pytest.mark.parametrize("policy", ["*", {"AWS": "*"}])
def test_the_policy_that_sns_itself_sets_lets_alarms_in(
    cloud: CheckedDeployment, check: Checked, policy: object
) -> None:
    condition = {"StringEquals": {"AWS:SourceOwner": "123456789012"}}
    actions = ["SNS:GetTopicAttributes", "SNS:Publish"]
    statement(Principal=policy, Action=actions, Resource=TOPIC, Condition=condition)(cloud)
    assert check().states("wrong") == set()


@pytest.mark.parametrize(
    ("executions", "days", "state", "detail"),
    [
        # the deadline has passed since the deployment, and nothing was started
        ([], 30, "wrong", "should have started a run at 2026-11-23 22:00Z, but no run has been started"),
        (
            [("5b3c", STARTED - timedelta(days=7), "{}")],
            30,
            "wrong",
            "but the latest was at 2026-11-16 22:00:20Z, 10 days",
        ),
        # the stage was deployed after it
        ([], 1, "not checked", "no run has been started by the rule or a schedule yet: check again"),
        ([("5b3c", STARTED - timedelta(days=7), "{}")], 1, "ok", "the latest was at 2026-11-16 22:00:20Z, 10 days ago"),
        # started by hand
        ([("manual-1", STARTED, "{}"), ("check-1", STARTED, "{}")], 30, "wrong", "but no run has been started"),
        ([("5b3c", STARTED, '{"Comment": "Insert your JSON here"}')], 30, "wrong", "but no run has been started"),
        ([("manual-1", NOW, "{}"), ("5b3c", STARTED, "{}")], 30, "ok", "22:00:20Z, 3 days ago"),
        # a schedule's start after the deadline shows that the run was started since
        ([("5b3c", NOW - timedelta(hours=5), "{}")], 30, "ok", "5 hours ago"),
    ],
)
def test_a_start_that_is_due_is_missed(
    cloud: CheckedDeployment, check: Checked, executions: list[Any], days: int, state: str, detail: str
) -> None:
    cloud.executions = [cloud.execution(name, at=at, given=given) for name, at, given in executions]
    cloud.changed_at = NOW - timedelta(days=days)
    finding = check().findings["automatic start"]
    assert (finding["state"], detail in finding["detail"]) == (state, True), finding


@pytest.mark.parametrize(("minutes", "state"), [(9, "ok"), (11, "wrong")])
def test_a_start_may_take_some_minutes(cloud: CheckedDeployment, check: Checked, minutes: int, state: str) -> None:
    cloud.now = datetime(2026, 11, 30, 22, tzinfo=UTC) + timedelta(minutes=minutes)
    assert check().findings["automatic start"]["state"] == state


def test_a_part_that_is_not_in_the_stack_is_reported(
    cloud: CheckedDeployment, check: Checked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(RESOURCES["WeeklyRun"], "WeeklyRule")
    done = check()
    assert (done.code, done.states("wrong")) == (3, {"weekly rule"})
    assert done.findings["weekly rule"]["detail"] == "the deployment has no WeeklyRun/WeeklyRule"


def test_a_key_outside_the_plan_is_refused(cloud: CheckedDeployment, check: Checked) -> None:
    not_in_plan(cloud)
    assert "API key" in check().states("wrong")


@pytest.mark.parametrize(
    ("breaks", "todo"),
    [
        (run_of(mails={"rejected": 1}), "see the checks of SES"),
        (run_of("1 email left to the next run: SES has paused sending"), "see the checks of SES"),
        (run_of(scored=0, mails={}), "see the execution in Step Functions"),
    ],
)
def test_what_to_do_about_the_run_is_about_what_went_wrong(
    cloud: CheckedDeployment, check: Checked, breaks: Break, todo: str
) -> None:
    breaks(cloud)
    assert check().findings["weekly run"]["todo"].startswith(todo)


def test_a_run_that_fails_because_ses_refuses_the_report_is_about_ses(cloud: CheckedDeployment, check: Checked) -> None:
    run_of(trainerMail="failed", trainerMailFailure="could not be sent: MessageRejected")(cloud)
    cloud.failure = {"status": "FAILED", "cause": '{"errorMessage": "the trainer\'s email was not sent"}'}
    finding = check().findings["weekly run"]
    assert "could not be sent: MessageRejected" in finding["detail"]
    assert finding["todo"].startswith("see the checks of SES")


def test_a_run_without_a_result_is_reported(cloud: CheckedDeployment, check: Checked) -> None:
    cloud.summary = None
    done = check()
    assert done.findings["weekly run"]["detail"] == "the run found nothing to do"
    assert done.states("wrong") == {"weekly run"}
    assert "this check is in /aws/apigateway" in done.findings["log entries"]["detail"]


def test_a_run_that_does_not_end_is_reported_stopped_and_its_traces_removed(
    cloud: CheckedDeployment, check: Checked
) -> None:
    cloud.run_ends = False
    done = check()
    assert "has not ended after 0 seconds" in done.findings["weekly run"]["detail"]
    assert "waiting for up to 0 seconds until the run of the check ends" in done.err
    assert cloud.executions[0]["status"] == "ABORTED"
    assert cloud.left() == []


def test_what_depends_on_a_run_that_may_not_be_started_is_not_checked(cloud: CheckedDeployment, check: Checked) -> None:
    cloud.fails["stepfunctions.start_execution"] = denied
    done = check()
    assert (done.code, done.states("wrong")) == (0, set())
    assert done.states("not checked") == NOT_CHECKED | {"weekly run", "score for the student"}


# --- leaving nothing behind ---


@pytest.mark.parametrize("call", ["apigateway.create_api_key", "apigateway.create_usage_plan_key", "s3.put_object"])
def test_a_publication_of_the_probe_that_fails_leaves_nothing(
    cloud: CheckedDeployment, check: Checked, call: str
) -> None:
    cloud.fails[call] = denied
    done = check()
    assert done.code == 1
    assert "lack a permission" in done.err
    assert list(done.findings) == ["stacks", "removal"]
    assert cloud.left() == []


@pytest.mark.parametrize("after", range(1, 5))
def test_a_publication_that_fails_halfway_leaves_nothing(cloud: CheckedDeployment, check: Checked, after: int) -> None:
    def fail(parameters: Any) -> None:
        if cloud.calls.count("s3.put_object") > after:
            denied(parameters)

    cloud.fails["s3.put_object"] = fail
    assert check().code == 1
    assert cloud.calls.count("s3.put_object") == after + 1
    assert cloud.left() == []


def test_an_api_that_does_not_answer_ends_the_check_and_what_was_found_is_shown(
    cloud: CheckedDeployment, check: Checked
) -> None:
    def fail(_: Any) -> None:
        raise Unreachable("https://api does not answer (timed out): check the network")

    cloud.fails["api GET /v1/test"] = fail
    done = check()
    assert (done.code, done.findings["API key"]["state"], done.findings["removal"]["state"]) == (1, "ok", "ok")
    assert done.err == "check-deployment.sh: https://api does not answer (timed out): check the network\n"
    assert cloud.left() == []


@pytest.mark.parametrize(
    ("call", "kept", "says"),
    [
        ("s3.delete_objects", True, "the API key trainings-tests:check-deployment, which still works"),
        (
            "apigateway.delete_api_key",
            False,
            "the API key trainings-tests:check-deployment (these AWS credentials",
        ),
    ],
)
def test_a_removal_that_fails_is_reported_with_all_that_was_found(
    cloud: CheckedDeployment, check: Checked, call: str, kept: bool, says: str
) -> None:
    cloud.fails[call] = denied
    done = check()
    assert (done.code, done.states("wrong")) == (3, {"removal"})
    assert says in done.findings["removal"]["detail"]
    assert "check again, 20 minutes from now" in done.findings["removal"]["todo"]
    assert "log entries" in done.findings
    assert API_KEY in cloud.left()
    assert cloud.has_probe() == kept
    del cloud.fails[call]
    cloud.now += LONGEST_CHECK
    assert check().findings["removal"]["state"] == "ok"
    assert cloud.left() == []


def test_objects_that_s3_keeps_are_counted(
    cloud: CheckedDeployment, check: Checked, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(self: CheckedDeployment) -> Any:
        calls = real(self)
        calls["delete_objects"] = lambda Bucket, Delete: {
            "Errors": [{"Key": item["Key"], "Code": "AccessDenied"} for item in Delete["Objects"]]
        }
        return calls

    real = CheckedDeployment._s3
    monkeypatch.setattr(CheckedDeployment, "_s3", refusing)
    detail = check().findings["removal"]["detail"]
    assert "questions.json (AccessDenied); " in detail
    assert " more objects; the API key" in detail


@pytest.mark.parametrize(
    "call",
    ["stepfunctions.list_executions", "sqs.receive_message", "s3.list_object_versions", "apigateway.get_api_keys"],
)
def test_a_permission_without_which_the_probe_could_not_be_removed_is_told_before_it_is_added(
    cloud: CheckedDeployment, check: Checked, call: str
) -> None:
    cloud.fails[call] = denied
    done = check()
    assert (done.code, done.findings) == (1, {})
    assert "lack a permission" in done.err
    assert "apigateway.create_api_key" not in cloud.calls


def test_an_api_key_that_is_gone_is_removed(cloud: CheckedDeployment, check: Checked) -> None:
    def gone(_: Any) -> None:
        cloud.api_keys.clear()

    cloud.fails["apigateway.delete_api_key"] = gone
    assert check().findings["removal"]["state"] == "ok"


def test_the_check_waits_for_its_run_before_it_removes_anything(cloud: CheckedDeployment, check: Checked) -> None:
    """A run that is still at work when the check is stopped writes what the check then removes."""
    cloud.run_ends = False
    cloud.summary = None

    def interrupted(_: Any) -> None:
        signal.raise_signal(signal.SIGINT)

    def ends(_: Any) -> None:
        if cloud.calls.count("stepfunctions.list_executions") == 4:  # before the probe, and then once a poll
            cloud.executions[0]["status"] = "SUCCEEDED"
            cloud.objects[f"runs/{cloud.executions[0]['name']}/summary.json"] = b"{}"

    cloud.fails["stepfunctions.describe_execution"] = interrupted
    cloud.fails["stepfunctions.list_executions"] = ends
    probe_removal.RUN_ENDS_WITHIN_SECONDS = 30  # put back by the fixture
    done = check()
    assert done.code == 130
    assert "waiting for up to 30 seconds" in done.err
    assert "stepfunctions.stop_execution" not in cloud.calls
    assert cloud.left() == []


def test_what_a_stopped_run_still_writes_is_removed(cloud: CheckedDeployment, check: Checked) -> None:
    cloud.run_ends = False

    def late(_: Any) -> None:
        if cloud.calls.count("s3.delete_objects") == 1:
            cloud.objects["runs/check-1/results/0.json"] = b"{}"

    cloud.fails["apigateway.delete_api_key"] = lambda _: None
    cloud.fails["s3.list_object_versions"] = late
    assert check().findings["removal"]["state"] == "ok"
    assert cloud.calls.count("s3.delete_objects") == 2
    assert cloud.left() == []


def test_only_the_checks_own_messages_are_removed_from_the_queue(cloud: CheckedDeployment, check: Checked) -> None:
    others = ["{}", "not JSON", '{"runId": "manual-1"}', "[]", *(f'{{"runId": "{n}"}}' for n in range(12))]
    cloud.messages = [*others, '{"runId": "check-1"}']
    done = check()
    assert done.findings["failed starts"]["detail"] == "16 in the queue"
    assert sorted(cloud.messages) == sorted(others)
    assert "removed what an earlier check had left" in done.err


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_check_with_a_message_and_nothing_is_left(
    cloud: CheckedDeployment, check: Checked, number: int
) -> None:
    cloud.fails["api POST /v1/test"] = lambda _: signal.raise_signal(number)
    done = check()
    assert done.code == 128 + number
    assert done.err == "check-deployment.sh: stopped before all was checked\n"
    assert done.findings["removal"]["state"] == "ok"
    assert cloud.left() == []


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("call", ["s3.delete_objects", "apigateway.delete_api_key"])
def test_a_signal_during_the_removal_does_not_stop_it(
    cloud: CheckedDeployment, check: Checked, number: int, call: str
) -> None:
    cloud.fails["api POST /v1/test"] = lambda _: signal.raise_signal(signal.SIGINT)
    cloud.fails[call] = lambda _: signal.raise_signal(number)
    assert check().code == 130
    assert cloud.left() == []


@pytest.mark.parametrize("error", [KeyError("tests"), IncompleteRead(b""), RuntimeError("x")])
def test_an_unexpected_error_has_a_message_and_leaves_nothing(
    cloud: CheckedDeployment, check: Checked, error: Exception
) -> None:
    def fail(_: Any) -> None:
        raise error

    cloud.fails["api POST /v1/test"] = fail
    done = check()
    assert done.code == 1
    assert done.err.startswith(f"check-deployment.sh: unexpected error: {type(error).__name__}: ")
    assert "test_check_deployment.py:" in done.err
    assert cloud.left() == []


def test_a_reader_who_has_seen_enough_gets_no_traceback_and_leaves_nothing(
    cloud: CheckedDeployment, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    class Closed:
        """A pipe whose reader is gone after one line."""

        def __init__(self, real: Any) -> None:
            self.real, self.lines = real, 0

        def write(self, text: str) -> int:
            self.lines += text.count("\n")
            if self.lines > 1:
                raise BrokenPipeError
            return len(text)

        def flush(self) -> None:
            pass

        def fileno(self) -> int:
            return int(self.real.fileno())

    with open("/dev/null", "w") as null:  # noqa: PTH123
        monkeypatch.setattr(sys, "stdout", Closed(null))
        monkeypatch.setattr(sys, "argv", ["check-deployment.sh", "--stage", "main"])
        assert command.main() == 1
    assert capfd.readouterr().err == ""
    assert cloud.left() == []


# --- one check at a time ---


def leave_a_probe(cloud: CheckedDeployment) -> None:
    """What a check leaves that is killed now."""
    key = cloud.client("apigateway").create_api_key(name=API_KEY, enabled=True)
    cloud.objects |= {**published_objects(cloud.now), student_key(key["value"]): STUDENT_RECORD}


def test_a_check_beside_another_is_refused(cloud: CheckedDeployment, check: Checked) -> None:
    leave_a_probe(cloud)
    before = cloud.left()
    cloud.now += LONGEST_CHECK - timedelta(seconds=1)
    done = check()
    assert (done.code, done.findings) == (1, {})
    assert done.err == (
        "check-deployment.sh: another check of this stage began at 12:00:00 UTC: wait until it ends. If it was killed"
        " or could not remove everything, check again after 12:20:00 UTC, which removes what it has left\n"
    )
    assert cloud.left() == before


def test_what_a_killed_check_left_is_removed_once_it_is_older_than_any_check(
    cloud: CheckedDeployment, check: Checked
) -> None:
    leave_a_probe(cloud)
    cloud.now += LONGEST_CHECK
    done = check()
    assert (done.code, "removed what an earlier check had left" in done.err) == (0, True)
    assert cloud.left() == []


@pytest.mark.parametrize("body", [b'{"title": "Networks", "tests": []}', b"{", b"[]"])
def test_a_class_with_the_probes_subject_is_not_touched(cloud: CheckedDeployment, check: Checked, body: bytes) -> None:
    cloud.objects |= {index_key(probe.SUBJECT): body, f"answers/{probe.SUBJECT}/s001/test01.json": b"{}"}
    before = cloud.left()
    done = check()
    assert (done.code, done.findings) == (1, {})
    assert "the published class has a subject check-deployment" in done.err
    assert cloud.left() == before


def test_what_a_class_had_in_the_probes_subject_is_not_removed_with_it(
    cloud: CheckedDeployment, check: Checked
) -> None:
    subject = probe.SUBJECT
    old = {
        f"answers/{subject}/s001/test01.json",
        f"scores/{subject}/test01/s001.json",
        f"subjects/{subject}/test01/questions.json",
        f"answer-keys/{subject}/test01.json",
        f"reports/{subject}/test01/0/report.html",
        f"notifications/score/{subject}/test01/s001.json",
        f"notifications/reminder/{subject}/test01/s001.json",
        f"states/{subject}/test01.json",
    }
    cloud.objects |= dict.fromkeys(old, b"{}")
    assert check().code == 0
    assert set(cloud.left()) == old


def test_no_check_takes_longer_than_the_time_for_which_others_are_refused_and_the_test_is_open() -> None:
    answers = 16 * 29  # API Gateway's longest, for each request
    removal = probe_removal.RUN_ENDS_WITHIN_SECONDS + 3 * probe_removal.STOPPED_PAUSE_SECONDS
    run = run_checks.RUN_ENDS_WITHIN_SECONDS
    longest = timedelta(seconds=api_checks.KEY_KNOWN_WITHIN_SECONDS + answers + run + removal)
    assert longest < LONGEST_CHECK < OPEN_FOR


def test_no_other_runs_are_waited_for_or_stopped(cloud: CheckedDeployment, check: Checked) -> None:
    cloud.executions += [cloud.execution("5b3d", "RUNNING"), cloud.execution("check-0", "SUCCEEDED")]
    done = check()
    assert (done.code, "waiting" in done.err) == (0, False)
    assert "stepfunctions.stop_execution" not in cloud.calls
    assert cloud.executions[-2]["status"] == "RUNNING"


def test_the_rule_and_the_machine_are_those_of_the_stage(cloud: CheckedDeployment) -> None:
    stage = deployed.find("main", None)
    assert (stage.machine, stage.outputs["DeadLetterQueueArn"]) == (MACHINE, QUEUE_ARN)
