"""The completion of the commands in bash: it offers what their --help names."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COMPLETION = ROOT / "bin/completion.bash"
# Students have this script alone, without the project.
STUDENTS = {"test-time.sh"}
COMMANDS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.sh"), *ROOT.glob("bin/*.sh")]
    if path.name not in STUDENTS
)
_COMPLETE = """
. "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_test_time
printf '%s\\n' "${COMPREPLY[@]-}"
"""


def completed(*words: str, folder: Path = ROOT) -> list[str]:
    """What is offered for the last of `words`."""
    done = subprocess.run(
        ["bash", "-c", _COMPLETE, "bash", COMPLETION, *words], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.split()


def option_names(command: str) -> set[str]:
    """The options that the command's --help describes."""
    header = re.split(r"\n(?!#)", (ROOT / command).read_text())[0]
    return set(re.findall(r"^# +(--[a-z-]+)", header, re.MULTILINE)) | {"--help"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_the_help_is_offered(command: str) -> None:
    assert option_names(command) <= set(completed(f"./{command}", ""))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_completed(command: str) -> None:
    shown = subprocess.run(
        ["bash", "-c", '. "$1"; complete -p "$2"', "bash", COMPLETION, Path(command).name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "_test_time" in shown.stdout, shown.stderr


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("bin/local-cloud.sh", "st"), ["start", "stop", "status"]),
        (("bin/pull-api-config.sh", "--format", ""), ["text", "env", "json"]),
        (("bin/run-scoring.sh", "--local", "--regrade", "git/"), ["git/test01"]),
        (("bin/pull-api-config.sh", "--show", "--student", "s00"), [f"s00{number}" for number in range(1, 7)]),
        (("bin/run-scoring.sh", "--as-of", ""), []),
    ],
)
def test_values_are_offered_where_the_usage_asks_for_them(words: tuple[str, ...], offered: list[str]) -> None:
    assert completed(*words) == offered


def test_stages_are_the_hosts_of_the_inventory(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/check-deployment.sh").write_text((ROOT / "bin/check-deployment.sh").read_text())
    (tmp_path / "inventory.yml").write_text("all:\n  hosts:\n    main:\n    evening-2:\n  vars:\n    region: x\n")
    assert completed("bin/check-deployment.sh", "--stage", "", folder=tmp_path) == ["main", "evening-2"]
