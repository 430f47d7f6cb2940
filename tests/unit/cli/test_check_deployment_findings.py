"""How check-deployment.sh shows what it has found, and with which code it ends."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError
from cli.check_deployment.findings import Check, as_json, exit_code, judged, not_checked, ok, totals, wrong

FOUND = [ok("clock", "right"), wrong("sender", "not verified", "follow the link"), not_checked("DKIM", "no domain")]


def test_each_finding_has_a_line_and_what_is_wrong_says_what_to_do() -> None:
    assert [str(finding) for finding in FOUND] == [
        "ok           clock: right",
        "wrong        sender: not verified\n             What to do: follow the link",
        "not checked  DKIM: no domain",
    ]
    assert totals(FOUND) == "1 ok, 1 wrong, 1 not checked"


def test_json_has_the_same() -> None:
    assert json.loads(as_json(FOUND)) == {
        "findings": [
            {"check": "clock", "state": "ok", "detail": "right"},
            {"check": "sender", "state": "wrong", "detail": "not verified", "todo": "follow the link"},
            {"check": "DKIM", "state": "not checked", "detail": "no domain"},
        ]
    }


def test_only_something_wrong_changes_the_exit_code() -> None:
    assert exit_code(FOUND) == 3
    assert exit_code([FOUND[0], FOUND[2]]) == 0


def test_problems_make_a_check_wrong() -> None:
    assert judged("x", ["one", "two"], "fine", "do") == wrong("x", "one; two", "do")
    assert judged("x", [], "fine", "do") == ok("x", "fine")


@pytest.mark.parametrize(
    ("code", "state"),
    [("AccessDeniedException", "not checked"), ("AuthorizationError", "not checked"), ("NotFound", "wrong")],
)
def test_a_permission_that_the_trainer_lacks_is_not_a_fault_of_the_deployment(code: str, state: str) -> None:
    def look() -> None:
        raise ClientError({"Error": {"Code": code, "Message": "x"}}, "GetAccount")

    assert Check("account", look)().state == state  # type: ignore[arg-type]
