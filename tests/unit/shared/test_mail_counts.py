"""Which mails the next run sends."""

from __future__ import annotations

from collections import Counter

import pytest

from common.shared.documents import MailCounts
from common.shared.mail_counts import waiting


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, 0),
        ({"sent": 4, "sent earlier": 1, "uncertain": 2, "rejected": 3, "elsewhere": 1}, 0),
        ({"deferred": 2, "pending": 3, "sent": 1}, 5),
        (Counter(pending=1), 1),
    ],
)
def test_deferred_and_pending_mails_wait(counts: MailCounts, expected: int) -> None:
    assert waiting(counts) == expected
