"""Every example in docs/authoring.md is right, and together they are a class."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import (
    MAX_STUDENTS_BYTES,
    MAX_TESTS,
    MAX_TESTS_BYTES,
    load_class,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import (
    MAX_QUESTIONS,
    class_problems,
)
from ansible_collections.training.test_time.plugins.module_utils.documents.yaml_lines import MAX_BYTES

from support.class_files import WEEKLY

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^(`{3,})yaml\n# (\S+)\n(.*?)^\1$", GUIDE, re.MULTILINE | re.DOTALL)


def test_no_example_is_left_out() -> None:
    assert len(EXAMPLES) == len(re.findall(r"^`{3,}yaml$", GUIDE, re.MULTILINE)) >= 6


def test_limits_are_those_of_the_code() -> None:
    tests, students, together, each = MAX_TESTS, *(n // 10**6 for n in (MAX_STUDENTS_BYTES, MAX_TESTS_BYTES, MAX_BYTES))
    questions, entries = (
        json.loads((ROOT / f"schemas/{name}.schema.json").read_text())["properties"][field]["maxItems"]
        for name, field in (("test", "questions"), ("students", "students"))
    )
    assert questions == MAX_QUESTIONS
    text = " ".join(GUIDE.split())
    assert f"up to {tests} tests, {together} MB together and {each} MB each, with up to {questions} questions" in text
    assert f"`students.yml` can have up to {students} MB and {entries:,} students" in text


def test_examples_are_a_class_without_problems(tmp_path: Path) -> None:
    for _, name, text in EXAMPLES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        for image in re.findall(r"!\[[^]]+\]\(([^)]+)\)", text):
            (path.parent / "images").mkdir(exist_ok=True)
            (path.parent / "images" / image).write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    files = load_class(tmp_path, "class")
    assert {f"subjects/{subject}/{test}.yml" for subject, test in files.tests} | {"students.yml"} == {
        name for _, name, _ in EXAMPLES
    }
    assert [str(problem) for problem in class_problems(files, WEEKLY)] == []


@pytest.mark.parametrize("schema", ["students", "test"])
def test_every_field_is_explained(schema: str) -> None:
    """In the guide, and in the schema for editors."""
    document = json.loads((ROOT / "schemas" / f"{schema}.schema.json").read_text())
    if schema == "students":
        fields = document["properties"]["students"]["items"]["properties"]
    else:
        question = document["$defs"]["question"]["properties"]
        pool = document["$defs"]["pool"]["properties"]
        fields = document["properties"] | question | question["correction"]["properties"] | pool
    for name, field in fields.items():
        assert re.search(rf"\b{name}\b", GUIDE), name
        assert field.get("description"), name


@pytest.mark.parametrize("path", sorted(ROOT.glob("class*/**/*.yml")), ids=lambda path: path.stem)
def test_sample_files_lead_editors_to_their_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    schema = (path.parent / first.split("$schema=")[1]).resolve()
    kind = "students" if path.stem == "students" else "test"
    assert schema == ROOT / "schemas" / f"{kind}.schema.json"


def test_the_sample_stage_is_shown_as_it_is() -> None:
    assert (ROOT / "host_vars/evening.yml").read_text() in (ROOT / "docs/operations.md").read_text()
