"""`students.sh rotate-key`: replaces a student's API key."""

from __future__ import annotations

from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import (
    KeyQuotaReached,
    Pace,
    delete_keys,
    list_api_keys,
    replacement,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.objects import (
    student_calendar,
    student_record,
)
from ansible_collections.training.test_time.plugins.module_utils.shared.calendar_secret import calendar_secret
from ansible_collections.training.test_time.plugins.module_utils.shared.canonical_json import canonical_json
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import (
    calendar_key,
    invitation_notification_key,
    student_key,
)
from cli.command import CommandError
from cli.students.deployed import Stage
from cli.students.invitations import remove


def rotate(stage: Stage, student: str) -> bool:
    """Give a student a new API key. Returns whether this has completed a rotation that was interrupted.

    The student counts as not invited, and their link stops working. Their calendar gets another address.
    The new key works before the old one is refused. Until the old one is deleted, publishing takes the new one back, or
    running this again completes it. Raises CommandError, and the SDK's errors.
    """
    entry = stage.roster().get(student)
    keys = list_api_keys(stage.apigateway, stage.usage_plan, stage.stack, only=student)
    if entry is None or not keys:
        raise CommandError(f"{student} has no API key: check the ID, and publish the class first if the student is new")
    notification = invitation_notification_key(student)
    # Before anything is written: the rights to deploy do not include this.
    invited = stage.bucket.get_json(notification)
    try:
        new = replacement(stage.apigateway, stage.usage_plan, stage.stack, keys)
    except KeyQuotaReached as error:
        raise CommandError(
            "this Region has as many API keys as AWS allows (10,000): delete keys that nobody uses"
        ) from error
    stage.bucket.put(calendar_key(calendar_secret(new.value)), canonical_json(student_calendar(entry)))
    stage.bucket.put(student_key(new.value), canonical_json(student_record(entry, new.receipt_key)))
    remove(stage.bucket, invited)
    stage.s3.delete_object(Bucket=stage.bucket.name, Key=notification)
    old = [key for key in keys if key.id != new.id]
    for key in old:
        for record in (student_key(key.value), calendar_key(calendar_secret(key.value))):
            stage.s3.delete_object(Bucket=stage.bucket.name, Key=record)
    delete_keys(stage.apigateway, [key.id for key in old], Pace())
    return len(old) < len(keys)
