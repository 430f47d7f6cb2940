"""The trainer's API key: one for each deployment, in a usage plan of its own.

Its name does not begin like those of the students, `<root stack>/`, so publishing never deletes it. The key works only
if its record is in the data bucket too, so whatever is half done, a key that was replaced can be made to fail first.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from ..shared.canonical_json import canonical_json
from ..shared.documents import TrainerRecord
from ..shared.object_keys import TRAINERS, trainer_key

_RECORD: TrainerRecord = {"role": "trainer"}


def api_key_name(root_stack: str) -> str:
    """The name of the trainer's API key."""
    return f"{root_stack}:trainer"


def trainer_api_keys(apigateway: Any, root_stack: str) -> list[dict[str, Any]]:
    """The keys of that name as GetApiKeys lists them, the newest first. There are two only while one is replaced.

    Raises the SDK's errors.
    """
    name = api_key_name(root_stack)
    pages = apigateway.get_paginator("get_api_keys").paginate(nameQuery=name, includeValues=True)
    found = [item for page in pages for item in page["items"] if item["name"] == name]
    return sorted(found, key=lambda item: (item["createdDate"], item["id"]), reverse=True)


@dataclass(frozen=True)
class TrainerKey:
    """The trainer's key of one deployment. `s3`, `apigateway`: boto3's clients. Its methods raise the SDK's errors.

    Each may be stopped anywhere and repeated. Several may be at work: nobody ever deletes the newest key.
    """

    s3: Any
    apigateway: Any
    stack: str
    bucket: str
    usage_plan: str = ""

    def ensure(self, dry_run: bool = False) -> bool:
        """See to it that there is one key, which works. Returns whether there was anything to do."""
        records, keys = self._records(), trainer_api_keys(self.apigateway, self.stack)
        right = len(keys) == 1 and self._in_plan(keys[0]["id"]) and records == {trainer_key(keys[0]["value"])}
        if not right and not dry_run:
            self._keep_newest(self._newest() or self._create())
        return not right

    def rotate(self) -> str:
        """Make a new key, then delete the old one. Returns the key that works now.

        Until the new one works, the old one does. If this is stopped in between, both may work until it is repeated or
        the stage is deployed again.
        """
        return str(self._keep_newest(self._create())["value"])

    def remove(self, dry_run: bool = False) -> bool:
        """Delete the key. Returns whether there was one."""
        records, keys = self._records(), trainer_api_keys(self.apigateway, self.stack)
        if not dry_run:
            self._delete(records, keys)
        return bool(keys or records)

    def _create(self) -> dict[str, Any]:
        key: dict[str, Any] = self.apigateway.create_api_key(name=api_key_name(self.stack), enabled=True)
        return key

    def _keep_newest(self, newest: dict[str, Any]) -> dict[str, Any]:
        """Have the newest key work, and no other: this one, unless another deployment has made one since.

        In this order, there is a key that works at every moment.
        """
        records, other = self._records(), self._newest()
        if other and other["createdDate"] > newest["createdDate"]:
            newest = other
        # It is already in the plan if an earlier attempt was stopped.
        with contextlib.suppress(self.apigateway.exceptions.ConflictException):
            try:
                self._add_to_plan(newest["id"])
            except self.apigateway.exceptions.NotFoundException:  # another deployment has just replaced it
                return self._keep_newest(self._newest() or self._create())
        self.s3.put_object(
            Bucket=self.bucket,
            Key=trainer_key(newest["value"]),
            Body=canonical_json(_RECORD),
            ContentType="application/json",
            ServerSideEncryption="AES256",
        )
        keys = trainer_api_keys(self.apigateway, self.stack)
        older = [key for key in keys if key["createdDate"] <= newest["createdDate"] and key["id"] != newest["id"]]
        # A record without a key, or of an older one. The records were listed before the keys: a record that another
        # deployment writes has its key first.
        working = {trainer_key(key["value"]) for key in [newest, *keys] if key not in older}
        self._delete(records - working, older)
        return newest

    def _delete(self, records: set[str], keys: list[dict[str, Any]]) -> None:
        # The records first: without one, a key is refused even if it cannot be deleted.
        for record in sorted(records):
            self.s3.delete_object(Bucket=self.bucket, Key=record)
        for key in keys:
            with contextlib.suppress(self.apigateway.exceptions.NotFoundException):
                self.apigateway.delete_api_key(apiKey=key["id"])

    def _newest(self) -> dict[str, Any] | None:
        return next(iter(trainer_api_keys(self.apigateway, self.stack)), None)

    def _add_to_plan(self, key_id: str) -> None:
        self.apigateway.create_usage_plan_key(usagePlanId=self.usage_plan, keyId=key_id, keyType="API_KEY")

    def _in_plan(self, key_id: str) -> bool:
        pages = self.apigateway.get_paginator("get_usage_plan_keys").paginate(usagePlanId=self.usage_plan)
        return any(item["id"] == key_id for page in pages for item in page["items"])

    def _records(self) -> set[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=TRAINERS)
        try:
            return {item["Key"] for page in pages for item in page.get("Contents", [])}
        except self.s3.exceptions.NoSuchBucket:
            return set()
