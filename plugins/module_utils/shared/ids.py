"""The rule for the IDs of subjects, tests and students, and the names of tests.

For Python, the rule is defined only here: the functions import it as `common.shared`, the trainer's side as
`module_utils.shared`. The JSON Schemas, the API's definition, the page and the terminal client repeat the pattern;
tests compare them with this one.
"""

from __future__ import annotations

import re

ID_PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
ID_RULE = "1 to 64 letters, digits, dots, underscores or hyphens, beginning with a letter or digit"
_ID = re.compile(ID_PATTERN, re.ASCII)


def is_id(value: object) -> bool:
    """Whether `value` is a well-formed ID of a subject, test or student."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def test_name(subject: str, test: str) -> str:
    """The name of a test among all tests of the class: `<subject>/<testId>`."""
    return f"{subject}/{test}"


def parse_test_name(value: object) -> tuple[str, str] | None:
    """The IDs of the subject and the test that `value` names; None if it is not `<subject>/<testId>`."""
    if isinstance(value, str):
        subject, _, test = value.partition("/")
        if is_id(subject) and is_id(test):
            return subject, test
    return None
