"""What a student's receipt proves, for bin/verify-receipt.sh."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable

from cli.class_data import read_class, stage_bucket
from cli.command import Parser, errors_as_messages
from cli.elapsed import elapsed_seconds_shown
from cli.parameter import parameter
from cli.verify_receipt.search import find, find_draft
from cli.verify_receipt.verdict import as_text, draft_as_text

from common.api.receipt import DRAFT_RECEIPT
from common.clock import utc_now
from common.storage import Bucket
from common.stored_score import stored_score

PROGRAM = "verify-receipt.sh"
UNKNOWN = 3


def verify(bucket: Bucket, receipt: str, show: Callable[[str], None]) -> str | None:
    """What the receipt proves; None if no submission has it. `show`: see `find`. Raises CommandError, StorageError."""
    data = read_class(bucket)
    if receipt.startswith(DRAFT_RECEIPT):
        draft = find_draft(bucket, receipt)
        return None if draft is None else draft_as_text(draft, data)
    found = find(bucket, data, receipt, show)
    if found is None:
        return None
    subject, student, test = found.place
    return as_text(found, data, stored_score(bucket, subject, test, student), utc_now())


def a_receipt(text: str) -> str:
    """`text` in the way in which receipts are stored, if it is one."""
    found = re.fullmatch(r"(?:(R-)|(draft-))([0-9a-f]{16})", text.strip(), re.IGNORECASE)
    if found is None:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a receipt: R- or draft-, and 16 of the characters 0-9 and a-f"
        )
    return f"{DRAFT_RECEIPT if found[2] else 'R-'}{found[3].lower()}"


def main() -> None:
    """Run the command. Exit codes: 0 found, 1 error, 2 wrong usage, 3 no submission has this receipt."""
    parser = Parser(PROGRAM)
    parser.add_argument("receipt", type=a_receipt)
    options = parser.parse_args()
    with errors_as_messages(PROGRAM, about_people=True):
        bucket = stage_bucket(options.stage or parameter("stage"))
        with elapsed_seconds_shown():
            verdict = verify(bucket, options.receipt, lambda text: print(text, file=sys.stderr))
    if verdict is None:
        print(f"{PROGRAM}: no submission has the receipt {options.receipt}: check each character", file=sys.stderr)
        sys.exit(UNKNOWN)
    print(verdict)


if __name__ == "__main__":
    main()
