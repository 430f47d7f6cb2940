"""Rates and sizes that AWS documents. The fakes keep to them, and docs/scaling.md quotes them.

Each limit names the page that says so. `read`: when a copy of that page was last read. None: the value is from memory
of the documentation, and has not been compared with it since.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

_DOCS = "https://docs.aws.amazon.com/"
_READ = "2026-11-27"
_SES = f"{_DOCS}ses/latest/dg/quotas.html"
_API_GATEWAY = f"{_DOCS}apigateway/latest/developerguide/limits.html"
_REST_APIS = f"{_DOCS}apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"
_STEP_FUNCTIONS = f"{_DOCS}step-functions/latest/dg/limits.html"
_LAMBDA = f"{_DOCS}lambda/latest/dg/gettingstarted-limits.html"
_CLOUDFORMATION = f"{_DOCS}AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"
_S3 = f"{_DOCS}AmazonS3/latest/userguide/optimizing-performance.html"


class Limit(NamedTuple):
    """A limit of AWS. `what` is its name in docs/scaling.md, with the unit."""

    what: str
    value: float
    page: str
    read: str | None = _READ


LIMITS = {
    "ses:GetSendQuota": Limit(
        "SES, GetSendQuota calls a second", 1, f"{_DOCS}ses/latest/APIReference/API_GetSendQuota.html"
    ),
    "ses:sandbox rate": Limit("SES in the sandbox, emails a second", 1, _SES),
    "ses:sandbox quota": Limit("SES in the sandbox, emails in 24 hours", 200, _SES),
    # AWS documents only that they vary. These are what new production accounts usually get.
    "ses:production rate": Limit("SES in production, emails a second", 14, _SES, None),
    "ses:production quota": Limit("SES in production, emails in 24 hours", 50_000, _SES, None),
    "ses:message bytes": Limit("SES, bytes of an email", 10_000_000, _SES),
    "ses:recipients": Limit("SES, recipients of an email", 50, _SES, None),
    "apigateway:CreateApiKey": Limit("API Gateway, CreateApiKey calls a second", 5, _API_GATEWAY),
    "apigateway:CreateDeployment": Limit("API Gateway, CreateDeployment calls a second", 0.2, _API_GATEWAY),
    "apigateway:keys": Limit("API Gateway, API keys in an account and Region", 10_000, _REST_APIS),
    "apigateway:timeout": Limit("API Gateway, seconds of an integration", 29, _REST_APIS),
    "apigateway:payload bytes": Limit("API Gateway, bytes of a request or response", 10_000_000, _REST_APIS, None),
    # An answer on re:Post says that this holds for WebSocket APIs only; the smaller limit is kept to.
    "apigateway:context bytes": Limit("API Gateway, bytes of an authorizer's context", 8_192, _REST_APIS, None),
    "lambda:payload bytes": Limit(
        "Lambda, bytes of a synchronous call or answer", 6_000_000, f"{_DOCS}lambda/latest/api/API_Invoke.html"
    ),
    "lambda:timeout": Limit("Lambda, seconds of a call", 900, _LAMBDA),
    "lambda:environment bytes": Limit("Lambda, bytes of environment variables", 4_096, _LAMBDA, None),
    "states:payload bytes": Limit("Step Functions, bytes of a payload", 262_144, _STEP_FUNCTIONS),
    "states:events": Limit("Step Functions, events in an execution's history", 25_000, _STEP_FUNCTIONS),
    "states:children": Limit("Step Functions, children of a Map at a time", 10_000, _STEP_FUNCTIONS, None),
    "cloudformation:inline bytes": Limit(
        "CloudFormation, bytes of a template sent with the request",
        51_200,
        f"{_DOCS}AWSCloudFormation/latest/APIReference/API_ValidateTemplate.html",
    ),
    "cloudformation:template bytes": Limit(
        "CloudFormation, bytes of a template in S3", 1_000_000, _CLOUDFORMATION, None
    ),
    "cloudformation:resources": Limit("CloudFormation, resources of a template", 500, _CLOUDFORMATION, None),
    "scheduler:CreateSchedule": Limit(
        "EventBridge Scheduler, CreateSchedule calls a second in the smallest Regions",
        250,
        f"{_DOCS}scheduler/latest/UserGuide/scheduler-quotas.html",
    ),
    "s3:page": Limit("S3, keys in a page of a list", 1_000, f"{_DOCS}AmazonS3/latest/API/API_ListObjectsV2.html", None),
    "s3:reads": Limit("S3, GETs and HEADs a second for a prefix", 5_500, _S3, None),
    "s3:writes": Limit("S3, PUTs a second for a prefix", 3_500, _S3, None),
    # Newer copies of the page say 1 MB, older ones 256 KB; the smaller limit is kept to.
    "logs:event bytes": Limit(
        "CloudWatch Logs, bytes of an event",
        262_144,
        f"{_DOCS}AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html",
    ),
}


class Level(NamedTuple):
    """How many calls a rate limit still allows, and when that was true, in seconds."""

    left: float
    moment: float


def spend(before: Level | None, now: float, per_second: float) -> Level | None:
    """The level after one more call, or None if it comes too fast.

    A second's calls, and at least one, may come at once; after that, the rate decides.
    """
    most = max(1.0, per_second)
    left, moment = before or Level(most, now)
    left = min(most, left + max(0.0, now - moment) * per_second)
    # A clock of whole microseconds makes a pause a little shorter than was asked for.
    return Level(left - 1, max(now, moment)) if left >= 1 - 1e-3 else None


class Rate:
    """A rate limit of one process."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self._level: Level | None = None

    def allows(self, now: datetime) -> bool:
        """Whether one more call is accepted now. If it is, it counts."""
        after = spend(self._level, now.timestamp(), self.per_second)
        self._level = after or self._level
        return after is not None
