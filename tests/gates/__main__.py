"""Run every gate on the packaged templates, print what it finds, and exit with 1 if it finds anything."""

from __future__ import annotations

import sys

from gates import api, cloudformation, policies, state_machine
from support.packaged import packaged_templates

GATES = {
    "statelint": state_machine,
    "parliament": policies,
    "openapi-spec-validator": api,
    "cfn-lint": cloudformation,
}


def main() -> int:
    """Run the gates."""
    templates = packaged_templates()
    found = [f"{name}: {line}" for name, gate in GATES.items() for line in gate.problems(templates)]
    print("\n".join(found) or f"nothing found by {', '.join(GATES)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
