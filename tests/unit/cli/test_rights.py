"""What a command says that lacks the rights about people."""

from __future__ import annotations

import sys
from typing import NoReturn

import pytest
from botocore.exceptions import ClientError
from cli.command import errors_as_messages
from cli.correction_effect import __main__ as correction_effect

from common.errors import StorageError
from support.aws_calls import aws_error

DENIED = aws_error("AccessDenied", 403)


def from_storage(cause: ClientError) -> StorageError:
    error = StorageError("cannot read scores/os/test01/s001.json")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("error", [DENIED, from_storage(DENIED)])
@pytest.mark.parametrize("about_people", [True, False])
def test_only_a_command_about_people_names_the_policy(error: Exception, about_people: bool) -> None:
    with pytest.raises(SystemExit) as ended, errors_as_messages("results.sh", about_people=about_people):
        raise error
    assert "lack a permission" in str(ended.value)
    assert ("docs/people-policy.json" in str(ended.value)) is about_people


def test_another_error_does_not_name_the_policy() -> None:
    with pytest.raises(SystemExit) as ended, errors_as_messages("results.sh", about_people=True):
        raise from_storage(aws_error("SlowDown", 503))
    assert "docs/people-policy.json" not in str(ended.value)


@pytest.fixture
def denied(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(stage: str) -> NoReturn:
        raise from_storage(DENIED)

    monkeypatch.setattr(correction_effect, "find", find)


def test_a_check_without_them_says_that_the_effect_is_not_known(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], denied: None
) -> None:
    monkeypatch.setattr(sys, "argv", ["correction_effect", "--stage", "main"])
    correction_effect.main()
    printed = capsys.readouterr()
    assert printed.out.startswith("The effect on the scores is not known: ")
    assert "docs/people-policy.json" in printed.out


def test_as_json_it_is_an_error_because_a_program_would_take_it_for_no_effect(
    monkeypatch: pytest.MonkeyPatch, denied: None
) -> None:
    monkeypatch.setattr(sys, "argv", ["correction_effect", "--stage", "main", "--json"])
    with pytest.raises(SystemExit) as ended:
        correction_effect.main()
    assert "docs/people-policy.json" in str(ended.value)
