"""Who may call which route: the students' routes are not the trainer's, and the other way round.

The authorizer lets both in, because API Gateway caches its answer for all routes. So the functions check the role that
it has found, all of them in one place: `require_role`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.api.errors import Forbidden, StudentsOnly, TrainerOnly

TRAINER = "trainer"
_TRAINERS_ROUTES = "/v1/class"
KEY_NEEDED = "This request needs an API key. Send yours in the header x-api-key."


def trainer_context(record: Any) -> dict[str, str]:
    """The authorizer's context for the trainer. Raises ValueError if the record is not a TrainerRecord."""
    if record != {"role": TRAINER}:
        raise ValueError("the record is not a trainer's")
    return {"role": TRAINER}


def require_role(event: Mapping[str, Any]) -> None:
    """Raise StudentsOnly or TrainerOnly if the route in `event` is not for the owner of its key.

    Raises Forbidden for one of the trainer's routes without the authorizer's context. A student's function does so
    itself, when it asks for the student: a route may be open to everybody.
    """
    context = (event.get("requestContext") or {}).get("authorizer") or {}
    is_trainer = context.get("role") == TRAINER
    if is_for_trainer(str(event.get("resource"))):
        if not context:
            raise Forbidden(KEY_NEEDED)
        if not is_trainer:
            raise TrainerOnly(
                "This key belongs to a student, and this address is for the trainer. To see your own tests and scores,"
                " use GET /v1/student."
            )
    elif is_trainer:
        raise StudentsOnly(
            "This key belongs to the trainer, who cannot take tests. To see the class, use GET /v1/class; to preview a"
            " test, GET /v1/class/test; to take it, use a student's key."
        )


def is_for_trainer(resource: str) -> bool:
    """Whether a resource of the API, such as `/v1/class/test`, is for the trainer."""
    return resource == _TRAINERS_ROUTES or resource.startswith(f"{_TRAINERS_ROUTES}/")
