"""Reads API Gateway's events and builds the responses, with the same errors for every route.

A refused request gets `{"code": "...", "message": "..."}` with the status of its ApiError, and its details. Any other
exception becomes 500 InternalError. The log shows where it was raised, but nothing that the client sent.
"""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from common import clock
from common.api.errors import (
    ApiError,
    Forbidden,
    InvalidRequest,
    NotYourStudentId,
    PayloadTooLarge,
    UnsupportedMediaType,
)
from common.api.json_text import parse_object, quoted
from common.api.roles import KEY_NEEDED, require_role
from common.api.student import Student
from common.shared.ids import ID_RULE, is_id
from common.shared.receipt_key import receipt_key
from common.telemetry import count, logger, trace

# Larger than any genuine submission: 200 texts of 500 characters of 4 bytes each are 400 KB.
MAX_BODY_BYTES = 512 * 1024

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Content-Type": "application/json; charset=utf-8",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Response:
    """A response. `headers` add to, or replace, the safe headers that every response has. Bytes are sent unchanged."""

    status: int
    body: str | bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """A request as API Gateway's Lambda proxy integration passes it on.

    `now` is the time on the server's clock, read once, before anything else. Deadlines are compared with it.
    """

    event: Mapping[str, Any]
    now: datetime

    def header(self, name: str) -> str | None:
        """A header's value, whatever the case of its name; the last one if it was sent several times."""
        values: dict[str, str] = {}
        for key, several in (self.event.get("multiValueHeaders") or {}).items():
            if several:
                values[key.lower()] = several[-1]
        for key, value in (self.event.get("headers") or {}).items():
            values.setdefault(key.lower(), value)
        return values.get(name.lower())

    @property
    def api_key(self) -> str:
        """The API key that the request contains. Raises Forbidden if there is none."""
        key = self.header("x-api-key")
        if not key:
            raise Forbidden(KEY_NEEDED)
        return key

    @property
    def receipt_key(self) -> str:
        """What the digests in the student's receipts are made with."""
        return self.student.receipt_key or receipt_key(self.api_key)

    @cached_property
    def student(self) -> Student:
        """The student whom the API key belongs to. Raises NotYourStudentId if the query names a different one."""
        context = self.event["requestContext"].get("authorizer")
        if not context or "studentId" not in context:
            raise Forbidden(KEY_NEEDED)
        student = Student.from_context(context)
        for claimed in _query_values(self.event).get("studentId", []):
            _require_own(student, claimed)
        return student

    def query_ids(self, *names: str) -> list[str]:
        """The values of these query parameters, each a valid ID. The query may also contain `studentId`.

        Raises NotYourStudentId; InvalidRequest naming each parameter that is missing, unknown, repeated or invalid.
        """
        _ = self.student
        given = self.trainers_query(*names, optional=("studentId",))
        return [given[name] for name in names]

    def trainers_query(self, *names: str, optional: tuple[str, ...] = ()) -> dict[str, str]:
        """The parameters of a trainer's query by name, each a valid ID. It may name any student.

        Raises InvalidRequest, as `query_ids` does.
        """
        values = _query_values(self.event)
        problems = [
            f"{quoted(name)} appears {len(several)} times in the query: send it once."
            for name, several in values.items()
            if len(several) > 1
        ]
        given = {name: several[0] for name, several in values.items() if several}
        problems += _name_problems(given, names, optional=optional, place="query")
        problems += _id_problems(given, (*names, *optional))
        if problems:
            raise InvalidRequest(" ".join(problems))
        return given

    def json_body(self, *names: str, ids: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, Any]:
        """The body, a JSON object with the fields `names`, of which those in `ids` are valid IDs.

        It may have the `optional` fields too, and no others.

        Raises PayloadTooLarge, UnsupportedMediaType, NotYourStudentId; InvalidRequest naming each
        field that is missing, unknown or invalid.
        """
        student = self.student
        body = parse_object(self._body_text())
        if "studentId" in body:
            _require_own(student, body["studentId"])
        return self._checked(body, names, ids, optional)

    def public_body(self, *names: str) -> dict[str, Any]:
        """The same of a request without an API key."""
        return self._checked(parse_object(self._body_text()), names, ids=())

    @staticmethod
    def _checked(
        body: dict[str, Any], names: tuple[str, ...], ids: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        problems = _name_problems(body, names, optional=optional, place="body") + _id_problems(body, ids)
        if problems:
            raise InvalidRequest(" ".join(problems))
        return body

    def _body_text(self) -> str:
        self._require_json()
        body = self.event.get("body") or ""
        if len(body) > MAX_BODY_BYTES * (4 / 3 if self.event.get("isBase64Encoded") else 1) + 4:
            raise _too_large()
        try:
            raw = base64.b64decode(body, validate=True) if self.event.get("isBase64Encoded") else body.encode()
            text = raw.decode()
        except ValueError as error:  # from base64 and from UTF-8
            raise InvalidRequest("The body is not UTF-8 text. Send JSON in UTF-8.") from error
        if len(raw) > MAX_BODY_BYTES:
            raise _too_large()
        if not text.strip():
            raise InvalidRequest("The body is empty. Send a JSON object.")
        return text

    def _require_json(self) -> None:
        """Accept JSON, or a request without a Content-Type. Refuse one that declares a form or plain text."""
        declared = self.header("content-type")
        if declared is None:
            return
        media_type, _, parameters = declared.lower().partition(";")
        charset = parameters.replace(" ", "").replace('"', "")
        if media_type.strip() != "application/json" or charset not in ("", "charset=utf-8", "charset=utf8"):
            raise UnsupportedMediaType(
                "The body is not declared as JSON in UTF-8. Send the header Content-Type: application/json."
            )


def json_response(status: int, value: Any) -> Response:
    """A response with `value` as JSON."""
    return Response(status, json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def lambda_handler_for(handle: Callable[[Request], Response]) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """`handle` as a Lambda function behind API Gateway's proxy integration.

    If `handle` raises an ApiError, the response has its status; any other exception gives 500. Each of these has a log
    entry with route, status, code and request ID. Any other request has none, because the access log has one of each.
    """

    @functools.wraps(handle)
    def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        request_id = (event.get("requestContext") or {}).get("requestId", "")
        entry = {"route": f"{event.get('httpMethod')} {event.get('resource')}", "request_id": request_id}
        try:
            require_role(event)
            response = handle(Request(event, clock.utc_now()))
        except ApiError as error:
            response = _error_response(error)
            logger.info("refused", extra={**entry, "status": error.status, "code": error.code})
        except Exception as error:  # whatever it is, the client gets an error in the usual form
            response = _error_response(_unforeseen(request_id))
            logger.error("failed", extra={**entry, "status": 500, "trace": trace(error)})
            count("InternalErrors")
        return _proxy_response(response)

    return lambda_handler


def _unforeseen(request_id: str) -> ApiError:
    return ApiError(
        "Something went wrong on the server. Your answers are still on your device. Try again in a minute."
        f" If the problem continues, tell your trainer and mention request {request_id}."
    )


def _error_response(error: ApiError) -> Response:
    return json_response(error.status, {"code": error.code, "message": str(error), **error.details})


def _proxy_response(response: Response) -> dict[str, Any]:
    binary = isinstance(response.body, bytes)
    body = base64.b64encode(response.body).decode() if isinstance(response.body, bytes) else response.body
    return {
        "statusCode": response.status,
        "headers": {**_HEADERS, **response.headers},
        "body": body,
        "isBase64Encoded": binary,
    }


def _query_values(event: Mapping[str, Any]) -> dict[str, list[str]]:
    several = event.get("multiValueQueryStringParameters")
    if several:
        return {name: list(values or []) for name, values in several.items()}
    return {name: [value] for name, value in (event.get("queryStringParameters") or {}).items()}


def _require_own(student: Student, claimed: object) -> None:
    """If the request contains a student ID, it must be that of the key's owner. Others report an invalid one."""
    if isinstance(claimed, str) and is_id(claimed) and claimed != student.id:
        raise NotYourStudentId("The studentId and the API key belong to different students. Check that both are yours.")


def _name_problems(
    given: Mapping[str, object], names: tuple[str, ...], optional: tuple[str, ...], place: str
) -> list[str]:
    missing = [name for name in names if name not in given]
    unknown = [name for name in given if name not in names and name not in optional]
    problems = [f"{name} is missing from the {place}: add it." for name in missing]
    problems += [f"{quoted(name)} is not expected in the {place}: remove it." for name in unknown[:5]]
    return problems


def _id_problems(given: Mapping[str, object], names: tuple[str, ...]) -> list[str]:
    return [
        f"{name} {quoted(given[name])} is not a valid ID: use {ID_RULE}."
        for name in names
        if name in given and not is_id(given[name])
    ]


def _too_large() -> PayloadTooLarge:
    return PayloadTooLarge(f"The body is larger than {MAX_BODY_BYTES:,} bytes. Send only the answers.")
