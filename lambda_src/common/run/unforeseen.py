"""What a step of the run raises, without words that other people's data may be in.

Step Functions writes an error's message into the execution's history and log, with execution data left out of it or
not, and Lambda writes it into the function's log.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from common.telemetry import logger, trace

_Arguments = ParamSpec("_Arguments")
_Answer = TypeVar("_Answer")


class UnforeseenError(Exception):
    """An error that no part of this project raises. The function's log has its kind, and where it was raised."""


def without_messages_of_others(handler: Callable[_Arguments, _Answer]) -> Callable[_Arguments, _Answer]:
    """A handler that raises this project's own errors as they are, and UnforeseenError in place of any other.

    The message of Python's errors, of the SDK's and of parsers quote keys and input.
    """

    @functools.wraps(handler)
    def careful(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Answer:
        try:
            return handler(*args, **kwargs)
        except Exception as error:
            if _is_own(error, handler.__module__):
                raise
            logger.error("the step failed", extra={"trace": trace(error)})
            raise UnforeseenError(f"{type(error).__name__}: see the log of {handler.__module__}") from None

    return careful


def _is_own(error: Exception, module: str) -> bool:
    """Whether the error's class is in the package of the function's handler or in `common`."""
    return type(error).__module__.split(".")[0] in {"common", module.split(".", maxsplit=1)[0]}
