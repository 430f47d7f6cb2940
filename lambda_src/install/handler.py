"""`GET /install` and `GET /test-time.sh`: the terminal client, and the script that installs it.

They do not require an API key: the client has none in it, and asks its user for theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.api.entity_tag import is_current
from common.api.http import Request, Response, lambda_handler_for
from common.settings import data_bucket
from common.shared.object_keys import CLASS
from install.client import CLIENT, NOTHING_TO_INSTALL, SHA256, installer

if TYPE_CHECKING:
    from common.shared.documents import ClassRecord

BUCKET = data_bucket()

_TEXT = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-cache"}
_CLIENT_HEADERS = {**_TEXT, "ETag": f'"{SHA256}"'}


@lambda_handler_for
def lambda_handler(request: Request) -> Response:
    """`/test-time.sh`: the client, with its SHA-256 as the entity tag; 304 for who has it. `/install`: the script."""
    if request.event["resource"] == "/test-time.sh":
        if is_current(request, _CLIENT_HEADERS["ETag"]):
            return Response(304, "", _CLIENT_HEADERS)
        return Response(200, CLIENT.decode(), _CLIENT_HEADERS)
    record: ClassRecord | None = BUCKET.get_json(CLASS)
    script = installer(record["endpoint"], record["className"]) if record else NOTHING_TO_INSTALL
    return Response(200, script, _TEXT)
