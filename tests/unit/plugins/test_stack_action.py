"""What the stack action does in each state it may find, and that check mode changes nothing."""

from __future__ import annotations

import itertools
import json
import time
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.training.test_time.plugins.action import stack as action_module

from support.fake_cloudformation import FakeCloudFormation

BUCKET = {"Type": "AWS::S3::Bucket"}
TEMPLATE = {"Resources": {"Bucket": BUCKET}}


class Run:
    """One run of the action against a fake CloudFormation."""

    def __init__(self, client: FakeCloudFormation, check_mode: bool = False, verbose: bool = False) -> None:
        self.client = client
        self.said: list[str] = []
        self.action = object.__new__(action_module.ActionModule)
        self.action._client = client
        self.action._task = SimpleNamespace(check_mode=check_mode)
        self.action._display = SimpleNamespace(
            display=lambda line: self.said.append(line.strip()), verbosity=int(verbose)
        )
        self.action._args = {
            "name": "root",
            "template_body": json.dumps(TEMPLATE),
            "nested_templates": {},
            "parameters": {"Burst": 10},
            "region": "eu-central-1",
        }

    def present(self) -> Any:
        return self.action._present()

    def absent(self) -> Any:
        return self.action._absent()


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nothing waits. What would have been waited for, in seconds."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


def test_absent_stack_is_created() -> None:
    run = Run(FakeCloudFormation(None, "CREATE_IN_PROGRESS", "CREATE_COMPLETE"))
    assert run.present() == {"changed": True, "changes": ["+ Bucket (AWS::S3::Bucket)"], "outputs": {"ApiId": "abc"}}
    assert run.client.calls == ["create_stack"]
    assert json.loads(run.client.wanted["TemplateBody"]) == TEMPLATE
    assert run.client.wanted["Parameters"] == [{"ParameterKey": "Burst", "ParameterValue": "10"}]
    assert run.client.wanted["ClientRequestToken"]


def test_pauses_between_looks_grow_to_two_seconds(pauses: list[float]) -> None:
    Run(FakeCloudFormation(None, *["CREATE_IN_PROGRESS"] * 20, "CREATE_COMPLETE")).present()
    assert pauses[0] == 0.2
    assert pauses == sorted(pauses)
    assert pauses[-1] == 2


@pytest.mark.parametrize(
    ("before", "after"), [("CREATE_COMPLETE", "UPDATE_COMPLETE"), ("UPDATE_COMPLETE", "UPDATE_COMPLETE")]
)
def test_operation_that_aws_does_not_show_at_once_is_waited_for(before: str, after: str) -> None:
    client = FakeCloudFormation(before, before, before, "UPDATE_IN_PROGRESS", after)
    run = Run(client)
    assert run.present()["changed"]
    assert client.statuses == [after]


def test_deletion_that_aws_does_not_show_at_once_is_waited_for() -> None:
    run = Run(FakeCloudFormation("CREATE_COMPLETE", "CREATE_COMPLETE", "DELETE_IN_PROGRESS", None))
    assert run.absent()["changed"]


def test_operation_that_never_shows_is_not_waited_for_without_end(pauses: list[float]) -> None:
    Run(FakeCloudFormation("UPDATE_COMPLETE")).present()
    assert 5 < sum(pauses) < 20


@pytest.mark.parametrize("verbose", [True, False])
def test_events_are_shown_as_they_happen_and_once(verbose: bool) -> None:
    client = FakeCloudFormation(None, "CREATE_IN_PROGRESS", "CREATE_COMPLETE")

    def happens() -> None:
        client.happens("root", "Bucket", "CREATE_COMPLETE")
        client.happens("root", "Topic", "CREATE_FAILED", "AWS::SNS::Topic")

    client.on_call = happens
    run = Run(client, verbose=verbose)
    run.present()
    complete = ["CREATE_COMPLETE          Bucket (AWS::S3::Bucket)"] if verbose else []
    failed = "CREATE_FAILED            Topic (AWS::SNS::Topic)"
    assert run.said == ["+ Bucket (AWS::S3::Bucket)", *complete, failed]


@pytest.mark.parametrize("verbose", [True, False])
def test_many_changes_are_counted_but_what_is_removed_is_named(verbose: bool) -> None:
    old = {f"Old{number}": BUCKET for number in range(2)}
    new = {f"New{number:02}": BUCKET for number in range(30)}
    run = Run(FakeCloudFormation("CREATE_COMPLETE", template={"Resources": old}), check_mode=True, verbose=verbose)
    run.action._args["template_body"] = json.dumps({"Resources": new})
    changes = run.present()["changes"]
    assert len(changes) == 32
    removed = ["- Old0 (AWS::S3::Bucket)", "- Old1 (AWS::S3::Bucket)"]
    assert run.said == (changes if verbose else ["+ 30 resources or parameters", *removed])


def test_long_silence_is_broken_by_a_sign_of_life(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: sum(pauses))
    run = Run(FakeCloudFormation(None, *["CREATE_IN_PROGRESS"] * 30, "CREATE_COMPLETE"))
    run.present()
    signs = [int(line.split()[-2]) for line in run.said if line.startswith("... 0 resources done, ")]
    assert signs[0] <= 6
    silences = [later - earlier for earlier, later in itertools.pairwise(signs)]
    assert min(silences) >= 3
    assert max(silences) >= 10
    assert all(silence <= 6 + later / 4 for silence, later in zip(silences, signs[1:], strict=True))


def test_operation_of_somebody_else_is_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: sum(pauses))
    with pytest.raises(AnsibleActionFail, match="UPDATE_IN_PROGRESS for more than 15 minutes"):
        Run(FakeCloudFormation("UPDATE_IN_PROGRESS")).present()


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE"])
def test_stack_that_is_as_wanted_is_left_alone(status: str) -> None:
    run = Run(FakeCloudFormation(status, template=TEMPLATE))
    assert run.present()["changed"] is False
    assert run.client.calls == []


def test_stack_whose_other_template_is_no_change_to_cloudformation_is_reported_unchanged() -> None:
    # A DeletionPolicy or a description by itself: "No updates are to be performed", on every run anew.
    client = FakeCloudFormation("CREATE_COMPLETE", template={"Description": "old", **TEMPLATE})
    client.no_updates = True
    assert Run(client).present()["changed"] is False


def test_stack_after_a_rolled_back_update_is_updated_whatever_its_template_says() -> None:
    run = Run(FakeCloudFormation("UPDATE_ROLLBACK_COMPLETE", "UPDATE_COMPLETE", template=TEMPLATE))
    run.present()
    assert run.client.calls == ["update_stack"]


def test_changed_parameter_updates_the_stack() -> None:
    client = FakeCloudFormation("CREATE_COMPLETE", template=TEMPLATE)
    client.parameters = {"Burst": "5"}
    run = Run(client)
    assert run.present()["changes"] == ["~ parameter Burst: 5 -> 10"]
    assert client.calls == ["update_stack"]


def test_template_that_differs_outside_its_resources_updates_the_stack() -> None:
    run = Run(FakeCloudFormation("CREATE_COMPLETE", template=TEMPLATE | {"Description": "older"}))
    assert run.present()["changed"] is True
    assert run.client.calls == ["update_stack"]


@pytest.mark.parametrize(
    "status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS"]
)
def test_stack_that_never_was_complete_is_deleted_and_created(status: str) -> None:
    run = Run(FakeCloudFormation(status, None, "CREATE_COMPLETE"))
    assert run.present()["changes"] == ["+ Bucket (AWS::S3::Bucket)"]
    assert run.client.calls == ["delete_stack", "create_stack"]
    assert status in run.said[0]


def test_roll_back_that_stuck_is_continued_and_then_updated() -> None:
    client = FakeCloudFormation(
        "UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_COMPLETE"
    )
    run = Run(client)
    run.present()
    assert client.calls == ["continue_update_rollback", "update_stack"]


def test_roll_back_that_sticks_again_is_an_error() -> None:
    run = Run(FakeCloudFormation("UPDATE_ROLLBACK_FAILED"))
    with pytest.raises(AnsibleActionFail, match="remove the stack and deploy again"):
        run.present()


def test_operation_that_is_going_on_is_waited_for() -> None:
    statuses = ("CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE")
    run = Run(FakeCloudFormation(*statuses, template=TEMPLATE))
    assert run.present()["changed"] is False
    assert run.said == ["an earlier operation is still in progress: CREATE_IN_PROGRESS"]


def test_failure_names_the_resource_and_the_reason() -> None:
    client = FakeCloudFormation(None, "CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE")
    client.on_call = lambda: client.happens("root", "Bucket", "CREATE_FAILED", ResourceStatusReason="name is taken")
    with pytest.raises(AnsibleActionFail, match="ended with the status ROLLBACK_COMPLETE") as failure:
        Run(client).present()
    assert "Bucket (AWS::S3::Bucket): name is taken" in str(failure.value)


def test_stack_that_cannot_be_deleted_is_an_error() -> None:
    run = Run(FakeCloudFormation("CREATE_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_FAILED"))
    with pytest.raises(AnsibleActionFail, match="could not be deleted: its status is DELETE_FAILED"):
        run.absent()


@pytest.mark.parametrize(
    "status", [None, "CREATE_COMPLETE", "ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED", "UPDATE_IN_PROGRESS"]
)
def test_check_mode_tells_and_changes_nothing(status: str | None) -> None:
    run = Run(FakeCloudFormation(status), check_mode=True)
    assert run.present()["changes"] == ["+ Bucket (AWS::S3::Bucket)"]
    assert [call for call in run.client.calls if call != "validate_template"] == []
    assert run.absent()["changed"] is (status is not None)
    assert "delete_stack" not in run.client.calls


def test_check_mode_has_the_template_of_an_absent_stack_validated() -> None:
    run = Run(FakeCloudFormation(None), check_mode=True)
    run.present()
    assert run.client.calls == ["validate_template"]


def test_stack_that_is_there_is_deleted_and_an_absent_one_is_no_change() -> None:
    there = Run(FakeCloudFormation("CREATE_COMPLETE", "DELETE_IN_PROGRESS", None))
    assert there.absent()["changed"] is True
    assert there.client.calls == ["delete_stack"]
    gone = Run(FakeCloudFormation(None))
    assert gone.absent()["changed"] is False
    assert gone.client.calls == []


def test_text_that_cloudformation_does_not_show_is_deployed_once() -> None:
    client = FakeCloudFormation(None, "CREATE_IN_PROGRESS", "CREATE_COMPLETE", template=TEMPLATE)
    for changed in (True, False):
        run = Run(client)
        run.action._args["parameters"] = {"ClassName": "Jesień \\ 2026"}
        assert run.present()["changed"] is changed
    assert client.calls == ["create_stack"]


def test_change_of_text_that_cloudformation_does_not_show_is_deployed() -> None:
    client = FakeCloudFormation(None, "CREATE_IN_PROGRESS", "CREATE_COMPLETE", template=TEMPLATE)
    for name in ("Ä", "Ö"):
        run = Run(client)
        run.action._args["parameters"] = {"ClassName": name}
        run.present()
        client.statuses += ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]
    assert client.calls == ["create_stack", "update_stack"]
    assert run.said == ["~ parameter ClassName: Ä -> Ö"]
