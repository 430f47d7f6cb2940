"""The rights about people: what the commands that show, invite, export and erase students need besides a deployer's."""

from __future__ import annotations

import pytest
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import (
    ANSWER_KEYS,
    ANSWERS,
    DRAFTS,
    FOLDERS,
    NOTIFICATIONS,
    REPORTS,
    REVIEWS,
    ROSTER,
    RUNS,
    SCORES,
    STATES,
    answers_key,
    invitation_key,
    invitation_notification_key,
    questions_key,
)
from cli.students.search import ABOUT_NOBODY, NAMED_BY_KEY

from support.deployer import DEPLOYER, PEOPLE, Policy, each_alone, of_others, policy_statements
from support.permissions import Permission

BUCKET = "arn:aws:s3:::trainings-tests-storage-databucket-1abc/"
READS = READ, READ_VERSION = "s3:GetObject", "s3:GetObjectVersion"
WRITE = "s3:PutObject"
DELETE, DELETE_VERSION = "s3:DeleteObject", "s3:DeleteObjectVersion"
ABOUT_PEOPLE = {*FOLDERS, *NAMED_BY_KEY} - {*ABOUT_NOBODY}
NEEDED = [
    *((action, f"{folder}a/b/c.json") for action in (READ_VERSION, DELETE_VERSION) for folder in sorted(ABOUT_PEOPLE)),
    *((action, ROSTER) for action in (READ_VERSION, DELETE_VERSION)),
    *((WRITE, f"{folder}a/b/c.json") for folder in (REPORTS, RUNS)),
    *(
        (READ, f"{folder}a/b/c.json")
        for folder in (ANSWERS, ANSWER_KEYS, DRAFTS, NOTIFICATIONS, REVIEWS, SCORES, STATES)
    ),
    ("s3:GetObjectTagging", answers_key("os", "s001", "test01")),
    (READ, questions_key("os", "test01")),
    *((action, invitation_key("1a2b")) for action in (WRITE, DELETE)),
    *((action, invitation_notification_key("s001")) for action in (WRITE, DELETE)),
]
_SES = "arn:aws:ses:eu-central-1:123456789012:"
EMAILS = [
    Permission("ses:GetSendQuota", "*"),
    *(
        Permission("ses:SendRawEmail", f"{_SES}{name}")
        for name in ("identity/example.org", "identity/sender@example.org", "configuration-set/default")
    ),
]


@pytest.mark.parametrize(("action", "key"), NEEDED)
def test_the_policy_grants_what_the_commands_need(action: str, key: str) -> None:
    assert Policy(policy_statements(PEOPLE)).allows(Permission(action, f"{BUCKET}{key}"))


@pytest.mark.parametrize("asked", EMAILS, ids=str)
def test_the_policy_grants_what_invitations_by_email_need(asked: Permission) -> None:
    assert Policy(policy_statements(PEOPLE)).allows(asked)


def test_the_policy_grants_nothing_else() -> None:
    asked = [*(Permission(action, f"{BUCKET}{key}") for action, key in NEEDED), *EMAILS]
    for entry in each_alone(policy_statements(PEOPLE)):
        assert any(Policy([entry]).allows(each) for each in asked), (entry["Action"], entry["Resource"])


@pytest.mark.parametrize("key", ["answer-keys/os/test01.json", "states/os/test01.json", "code/upload_test-1a2b.zip"])
@pytest.mark.parametrize("action", [READ_VERSION, WRITE, DELETE, DELETE_VERSION])
def test_with_it_answer_keys_states_and_code_cannot_be_changed(action: str, key: str) -> None:
    assert not Policy(policy_statements(PEOPLE)).allows(Permission(action, f"{BUCKET}{key}"))


def test_every_right_that_is_lost_is_missed() -> None:
    asked = [*(Permission(action, f"{BUCKET}{key}") for action, key in NEEDED), *EMAILS]
    whole = list(each_alone(policy_statements(PEOPLE)))
    for lost in whole:
        rest = Policy([each for each in whole if each is not lost])
        assert not all(rest.allows(each) for each in asked), (lost["Action"], lost["Resource"])


def test_it_reaches_no_bucket_of_others() -> None:
    policy = Policy(policy_statements(PEOPLE))
    for action, key in NEEDED:
        for other in of_others(f"{BUCKET}{key}"):
            assert not policy.allows(Permission(action, other)), other


def test_a_deployer_without_it_reads_no_answers() -> None:
    """So the rights are a policy of their own."""
    deployer = Policy(policy_statements(*DEPLOYER))
    assert not any(deployer.allows(Permission(action, f"{BUCKET}{ANSWERS}os/s001/test01.json")) for action in READS)
