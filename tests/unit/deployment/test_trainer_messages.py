"""What the trainer is told: mails of the local cloud, errors of the cloud, what to do after a deployment."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest
from ansible_collections.training.test_time.plugins.module_utils.deployment.cloud_errors import explained
from ansible_collections.training.test_time.plugins.module_utils.deployment.names import root_stack, storage_stack
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
    UnauthorizedSSOTokenError,
)
from cli.local_mail import mails, readable
from cli.parameter import parameter

ROOT = Path(__file__).parents[3]


def record(seconds: float, **more: object) -> dict[str, object]:
    mail = {
        "Source": "a@example.org",
        "To": ["b@example.org"],
        "Subject": "Hi",
        "BodyText": "One\nTwo",
        "BodyHtml": None,
    }
    return {**mail, "Timestamp": seconds, **more}


def test_mails_of_all_accounts_come_oldest_first() -> None:
    answer = {"messages": {"1": [record(20.5, Subject="late")], "2": [record(10, Subject="early")]}}
    assert [(mail["subject"], mail["date"]) for mail in mails(answer)] == [
        ("early", "1970-01-01T00:00:10Z"),
        ("late", "1970-01-01T00:00:20Z"),
    ]


def test_readable_mail_has_its_head_and_its_text() -> None:
    (mail,) = mails({"messages": {"1": [record(0)]}})
    assert readable(mail).splitlines()[1:] == [
        "From:    a@example.org",
        "To:      b@example.org",
        "Subject: Hi",
        "Date:    1970-01-01T00:00:00Z",
        "",
        "One",
        "Two",
    ]


def test_control_characters_of_a_mail_never_reach_the_terminal() -> None:
    (mail,) = mails({"messages": {"1": [record(0, Subject="\x1b[31mred", BodyText="\x1b]0;title\x07 \u202e")]}})
    assert readable(mail).replace("\n", "").isprintable()
    assert "\\x1b[31mred" in readable(mail)


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "m"}}, "GetCallerIdentity")


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (NoCredentialsError(), "aws configure"),
        (ProfileNotFound(profile="nix"), "AWS_PROFILE"),
        (UnauthorizedSSOTokenError(), "aws sso login"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "local-cloud.sh status"),
        (refusal("ExpiredToken"), "expired"),
        (refusal("InvalidClientTokenId"), "does not accept"),
        (refusal("AccessDenied"), "may not do this"),
        (refusal("Throttling"), "Throttling"),
    ],
)
def test_error_of_the_cloud_says_what_to_do(error: BotoCoreError | ClientError, advice: str) -> None:
    assert advice in explained(error)


def test_stages_have_names_of_their_own() -> None:
    assert (root_stack("main"), storage_stack("main")) == ("trainings-tests", "trainings-tests-storage")
    assert (root_stack("two"), storage_stack("two")) == ("trainings-tests-two", "trainings-tests-two-storage")


def next_steps(**variables: str) -> str:
    """The text, as Ansible renders it."""
    loader = jinja2.FileSystemLoader(ROOT / "playbooks" / "templates")
    template = jinja2.Environment(loader=loader, trim_blocks=True, autoescape=False).get_template(
        "next-steps.txt.j2"
    )  # it is text
    return template.render(deadline_weekday="monday", deadline_time="23:00", timezone="Europe/Warsaw", **variables)


def test_next_steps_name_the_endpoint_and_the_options_of_this_deployment() -> None:
    text = next_steps(endpoint="http://127.0.0.1:4566/x", options="--local --stage two", cloud="http://127.0.0.1:4566")
    assert "http://127.0.0.1:4566/x/" in text
    assert "./bin/pull-api-config.sh --local --stage two --student" in text
    assert "./bin/local-cloud.sh mail" in text
    assert "Monday at 23:00 (Europe/Warsaw)" in text
    aws = next_steps(endpoint="https://x", options="", cloud="")
    assert "./update-subjects-or-students.sh\n" in aws
    assert "--local" not in aws
    assert "--stage" not in aws
    assert "local-cloud" not in aws


@pytest.mark.parametrize("text", ["region: [", "- region", "class_name: demo\n"])
def test_parameter_that_cannot_be_read_is_an_error_with_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "all.yml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"all\.yml"):
        parameter("region", path)
