"""Publishing after a session: what is refused, what is shown, what a removed student can still do."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
import yaml

from support.api_calls import call
from support.deployed_project import Project, wait_until

UPDATE = ("./update-subjects-or-students.sh", "--local")


def objects(project: Project) -> dict[str, str]:
    """Every published object with its version."""
    bucket = project.outputs()["DataBucketName"]
    pages = project.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {item["Key"]: item["ETag"] for page in pages for item in page.get("Contents", [])}


def code_of(project: Project, function: str) -> str:
    """The hash of a function's code."""
    configuration = project.client("lambda").get_function_configuration(FunctionName=f"trainings-tests-{function}")
    code: str = configuration["CodeSha256"]
    return code


def update(project: Project, *options: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return project.run(*UPDATE, *options, check=check)


def test_unchanged_class_changes_nothing(project: Project) -> None:
    before = objects(project)
    assert "Nothing changed." in update(project).stdout
    assert objects(project) == before


def test_all_errors_of_all_files_are_told_at_once_and_nothing_is_published(project: Project) -> None:
    before = objects(project)
    students = project.folder / "class" / "students.yml"
    broken = project.folder / "class" / "subjects" / "operating-systems" / "broken.yml"
    original = students.read_text()
    try:
        content = yaml.safe_load(original)
        content["students"].append(content["students"][0] | {"email": "none"})
        students.write_text(yaml.safe_dump(content))
        broken.write_text("title: Broken\nquestions:\n  - text: One?\n    options: {a: x, b: y}\n    answer: z\n")
        refused = update(project, check=False)
    finally:
        students.write_text(original)
        broken.unlink()
    told = refused.stdout + refused.stderr
    assert refused.returncode == 1
    assert "class/students.yml:" in told
    assert "class/subjects/operating-systems/broken.yml:5" in told
    assert objects(project) == before


def test_check_shows_the_difference_and_changes_nothing(project: Project) -> None:
    before = objects(project)
    source = project.folder / "class" / "subjects" / "operating-systems" / "test01.yml"
    added = source.with_name("test99.yml")
    added.write_text(source.read_text())
    try:
        assert "+ test99 in operating-systems" in update(project, "--check").stdout
    finally:
        added.unlink()
    assert objects(project) == before


@pytest.mark.parametrize("options", [(), ("--check",)], ids=["publish", "check"])
def test_parameters_that_are_not_deployed_are_told_and_nothing_is_published(
    project: Project, options: tuple[str, ...]
) -> None:
    before = objects(project)
    parameters = project.folder / "group_vars" / "all.yml"
    test = project.folder / "class" / "subjects" / "operating-systems" / "test01.yml"
    originals = {path: path.read_text() for path in (parameters, test)}
    changes = {
        "class_name": "another",
        "trainer_email": "another@example.org",
        "sender_email": "sender@b\u00fccher.example",
        "reminder_hours": 12,
        "timezone": "Europe/London",
        "deadline_weekday": "friday",
        "deadline_time": "22:00",
        "retention_days": 40,
    }
    old = yaml.safe_load(originals[parameters])
    try:
        project.set_parameters(**changes)
        test.write_text(originals[test].replace("title: ", "title: New ", 1))
        refused = update(project, *options, check=False)
    finally:
        for path, text in originals.items():
            path.write_text(text)
    assert refused.returncode == 3
    for name, value in (changes | {"sender_email": "sender@xn--bcher-kva.example"}).items():
        assert f"{name}: {old[name]} is deployed, {value} is new" in refused.stderr
    assert "throttle" not in refused.stderr
    assert "Deploy first" in refused.stderr
    assert objects(project) == before


@pytest.fixture
def guest(project: Project) -> dict[str, str]:
    """A student who joins for one test, and is removed by it."""
    students = project.folder / "class" / "students.yml"
    original = students.read_text()
    content = yaml.safe_load(original)
    content["students"].append(
        {"id": "guest", "name": "Guest", "email": "guest@example.org", "subjects": ["operating-systems"]}
    )
    students.write_text(yaml.safe_dump(content))
    try:
        assert "+ student guest" in update(project).stdout
    finally:
        students.write_text(original)
    return project.student("guest")


def test_removed_student_is_refused_within_the_authorizers_ttl(project: Project, guest: dict[str, str]) -> None:
    assert call(guest, "GET", "/v1/student")[0] == 200
    assert "- student guest" in update(project).stdout
    wait_until(lambda: call(guest, "GET", "/v1/student")[0] in (401, 403), 5, "the removed student's refusal")
    assert not project.client("apigateway").get_api_keys(nameQuery="trainings-tests/guest")["items"]


@pytest.fixture
def other_class(project: Project) -> Iterator[dict[str, str]]:
    """The first stage's class is now the sample of a second one. The value is what is published."""
    own = project.folder / "host_vars" / "main.yml"
    own.write_text("class_dir: class-evening\n")
    yield objects(project)
    own.unlink()


@pytest.mark.parametrize("script", ["./update-subjects-or-students.sh", "./deploy-api-gateway.sh"])
def test_another_class_over_a_published_one_is_refused_without_an_answer(
    project: Project, other_class: dict[str, str], script: str
) -> None:
    handler = project.folder / "lambda_src" / "get_test" / "handler.py"
    original, deployed = handler.read_text(), code_of(project, "get-test")
    handler.write_text(original + "\n# Only a deployment would change this.\n")
    try:
        refused = project.run(script, "--local", check=False)
        checked = project.run(script, "--local", "--check")
    finally:
        handler.write_text(original)
    assert refused.returncode == 4
    for told in (refused.stderr, checked.stdout):
        assert "Another class is published here: 'demo' from class." in told
        assert "6 of 6 students would lose access" in told
        assert "Zofia Kowalczyk-Żak (s001)" in told
        assert "4 of 4 tests would be removed" in told
    assert "not confirmed; nothing was changed. To publish anyway, use --yes" in refused.stderr
    assert objects(project) == other_class
    assert code_of(project, "get-test") == deployed
    keys = project.client("apigateway").get_api_keys(nameQuery="trainings-tests/")["items"]
    assert sorted(key["name"].split("/")[1] for key in keys) == [f"s00{number}" for number in range(1, 7)]


def test_another_class_is_published_if_it_is_confirmed_and_the_old_keys_are_refused(
    project: Project, other_class: dict[str, str]
) -> None:
    old = project.student("s001")
    own = project.folder / "host_vars" / "main.yml"
    try:
        assert "+ student e01" in update(project, "--yes").stdout
        assert call(project.student("e01"), "GET", "/v1/student")[0] == 200
        wait_until(lambda: call(old, "GET", "/v1/student")[0] in (401, 403), 5, "the old key's refusal")
    finally:
        own.write_text("class_dir: class\n")
        update(project, "--yes")
    assert "Nothing changed." in update(project).stdout
