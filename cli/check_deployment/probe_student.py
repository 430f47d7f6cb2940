"""The probe: its student and test are added to the deployment, and removed without a trace."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.class_content.probe import (
    PREFIXES,
    RUN_NAME,
    STUDENT_RECORD,
    api_key_name,
    published_objects,
)
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import student_key

# A function that is still at work when its run is stopped has ended after this time: each has one student.
STOPPED_AFTER_SECONDS = 15
_DELETE_AT_ONCE = 1000


class NotRemoved(Exception):
    """Something that the check has added could not be removed. The message says what to do."""


@dataclass(frozen=True)
class Probe:
    """The probe in one deployment: `stack` is the root stack's name. `s3`, `apigateway`, `states`: boto3's clients."""

    s3: Any
    apigateway: Any
    states: Any
    stack: str
    bucket: str
    usage_plan: str
    machine: str
    sleep: Callable[[float], None] = field(default=time.sleep)

    def publish(self, now: datetime) -> str:
        """Add the probe and return its student's API key. Raises the SDK's errors.

        The API key comes first, for what is left of the probe is found by it.
        """
        key = self.apigateway.create_api_key(name=api_key_name(self.stack), enabled=True)
        self.apigateway.create_usage_plan_key(usagePlanId=self.usage_plan, keyId=key["id"], keyType="API_KEY")
        for name, body in {**published_objects(now), student_key(key["value"]): STUDENT_RECORD}.items():
            self.s3.put_object(
                Bucket=self.bucket,
                Key=name,
                Body=body,
                ContentType="application/json",
                ServerSideEncryption="AES256",
            )
        return str(key["value"])

    def remove(self) -> bool:
        """Remove whatever there is of a probe. Returns whether there was anything. Raises NotRemoved, the SDK's errors.

        The API keys are removed last, because the keys of the students' records follow from them.
        """
        stopped = self._stop_runs()
        if stopped:
            self.sleep(STOPPED_AFTER_SECONDS)
        api_keys = list(self._api_keys())
        prefixes = [*PREFIXES, *(student_key(item["value"]) for item in api_keys)]
        versions = [version for prefix in prefixes for version in self._versions(prefix)]
        self._delete(versions)
        for item in api_keys:
            self.apigateway.delete_api_key(apiKey=item["id"])
        return bool(stopped or versions or api_keys)

    def _stop_runs(self) -> list[str]:
        """Stop the runs of checks, which would write again what is removed. Returns their ARNs."""
        pages = self.states.get_paginator("list_executions").paginate(
            stateMachineArn=self.machine, statusFilter="RUNNING"
        )
        running = [
            item["executionArn"] for page in pages for item in page["executions"] if item["name"].startswith(RUN_NAME)
        ]
        for execution in running:
            self.states.stop_execution(executionArn=execution, cause="the check of the deployment has ended")
        return running

    def _api_keys(self) -> Iterator[dict[str, Any]]:
        name = api_key_name(self.stack)
        for page in self.apigateway.get_paginator("get_api_keys").paginate(nameQuery=name, includeValues=True):
            yield from (item for item in page["items"] if item["name"] == name)

    def _versions(self, prefix: str) -> Iterator[dict[str, str]]:
        """All versions and delete markers of the objects whose keys begin with `prefix`."""
        for page in self.s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=prefix):
            for item in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                yield {"Key": item["Key"], "VersionId": item["VersionId"]}

    def _delete(self, versions: list[dict[str, str]]) -> None:
        for batch in _batches(versions):
            reply = self.s3.delete_objects(Bucket=self.bucket, Delete={"Objects": batch, "Quiet": True})
            for error in reply.get("Errors", []):
                raise NotRemoved(f"{error['Key']} could not be removed ({error['Code']}): run this check again")


def _batches(items: list[dict[str, str]]) -> Iterable[list[dict[str, str]]]:
    return (items[start : start + _DELETE_AT_ONCE] for start in range(0, len(items), _DELETE_AT_ONCE))
