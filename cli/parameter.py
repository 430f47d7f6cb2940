"""Print a parameter of group_vars/all.yml, for the shell scripts: `python cli/parameter.py region`."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

PARAMETERS = Path(__file__).parent.parent / "group_vars" / "all.yml"


def parameter(name: str, path: Path = PARAMETERS) -> str:
    """The parameter's value as text. Raises ValueError if the file cannot be read or does not set the parameter."""
    try:
        parameters = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    if not isinstance(parameters, dict) or parameters.get(name) is None:
        raise ValueError(f"{path} does not set {name!r}")
    return str(parameters[name])


if __name__ == "__main__":
    try:
        print(parameter(sys.argv[1]))
    except ValueError as problem:
        sys.exit(f"parameter: {problem}")
