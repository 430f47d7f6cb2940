"""The rule for IDs: what repeats it in JSON, bash, JavaScript and the docs says what `shared/ids.py` says."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

from common.shared.ids import ID_PATTERN, ID_RULE, is_id
from support.templates import ROOT

PATTERN = f"^{ID_PATTERN}$"
SAMPLES = [
    *("s001", "a", "Z", "0", "a.b_c-d", "a~2", "a/b", "a b", "a\n", "", "é", "aé", "\u0661", "x" * 64, "x" * 65),
    *(f"{character}a" for character in map(chr, range(128))),
    *(f"a{character}" for character in map(chr, range(128))),
    *(None, 1, ["a"]),
]
ID_FIELDS = ("studentId", "subjectName", "testId")


def test_the_schema_of_students_has_it_for_a_student_and_their_subjects() -> None:
    schema = json.loads((ROOT / "schemas/students.schema.json").read_text())
    student = schema["properties"]["students"]["items"]["properties"]
    for rule in (student["id"], student["subjects"]["items"]):
        assert (rule["pattern"], rule["errorMessage"]) == (PATTERN, f"must be {ID_RULE}")


def test_the_authors_guide_has_it() -> None:
    assert f"| `id` | {ID_RULE}." in (ROOT / "docs/authoring.md").read_text()


def test_every_id_in_a_body_of_the_api_has_it() -> None:
    document = json.loads((ROOT / "templates/openapi.json").read_text())
    found = list(id_patterns(document["components"]["schemas"]))
    assert {name for name, _ in found} == set(ID_FIELDS)
    assert {pattern for _, pattern in found} == {PATTERN}


def id_patterns(node: Any) -> Iterator[tuple[str, str | None]]:
    """Each ID that a schema describes, with its pattern."""
    if isinstance(node, dict):
        for name in ID_FIELDS:
            if isinstance(node.get(name), dict):
                yield name, node[name].get("pattern")
        for value in node.values():
            yield from id_patterns(value)
    elif isinstance(node, list):
        for item in node:
            yield from id_patterns(item)


def test_the_terminal_client_has_it() -> None:
    text = (ROOT / "bin/test-time.sh").read_text()
    assert re.findall(r"^readonly ID_PATTERN='(.*)'$", text, re.M) == [PATTERN]


def test_the_terminal_client_applies_it_to_what_it_is_sent() -> None:
    common = re.search(
        r"^readonly JQ_COMMON='\n(.*?)^'$", (ROOT / "bin/test-time.sh").read_text(), re.DOTALL | re.MULTILINE
    )
    assert common
    program = f"{common[1]} map(id)"
    done = subprocess.run(["jq", program], input=json.dumps(SAMPLES), capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [is_id(sample) for sample in SAMPLES]


def test_the_page_has_it() -> None:
    scripts = "".join(path.read_text() for path in (ROOT / "lambda_src/web_page/page").rglob("*.js"))
    assert set(re.findall(r"/(\^\[A-Za-z0-9\].*?\$)/", scripts)) == {PATTERN}


def test_the_data_model_has_it() -> None:
    assert f"match `{PATTERN}`" in (ROOT / "docs/data-model.md").read_text()
