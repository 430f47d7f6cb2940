#!/usr/bin/python
# MIT License
"""Ansible module: publish a class's subjects, tests and students."""

from __future__ import annotations

DOCUMENTATION = r"""
module: class_publish
short_description: Publish a class's subjects, tests and students
description:
  - Checks the class's files, compares them with what is published and writes what differs. Unchanged objects are
    neither read nor written.
  - Neither makes nor deletes API keys. M(training.test_time.class_api_keys) does, before this module for
    RV(foreign_api_keys) and then RV(students_without_key), and after it for RV(surplus_api_keys).
  - An interrupted run never leaves a test partly visible, and the next run completes the work.
options:
  endpoint:
    description: The base URL of the API.
    type: str
    required: true
  confirmed:
    description:
      - What confirms that another class is replaced, or that many students are removed. Without it, the module fails
        outside check mode.
      - The token that M(training.test_time.class_losses) returns, or V(yes) for whatever would be lost.
    type: str
  schemas_dir:
    description: The folder with the schemas of those files.
    type: path
    required: true
  usage_plan_id:
    description: The usage plan that the students' API keys belong to.
    type: str
    required: true
  api_key_prefix:
    description: The root stack's name. A student's API key is called C(<prefix>/<student ID>).
    type: str
    required: true
  schedule_group:
    description: The schedule group of the one-time schedules that start a run.
    type: str
    required: true
  state_machine_arn:
    description: The state machine that those schedules start.
    type: str
    required: true
  scheduler_role_arn:
    description: The role that they use to start it.
    type: str
    required: true
  dead_letter_queue_arn:
    description: The queue for starts that failed permanently.
    type: str
    required: true
  timezone:
    description: IANA time zone of the class's times.
    type: str
    required: true
  deadline_weekday:
    description: Day of the weekly deadline, C(monday) to C(sunday).
    type: str
    required: true
  deadline_time:
    description: Local time of the weekly deadline, C(HH:MM).
    type: str
    required: true
  reminder_hours:
    description: How many hours before their own deadline students are reminded; 0 for never.
    type: int
    required: true
  attempts:
    description: C(1) or C(last), for tests that do not set it.
    type: raw
    required: true
  late:
    description: None, or C(until_hours) and C(credit), for tests that do not set it.
    type: raw
  partial_credit:
    description: C(off), C(net-correct) or C(each-answer), for tests that do not set it.
    type: raw
    required: true
  grace_minutes:
    description: Minutes after a deadline during which submissions still count in full, for tests that do not set it.
    type: int
    required: true
  announce:
    description: Whether students are emailed when a test opens, for tests that do not set it.
    type: bool
    required: true
  unsubmitted_drafts:
    description: What happens to saved answers that a student does not submit, for tests that do not set it.
    type: str
    choices: [ignore, submit]
    required: true
  retention_days:
    description: For how many days answers are kept. A test that might outlast its answers is refused.
    type: int
    required: true
extends_documentation_fragment:
  - training.test_time.class_folder
  - training.test_time.data_bucket
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - The Test time developers
"""

EXAMPLES = r"""
- name: Publish the class
  training.test_time.class_publish:
    class_dir: class
    class_folder: class
    class_name: demo
    endpoint: https://a1b2c3.execute-api.eu-central-1.amazonaws.com/api
    schemas_dir: schemas
    bucket: my-class-data
    usage_plan_id: abc123
    api_key_prefix: trainings-tests
    schedule_group: trainings-tests
    state_machine_arn: arn:aws:states:eu-central-1:111122223333:stateMachine:trainings-tests-weekly-run
    scheduler_role_arn: arn:aws:iam::111122223333:role/trainings-tests-scheduler
    dead_letter_queue_arn: arn:aws:sqs:eu-central-1:111122223333:trainings-tests-starts
    timezone: Europe/Warsaw
    deadline_weekday: monday
    deadline_time: "23:00"
    reminder_hours: 24
    attempts: 1
    partial_credit: "off"
    grace_minutes: 0
    announce: false
    unsubmitted_drafts: ignore
    retention_days: 365
"""

RETURN = r"""
changes:
  description: What changes, one line each. If there are more than 100 changes, counts instead of names.
  returned: success
  type: list
  elements: str
  sample: ["+ test02 in operating-systems", "- student s003"]
times:
  description:
    - When each test opens and closes that is new, has another deadline or is not over yet, in lines for people.
    - The times are in the class's time zone.
  returned: success
  type: list
  elements: str
  sample: ["Times in Europe/Warsaw:", "  test02 in operating-systems: closes Mon 2026-11-30 23:00"]
warnings_about_times:
  description: What about the tests' times and students may be a mistake, one line each.
  returned: success
  type: list
  elements: str
  sample: ["git: no student is enrolled in this subject, so nobody gets its tests"]
students_without_key:
  description: IDs of students who do not have an API key in the usage plan yet.
  returned: success
  type: list
  elements: str
suppressed_students:
  description:
    - IDs of students to whom SES sends nothing, because their address is on the account's suppression list.
    - SES is only asked if something changes.
  returned: in check mode
  type: list
  elements: str
suppression_list_error:
  description: The error that SES gave instead of its suppression list, for example V(AccessDeniedException).
  returned: in check mode, if SES did not give the list
  type: str
foreign_api_keys:
  description:
    - IDs (not values) of API keys to delete before new ones are made, because the IDs of the students who had them
      are given to somebody else.
  returned: success
  type: list
  elements: str
surplus_api_keys:
  description: IDs (not values) of API keys to delete, because they belong to former students or were created twice.
  returned: success
  type: list
  elements: str
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.training.test_time.plugins.module_utils.class_content import written
from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import RETRIES
from ansible_collections.training.test_time.plugins.module_utils.class_content.closing_times import WeeklyDeadline
from ansible_collections.training.test_time.plugins.module_utils.class_content.confirmation import stop_unless_confirmed
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.objects import Policies, class_record
from ansible_collections.training.test_time.plugins.module_utils.class_content.publishing import (
    Clients,
    Deployment,
    InvalidClass,
    plan_publication,
    publish,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.run_schedules import ScheduleTarget
from ansible_collections.training.test_time.plugins.module_utils.class_content.store import PARALLEL_CALLS
from ansible_collections.training.test_time.plugins.module_utils.class_content.suppressed import suppressed_students
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import class_problems
from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained
from botocore.exceptions import BotoCoreError, ClientError

# How long to wait for SES, in seconds.
_PATIENCE = {"connect_timeout": 5, "read_timeout": 10, "retries": {"mode": "standard", "total_max_attempts": 3}}
_TEXT = {"type": "str", "required": True}
_PATH = {"type": "path", "required": True}
_NUMBER = {"type": "int", "required": True}
_OPTIONS = {
    "class_dir": _PATH,
    "class_folder": _TEXT,
    "class_name": _TEXT,
    "endpoint": _TEXT,
    "confirmed": {"type": "str"},
    "schemas_dir": _PATH,
    "bucket": _TEXT,
    "usage_plan_id": _TEXT,
    "api_key_prefix": {**_TEXT, "no_log": False},
    "schedule_group": _TEXT,
    "state_machine_arn": _TEXT,
    "scheduler_role_arn": _TEXT,
    "dead_letter_queue_arn": _TEXT,
    "timezone": _TEXT,
    "deadline_weekday": _TEXT,
    "deadline_time": _TEXT,
    "reminder_hours": _NUMBER,
    "attempts": {"type": "raw", "required": True},
    "late": {"type": "raw"},
    "partial_credit": {"type": "raw", "required": True},
    "grace_minutes": _NUMBER,
    "announce": {"type": "bool", "required": True},
    "unsubmitted_drafts": {"type": "str", "choices": ["ignore", "submit"], "required": True},
    "retention_days": _NUMBER,
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(
        argument_spec=_OPTIONS,
        supports_check_mode=True,
    )
    deployment = _deployment(module.params)
    files = load_class(Path(module.params["class_dir"]), module.params["class_dir"])
    problems = class_problems(files, deployment.weekly, Path(module.params["schemas_dir"]))
    if problems:
        module.fail_json(msg=str(InvalidClass(problems)))
    try:
        clients = _clients(module)
        publication = plan_publication(clients, deployment, files)
        result: dict[str, Any] = {}
        if module.check_mode:
            result["suppressed_students"] = []
            if publication.lines:
                result |= _suppressed(module.client("sesv2", config=_PATIENCE), files.students.data["students"])
        else:
            stop_unless_confirmed(module, publication.losses)
            publish(clients, deployment, publication)
    except InvalidClass as error:
        module.fail_json(msg=str(error))
    except (BotoCoreError, ClientError) as error:
        module.fail_json(
            msg=f"Cannot publish the class: {explained(error)}. What has been done is kept; run this again to continue"
        )
    module.exit_json(
        changed=bool(publication.lines),
        changes=publication.lines,
        times=publication.outlook.times() if publication.lines else [],
        warnings_about_times=publication.outlook.warnings(),
        students_without_key=publication.keys.missing,
        foreign_api_keys=publication.keys.foreign,
        surplus_api_keys=publication.keys.surplus,
        **result,
    )


def _suppressed(ses: Any, students: Iterable[written.Student]) -> dict[str, Any]:
    """`suppressed_students` or `suppression_list_error`. The class can be published whether SES answers or not."""
    try:
        return {"suppressed_students": suppressed_students(ses, students)}
    except ClientError as error:
        return {"suppression_list_error": error.response["Error"]["Code"]}
    except BotoCoreError as error:
        return {"suppression_list_error": type(error).__name__}


def _deployment(params: dict[str, Any]) -> Deployment:
    return Deployment(
        bucket=params["bucket"],
        usage_plan_id=params["usage_plan_id"],
        api_key_prefix=params["api_key_prefix"],
        schedules=ScheduleTarget(
            params["schedule_group"],
            params["state_machine_arn"],
            params["scheduler_role_arn"],
            params["dead_letter_queue_arn"],
        ),
        weekly=WeeklyDeadline(params["deadline_weekday"], params["deadline_time"], params["timezone"]),
        reminder_hours=params["reminder_hours"],
        policies=Policies(
            params["attempts"],
            params["late"],
            params["partial_credit"],
            params["grace_minutes"],
            params["announce"],
            params["unsubmitted_drafts"],
        ),
        retention_days=params["retention_days"],
        record=class_record(params["endpoint"], params["class_name"], params["class_folder"]),
    )


def _clients(module: AnsibleAWSModule) -> Clients:
    return Clients(
        module.client("s3", config={"max_pool_connections": PARALLEL_CALLS}),
        module.client("apigateway", config={"retries": RETRIES}),
        module.client("scheduler"),
    )


if __name__ == "__main__":
    main()
