"""The errors of the functions: those a client is told of, and those of storage and mail."""

from __future__ import annotations


class ApiError(Exception):
    """A refusal the client is told of: an HTTP status, a code for programs, a message for people."""

    status = 500
    code = "InternalError"


class InvalidRequest(ApiError):
    """The request's body or query is not what the route takes."""

    status = 400
    code = "InvalidRequest"


class Forbidden(ApiError):
    """The caller is nobody this class knows."""

    status = 403
    code = "Forbidden"


class NotYourStudentId(ApiError):
    """The student ID in the request is not the one the API key belongs to."""

    status = 403
    code = "NotYourStudentId"


class NotEnrolled(ApiError):
    """The student is not enrolled in the subject."""

    status = 403
    code = "NotEnrolled"


class SubjectNotFound(ApiError):
    """No such subject is published."""

    status = 404
    code = "SubjectNotFound"


class TestNotFound(ApiError):
    """The subject has no such test."""

    __test__ = False
    status = 404
    code = "TestNotFound"


class AlreadySubmitted(ApiError):
    """Other answers of this student to this test count already."""

    status = 409
    code = "AlreadySubmitted"


class TestClosed(ApiError):
    """The student's deadline for the test has passed."""

    __test__ = False
    status = 410
    code = "TestClosed"


class PayloadTooLarge(ApiError):
    """The body is larger than any honest submission."""

    status = 413
    code = "PayloadTooLarge"


class UnsupportedMediaType(ApiError):
    """The body is not declared as JSON."""

    status = 415
    code = "UnsupportedMediaType"


class StorageError(Exception):
    """S3 refused or did not answer, after the SDK's retries."""


class BrokenObject(StorageError):
    """A stored object is not the JSON it should be."""
