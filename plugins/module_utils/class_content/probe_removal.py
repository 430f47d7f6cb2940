"""Remove the probe of bin/check-deployment.sh from a deployment, whatever state a check has left it in."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from ..deployment.cloud_errors import explained
from ..shared import probe
from ..shared.object_keys import index_key, student_key
from .probe import PREFIXES, RUN_NAME, api_key_name, is_probes_index

# A run that scores one student takes some 15 seconds. One that is stopped raises an alarm for the trainer, so stopping
# it is the exception.
RUN_ENDS_WITHIN_SECONDS = 120
# A function whose run is stopped continues. report_run pauses for up to 30 seconds in all.
STOPPED_PAUSE_SECONDS = 40
_POLL_SECONDS = 2
_MOST_ROUNDS = 10
_DELETE_AT_ONCE = 1000
# More than the queue has, unless something is badly wrong.
_MOST_RECEIVES = 100
_HIDDEN_SECONDS = 60


class NotRemoved(Exception):
    """Something of the probe could not be removed. The message names what is still there, and why."""


class NotTheProbes(Exception):
    """The probe's subject belongs to a class. The message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Removal:
    """`s3`, `apigateway`, `states`, `sqs`: boto3's clients. `stack`: the root stack's name.

    `machine`: the state machine's ARN, `queue`: the URL of the queue of failed batches; both None if they are gone.
    `say`: shows that the removal has to wait.
    """

    s3: Any
    apigateway: Any
    states: Any
    sqs: Any
    stack: str
    bucket: str
    machine: str | None
    queue: str | None
    say: Callable[[str], None] = lambda _: None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def remove(self) -> bool:
        """Remove whatever there is of a probe, and return whether there was anything.

        Each part is tried even if another has failed. The API keys are removed last, because the keys of the students'
        records follow from them. Raises NotRemoved, NotTheProbes, the SDK's errors.
        """
        self._stop_at_a_class()
        found, left = False, list[str]()
        stopped, records_left = False, True
        api_keys: list[dict[str, Any]] = []
        with _noting(left, "the run of the check"):
            found, stopped = self._end_runs()
        with _noting(left, "messages about the check in the queue of failed batches"):
            found |= self._delete_messages()
        with _noting(left, f"the API key {api_key_name(self.stack)}"):
            api_keys = list(self.api_keys())
        records = [student_key(item["value"]) for item in api_keys]
        with _noting(left, f"objects in the bucket {self.bucket}, such as {index_key(probe.SUBJECT)}"):
            pause = STOPPED_PAUSE_SECONDS if stopped else 0
            found_objects, refused = self._delete_objects([*PREFIXES, *records], pause)
            found |= found_objects
            left += [f"{key} ({code})" for key, code in list(refused.items())[:1]]
            left += [f"{len(refused) - 1} more objects"] if len(refused) > 1 else []
            records_left = any(key in refused for key in records)
        for item in api_keys:
            if records_left:
                left.append(f"the API key {item['name']}, which still works: the student's record is found by it")
            else:
                with _noting(left, f"the API key {item['name']}"):
                    self._delete_api_key(item["id"])
        if left:
            raise NotRemoved(f"cannot remove all that a check adds: {'; '.join(left)}")
        return bool(found or api_keys)

    def api_keys(self) -> Iterator[dict[str, Any]]:
        """The probe's API keys, as GetApiKeys lists them."""
        for page in self.api_key_pages():
            yield from page["items"]

    def api_key_pages(self) -> Iterator[dict[str, Any]]:
        """GetApiKeys's replies, with no other API keys than the probe's."""
        name = api_key_name(self.stack)
        for page in self.apigateway.get_paginator("get_api_keys").paginate(nameQuery=name, includeValues=True):
            yield {**page, "items": [item for item in page["items"] if item["name"] == name]}

    def _stop_at_a_class(self) -> None:
        key = index_key(probe.SUBJECT)
        body = None
        with _fine_if_gone({"NoSuchKey", "NoSuchBucket"}):
            body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        if body is not None and not is_probes_index(body):
            raise NotTheProbes(
                f"the published class has a subject {probe.SUBJECT}, a name that only this check may use: rename the"
                f" subject's folder, publish the class, then delete {key} from the bucket {self.bucket}"
            )

    def _running(self) -> list[str]:
        pages = self.states.get_paginator("list_executions").paginate(
            stateMachineArn=self.machine, statusFilter="RUNNING"
        )
        running: list[str] = []
        with _fine_if_gone({"StateMachineDoesNotExist", "StateMachineDeleting"}):
            for page in pages:
                running += [each["executionArn"] for each in page["executions"] if each["name"].startswith(RUN_NAME)]
        return running

    def _end_runs(self) -> tuple[bool, bool]:
        """Wait until the runs of checks have ended, and stop those that do not.

        They would write again what is removed. Returns whether there were any, and whether any was stopped.
        """
        running = first = self._running() if self.machine else []
        end = self.clock() + RUN_ENDS_WITHIN_SECONDS
        if running:
            self.say(f"waiting for up to {RUN_ENDS_WITHIN_SECONDS} seconds until the run of the check ends")
        while running and self.clock() < end:
            self.sleep(_POLL_SECONDS)
            running = self._running()
        for execution in running:
            self.states.stop_execution(executionArn=execution, cause="the check of the deployment has ended")
        return bool(first), bool(running)

    def _delete_messages(self) -> bool:
        """Delete what the runs of checks have put into the queue. Returns whether there was anything."""
        found, others = False, []
        try:
            for _ in range(_MOST_RECEIVES if self.queue else 0):
                messages = self.sqs.receive_message(
                    QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=1, VisibilityTimeout=_HIDDEN_SECONDS
                ).get("Messages", [])
                if not messages:
                    break
                for message in messages:
                    if _is_about_check(message["Body"]):
                        self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
                        found = True
                    else:
                        others.append(message["ReceiptHandle"])
        finally:
            for handle in others:
                self.sqs.change_message_visibility(QueueUrl=self.queue, ReceiptHandle=handle, VisibilityTimeout=0)
        return found

    def _delete_objects(self, prefixes: Sequence[str], pause: float) -> tuple[bool, dict[str, str]]:
        """Delete all versions until none appears any more.

        Returns whether there were any, and the error code of each key that S3 did not delete.
        """
        for round_number in range(_MOST_ROUNDS):
            self.sleep(pause)
            versions = [version for prefix in prefixes for version in self._versions(prefix)]
            if not versions:
                return round_number > 0, {}
            refused = self._delete(versions)
            if refused:
                return True, refused
        return True, {versions[0]["Key"]: "it is written again and again"}

    def _versions(self, prefix: str) -> Iterator[dict[str, str]]:
        """All versions and delete markers of the objects whose keys begin with `prefix`."""
        pages = self.s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=prefix)
        with _fine_if_gone({"NoSuchBucket"}):
            for page in pages:
                for item in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                    yield {"Key": item["Key"], "VersionId": item["VersionId"]}

    def _delete(self, versions: list[dict[str, str]]) -> dict[str, str]:
        refused: dict[str, str] = {}
        for start in range(0, len(versions), _DELETE_AT_ONCE):
            batch = versions[start : start + _DELETE_AT_ONCE]
            reply = self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": batch, "Quiet": True})
            refused |= {error["Key"]: error["Code"] for error in reply.get("Errors", [])}
        return refused

    def _delete_api_key(self, key_id: str) -> None:
        with contextlib.suppress(self.apigateway.exceptions.NotFoundException):
            self.apigateway.delete_api_key(apiKey=key_id)


@contextlib.contextmanager
def _noting(left: list[str], what: str) -> Iterator[None]:
    """Note what is still there if the cloud refuses to remove it."""
    try:
        yield
    except ClientError as error:
        left.append(f"{what} ({explained(error)})")


@contextlib.contextmanager
def _fine_if_gone(codes: set[str]) -> Iterator[None]:
    """Ignore these error codes. While a stack is being deleted, its outputs still name what is gone already."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in codes:
            raise


def _is_about_check(message: str) -> bool:
    try:
        return str(json.loads(message)["runId"]).startswith(RUN_NAME)
    except (ValueError, TypeError, KeyError):
        return False
