"""What a new template changes, which events are shown, and which failure is named."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.deployment import stacks

from support.fake_cloudformation import START, FakeCloudFormation

NESTED = {"Type": stacks.NESTED, "Properties": {"TemplateURL": {"Fn::Sub": "https://x/bucket/templates/api-1.json"}}}
STAGE = {"Type": "AWS::ApiGateway::Stage", "Properties": {"StageName": "api"}}
API = json.dumps({"Resources": {"Stage": STAGE}})


def root(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def test_resources_of_nested_templates_are_named_by_their_path() -> None:
    found = stacks.resources(root(Api=NESTED), {"templates/api-1.json": API})
    assert list(found) == ["Api", "Api/Stage"]


def test_new_url_of_a_nested_template_is_no_change_of_its_own() -> None:
    other = {**NESTED, "Properties": {"TemplateURL": "https://x/bucket/templates/api-2.json"}}
    new_api = json.dumps({"Resources": {"Stage": {**STAGE, "Properties": {"StageName": "api", "X": 1}}}})
    old = stacks.resources(root(Api=NESTED), {"templates/api-1.json": API})
    new = stacks.resources(root(Api=other), {"templates/api-2.json": new_api})
    assert stacks.changes(old, new) == ["~ Api/Stage (AWS::ApiGateway::Stage)"]


def test_added_and_removed_resources_are_listed() -> None:
    old, new = root(A=STAGE, B=STAGE)["Resources"], root(B=STAGE, C=STAGE)["Resources"]
    assert stacks.changes(old, new) == ["- A (AWS::ApiGateway::Stage)", "+ C (AWS::ApiGateway::Stage)"]


def test_changed_parameters_are_listed_and_unknown_ones_are_not() -> None:
    old = {"Burst": "10", "Same": "1"}
    assert stacks.parameter_changes(old, {"Burst": "20", "Same": "1", "New": "x"}) == ["~ parameter Burst: 10 -> 20"]


def test_deleted_stack_is_no_stack() -> None:
    assert stacks.describe(FakeCloudFormation("DELETE_COMPLETE"), "root") is None
    assert stacks.describe(FakeCloudFormation(None), "root") is None


def test_stack_in_review_is_not_in_progress() -> None:
    assert not stacks.in_progress({"StackStatus": "REVIEW_IN_PROGRESS"})
    assert stacks.in_progress({"StackStatus": "UPDATE_ROLLBACK_IN_PROGRESS"})


def test_events_of_nested_stacks_are_followed_and_told_once() -> None:
    client = FakeCloudFormation("CREATE_IN_PROGRESS")
    client.happens("root", "Api", "CREATE_IN_PROGRESS", stacks.NESTED, PhysicalResourceId="nested")
    client.happens("nested", "nested", "CREATE_IN_PROGRESS", stacks.NESTED, PhysicalResourceId="nested")
    client.happens("nested", "Stage", "CREATE_COMPLETE")
    events = stacks.Events(client, "root")
    assert [event.path for event in events.new()] == ["Api", "Api/Stage"]
    assert events.new() == []
    client.happens("nested", "Plan", "CREATE_FAILED")
    assert [event.line() for event in events.new()] == ["CREATE_FAILED            Api/Plan (AWS::S3::Bucket)"]


def test_events_of_earlier_operations_are_left_out() -> None:
    client = FakeCloudFormation("UPDATE_IN_PROGRESS")
    client.happens("root", "Old", "CREATE_COMPLETE")
    assert stacks.last_event_time(client, "root") == START
    client.happens("root", "New", "UPDATE_COMPLETE")
    assert [event.path for event in stacks.Events(client, "root", START).new()] == ["New"]
    assert stacks.Events(client, "root", START + timedelta(seconds=1)).new() == []


def test_absent_stack_has_no_events() -> None:
    client = FakeCloudFormation(None)
    assert stacks.last_event_time(client, "root") is None
    assert stacks.Events(client, "root").new() == []


def test_cause_is_the_first_resource_that_failed_in_each_stack() -> None:
    client = FakeCloudFormation("ROLLBACK_COMPLETE")
    client.happens("root", "Api", "CREATE_IN_PROGRESS", stacks.NESTED, PhysicalResourceId="nested")
    client.happens("nested", "Stage", "CREATE_FAILED", ResourceStatusReason="no such role")
    client.happens("nested", "Plan", "CREATE_FAILED", ResourceStatusReason="Resource creation cancelled")
    client.happens("root", "Api", "CREATE_FAILED", stacks.NESTED, ResourceStatusReason="Embedded stack failed")
    assert stacks.causes(stacks.Events(client, "root").new()) == ["Api/Stage (AWS::S3::Bucket): no such role"]


def test_cause_is_the_nested_stack_where_nothing_in_it_failed() -> None:
    client = FakeCloudFormation("ROLLBACK_COMPLETE")
    client.happens("root", "Api", "CREATE_FAILED", stacks.NESTED, ResourceStatusReason="TemplateURL is wrong")
    causes = stacks.causes(stacks.Events(client, "root").new())
    assert causes == ["Api (AWS::CloudFormation::Stack): TemplateURL is wrong"]
