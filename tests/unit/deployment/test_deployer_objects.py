"""Which objects of a stage, and of others, a deployer cannot read, write or delete."""

from __future__ import annotations

import pytest

from support.deployer import DEPLOYER, Policy, objects_granted, policy_statements
from support.permissions import Permission

BUCKET = "arn:aws:s3:::trainings-tests-storage-databucket-1abc/"
READ, WRITE, DELETE, DELETE_VERSION = "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"
ANSWERS = "answers/os/s001/test01.json"
SCORE = "scores/os/test01/s001.json"
STATE = "states/os/test01.json"
PLAN = "runs/weekly-20261129T220000Z/plan.json"


@pytest.mark.parametrize(
    ("action", "key"),
    [
        *((action, key) for action in (WRITE, DELETE, DELETE_VERSION) for key in (ANSWERS, SCORE, STATE)),
        *(
            (READ, key)
            for key in (ANSWERS, SCORE, STATE, "students/1a2b.json", "notifications/score/os/test01/s001.json")
        ),
        (READ, "answer-keys/os/test01.json"),
        *((action, "notifications/report.json") for action in (WRITE, DELETE, DELETE_VERSION)),
        *((action, "roster.jsonl") for action in (DELETE, DELETE_VERSION)),
        *((action, PLAN) for action in (WRITE, DELETE, DELETE_VERSION)),
        *((DELETE_VERSION, f"{folder}/os/test01.json") for folder in ("subjects", "answer-keys", "reports")),
        *((action, "reports/os/test01/1a2b/report.html") for action in (WRITE, DELETE)),
        *((action, "code/upload_test-1a2b.zip") for action in (DELETE, DELETE_VERSION)),
    ],
)
def test_a_deployer_cannot(action: str, key: str) -> None:
    policy = Policy(policy_statements(*DEPLOYER))
    assert not policy.allows(Permission(action, f"{BUCKET}{key}"))


@pytest.mark.parametrize("name", ["payroll", "payroll-trainings-tests-1", "trainings-test-1", "trainings"])
def test_a_deployer_cannot_touch_a_bucket_of_others(name: str) -> None:
    policy = Policy(policy_statements(*DEPLOYER))
    for action, key in objects_granted():
        assert not policy.allows(Permission(action, f"arn:aws:s3:::{name}/{key.replace('*', 'x')}"))
