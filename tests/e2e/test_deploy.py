"""Deploying: what a first, an unchanged and a changed deployment do, and that a failed one heals."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

from common.shared.probe import SUBJECT
from support.deployed_project import Project, wait_until


def recap(text: str) -> int:
    """The number of changed tasks over all of Ansible's recaps in a script's output."""
    found = re.findall(r"changed=(\d+)", text)
    assert found, text
    return sum(map(int, found))


def code_hashes(project: Project) -> dict[str, str]:
    pages = project.client("lambda").get_paginator("list_functions").paginate()
    functions = [function for page in pages for function in page["Functions"]]
    return {f["FunctionName"]: f["CodeSha256"] for f in functions if f["FunctionName"].startswith("trainings-tests-")}


def stage_deployment(project: Project) -> str:
    stage = project.client("apigateway").get_stage(restApiId=project.outputs()["ApiId"], stageName="api")
    return str(stage["deploymentId"])


def deployment_logical_ids(project: Project) -> list[str]:
    cloudformation = project.client("cloudformation")
    nested = [
        resource["PhysicalResourceId"]
        for resource in cloudformation.describe_stack_resources(StackName="trainings-tests")["StackResources"]
        if resource["ResourceType"] == "AWS::CloudFormation::Stack"
    ]
    return [
        resource["LogicalResourceId"]
        for stack in nested
        for resource in cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
        if resource["ResourceType"] == "AWS::ApiGateway::Deployment"
    ]


def edited(path: Path, old: str, new: str) -> str:
    """Replace once; returns the text before, to put it back."""
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new, 1))
    return before


def test_first_deployment_ends_with_what_to_do_next(project: Project, deployment: Any) -> None:
    told = deployment.stdout + deployment.stderr
    assert f"http://127.0.0.1:{project.port}/restapis/" in told
    assert "./bin/pull-api-config.sh --local" in told
    assert "./bin/test-time.sh" in told


def test_second_deployment_changes_nothing(project: Project) -> None:
    before = code_hashes(project)
    again = project.run("./deploy-api-gateway.sh", "--local")
    assert recap(again.stdout + again.stderr) == 0
    assert code_hashes(project) == before


def test_one_changed_handler_line_updates_that_function_alone(project: Project) -> None:
    before = code_hashes(project)
    handler = project.folder / "lambda_src" / "get_test" / "handler.py"
    original = handler.read_text()
    handler.write_text(original + "\n# changed\n")
    try:
        project.run("./deploy-api-gateway.sh", "--local")
        after = code_hashes(project)
    finally:
        handler.write_text(original)
        project.run("./deploy-api-gateway.sh", "--local")
    assert [name for name in after if after[name] != before[name]] == ["trainings-tests-get-test"]
    assert code_hashes(project) == before


def test_one_changed_line_of_the_api_document_makes_a_new_deployment(project: Project) -> None:
    (before,), stage_before = deployment_logical_ids(project), stage_deployment(project)
    document = project.folder / "templates" / "openapi.json"
    original = edited(document, '"description": "', '"description": "Changed. ')
    try:
        project.run("./deploy-api-gateway.sh", "--local")
        (after,), stage_after = deployment_logical_ids(project), stage_deployment(project)
    finally:
        document.write_text(original)
        project.run("./deploy-api-gateway.sh", "--local")
    assert after != before
    assert stage_after != stage_before


def test_check_of_an_absent_stack_changes_nothing(project: Project) -> None:
    project.add_stage("absent")
    checked = project.run("./deploy-api-gateway.sh", "--local", "--stage", "absent", "--check")
    assert "The whole class in class would be published" in checked.stdout
    names = [stack["StackName"] for stack in project.client("cloudformation").describe_stacks()["Stacks"]]
    assert not [name for name in names if "absent" in name]


def test_check_tells_of_a_change_and_does_not_make_it(project: Project) -> None:
    before = code_hashes(project)
    handler = project.folder / "lambda_src" / "get_test" / "handler.py"
    original = handler.read_text()
    handler.write_text(original + "\n# changed\n")
    try:
        checked = project.run("./deploy-api-gateway.sh", "--local", "--check")
    finally:
        handler.write_text(original)
    assert recap(checked.stdout + checked.stderr) > 0
    assert code_hashes(project) == before


def kill_a_check(project: Project, stack: str, *stage: str) -> None:
    """Kill a check of a stage as soon as its API key is there, and the objects that belong to it."""
    running = subprocess.Popen(
        ["./bin/check-deployment.sh", "--local", *stage],
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    bucket = project.outputs(stack)["DataBucketName"]
    wait_until(lambda: f"subjects/{SUBJECT}/index.json" in probes_objects(project, bucket), 60, "the probe")
    os.killpg(running.pid, signal.SIGKILL)
    running.wait(timeout=60)


def probes_objects(project: Project, bucket: str) -> list[str]:
    """All versions of the objects of the check of a deployment, except its student's record."""
    pages = project.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket)
    versions = [item for page in pages for item in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]]
    return [item["Key"] for item in versions if SUBJECT in item["Key"] or item["Key"].startswith("runs/check-")]


def test_second_stage_recovers_from_a_failed_deployment_and_is_removed_alone(project: Project) -> None:
    project.add_stage("second")
    stage = ("--stage", "second")
    template = project.folder / "templates" / "monitoring.json"
    original = edited(template, '"AWS::SNS::Topic"', '"AWS::SNS::NoSuchThing"')
    try:
        failed = project.run("./deploy-api-gateway.sh", "--local", *stage, check=False)
    finally:
        template.write_text(original)
    assert failed.returncode != 0
    assert "NoSuchThing" in failed.stdout + failed.stderr
    project.run("./deploy-api-gateway.sh", "--local", *stage)
    assert project.outputs("trainings-tests-second")["ApiId"] != project.outputs()["ApiId"]

    refused = project.run("./deploy-api-gateway.sh", "--local", *stage, "--destroy", input="no\n", check=False)
    assert refused.returncode != 0
    assert project.outputs("trainings-tests-second")["ApiId"]

    data_bucket = project.outputs("trainings-tests-second")["DataBucketName"]
    kill_a_check(project, "trainings-tests-second", *stage)
    assert probes_objects(project, data_bucket)
    removed = project.run("./deploy-api-gateway.sh", "--local", *stage, "--destroy", input="second\n")
    assert data_bucket in removed.stdout + removed.stderr
    project.client("s3").head_bucket(Bucket=data_bucket)
    names = [stack["StackName"] for stack in project.client("cloudformation").describe_stacks()["Stacks"]]
    assert "trainings-tests-second" not in names
    keys = project.client("apigateway").get_api_keys(limit=500)["items"]
    assert not [key["name"] for key in keys if key["name"].startswith("trainings-tests-second")]
    assert probes_objects(project, data_bucket) == []
    assert project.outputs()["ApiId"], "the other stage is still there"
    again = project.run("./deploy-api-gateway.sh", "--local", *stage, "--destroy", "--yes")
    assert "There is nothing to remove" in again.stdout + again.stderr
