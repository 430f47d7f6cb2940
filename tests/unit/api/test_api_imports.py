"""What a student's first request waits for: the packages each function loads."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

LAMBDA_SRC = Path(__file__).parents[3] / "lambda_src"
FUNCTIONS = ["authorizer", "list_tests", "get_test", "upload_test", "draft", "student", "review", "class_view"]
# The SDK, Powertools, and what these bring.
ALLOWED = {
    "aws_lambda_powertools",
    "botocore",
    "common",
    "dateutil",
    "jmespath",
    "six",
    "typing_extensions",
    "urllib3",
    # botocore loads it where it happens to be installed; it is not in the layer.
    "certifi",
}
LOADED = """
import sys
before = set(sys.modules)
import {function}.handler
print("\\n".join(set(sys.modules) - before))
"""


@cache
def loaded_by(function: str) -> frozenset[str]:
    """The modules that the function's handler loads."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(LAMBDA_SRC),
        "DATA_BUCKET": "data",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
    run = subprocess.run(
        [sys.executable, "-c", LOADED.format(function=function)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return frozenset(run.stdout.split())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_loads_no_more_than_it_must(function: str) -> None:
    packages = {name.split(".")[0] for name in loaded_by(function)}
    packages = {name for name in packages if name not in sys.stdlib_module_names and not name.startswith("_")}
    assert packages - ALLOWED == {function}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_types_that_only_a_type_checker_needs_are_not_loaded(function: str) -> None:
    """Fifty TypedDicts take as long as the rest of the project's own code."""
    assert "common.shared.documents" not in loaded_by(function)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_rules_know_nothing_of_the_sdk(function: str) -> None:
    for module in (LAMBDA_SRC / function).glob("*.py"):
        assert "boto" not in module.read_text()
