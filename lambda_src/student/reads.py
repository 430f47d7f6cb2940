"""What to read about a student's work on a test: as few objects as possible. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

# `score`; `receipt`: the first attempt's tag; `newest`: the number of the newest attempt; `newest receipt`: its tag.
Read = Literal["score", "receipt", "newest", "newest receipt"]


def next_reads(found: Mapping[Read, Any], *, accepted: bool, resubmits: bool) -> list[Read]:
    """What to read next, at the same time. `found`: what has been read; None for an object that does not exist.

    `accepted`: whether the test still accepts the student's answers. If it does, there is rarely a score, and never one
    without a receipt. But there may be one: of work on time while late work is accepted, of a test that was scored
    before the student got more time, or in a trial. `resubmits`: the test's `attempts` is `last`.
    """
    score_is_missing = "score" in found and found["score"] is None
    is_submitted = found.get("receipt") is not None
    wanted: list[Read] = ["receipt"] if accepted else ["score"]
    if accepted and is_submitted:
        wanted.append("score")
    if not accepted and score_is_missing:
        wanted.append("receipt")
    if is_submitted and resubmits:
        wanted.append("newest")
    if found.get("newest", 1) > 1:
        wanted.append("newest receipt")
    return [read for read in wanted if read not in found]
