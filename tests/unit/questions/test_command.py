"""`questions.sh` as a trainer runs it: exit codes, what is printed, and what is written where."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BANK = """\
Which port? {=443 ~80}

Describe TCP. {}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the command reads."""
    for name in ("inventory.yml", "group_vars", "class"):
        subprocess.run(["cp", "-r", str(ROOT / name), str(tmp_path)], check=True)
    (tmp_path / "bank.gift").write_text(BANK)
    return tmp_path


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(str(ROOT / folder) for folder in ("", "lambda_src", ".build/collections"))
    return subprocess.run(
        [sys.executable, "-m", "cli.questions", "--root", str(project), *arguments],
        env=os.environ | {"PYTHONPATH": path},
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


def test_some_questions_are_imported(project: Path) -> None:
    file = project / "class" / "subjects" / "networks" / "bank.yml"
    checked = run(project, "import", "bank.gift", "--subject", "networks", "--check")
    assert (checked.returncode, file.exists(), checked.stderr) == (3, False, "")
    done = run(project, "import", "bank.gift", "--subject", "networks")
    assert (done.returncode, done.stdout) == (3, checked.stdout)
    assert done.stdout.endswith("1 of 2 imported into class/subjects/networks/bank.yml\n")
    assert "./update-subjects-or-students.sh --check" in done.stderr
    assert "Which port?" in file.read_text()


@pytest.mark.parametrize(
    ("bank", "code"), [("Which port? {=443 ~80}", 0), ("Describe TCP. {}", 1), ("Dear Sir or Madam", 1)]
)
def test_exit_codes_of_imports(project: Path, bank: str, code: int) -> None:
    (project / "bank.gift").write_text(bank)
    assert run(project, "import", "bank.gift", "--subject", "networks").returncode == code


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["import", "bank.gift"], "the following arguments are required: --subject"),
        (["import", "bank.gift", "--subject", "a b"], "'a b' is not a valid ID"),
        (["import", "bank.gift", "--subject", "os", "--format", "pdf"], "invalid choice: 'pdf'"),
        (["export", "networks"], "the following arguments are required: --format"),
        (["export", "a/b/c", "--format", "gift"], "'a/b/c' is neither a subject nor a test"),
    ],
)
def test_wrong_usage(project: Path, arguments: list[str], told: str) -> None:
    refused = run(project, *arguments)
    assert refused.returncode == 2
    assert told in refused.stderr


def test_files_that_cannot_be_two_tests_are_refused_and_nothing_is_written(project: Path) -> None:
    (project / "bank.txt").write_text(BANK)
    before = sorted(project.rglob("*"))
    for arguments in (["--test", "week3"], []):
        refused = run(project, "import", "bank.gift", "bank.txt", "--subject", "networks", *arguments)
        assert refused.returncode == 1
        assert refused.stderr.startswith("questions.sh: ")
    assert sorted(project.rglob("*")) == before


def test_an_export_goes_to_standard_output_or_into_a_new_file(project: Path) -> None:
    shown = run(project, "export", "networks/test01", "--format", "moodle-xml")
    assert (shown.returncode, shown.stdout[:5]) == (0, "<?xml")
    written = run(project, "export", "networks/test01", "--format", "moodle-xml", "--output", "out.xml")
    assert (written.returncode, written.stdout, (project / "out.xml").read_text()) == (0, "", shown.stdout)
    again = run(project, "export", "networks/test01", "--format", "moodle-xml", "--output", "out.xml")
    assert again.returncode == 1
    assert "out.xml exists already" in again.stderr


def test_an_export_that_leaves_questions_out_says_which(project: Path) -> None:
    done = run(project, "export", "networks", "--format", "aiken")
    assert done.returncode == 3
    assert "test01, question 3: " in done.stderr
