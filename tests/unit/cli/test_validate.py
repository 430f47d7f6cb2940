"""`python -m cli.validate`: what the scripts run before they touch anything."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("group_vars", "host_vars", "class", "class-evening"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "inventory.yml", tmp_path)
    return tmp_path


def validate(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT}/.build/collections"}
    command = [sys.executable, "-m", "cli.validate", "--root", str(project), *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_what_is_shipped_passes_and_the_stage_and_the_region_are_told(project: Path) -> None:
    passed = validate(project)
    assert (passed.returncode, passed.stdout, passed.stderr) == (0, "main eu-central-1\n", "")
    assert validate(project, "--stage", "evening").stdout == "evening eu-central-1\n"


def test_the_class_of_the_stage_is_checked(project: Path) -> None:
    students = project / "class-evening" / "students.yml"
    students.write_text(students.read_text(encoding="utf-8").replace("id: e02", "id: e/2"), encoding="utf-8")
    assert validate(project).returncode == 0
    assert validate(project, "--stage", "evening").stderr.startswith("class-evening/students.yml:9: students[2].id: ")


def test_a_stage_that_does_not_exist_is_wrong_usage(project: Path) -> None:
    refused = validate(project, "--stage", "nowhere")
    assert refused.returncode == 2
    assert "there is no stage 'nowhere' in inventory.yml; the stages are: main, evening" in refused.stderr


def test_a_file_of_a_stage_that_does_not_exist_is_told_by_every_stage(project: Path) -> None:
    (project / "host_vars" / "evening.yml").rename(project / "host_vars" / "evenig.yml")
    refused = validate(project)
    assert refused.returncode == 1
    assert refused.stderr.startswith("host_vars/evenig.yml:1: there is no stage 'evenig' in inventory.yml")


def test_problems_of_the_class_are_told_with_file_and_line(project: Path) -> None:
    students = project / "class" / "students.yml"
    students.write_text(students.read_text(encoding="utf-8").replace("id: s002", "id: s/2"), encoding="utf-8")
    refused = validate(project)
    assert refused.returncode == 1
    assert refused.stderr.startswith("class/students.yml:9: students[2].id: must be 1 to 64 letters")
    assert validate(project, "--parameters-only").returncode == 0


def shortest_retention() -> int:
    schema = json.loads((ROOT / "schemas" / "parameters.schema.json").read_text())
    days: int = schema["properties"]["retention_days"]["minimum"]
    return days


def keep_answers(project: Path, days: int) -> None:
    parameters = project / "group_vars" / "all.yml"
    parameters.write_text(parameters.read_text().replace("retention_days: 365", f"retention_days: {days}"))


def change_test(project: Path, field: str) -> None:
    test = project / "class" / "subjects" / "operating-systems" / "test01.yml"
    test.write_text(test.read_text(encoding="utf-8").replace("title:", f"{field}\ntitle:", 1))


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ('closes: "2035-01-01 23:00"', "test01.yml:3: closes: students have time until 2035-01-02"),
        ('session_date: "2035-01-01"', "test01.yml:3: students have time until 2035-01-09"),
        ("late: {until_hours: 720, credit: 0.5}", "test01.yml:3: students have time until "),
        ("grace_minutes: 1440", None),
    ],
)
def test_tests_that_would_outlast_their_answers_are_told(project: Path, field: str, place: str | None) -> None:
    keep_answers(project, 40)
    change_test(project, field)
    refused = validate(project)
    assert refused.returncode == (1 if place else 0)
    assert (place or "") in refused.stderr


def test_a_weekly_test_that_is_published_at_once_fits_into_the_shortest_retention(project: Path) -> None:
    keep_answers(project, shortest_retention())
    assert validate(project).stderr == ""


def test_problems_of_the_parameters_come_first(project: Path) -> None:
    parameters = project / "group_vars" / "all.yml"
    parameters.write_text(parameters.read_text().replace("Europe/Warsaw", "Nowhere"))
    (project / "class" / "students.yml").unlink()
    refused = validate(project)
    assert refused.returncode == 1
    assert [line.split(": ")[1] for line in refused.stderr.splitlines()] == ["timezone"]


def test_wrong_usage_is_2(project: Path) -> None:
    assert validate(project, "--nonsense").returncode == 2
