"""`GET /calendar/{feed}`: a student's calendar, for a calendar app that subscribes to it.

It does not require an API key: `<secret>.ics` is known only to the student. The folder is not called `calendar`: Python
would take it for its own module of that name.
"""

from __future__ import annotations

import gzip
from functools import partial
from hashlib import sha256

from calendar_feed.events import Event, Subject, events
from calendar_feed.ics import ics
from common.api.compression import takes_gzip
from common.api.entity_tag import is_current
from common.api.errors import CalendarNotFound
from common.api.http import Request, Response, lambda_handler_for
from common.parallel import MAX_PARALLEL, in_parallel
from common.settings import data_bucket, setting
from common.shared.calendar_secret import secret_in
from common.shared.object_keys import calendar_key, subject_calendar_key

BUCKET = data_bucket(max_connections=MAX_PARALLEL)
CLASS_NAME = setting("CLASS_NAME")
_MEDIA_TYPE = "text/calendar"


@lambda_handler_for
def lambda_handler(request: Request) -> Response:
    """Answers 200 with the calendar, or 304 if the client has it. Raises CalendarNotFound."""
    body = ics(CLASS_NAME, _events((request.event.get("pathParameters") or {}).get("feed")))
    tag = f'W/"{sha256(body).hexdigest()[:32]}"'
    headers = {
        "Cache-Control": "private, no-cache",
        "Content-Type": f"{_MEDIA_TYPE}; charset=utf-8",
        "ETag": tag,
        "Vary": "Accept, Accept-Encoding",
    }
    if is_current(request, tag):
        return Response(304, "", headers)
    if takes_gzip(request, _MEDIA_TYPE):
        return Response(200, gzip.compress(body, mtime=0), {**headers, "Content-Encoding": "gzip"})
    return Response(200, body.decode(), headers)


def _events(feed: object) -> list[Event]:
    secret = secret_in(feed)
    stored = BUCKET.get_dated(calendar_key(secret)) if secret else None
    if stored is None:
        raise CalendarNotFound("There is no calendar at this address. Copy it again from your list of tests.")
    calendar, revised_at = stored
    reads = [partial(BUCKET.get_dated, subject_calendar_key(subject)) for subject in calendar["subjects"]]
    subjects = [Subject(*found) for found in in_parallel(reads) if found]
    return events(BUCKET.name, calendar, revised_at, subjects)
