"""Check the parameters and the class, and print every problem.

    python -m cli.validate [--parameters-only] [--stage NAME] [--root FOLDER]

Each line on stderr reads `file:line: field: what is wrong and what to do`; a long check shows its seconds first. If
there are no problems, stdout has what the scripts need next: the stage and the Region. Exit codes: 0 no problems, 1
problems, 2 wrong usage, or there is no such stage.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from ansible_collections.training.test_time.plugins.module_utils.class_content.closing_times import WeeklyDeadline
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import ClassFiles, load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.history import History, index_entries
from ansible_collections.training.test_time.plugins.module_utils.class_content.objects import (
    Policies,
    build_class,
    closing_times,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import (
    class_problems,
    retention_problems,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.written import Parameters
from ansible_collections.training.test_time.plugins.module_utils.documents.inventory import UnknownStage, load_inventory
from ansible_collections.training.test_time.plugins.module_utils.documents.parameter_validation import load_parameters
from ansible_collections.training.test_time.plugins.module_utils.documents.yaml_lines import Problem
from cli.elapsed import elapsed_seconds_shown


def main() -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="validate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parameters-only", action="store_true", help="do not check the class")
    parser.add_argument("--stage", help="the stage (default: the first one of inventory.yml)")
    parser.add_argument(
        "--root", type=Path, default=Path(), help="folder with inventory.yml (default: the current one)"
    )
    options = parser.parse_args()
    inventory = load_inventory(options.root)
    if inventory.problems:
        return _refused(inventory.problems)
    try:
        stage = inventory.stage(options.stage)
    except UnknownStage as problem:
        print(f"{os.environ.get('TEST_TIME_PROGRAM', 'validate')}: {problem}", file=sys.stderr)
        return 2
    document = load_parameters(options.root, stage)
    if document.problems:
        return _refused(document.problems)
    parameters: Parameters = document.data
    if not options.parameters_only:
        with elapsed_seconds_shown():
            problems = _class_problems(parameters, options.root)
        if problems:
            return _refused(problems)
    print(stage, parameters["region"])
    return 0


def _refused(problems: list[Problem]) -> int:
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1


def _class_problems(parameters: Parameters, root: Path) -> list[Problem]:
    """The class's problems. Its times cannot be read without a time zone, so the parameters are checked first."""
    weekly = WeeklyDeadline(parameters["deadline_weekday"], parameters["deadline_time"], parameters["timezone"])
    files = load_class(root / parameters["class_dir"], parameters["class_dir"])
    return class_problems(files, weekly) or _retention_problems(parameters, files, weekly)


def _retention_problems(parameters: Parameters, files: ClassFiles, weekly: WeeklyDeadline) -> list[Problem]:
    """Tests that would outlast their answers if they were published now for the first time."""
    now = datetime.now(UTC)
    policies = Policies(
        parameters["attempts"],
        parameters["late"],
        parameters["partial_credit"],
        parameters["grace_minutes"],
        parameters["announce"],
        parameters["unsubmitted_drafts"],
    )
    closes_at = closing_times(files, weekly, {}, now)
    published = build_class(files, policies, weekly.timezone, closes_at, History(now))
    entries = index_entries(published.indexes)
    return retention_problems(files, entries, parameters["retention_days"], weekly.timezone)


if __name__ == "__main__":
    sys.exit(main())
