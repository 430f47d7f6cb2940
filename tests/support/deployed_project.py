"""A copy of the project and its own local cloud, beside whatever the user runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import boto3
import pytest
import yaml

ROOT = Path(__file__).parents[2]
T = TypeVar("T")
SENDER = "test-time@example.org"
AFTER_EVERY_DEADLINE = "2099-01-05T23:30:00Z"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Project:
    """A fresh clone: only what git knows or would add, so its scripts set up everything else themselves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._root: tuple[str, str] | None = None
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout
        for name in filter(None, listed.split("\0")):
            source = ROOT / name
            if source.is_file() or source.is_symlink():
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target, follow_symlinks=False)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / ".home"),
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
            "LOCAL_CLOUD_PORT": str(self.port),
        }
        (folder / ".home").mkdir()

    def run(
        self, *command: str, check: bool = True, timeout: float = 300, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run one of the project's scripts; a failure shows everything it printed."""
        options["env"] = self.environment | options.pop("environment", {})
        done = subprocess.run(
            command, check=False, cwd=self.folder, capture_output=True, text=True, timeout=timeout, **options
        )
        if check and done.returncode != 0:
            output = f"{done.stdout}\n{done.stderr}"
            pytest.fail(f"{' '.join(command)} ended with {done.returncode}\n{output}", pytrace=False)
        return done

    def set_parameters(self, **parameters: Any) -> None:
        """Change group_vars/all.yml as a trainer's editor would: the line of each parameter, nothing else."""
        path = self.folder / "group_vars" / "all.yml"
        text = path.read_text()
        for name, value in parameters.items():
            written = f"{name}: {json.dumps(value, ensure_ascii=False)}"
            text, changed = re.subn(rf"(?m)^{name}:.*$", written, text)
            assert changed == 1, name
        path.write_text(text)

    def add_stage(self, name: str, **parameters: Any) -> None:
        """Add a stage to inventory.yml, with parameters of its own."""
        inventory = self.folder / "inventory.yml"
        inventory.write_text(inventory.read_text().replace("    evening:\n", f"    evening:\n    {name}:\n", 1))
        (self.folder / "host_vars" / f"{name}.yml").write_text(json.dumps(parameters))

    @property
    def region(self) -> str:
        return str(yaml.safe_load((self.folder / "group_vars" / "all.yml").read_text())["region"])

    def client(self, service: str) -> Any:
        """A client of the local cloud's root, for looking behind the scenes."""
        return self.client_of(service, *self.root_credentials())

    def client_of(self, service: str, access_key: str, secret_key: str) -> Any:
        """A client with these credentials."""
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name=self.region,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
        )

    @property
    def cloud_home(self) -> Path:
        """The folder of the local cloud."""
        return self.folder / ".local-cloud" / str(self.port)

    def root_credentials(self) -> tuple[str, str]:
        """The access key and the secret key of the local cloud's root."""
        return self._root or self.script_credentials()

    def script_credentials(self) -> tuple[str, str]:
        """Those that the scripts use: root's, unless the project acts as somebody else."""
        text = (self.cloud_home / "credentials").read_text()
        found = dict(re.findall(r"(AWS_\w+)='?([^'\s]+)", text))
        return found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"]

    def act_as(self, access_key: str, secret_key: str) -> None:
        """Have the scripts use these credentials, as long as the local cloud is not started again."""
        self._root = self.root_credentials()
        (self.cloud_home / "credentials").write_text(
            f"AWS_ACCESS_KEY_ID={access_key}\nAWS_SECRET_ACCESS_KEY={secret_key}\n"
        )

    def outputs(self, stack: str = "trainings-tests") -> dict[str, str]:
        described = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}

    def student(self, student_id: str, *options: str) -> dict[str, str]:
        """The three variables of a student, as `pull-api-config.sh --format env` prints them."""
        printed = self.run("./bin/pull-api-config.sh", "--local", "--student", student_id, "--format", "env", *options)
        return dict(line.split("=", 1) for line in printed.stdout.splitlines())

    def trainer(self) -> dict[str, str]:
        """The variables of the trainer, as for a student."""
        printed = self.run("./bin/pull-api-config.sh", "--local", "--trainer", "--format", "env")
        return dict(line.split("=", 1) for line in printed.stdout.splitlines())

    def mails(self, sender: str = SENDER) -> list[dict[str, Any]]:
        """The mails the local SES was given, oldest first; another stage has another sender."""
        mails: list[dict[str, Any]] = json.loads(self.run("./bin/local-cloud.sh", "mail", "--json").stdout)
        return [mail for mail in mails if sender in mail["from"]]

    def score(self, *options: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.run("./bin/run-scoring.sh", "--local", "--as-of", AFTER_EVERY_DEADLINE, *options, check=check)


def wait_until(condition: Callable[[], T | None], seconds: float, what: str) -> T:
    """The condition's first true value; fails when it stays false."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.5)
    pytest.fail(f"waited {seconds:.0f} s for {what}")
