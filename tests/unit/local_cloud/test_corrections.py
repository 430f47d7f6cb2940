"""What corrects the local cloud says why, and when it can go; the server applies all of it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from support.templates import ROOT

LOCAL_CLOUD = ROOT / "cli/local_cloud"
CORRECTIONS = sorted((LOCAL_CLOUD / "corrections").glob("*.py"))


@pytest.mark.parametrize("path", CORRECTIONS, ids=lambda path: path.stem)
def test_a_correction_says_what_it_corrects_why_and_when_it_can_go(path: Path) -> None:
    module = ast.parse(path.read_text())
    what, why, *_, until = (ast.get_docstring(module) or "").split("\n\n")
    assert what.endswith(".")
    assert why.startswith("Why: ")
    assert until.startswith("It can be removed when ")
    assert "apply" in [node.name for node in module.body if isinstance(node, ast.FunctionDef)]


def test_the_server_applies_every_correction() -> None:
    server = ast.parse((LOCAL_CLOUD / "server.py").read_text())
    [listed] = [
        node.value
        for node in server.body
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["CORRECTIONS"]
    ]
    assert isinstance(listed, ast.Tuple)
    assert [ast.unparse(name) for name in listed.elts] == [path.stem for path in CORRECTIONS]
