"""Structured logs and metrics. They contain nothing that a person wrote: no name, address, answer or key.

The names of the service and the namespace come from POWERTOOLS_SERVICE_NAME and
POWERTOOLS_METRICS_NAMESPACE, and the log level from POWERTOOLS_LOG_LEVEL. The service is the stack and not the
function, because CloudWatch charges for each metric of each service.
"""

from __future__ import annotations

import traceback

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import ClientError

logger = Logger()


def count(metric: str, value: int = 1) -> None:
    """Add `value` to a CloudWatch metric with a line in the embedded metric format on standard output."""
    with single_metric(name=metric, unit=MetricUnit.Count, value=value):
        pass


def trace(error: BaseException) -> list[str]:
    """The chain of errors that led to `error`, the original cause last, and where each was raised.

    Errors from AWS include their code. Messages are left out on purpose, because those of the SDK and of parsers quote
    keys and input.
    """
    steps = []
    cause: BaseException | None = error
    while cause is not None:
        kind = f"{type(cause).__module__}.{type(cause).__qualname__}"
        if isinstance(cause, ClientError):
            kind += f" {cause.response['Error']['Code']}"
        frames = traceback.extract_tb(cause.__traceback__)
        where = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames[-5:]))
        steps.append(f"{kind} at {where}")
        cause = cause.__cause__
    return steps
