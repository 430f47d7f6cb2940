"""A computer on which a trainer's scripts are tried: what is installed there is up to the test."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOOLS = ("bash", "dirname", "basename", "cat", "mkdir", "mv", "rm", "sleep", "tail", "sed", "ps", "grep", "env")


class Machine:
    """A folder with the scripts, and a PATH that has only the tools a test names."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.path = folder / "path"
        self.path.mkdir()
        shutil.copytree(ROOT / "bin", self.root / "bin")
        for name in ("deploy-api-gateway.sh", "update-subjects-or-students.sh", "requirements.txt"):
            shutil.copy(ROOT / name, self.root / name)
        for name in TOOLS:
            self.tool(name)
        self.environment = {"PATH": str(self.path), "HOME": str(folder), "LOCAL_CLOUD_PORT": "4566"}

    def tool(self, name: str) -> None:
        target = shutil.which(name)
        assert target
        (self.path / name).symlink_to(target)

    def program(self, name: str, text: str) -> None:
        (self.path / name).unlink(missing_ok=True)  # it may be a link to the computer's own
        (self.path / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.path / name).chmod(0o755)

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.root,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            input="",
        )

    def shell(self, code: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run code with the shared functions, as a script of the project does."""
        return self.run(*_script(code), **environment)

    def start(self, code: str, **environment: str) -> subprocess.Popen[bytes]:
        """Like `shell`, without waiting for its end."""
        return subprocess.Popen(_script(code), cwd=self.root, env=self.environment | environment)


def _script(code: str) -> list[str]:
    return ["bash", "-c", f"set -euo pipefail; . bin/lib/environment.sh; {code}", "script.sh"]
