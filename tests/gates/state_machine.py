"""statelint: what Amazon States Language does not allow."""

from __future__ import annotations

from statelint.config import Config
from statelint.linter import Linter
from statelint.problem import ProblemType

from support.packaged import Json, state_machine

# The language has these fields; statelint 3.1.0 does not know them.
UNKNOWN_TO_STATELINT = ('Field "Label" not allowed in ', 'Field "InputType" not allowed in ')


def problems(templates: dict[str, Json]) -> list[str]:
    """What statelint finds. Whole numbers where the language has fractions (FLOAT) are right."""
    found = Linter.validate(state_machine(templates["weekly-run"]), Config({ProblemType.FLOAT}))
    return [line for line in found if not line.startswith(UNKNOWN_TO_STATELINT)]
