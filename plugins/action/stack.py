"""Ansible action `training.test_time.stack`: see plugins/modules/stack.py for its options.

An action, not a module, because a module cannot show anything before it ends, and a stack takes minutes. For the same
reason it calls CloudFormation itself: M(amazon.aws.cloudformation) shows nothing while it waits, polls only every five
seconds, and has to be started as a separate process.
"""

from __future__ import annotations

import itertools
import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import boto3
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.training.test_time.plugins.module_utils.deployment import stacks
from ansible_collections.training.test_time.plugins.module_utils.deployment.progress import longest_silence
from ansible_collections.training.test_time.plugins.module_utils.shared.ascii_text import to_ascii
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 2
# Looks at a stack that still has its old status and no new event before the operation counts as ended: 10 seconds.
LOOKS_BEFORE_BEGIN = 9
SETTLE_SECONDS = 900
INLINE_TEMPLATE_BYTES = 51_200
CAPABILITIES = ["CAPABILITY_IAM"]


class ActionModule(ActionBase):  # type: ignore[misc]  # ActionBase has no types
    """Create, update or delete a stack."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the action."""
        super().run(tmp, task_vars)
        _, args = self.validate_argument_spec(
            argument_spec={
                "name": {"type": "str", "required": True},
                "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
                "template_body": {"type": "str"},
                "nested_templates": {"type": "dict", "default": {}},
                "parameters": {"type": "dict", "default": {}},
                "region": {"type": "str", "required": True},
            },
            required_if=[("state", "present", ["template_body"])],
        )
        self._args = args
        self._client = boto3.client(
            "cloudformation", region_name=args["region"], config=Config(retries={"mode": "standard", "max_attempts": 8})
        )
        try:
            return self._present() if args["state"] == "present" else self._absent()
        except (BotoCoreError, ClientError) as error:
            raise AnsibleActionFail(f"stack {args['name']}: {error}") from error

    def _present(self) -> dict[str, Any]:
        wanted = json.loads(self._args["template_body"])
        parameters = {name: str(value) for name, value in self._args["parameters"].items()}
        stack = self._usable()
        changes = self._changes(stack, wanted, parameters)
        changed = bool(changes)
        for line in changes if self._display.verbosity else stacks.in_short(changes):
            self._say(line)
        if self._task.check_mode:
            if stack is None:
                self._validate()
        elif changes or (stack and stack["StackStatus"] not in stacks.UP_TO_DATE):
            changed = self._apply(stack, parameters)
            stack = stacks.describe(self._client, self._args["name"])
        return {"changed": changed, "changes": changes, "outputs": stacks.outputs(stack)}

    def _absent(self) -> dict[str, Any]:
        stack = self._settled()
        if stack and not self._task.check_mode:
            self._delete(stack)
        return {"changed": stack is not None, "outputs": stacks.outputs(stack)}

    def _settled(self) -> dict[str, Any] | None:
        """The stack, once no operation is in progress: one that an interrupted run started continues in the cloud."""
        stack = stacks.describe(self._client, self._args["name"])
        if stack and stacks.in_progress(stack) and not self._task.check_mode:
            self._say(f"an earlier operation is still in progress: {stack['StackStatus']}")
            return self._progress(stack).until_settled(SETTLE_SECONDS)
        return stack

    def _usable(self) -> dict[str, Any] | None:
        """The stack in a state that can be updated, or None if it has to be created."""
        stack = self._settled()
        if stack is None:
            return None
        if stack["StackStatus"] in stacks.ONLY_DELETABLE:
            self._say(f"an earlier run left the stack in {stack['StackStatus']}: deleting it and creating it again")
            if not self._task.check_mode:
                self._delete(stack)
            return None
        if stack["StackStatus"] == stacks.STUCK_IN_ROLLBACK:
            self._say("an earlier run left the stack in the middle of a rollback: continuing the rollback")
            if not self._task.check_mode:
                stack = self._rolled_back(stack)
        return stack

    def _rolled_back(self, stack: dict[str, Any]) -> dict[str, Any] | None:
        progress = self._progress(stack)
        self._client.continue_update_rollback(StackName=stack["StackId"])
        found = progress.until_settled(SETTLE_SECONDS)
        if found and found["StackStatus"] == stacks.STUCK_IN_ROLLBACK:
            raise self._failure(
                "the rollback failed again. Correct the cause, or remove the stack and deploy again", progress
            )
        return found

    def _changes(self, stack: dict[str, Any] | None, wanted: dict[str, Any], parameters: dict[str, str]) -> list[str]:
        new = stacks.resources(wanted, self._args["nested_templates"])
        if stack is None:
            return stacks.changes({}, new)
        changes = stacks.parameter_changes(stacks.parameters(stack), parameters)
        if stacks.deployed_template(self._client, stack["StackId"]) != wanted:
            resources = stacks.changes(stacks.deployed_resources(self._client, stack["StackId"]), new)
            changes += resources or ["~ outputs, parameters or descriptions"]
        return changes

    def _validate(self) -> None:
        """Let CloudFormation validate the templates that are small enough to be sent without the bucket."""
        for text in [self._args["template_body"], *self._args["nested_templates"].values()]:
            if len(text.encode()) <= INLINE_TEMPLATE_BYTES:
                self._client.validate_template(TemplateBody=text)

    def _apply(self, stack: dict[str, Any] | None, parameters: dict[str, str]) -> bool:
        """Create or update the stack. Returns whether CloudFormation found anything to do."""
        progress = self._progress(stack)
        wanted = {
            "StackName": self._args["name"],
            "TemplateBody": self._args["template_body"],
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": to_ascii(value)} for name, value in parameters.items()
            ],
            "Capabilities": CAPABILITIES,
            # If the SDK repeats a call because its reply was lost, CloudFormation recognises the repetition by this.
            "ClientRequestToken": str(uuid.uuid4()),
        }
        if stack is None:
            self._client.create_stack(**wanted)
        elif not stacks.update(self._client, wanted):
            return False
        found = progress.until_settled()
        if found is None or found["StackStatus"] not in stacks.UP_TO_DATE:
            raise self._failure(f"ended with the status {found['StackStatus'] if found else 'deleted'}", progress)
        return True

    def _delete(self, stack: dict[str, Any]) -> None:
        progress = self._progress(stack)
        self._client.delete_stack(StackName=stack["StackId"])
        found = progress.until_settled()
        if found:
            raise self._failure(f"could not be deleted: its status is {found['StackStatus']}", progress)

    def _progress(self, stack: dict[str, Any] | None) -> _Progress:
        name, status = (stack["StackId"], stack["StackStatus"]) if stack else (self._args["name"], None)
        return _Progress(self._client, name, status, self._say, bool(self._display.verbosity))

    def _failure(self, message: str, progress: _Progress) -> AnsibleActionFail:
        causes = stacks.causes(progress.events)
        return AnsibleActionFail("\n".join([f"stack {self._args['name']}: {message}", *causes]))

    def _say(self, line: str) -> None:
        self._display.display(f"    {line}")


class _Progress:
    """Follows an operation on a stack and shows how far it has got: the failures, or each event if `verbose`.

    It must be created before the operation begins, so that it knows which events are new. Keeps them in `events`.
    `status`: the stack's before the operation, or None if there is no stack yet.
    """

    def __init__(self, client: Any, stack: str, status: str | None, say: Callable[[str], None], verbose: bool) -> None:
        self.events: list[stacks.Event] = []
        self._client, self._stack, self._status, self._say = client, stack, status, say
        self._verbose = verbose
        self._source = stacks.Events(client, stack, stacks.last_event_time(client, stack))
        self._started = self._shown = self._looked = time.monotonic()

    def until_settled(self, at_most_seconds: float | None = None) -> dict[str, Any] | None:
        """The stack once no operation is in progress, or None if it no longer exists."""
        for looks, pause in enumerate(_growing_pauses(), 1):
            time.sleep(pause)
            found = stacks.describe(self._client, self._stack)
            if not found or not stacks.in_progress(found):
                self._show_events()
                if self._has_begun(found) or looks >= LOOKS_BEFORE_BEGIN:
                    return found
                continue
            self._status = found["StackStatus"]
            if time.monotonic() - self._looked >= LONGEST_PAUSE_SECONDS:
                self._show_events()
            if at_most_seconds and time.monotonic() - self._started > at_most_seconds:
                raise AnsibleActionFail(
                    f"stack {found['StackName']} has been {found['StackStatus']} for more than "
                    f"{at_most_seconds // 60:.0f} minutes. See its events in CloudFormation, then run this again"
                )
        raise AssertionError("the pauses never end")

    def _has_begun(self, found: dict[str, Any] | None) -> bool:
        """Whether what was found is not simply the state before the operation: AWS may take a moment to show it."""
        return bool(self.events) or self._status != (found["StackStatus"] if found else None)

    def _show_events(self) -> None:
        """Show new events. Events that cannot be read now are read next time: this is progress, not the result."""
        self._looked = time.monotonic()
        try:
            new = self._source.new()
        except (BotoCoreError, ClientError):
            return
        self.events += new
        lines = [line for event in new if (self._verbose or event.has_failed) and (line := event.line())]
        elapsed = self._looked - self._started
        if not lines and self._looked - self._shown >= longest_silence(elapsed):
            done = sum(event.is_complete for event in self.events)
            lines = [f"... {done} resources done, {elapsed:.0f} s"]
        for line in lines:
            self._shown = self._looked
            self._say(line)


def _growing_pauses() -> Iterator[float]:
    """Seconds: a small stack is done almost at once, and a large one does not need many calls."""
    for count in itertools.count():
        yield min(FIRST_PAUSE_SECONDS * 1.5**count, LONGEST_PAUSE_SECONDS)
