"""A student's draft of a test, as it is stored. Nobody's draft replaces one that they have not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from common.api.errors import DraftConflict
from common.errors import StorageError
from common.storage import Bucket

if TYPE_CHECKING:
    from common.shared.documents import Answers, SavedDraft

# Each failed write but our own is one of another tab or device.
_TRIES = 5


class ShownDraft(TypedDict):
    """The answer to `GET /v1/draft`. `version`: the ETag, without its quotation marks."""

    answers: Answers
    version: str
    savedAt: str


def shown_draft(bucket: Bucket, key: str) -> ShownDraft | None:
    """The stored draft, or None if there is none."""
    found = bucket.get_versioned(key)
    return None if found is None else _shown(*found)


def save(bucket: Bucket, key: str, draft: SavedDraft, version: str | None) -> ShownDraft:
    """Store a draft over the version that its client has seen; None: over nothing.

    If the same answers are stored already, whoever saved them, nothing is written: a reply may have been lost.
    Raises DraftConflict with the stored draft if it has another version.
    """
    for _ in range(_TRIES):
        stored = shown_draft(bucket, key)
        if stored and stored["answers"] == draft["answers"]:
            return stored
        if stored and stored["version"] != version:
            raise DraftConflict(
                f"Your draft was saved elsewhere at {stored['savedAt']}. Choose which one to keep, then save it with"
                " the version of the stored draft.",
                stored,
            )
        tag = bucket.swap_json(key, draft, f'"{stored["version"]}"' if stored else None)
        if tag is not None:
            return _shown(draft, tag)
    raise StorageError("cannot write drafts/: S3 did not decide between concurrent writes")


def _shown(draft: SavedDraft, tag: str) -> ShownDraft:
    return {"answers": draft["answers"], "version": tag.strip('"'), "savedAt": draft["savedAt"]}
