"""`POST /v1/pick-up`: gives a student the bucket's share of their API key, once. Also removes shares that are over.

An invitation is `invitations/<id>.json`. The student's link has the other share, which is never sent to the server: the
two give the API key by XOR, and each alone nothing.
"""

from __future__ import annotations

from typing import Any

from common import clock
from common.api.errors import LinkUsed
from common.api.http import Request, Response, json_response, lambda_handler_for
from common.parallel import MAX_PARALLEL
from common.settings import data_bucket
from common.shared.deadlines import format_time
from common.shared.invitation import is_invitation_id
from common.shared.object_keys import INVITATIONS, invitation_key
from pick_up.removal import finished
from pick_up.state import state_of

BUCKET = data_bucket(max_connections=MAX_PARALLEL)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A request that API Gateway passes on, or the hourly rule's event, which has no HTTP method."""
    if "httpMethod" in event:
        return _answer(event, context)
    BUCKET.delete_versions(finished(BUCKET.versions(INVITATIONS), clock.utc_now()))
    return {}


@lambda_handler_for
def _answer(request: Request) -> Response:
    """Body `id`. Answers 200 with `{"share", "studentId"}`, and the same again for ten minutes (a reply may be lost).

    Anything else, a link that was used, has expired or never existed, is one answer: 410 LinkUsed.
    """
    id = request.public_body("id")["id"]
    invitation = _picked_up(id, request) if is_invitation_id(id) else None
    if invitation is None:
        raise LinkUsed(
            "This link has been used, has expired, or is not complete. If you do not have your key yet, ask your"
            " trainer for another link."
        )
    return json_response(200, {"share": invitation["share"], "studentId": invitation["studentId"]})


def _picked_up(id: str, request: Request) -> Any:
    """The invitation, marked as used; None if it cannot be picked up."""
    key = invitation_key(id)
    while stored := BUCKET.get_versioned(key):
        invitation, etag = stored
        match state_of(invitation, request.now):
            case "repeated":
                return invitation
            case "new":
                used = {**invitation, "usedAt": format_time(request.now)}
                # If another request was faster, look again: it may have been this one, whose reply was lost.
                if BUCKET.swap_json(key, used, etag):
                    return used
            case "over":
                BUCKET.delete_versions([key])
                return None
    return None
