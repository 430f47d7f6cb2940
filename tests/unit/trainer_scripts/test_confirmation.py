"""How a script asks before much of the published class is lost, and what it does without an answer."""

from __future__ import annotations

from io import StringIO

import pexpect
import pytest

from support.trainer_machine import Machine

# A playbook that stops with a question as long as it is not confirmed.
PLAYBOOK = """. bin/lib/trainer.sh; stage=evening; mkdir -p .build
start_playbook() {
  echo "run $1 $3"
  case $3 in yes | 1a2b) return "${ENDS_WITH:-0}" ;; esac
  echo 'Many students would be removed.' >&2
  printf 1a2b >"$2"
  return 2
}
"""
RUN = f"{PLAYBOOK} run_playbook update 'publishing failed'"
WITH_YES = f"{PLAYBOOK} is_confirmed=yes; run_playbook update 'publishing failed'"


def test_without_a_terminal_it_is_refused_with_4(machine: Machine) -> None:
    refused = machine.shell(RUN)
    assert (refused.returncode, refused.stdout) == (4, "run update \n")
    assert refused.stderr.splitlines()[0] == "Many students would be removed."
    assert "not confirmed; nothing was changed. To publish anyway, use --yes" in refused.stderr
    assert list((machine.root / ".build").iterdir()) == []


def test_yes_is_confirmed_from_the_start(machine: Machine) -> None:
    done = machine.shell(WITH_YES)
    assert (done.returncode, done.stdout) == (0, "run update yes\n")


@pytest.mark.parametrize("answer", ["yes", "evening"])
def test_a_yes_or_the_stages_name_publishes_exactly_what_was_shown(machine: Machine, answer: str) -> None:
    output, code = at_a_terminal(machine, RUN, answer)
    assert code == 0
    assert output.index("Many students") < output.index("(evening): ") < output.index("run update 1a2b")


@pytest.mark.parametrize("answer", ["", "no", "main", "y"])
def test_anything_else_changes_nothing(machine: Machine, answer: str) -> None:
    output, code = at_a_terminal(machine, RUN, answer)
    assert code == 4
    assert "not confirmed; nothing was changed" in output
    assert "run update 1a2b" not in output


@pytest.mark.parametrize(("ends_with", "code"), [("2", 3), ("4", 1)])
def test_a_failure_after_the_answer_is_told_as_any(machine: Machine, ends_with: str, code: int) -> None:
    assert machine.shell(WITH_YES, ENDS_WITH=ends_with).returncode == code
    assert at_a_terminal(machine, f"ENDS_WITH={ends_with}; {RUN}", "yes")[1] == code


def at_a_terminal(machine: Machine, code: str, answer: str) -> tuple[str, int | None]:
    """What a script shows at a terminal at which this is answered, and its exit code."""
    script = f"set -euo pipefail; . bin/lib/environment.sh; {code}"
    child = pexpect.spawn(
        "bash",
        ["-c", script, "script.sh"],
        cwd=str(machine.root),
        env=machine.environment,
        encoding="utf-8",
        timeout=20,
    )
    child.logfile_read = shown = StringIO()
    child.expect_exact("To publish anyway, type yes or the name of the stage (evening): ")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    return shown.getvalue(), child.exitstatus
