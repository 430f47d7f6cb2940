"""Checks the parameters and, unless told otherwise, the class; prints everything that is wrong.

    python -m cli.validate [--parameters-only] [--stage NAME] [--root FOLDER]

Each line on stderr reads `file:line: field: what is wrong and what to do`. Exit codes: 0 all is well,
1 something is wrong, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ansible_collections.training.test_time.plugins.module_utils.parameter_validation import load_parameters


def main() -> int:
    """Run the command; its exit code."""
    parser = argparse.ArgumentParser(
        prog="validate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parameters-only", action="store_true", help="leave the class out")
    parser.add_argument("--stage", help="check this stage's name instead of the file's")
    parser.add_argument("--root", type=Path, default=Path(), help="folder that holds group_vars (default: here)")
    options = parser.parse_args()
    problems = load_parameters(options.root / "group_vars" / "all.yml", stage=options.stage).problems
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
