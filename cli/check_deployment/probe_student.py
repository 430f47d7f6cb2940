"""The probe: its student and test are added to the deployment, by one check at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ansible_collections.training.test_time.plugins.module_utils.class_content.probe import (
    STUDENT_RECORD,
    api_key_name,
    published_objects,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.probe_removal import Removal
from ansible_collections.training.test_time.plugins.module_utils.class_content.server_time import server_time
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import student_key

# The key is waited for (90 s), then about 16 requests of at most 29 s each, the run (5 minutes) and the removal (4).
LONGEST_CHECK = timedelta(minutes=20)


class AtWork(Exception):
    """Another check of this deployment is at work, or was killed a short time ago. The message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Probe(Removal):
    """The probe in one deployment. `usage_plan`: the plan that its API key is put into."""

    usage_plan: str

    def begin(self) -> datetime:
        """The time by AWS's clock. Raises AtWork if there is a probe that may be in use, and the SDK's errors."""
        for page in self.api_key_pages():
            now = server_time(page)
            for item in page["items"]:
                began: datetime = item["createdDate"].astimezone(UTC)
                if now - began < LONGEST_CHECK:
                    raise AtWork(
                        f"another check of this stage began at {began:%H:%M:%S} UTC: wait until it ends. If it was"
                        " killed or could not remove everything, check again after"
                        f" {began + LONGEST_CHECK:%H:%M:%S} UTC, which removes what it has left"
                    )
        return now

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
