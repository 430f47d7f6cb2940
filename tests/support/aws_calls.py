"""The calls that clients kept in memory get, and the faults that a test orders for them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from botocore.exceptions import ClientError, ParamValidationError
from botocore.session import get_session
from botocore.validate import ParamValidator

from support.permissions import MISSING, needed, take_caller

Real = Callable[[], Any]
Fault = Callable[[int, str, dict[str, Any], Real], Any]


class Call(NamedTuple):
    """A call that was made. `key`: that of S3's object, or the prefix of a list; else empty."""

    name: str
    key: str


def aws_error(code: str, status: int, operation: str = "PutObject", message: str = "") -> ClientError:
    """An error as AWS answers it."""
    response: Any = {
        "Error": {"Code": code, "Message": message or code},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, operation)


class Calls:
    """Every call of the clients that share this, in order.

    `fault(number, name, parameters, real)` may take a call over: it gets the call's number, from 0, and returns what
    the caller gets; without one, the real call is made. Names are `s3:GetObject` and so on.

    Parameters are checked against the SDK's own model, so a call that boto3 would refuse is refused here. A call of a
    function (`permissions.ClientOf`) is refused if its deployed role does not grant it.
    """

    def __init__(self) -> None:
        self.made: list[Call] = []
        self.fault: Fault | None = None
        self._lock = threading.Lock()

    @property
    def count(self) -> int:
        """How many calls were made."""
        return len(self.made)

    @property
    def names(self) -> list[str]:
        """The names of the calls."""
        return [call.name for call in self.made]

    def make(self, name: str, parameters: dict[str, Any], real: Real) -> Any:
        """Make a call, or what the fault makes of it."""
        _check_parameters(name, parameters)
        role = take_caller()
        if role:
            role.use(*needed(name, parameters))
        with self._lock:
            number = self.count
            self.made.append(Call(name, parameters.get("Key") or parameters.get("Prefix", "")))
        try:
            return self.fault(number, name, parameters, real) if self.fault else real()
        except ClientError as error:
            if role and error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
                role.use(MISSING)
            raise


def in_turn(name: str, *faults: Exception | Callable[[Real], Any]) -> Fault:
    """A fault for the next calls of this name, one each: an error to raise, or what to do with the real call."""
    waiting = list(faults)
    lock = threading.Lock()

    def fault(_number: int, this: str, _parameters: dict[str, Any], real: Real) -> Any:
        with lock:
            ordered = waiting.pop(0) if this == name and waiting else None
        if isinstance(ordered, Exception):
            raise ordered
        return ordered(real) if ordered else real()

    return fault


def _check_parameters(name: str, parameters: dict[str, Any]) -> None:
    shape = _input_shape(name)
    if shape is None:
        assert parameters == {}, name
        return
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        raise ParamValidationError(report=report.generate_report())


@cache
def _input_shape(name: str) -> Any:
    """The SDK's own description of the parameters; None where there are none."""
    service, operation = name.split(":")
    return get_session().get_service_model(service).operation_model(operation).input_shape
