"""What AWS asks IAM about a call of a function, and what the role that is deployed for the function grants."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from functools import cache
from typing import Any, NamedTuple

from support.templates import arn_text, as_list, pascal, properties, role_statements

Statements = list[dict[str, Any]]

BUCKET_ARN = "arn:${AWS::Partition}:s3:::${DataBucketName}"
SES_ARN = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:"
# The template's parameter that a call names by its value.
SENDER = "sender@example.org"


class Permission(NamedTuple):
    """What IAM is asked: an action, a resource and what conditions may compare."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()


class NotGranted(BaseException):
    """A function made a call that its role does not grant. No `except Exception` of the project may hide it."""


# S3 tells whether a key is missing (404) or the request is denied (403) only to who may list the bucket
# (Amazon S3 API Reference, GetObject, "Permissions").
MISSING = Permission("s3:ListBucket", BUCKET_ARN)


class Role:
    """The role of a function. `used`: every permission that the function's calls have needed."""

    def __init__(self, function: str) -> None:
        self.function = function
        self.used: set[Permission] = set()

    def use(self, *permissions: Permission) -> None:
        """Note what a call needs. Raises NotGranted."""
        for permission in permissions:
            if permission not in self.used:
                if not any(grants(statement, permission) for statement in _deployed(self.function)):
                    raise NotGranted(f"{self.function} needs {permission}, which its role does not grant")
                self.used.add(permission)


# Whose credentials the call that is being made has.
_caller: ContextVar[Role | None] = ContextVar("caller", default=None)


class ClientOf:
    """A client kept in memory, with the credentials of a role; None: those of a test, which may do anything."""

    def __init__(self, client: Any, role: Role | None) -> None:
        self._client = client
        self._role = role

    def get_paginator(self, operation: str) -> ClientOf:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, **parameters: Any) -> Iterator[Any]:
        return iter(type(self._client).paginate(self, **parameters))

    def __getattr__(self, operation: str) -> Any:
        method = getattr(self._client, operation)

        def call(*args: Any, **parameters: Any) -> Any:
            token = _caller.set(self._role)
            try:
                return method(*args, **parameters)
            finally:
                _caller.reset(token)

        return call


def take_caller() -> Role | None:
    """Whose call is being made. What a test's fault does while it is made is the test's own."""
    role = _caller.get()
    _caller.set(None)
    return role


def needed(name: str, parameters: Mapping[str, Any]) -> list[Permission]:
    """What AWS asks IAM about a call (Service Authorization Reference)."""
    key = parameters.get("Key", "")
    match name:
        case "s3:GetObject" | "s3:HeadObject":
            return [on_object("s3:GetObject", key)]
        case "s3:GetObjectTagging":
            return [on_object(name, key)]
        case "s3:PutObject":
            # A tag, and a condition on the ETag of what is there, ask for more (Amazon S3 User Guide, "Conditional
            # writes").
            tags = [on_object("s3:PutObjectTagging", key)] if "Tagging" in parameters else []
            reads = [on_object("s3:GetObject", key)] if "IfMatch" in parameters else []
            return [on_object(name, key), *tags, *reads]
        case "s3:DeleteObject":
            return [on_object("s3:DeleteObjectVersion" if "VersionId" in parameters else name, key)]
        case "s3:ListObjectVersions":
            return [Permission("s3:ListBucketVersions", BUCKET_ARN, (("s3:prefix", parameters.get("Prefix", "")),))]
        case "s3:ListObjectsV2":
            return [Permission("s3:ListBucket", BUCKET_ARN, (("s3:prefix", parameters.get("Prefix", "")),))]
        case "ses:GetSendQuota":
            return [Permission(name, "*")]
        case "ses:SendRawEmail":
            return _mail(parameters)
    raise AssertionError(f"it is not known what IAM is asked about {name}")


def on_object(action: str, key: str) -> Permission:
    """An action on an object of the data bucket."""
    return Permission(action, f"{BUCKET_ARN}/{key}")


def _mail(parameters: Mapping[str, Any]) -> list[Permission]:
    """SES asks about the sender's identity and its default configuration set, if it has one.

    In its sandbox, it also asks about the recipient's identity, which is verified there too.
    """
    headers = BytesHeaderParser().parsebytes(parameters["RawMessage"]["Data"])
    context = (("ses:FromAddress", parseaddr(headers["From"])[1]),)
    asked = (
        f"identity/{parameters['Source']}",
        f"identity/{parseaddr(headers['To'])[1]}",
        "configuration-set/default",
    )
    return [Permission("ses:SendRawEmail", f"{SES_ARN}{resource}", context) for resource in asked]


def policy(function: str) -> Statements:
    """All that a function's role grants."""
    managed = properties("functions", f"{pascal(function)}Role").get("ManagedPolicyArns", [])
    documents = [properties("functions", each["Ref"])["PolicyDocument"] for each in managed]
    attached = [statement for document in documents for statement in document["Statement"]]
    return role_statements("functions", f"{pascal(function)}Role") + attached


@cache
def _deployed(function: str) -> Statements:
    return policy(function)


def grants(statement: Mapping[str, Any], permission: Permission) -> bool:
    """Whether a statement allows what IAM is asked."""
    return (
        statement["Effect"] == "Allow"
        and permission.action in as_list(statement["Action"])
        and any(matches(_known(resource), permission.resource) for resource in as_list(statement["Resource"]))
        and _meets(statement.get("Condition", {}), dict(permission.context))
    )


def _meets(condition: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    """Whether every condition is met. One about a key that the request does not have is not."""
    assert condition.keys() <= {"StringEquals", "StringLike"}, condition
    return all(
        key in context and any(matches(_known(wanted), context[key]) for wanted in as_list(values))
        for keys in condition.values()
        for key, values in keys.items()
    )


def _known(value: Any) -> str:
    return arn_text(value).replace("${SenderEmail}", SENDER)


def matches(pattern: str, text: str) -> bool:
    """Whether a text is one of those that a pattern of IAM stands for."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None
