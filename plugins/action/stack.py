"""Ansible action `training.test_time.stack`: see plugins/modules/stack.py for its options.

An action, not a module, because a module cannot show anything before it has ended, and a stack takes minutes.
The stack itself is made, updated and deleted by M(amazon.aws.cloudformation).
"""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import boto3
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.training.test_time.plugins.module_utils.deployment import stacks
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

POLL_SECONDS = 2
SILENT_SECONDS = 10
SETTLE_SECONDS = 900
INLINE_TEMPLATE_BYTES = 51_200
UP_TO_DATE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"]


class ActionModule(ActionBase):  # type: ignore[misc]  # ActionBase has no types
    """Bring a stack to what its template says, or delete it."""

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
        self._args, self._task_vars = args, task_vars
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
        for line in changes:
            self._say(line)
        if self._task.check_mode:
            if stack is None:
                self._validate()
        elif changes or (stack and stack["StackStatus"] not in UP_TO_DATE):
            changed = self._apply(stack, parameters)
            stack = stacks.describe(self._client, self._args["name"])
        return {"changed": changed, "changes": changes, "outputs": stacks.outputs(stack)}

    def _absent(self) -> dict[str, Any]:
        stack = self._settled()
        if stack and not self._task.check_mode:
            self._cloudformation(stack, state="absent")
        return {"changed": stack is not None, "outputs": stacks.outputs(stack)}

    def _settled(self) -> dict[str, Any] | None:
        """The stack, once CloudFormation is not at work on it: what an interrupted run began goes on there."""
        stack = stacks.describe(self._client, self._args["name"])
        if stack and stacks.in_progress(stack) and not self._task.check_mode:
            self._say(f"an earlier operation is still going on: {stack['StackStatus']}")
            with self._progress(stack["StackId"]):
                stack = self._waited_for(stack)
        return stack

    def _waited_for(self, stack: dict[str, Any]) -> dict[str, Any] | None:
        found: dict[str, Any] | None = stack
        started = time.monotonic()
        while found and stacks.in_progress(found):
            if time.monotonic() - started > SETTLE_SECONDS:
                raise AnsibleActionFail(
                    f"stack {self._args['name']} is {found['StackStatus']} for more than {SETTLE_SECONDS // 60} "
                    "minutes. See its events in CloudFormation, then start again"
                )
            time.sleep(POLL_SECONDS)
            found = stacks.describe(self._client, stack["StackId"])
        return found

    def _usable(self) -> dict[str, Any] | None:
        """The stack in a state that can be updated, or None where it has to be created."""
        stack = self._settled()
        if stack is None:
            return None
        if stack["StackStatus"] in stacks.ONLY_DELETABLE:
            self._say(f"an earlier run left the stack in {stack['StackStatus']}: it is deleted and created again")
            if not self._task.check_mode:
                self._cloudformation(stack, state="absent")
            return None
        if stack["StackStatus"] == stacks.STUCK_IN_ROLLBACK:
            self._say("an earlier run left the stack in the middle of a roll-back: the roll-back is continued")
            if not self._task.check_mode:
                stack = self._rolled_back(stack)
        return stack

    def _rolled_back(self, stack: dict[str, Any]) -> dict[str, Any] | None:
        with self._progress(stack["StackId"]) as progress:
            self._client.continue_update_rollback(StackName=stack["StackId"])
            found = self._waited_for(stack | {"StackStatus": "UPDATE_ROLLBACK_IN_PROGRESS"})
        if found and found["StackStatus"] == stacks.STUCK_IN_ROLLBACK:
            raise self._failure(
                "the roll-back failed again. Mend what it names, or remove the stack and deploy again", progress
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
        """Have CloudFormation read the templates that are small enough to be sent without the bucket."""
        for text in [self._args["template_body"], *self._args["nested_templates"].values()]:
            if len(text.encode()) <= INLINE_TEMPLATE_BYTES:
                self._client.validate_template(TemplateBody=text)

    def _apply(self, stack: dict[str, Any] | None, parameters: dict[str, str]) -> bool:
        """Create or update the stack; whether CloudFormation found anything to do."""
        return self._cloudformation(
            stack,
            state="present",
            template_body=self._args["template_body"],
            template_parameters=parameters,
            capabilities=CAPABILITIES,
        )

    def _cloudformation(self, stack: dict[str, Any] | None, **options: Any) -> bool:
        with self._progress(stack["StackId"] if stack else self._args["name"]) as progress:
            result = self._execute_module(
                "amazon.aws.cloudformation",
                {"stack_name": self._args["name"], "region": self._args["region"], **options},
                task_vars=self._task_vars,
            )
        if result.get("failed"):
            raise self._failure(result.get("msg") or result.get("output", "failed"), progress)
        return bool(result["changed"])

    def _progress(self, stack: str) -> _Progress:
        return _Progress(self._client, stack, self._say)

    def _failure(self, message: str, progress: _Progress) -> AnsibleActionFail:
        causes = stacks.causes(progress.events)
        return AnsibleActionFail("\n".join([f"stack {self._args['name']}: {message}", *causes]))

    def _say(self, line: str) -> None:
        self._display.display(f"    {line}")


class _Progress:
    """Shows a stack's events while a block runs, and a sign of life where there are none. Keeps them in `events`."""

    def __init__(self, client: Any, stack: str, say: Any) -> None:
        self.events: list[stacks.Event] = []
        self._say = say
        self._source = stacks.Events(client, stack, stacks.last_event_time(client, stack))
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> _Progress:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._show()

    def _follow(self) -> None:
        started = last_sign = time.monotonic()
        while not self._ended.wait(POLL_SECONDS):
            if self._show():
                last_sign = time.monotonic()
            elif time.monotonic() - last_sign >= SILENT_SECONDS:
                last_sign = time.monotonic()
                self._say(f"... {last_sign - started:.0f} s")

    def _show(self) -> bool:
        """Show what is new. What cannot be read now is read the next time: this is progress, not the result."""
        try:
            new = self._source.new()
        except (BotoCoreError, ClientError):
            return False
        self.events += new
        lines = [line for event in new if (line := event.line())]
        for line in lines:
            self._say(line)
        return bool(lines)
