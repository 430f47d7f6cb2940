"""Errors that no part of the project raises reach Step Functions and the log without their words."""

from __future__ import annotations

from io import StringIO

import pytest

from common.errors import StorageError
from common.run.unforeseen import UnforeseenError, without_messages_of_others

WORDS = "ada@example.org"


def handler(error: Exception) -> object:
    """A step of the run that fails."""

    @without_messages_of_others
    def fails() -> None:
        raise error

    return fails()


@pytest.mark.parametrize("error", [KeyError(WORDS), ValueError(WORDS), RuntimeError(WORDS)])
def test_an_error_of_others_says_its_kind_and_where_to_look_and_nothing_of_its_message(
    error: Exception, log: StringIO
) -> None:
    with pytest.raises(UnforeseenError) as raised:
        handler(error)
    assert str(raised.value) == f"{type(error).__name__}: see the log of {__name__}"
    assert raised.value.__suppress_context__
    assert "the step failed" in log.getvalue()
    assert WORDS not in log.getvalue()


def test_an_error_of_the_project_is_raised_as_it_is() -> None:
    with pytest.raises(StorageError, match="cannot read answers/"):
        handler(StorageError("cannot read answers/"))
