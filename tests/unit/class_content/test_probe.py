"""The probe of bin/check-deployment.sh beside a published class: neither disturbs the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.probe import STUDENT_RECORD
from ansible_collections.training.test_time.plugins.module_utils.class_content.probe_removal import (
    RUN_ENDS_WITHIN_SECONDS,
    STOPPED_PAUSE_SECONDS,
    NotRemoved,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import class_problems
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import (
    answers_key,
    mails_key,
    report_prefix,
    student_key,
)
from botocore.exceptions import ClientError
from cli.check_deployment.probe_student import Probe

from common.shared import probe
from report_run.trainer_mail import THROTTLED_PAUSES_SECONDS
from support.class_cloud import NOW, STACK, Cloud, Interruption
from support.class_files import WEEKLY, WriteClass, question, student

LATER = datetime(2026, 11, 19, 9, tzinfo=UTC)


class Runs:
    """Step Functions with runs at work. Each listing is the next of `listings`, and the last one stays."""

    def __init__(self, *listings: list[str]) -> None:
        self.listings = list(listings) or [[]]
        self.stopped: list[str] = []

    def get_paginator(self, name: str) -> Runs:
        assert name == "list_executions"
        return self

    def paginate(self, stateMachineArn: str, statusFilter: str) -> Any:
        assert (stateMachineArn, statusFilter) == ("machine", "RUNNING")
        names = self.listings.pop(0) if len(self.listings) > 1 else self.listings[0]
        return [{"executions": [{"name": name, "executionArn": f"arn:{name}"} for name in names]}]

    def stop_execution(self, executionArn: str, cause: str) -> None:
        self.stopped.append(executionArn)


class Refusing(Runs):
    """Step Functions that lists no runs, but answers with an error."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code

    def paginate(self, stateMachineArn: str, statusFilter: str) -> Iterator[Any]:
        raise ClientError({"Error": {"Code": self.code}}, "ListExecutions")
        yield


class World:
    """A cloud with versions, a probe in it, and everything that the cloud has."""

    def __init__(self, cloud: Cloud, *listings: list[str]) -> None:
        self.cloud = cloud
        self.runs = Runs(*listings)
        self.waited: list[float] = []
        self.said: list[str] = []
        s3, apigateway = cloud.clients.s3, cloud.clients.apigateway
        s3.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
        self.probe = Probe(
            s3=s3,
            apigateway=apigateway,
            states=self.runs,
            sqs=None,
            stack=STACK,
            bucket="data",
            machine="machine",
            queue=None,
            usage_plan=cloud.plan,
            say=self.said.append,
            sleep=self.waited.append,
            clock=lambda: sum(self.waited),
        )

    def everything(self) -> Any:
        listed = self.cloud.clients.s3.list_object_versions(Bucket="data")
        versions = [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]
        keys = self.cloud.clients.apigateway.get_api_keys(includeValues=True)["items"]
        return sorted((item["Key"], item["VersionId"]) for item in versions), sorted(item["name"] for item in keys)


@pytest.fixture
def world(cloud: Cloud) -> World:
    return World(cloud)


def test_publishing_beside_the_probe_neither_shows_nor_changes_it(world: World, write_class: WriteClass) -> None:
    world.cloud.publish(write_class())
    api_key = world.probe.publish(NOW)
    before = world.everything()
    assert world.cloud.publish(write_class(), LATER) == []
    assert world.everything() == before
    tests = {"os/test01": [question()], "os/test02": [question()]}
    assert world.cloud.publish(write_class(students=[student(1)], tests=tests), LATER) == [
        "+ test02 in os",
        "- student s002",
    ]
    assert world.cloud.objects()[student_key(api_key)] == STUDENT_RECORD
    assert f"subjects/{probe.SUBJECT}/index.json" in world.cloud.objects()
    assert f"{STACK}:{probe.SUBJECT}" in world.cloud.api_keys()


def test_a_first_publication_after_the_probe_is_a_first_publication(world: World, write_class: WriteClass) -> None:
    """What is published of the probe does not make the class's roster seem lost."""
    world.probe.publish(NOW)
    world.cloud.publish(write_class())
    roster = [json.loads(line) for line in world.cloud.objects()["roster.jsonl"].splitlines()]
    assert [entry["since"] for entry in roster] == [{"os": "2026-11-18T09:00:00Z"}] * 2
    assert [entry["studentId"] for entry in roster] == ["s001", "s002"]


def test_nothing_is_left_of_a_probe_that_was_taken_and_scored(world: World, write_class: WriteClass) -> None:
    world.cloud.publish(write_class())
    before = world.everything()
    world.probe.publish(NOW)
    subject, test = probe.SUBJECT, probe.TEST
    written = [
        answers_key(subject, probe.STUDENT, test),
        f"scores/{subject}/{test}/{probe.STUDENT}.json",
        f"notifications/score/{subject}/{test}/{probe.STUDENT}.json",
        f"notifications/reminder/{subject}/{test}/{probe.STUDENT}.json",
        f"notifications/report/{subject}.json",
        f"states/{subject}/{test}.json",
        f"{report_prefix(subject, test, '0')}/report.html",
        mails_key("check-1", 0),
    ]
    for key in written * 2:
        world.cloud.put(key, b"{}")
    world.cloud.clients.s3.delete_object(Bucket="data", Key=written[0])
    assert world.probe.remove()
    assert world.everything() == before
    assert not world.probe.remove()
    assert set(world.waited) <= {0}
    assert world.said == []


def test_what_two_killed_checks_left_is_removed(world: World) -> None:
    for _ in range(2):
        world.probe.publish(NOW)
    assert world.probe.remove()
    assert world.everything() == ([], [])


def test_a_check_that_was_killed_after_it_made_the_key_leaves_only_what_the_next_finds(world: World) -> None:
    def killed(**_: Any) -> None:
        raise KeyboardInterrupt

    world.cloud.clients.s3.meta.events.register("before-call.s3.PutObject", killed)
    with pytest.raises(KeyboardInterrupt):
        world.probe.publish(NOW)
    world.cloud.clients.s3.meta.events.unregister("before-call.s3.PutObject", killed)
    assert world.everything() == ([], [f"{STACK}:{probe.SUBJECT}"])
    assert world.probe.remove()
    assert world.everything() == ([], [])


def test_a_check_that_was_killed_at_any_write_of_its_removal_is_finished_by_the_next(cloud: Cloud) -> None:
    for at in range(2):  # the objects, then the API key
        world = World(cloud)
        world.probe.publish(NOW)
        undo = cloud.interrupt(at, after=True)
        with pytest.raises(Interruption):
            world.probe.remove()
        undo()
        world.probe.remove()
        assert world.everything() == ([], [])


def test_keys_of_other_deployments_and_students_are_not_the_probes(world: World) -> None:
    for name in (f"{STACK}-trial:{probe.SUBJECT}", f"{STACK}/{probe.SUBJECT}", f"{STACK}:{probe.SUBJECT}-2"):
        world.cloud.clients.apigateway.create_api_key(name=name)
    before = world.everything()
    assert not world.probe.remove()
    assert world.everything() == before


def test_a_run_of_a_check_ends_before_anything_is_removed(cloud: Cloud) -> None:
    running = ["weekly", "manual-1", "check-1"]
    world = World(cloud, running, running, running[:2])
    assert world.probe.remove()
    assert world.runs.stopped == []
    assert world.waited[:2] == [2, 2]
    assert sum(world.waited) == 4
    assert world.said == ["waiting for up to 120 seconds until the run of the check ends"]


def test_a_run_of_a_check_that_does_not_end_is_stopped_and_its_functions_are_waited_for(cloud: Cloud) -> None:
    world = World(cloud, ["weekly", "check-1"])
    world.probe.publish(NOW)
    assert world.probe.remove()
    assert world.runs.stopped == ["arn:check-1"]
    waited = sum(world.waited[:-2])
    assert waited == RUN_ENDS_WITHIN_SECONDS
    assert world.waited[-2:] == [STOPPED_PAUSE_SECONDS] * 2  # until nothing more appears
    assert sum(THROTTLED_PAUSES_SECONDS) < STOPPED_PAUSE_SECONDS


def test_a_probe_whose_stack_is_gone_is_removed(world: World) -> None:
    world.probe.publish(NOW)
    assert replace(world.probe, machine=None, states=None).remove()
    assert world.everything() == ([], [])


@pytest.mark.parametrize("code", ["StateMachineDoesNotExist", "StateMachineDeleting"])
def test_a_probe_whose_state_machine_is_gone_before_the_stack_is_removed(world: World, code: str) -> None:
    """A removal that was interrupted is finished: the outputs of a stack that is being deleted stay."""
    world.probe.publish(NOW)
    assert replace(world.probe, states=Refusing(code)).remove()
    assert world.everything() == ([], [])


def test_a_probe_whose_bucket_is_gone_is_removed(world: World) -> None:
    world.probe.publish(NOW)
    assert replace(world.probe, bucket="gone").remove()
    assert world.everything()[1] == []


def test_a_removal_that_may_not_look_for_runs_says_so(world: World) -> None:
    with pytest.raises(NotRemoved, match="the run of the check"):
        replace(world.probe, states=Refusing("AccessDeniedException")).remove()


def test_an_object_that_is_written_again_and_again_is_reported(world: World) -> None:
    write = partial(world.cloud.put, "runs/check-1/summary.json", b"{}")
    world.probe = replace(world.probe, sleep=lambda _: write())
    with pytest.raises(NotRemoved, match=r"runs/check-1/summary\.json \(it is written again and again\)"):
        world.probe.remove()


def test_an_object_that_s3_does_not_delete_is_reported(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.probe.publish(NOW)
    refused = {"Errors": [{"Key": "scores/x.json", "Code": "AccessDenied"}]}
    monkeypatch.setattr(world.cloud.clients.s3, "delete_objects", lambda **_: refused)
    with pytest.raises(NotRemoved, match=r"scores/x\.json \(AccessDenied\)$"):
        world.probe.remove()
    assert world.everything()[1] == [], "the student's record is gone, so its key may go"


@pytest.mark.parametrize("subject", ["check-deployment", "Check-Deployment"])
def test_no_class_can_have_the_probes_subject(write_class: WriteClass, subject: str) -> None:
    files = load_class(
        write_class(students=[student(1, subjects=[subject])], tests={f"{subject}/test01": [question()]}), "class"
    )
    assert [str(problem) for problem in class_problems(files, WEEKLY)] == [
        f"class/subjects/{subject}:1: Test time uses this name itself; choose another"
    ]
