"""Which versions of invitations are over. Pure functions.

Nothing has to be read for it. An invitation is written when it is made, and once more when it is picked up: one with
two versions was used when the second one was written.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from common.shared.invitation import LIFE, REPEATED_FOR

if TYPE_CHECKING:
    from common.storage import Version


def finished(versions: Iterable[Version], now: datetime) -> list[Version]:
    """The versions of the invitations that were used more than ten minutes ago or have expired.

    `versions`: those of a key one after the other, as S3 lists them.
    """
    found = []
    for _, group in groupby(versions, lambda version: version.key):
        of_key = list(group)
        life = LIFE if len(of_key) == 1 else REPEATED_FOR
        if max(version.written for version in of_key) + life <= now:
            found += of_key
    return found
