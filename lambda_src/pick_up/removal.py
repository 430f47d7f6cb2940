"""Which invitations are over. Pure functions.

Nothing has to be read for it. An invitation is written when it is made, and once more when it is picked up: one with
two versions was used when the second one was written. One that is marked as deleted was not removed completely.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from common.shared.invitation import LIFE, REPEATED_FOR

if TYPE_CHECKING:
    from common.storage import Version


def finished(versions: Iterable[Version], now: datetime) -> list[str]:
    """The keys of the invitations that were used more than ten minutes ago or have expired.

    `versions`: those of a key one after the other, as S3 lists them.
    """
    return [key for key, group in groupby(versions, lambda version: version.key) if _is_over(list(group), now)]


def _is_over(versions: Sequence[Version], now: datetime) -> bool:
    life = LIFE if len(versions) == 1 else REPEATED_FOR
    return any(version.is_marker for version in versions) or max(each.written for each in versions) + life <= now
