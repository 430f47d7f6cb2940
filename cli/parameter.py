"""Print parameters of a stage, for the shell scripts: `python -m cli.parameter [--stage NAME] NAME...`.

`stage` is the stage's own name. Without --stage, it is the first one of inventory.yml. Exit codes: 0 done, 1 error, 2
there is no such stage.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from ansible_collections.training.test_time.plugins.module_utils.documents.inventory import UnknownStage, load_inventory
from ansible_collections.training.test_time.plugins.module_utils.documents.layers import load_layers

ROOT = Path(__file__).parent.parent


def parameter(name: str, stage: str | None = None, folder: Path = ROOT) -> str:
    """A stage's parameter as text, unchecked; by default, of the first stage.

    Raises UnknownStage, and ValueError if a file cannot be read or the parameter is not set.
    """
    inventory = load_inventory(folder)
    if inventory.problems:
        raise ValueError("\n".join(map(str, inventory.problems)))
    stage = inventory.stage(stage)
    if name == "stage":
        return stage
    document = load_layers(folder, stage)
    if not document.problems and document.data.get(name) is None:
        document.problem((name,), name, "is not set")
    if document.problems:
        raise ValueError("\n".join(map(str, document.problems)))
    return str(document.data[name])


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="parameter")
    parser.add_argument("--stage")
    parser.add_argument("names", nargs="+")
    options = parser.parse_args()
    program = os.environ.get("TEST_TIME_PROGRAM", "parameter")
    try:
        print(*(parameter(name, options.stage) for name in options.names))
    except UnknownStage as problem:
        print(f"{program}: {problem}", file=sys.stderr)
        sys.exit(2)
    except ValueError as problem:
        sys.exit(f"{program}: {problem}")


if __name__ == "__main__":
    main()
