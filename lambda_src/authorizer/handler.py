"""The API's Lambda authorizer: which student does an API key belong to, or is it the trainer's?

Takes API Gateway's REQUEST event and returns an IAM policy, with the caller as its context.
"""

from __future__ import annotations

from typing import Any

from common.api.roles import TRAINER, trainer_context
from common.api.student import Student
from common.errors import BrokenObject
from common.settings import data_bucket
from common.shared.object_keys import student_key, trainer_key
from common.telemetry import logger, trace

BUCKET = data_bucket()


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Allow the key of a student of the class and the trainer's key, deny any other (403). No key at all is 401.

    Returns `{"principalId", "policyDocument", "context"}`. The context of a student is
    `{"role": "student", "studentId", "name", "subjects", "deadlines"}`, the last three as JSON text in ASCII; that of
    the trainer is `{"role": "trainer"}`; a denial has an empty one. Raises StorageError if S3 fails: API Gateway
    answers 500 and, unlike a denial, does not cache it.
    """
    api_key = _api_key(event)
    if not api_key:
        # API Gateway's protocol: exactly this word becomes 401, anything else 500.
        raise Exception("Unauthorized")
    resource = _all_routes(event["methodArn"])
    context = _context_of(api_key)
    if context is None:
        return _answer("nobody", "Deny", resource, {})
    return _answer(context.get("studentId", TRAINER), "Allow", resource, context)


def _api_key(event: dict[str, Any]) -> str | None:
    headers = event.get("headers") or {}
    return next((value for name, value in headers.items() if name.lower() == "x-api-key"), None)


def _context_of(api_key: str) -> dict[str, str] | None:
    """The context of the key's owner; None if it is nobody's."""
    try:
        record = BUCKET.get_json(student_key(api_key))
        if record is not None:
            return Student.from_record(record).to_context()
        # Only now: a student's request must not cost a read more because there is a trainer.
        record = BUCKET.get_json(trainer_key(api_key))
        return None if record is None else trainer_context(record)
    except (BrokenObject, ValueError) as error:
        logger.error("a key's record is broken: publish the class again", extra={"trace": trace(error)})
        return None


def _all_routes(method_arn: str) -> str:
    """Every method and path under `/v1` of the stage that `method_arn` belongs to.

    `arn:<partition>:execute-api:<region>:<account>:<api>/<stage>/<method>/<path>`. The answer is cached by
    key: one that covered only this route would refuse the caller's next request to a different one. Whose routes these
    are is checked by the functions (`common.api.roles`).
    """
    api, stage, _ = method_arn.split("/", 2)
    return f"{api}/{stage}/*/v1/*"


def _answer(principal: str, effect: str, resource: str, context: dict[str, str]) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource}
    return {
        "principalId": principal,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": context,
    }
