"""cfn-lint: what CloudFormation does not allow. The raw templates are checked too, by the command cfn-lint itself."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from cfnlint import ManualArgs
from cfnlint.api import lint_by_config

from support.packaged import REGION, Json


def problems(templates: dict[str, Json]) -> list[str]:
    """What cfn-lint finds in the packaged templates."""
    with TemporaryDirectory() as folder:
        paths = [_written(Path(folder), name, template) for name, template in templates.items()]
        found = lint_by_config(ManualArgs(templates=[str(path) for path in paths], regions=[REGION]))
    return [f"{Path(match.filename or '').stem}: {match.rule.id} {match.message}" for match in found]


def _written(folder: Path, name: str, template: Json) -> Path:
    path = folder / f"{name}.json"
    # cfn-lint 1.58 takes the ARN of a state's resource in the partition aws only.
    path.write_text(json.dumps(template).replace("arn:${Partition}:", "arn:aws:"))
    return path
