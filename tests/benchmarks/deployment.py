"""Deploying the sample class beside what a user would pick instead: SAM CLI with four functions and an API.

Both deploy to the same local cloud, by turns in one run: first deployments (this project's publishes the sample class
too), unchanged ones, unchanged ones to a cloud 60 ms away, and publishing an unchanged class. Prints the median of each
and the ratio to SAM's; the time of the processor (user and system) is less disturbed by what else the machine does.

SAM CLI is taken from SAM_CLI in the environment, else from PATH. Where it is not installed, this is said and this
project's own figures are printed alone.

Usage: python tests/benchmarks/deployment.py [ROUNDS]
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.deployed_project import Project  # found on the path above
from support.slow_proxy import slow_proxy

FUNCTIONS = ("one", "two", "three", "weekly")
ROUND_TRIP_SECONDS = 0.06
HANDLER = "def handler(event, context):\n    return {'statusCode': 200, 'body': '{}'}\n"


class Cost(NamedTuple):
    """Seconds: on the clock, and of the processor."""

    clock: float
    processor: float


def cost_of(*command: str, folder: Path, environment: dict[str, str]) -> Cost:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    clock, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return Cost(clock, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


class Sam:
    """SAM CLI and its sample, as `sam init` makes one, with three functions more."""

    def __init__(self, program: str, folder: Path, environment: dict[str, str]) -> None:
        self._program, self._folder, self._environment = program, folder, environment | {"SAM_CLI_TELEMETRY": "0"}
        for name in FUNCTIONS:
            (folder / name).mkdir(parents=True)
            (folder / name / "app.py").write_text(HANDLER)
        (folder / "template.json").write_text(json.dumps(sam_template()))

    def deploy(self, stack: str, bucket: str, **environment: str) -> Cost:
        found = self._environment | environment
        built = cost_of(self._program, "build", "-t", "template.json", folder=self._folder, environment=found)
        options = ["--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset"]
        command = [self._program, "deploy", "--stack-name", stack, "--s3-bucket", bucket, *options]
        deployed = cost_of(*command, folder=self._folder, environment=found)
        return Cost(built.clock + deployed.clock, built.processor + deployed.processor)

    def deploy_first(self, stack: str, bucket: str) -> Cost:
        shutil.rmtree(self._folder / ".aws-sam", ignore_errors=True)
        return self.deploy(stack, bucket)


def sam_template() -> dict[str, Any]:
    """Four functions, three of them behind an API: what SAM's transform makes of a template, written out.

    The transform itself runs in the cloud, and not every emulator has it.
    """
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    resources: dict[str, Any] = {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}},
        },
        "Api": {
            "Type": "AWS::ApiGateway::RestApi",
            "Properties": {
                "Body": {"swagger": "2.0", "info": {"title": "peer"}, "paths": {f"/{n}": path(n) for n in FUNCTIONS}}
            },
        },
        "Deployment": {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "Api"}}},
        "Stage": {
            "Type": "AWS::ApiGateway::Stage",
            "Properties": {"RestApiId": {"Ref": "Api"}, "DeploymentId": {"Ref": "Deployment"}, "StageName": "Prod"},
        },
    }
    for name in FUNCTIONS:
        resources[name.capitalize()] = {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": f"{name}/",
                "Handler": "app.handler",
                "Runtime": f"python3.{sys.version_info[1]}",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            },
        }
        resources[f"{name.capitalize()}Permission"] = {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": name.capitalize()},
                "Action": "lambda:InvokeFunction",
                "Principal": "apigateway.amazonaws.com",
            },
        }
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}


def path(name: str) -> dict[str, Any]:
    function = f"${{{name.capitalize()}.Arn}}"
    uri = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/" + function + "/invocations"
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": {"Fn::Sub": uri}}
    return {"post": {"responses": {}, "x-amazon-apigateway-integration": integration}}


class TestTime:
    """This project in a folder of its own, with its own local cloud."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def deploy(self, *options: str, **environment: str) -> Cost:
        return self._run("./deploy-api-gateway.sh", *options, **environment)

    def deploy_first(self, stage: str) -> Cost:
        shutil.rmtree(self._project.folder / ".build" / "bundles", ignore_errors=True)
        if stage != "main":
            self._project.add_stage(stage)
        return self.deploy("--local", "--stage", stage)

    def publish(self) -> Cost:
        return self._run("./update-subjects-or-students.sh", "--local")

    def _run(self, *command: str, **environment: str) -> Cost:
        return cost_of(*command, folder=self._project.folder, environment=self._project.environment | environment)


def compare(title: str, rounds: int, ours: Callable[[int], Cost], sams: Callable[[int], Cost] | None) -> None:
    """Run both by turns and print a line."""
    costs: list[tuple[Cost, Cost | None]] = []
    for number in range(rounds):
        sam = sams(number) if sams else None
        costs.append((ours(number), sam))
    columns = []
    for part in ("clock", "processor"):
        own = median(getattr(cost, part) for cost, _ in costs)
        columns.append(f"{own:8.1f} s")
        if sams:
            other = median(getattr(cost, part) for _, cost in costs if cost)
            columns.append(f"{other:8.1f} s  {own / other:6.2f}")
    print(f"{title:34}" + "  ".join(columns), flush=True)


def cloud_environment(project: Project, port: int) -> dict[str, str]:
    """What tells any AWS client of the local cloud, at its own port or a proxy's."""
    access_key, secret_key = project.root_credentials()
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "AWS_DEFAULT_REGION": project.region,
    }


def measure(project: Project, program: str | None, rounds: int) -> None:
    ours = TestTime(project)
    near = cloud_environment(project, project.port)
    sam = Sam(program, project.folder.parent / "sam", project.environment | near) if program else None
    project.client("s3").create_bucket(
        Bucket="sam-artifacts", CreateBucketConfiguration={"LocationConstraint": project.region}
    )
    head = "this project       SAM   ratio" if sam else "this project"
    print(f"{'':34}{'on the clock: ' + head:46}processor")
    compare(
        "first deployment",
        rounds,
        lambda number: ours.deploy_first("main" if number == 0 else f"stage{number}"),
        (lambda number: sam.deploy_first(f"sam{number}", "sam-artifacts")) if sam else None,
    )
    unchanged = (lambda _: sam.deploy("sam0", "sam-artifacts")) if sam else None
    compare("unchanged deployment", rounds, lambda _: ours.deploy("--local"), unchanged)
    with slow_proxy("127.0.0.1", project.port, ROUND_TRIP_SECONDS) as proxy:
        far = cloud_environment(project, proxy.port)
        compare(
            f"unchanged, {ROUND_TRIP_SECONDS * 1000:.0f} ms away",
            rounds,
            lambda _: ours.deploy(**far),
            (lambda _: sam.deploy("sam0", "sam-artifacts", **far)) if sam else None,
        )
    compare("publishing, unchanged (SAM: no-op)", rounds, lambda _: ours.publish(), unchanged)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    program = shutil.which(os.environ.get("SAM_CLI", "sam"))
    if program is None:
        print("SAM CLI is not installed (`pip install aws-sam-cli`, or name it in SAM_CLI): nothing to compare with.")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "project").mkdir()
        project = Project(Path(folder) / "project")
        try:
            project.run("./bin/local-cloud.sh", "start")
            measure(project, program, rounds)
        finally:
            project.run("./bin/local-cloud.sh", "stop", check=False)


if __name__ == "__main__":
    main()
