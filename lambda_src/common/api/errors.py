"""The errors that a client sees. Each has an HTTP status and a code; the code that raises it adds the message."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any


class ApiError(Exception):
    """A refused request: an HTTP status, a code for programs and a message for people. `details`: further fields."""

    status = 500
    code = "InternalError"
    details: Mapping[str, Any] = MappingProxyType({})


class InvalidRequest(ApiError):
    """The request's body or query is not what the route expects."""

    status = 400
    code = "InvalidRequest"


class Forbidden(ApiError):
    """The caller is not a student of the class."""

    status = 403
    code = "Forbidden"


class NotYourStudentId(ApiError):
    """The student ID in the request is not the one that the API key belongs to."""

    status = 403
    code = "NotYourStudentId"


class NotEnrolled(ApiError):
    """The student is not enrolled in the subject, or there is no such subject: which of the two is not revealed."""

    status = 403
    code = "NotEnrolled"


class TestNotOpen(ApiError):
    """The test is published, but opens later."""

    __test__ = False
    status = 403
    code = "TestNotOpen"


class NotYetReleased(ApiError):
    """The test's right answers may not be shown yet, or no run has released them since they may."""

    status = 403
    code = "NotYetReleased"


class StudentsOnly(ApiError):
    """The route is for students, and the key is the trainer's."""

    status = 403
    code = "StudentsOnly"


class TrainerOnly(ApiError):
    """The route is for the trainer, and the key is a student's."""

    status = 403
    code = "TrainerOnly"


class TestNotFound(ApiError):
    """The subject has no test with this ID."""

    __test__ = False
    status = 404
    code = "TestNotFound"


class ImageNotFound(ApiError):
    """The test has no such image, or none that may be shown yet."""

    status = 404
    code = "ImageNotFound"


class NothingSubmitted(ApiError):
    """The reviews of the test are released, but the student has none: they have submitted nothing."""

    status = 404
    code = "NothingSubmitted"


class DraftNotFound(ApiError):
    """The student has saved no draft of the test."""

    status = 404
    code = "DraftNotFound"


class StudentNotFound(ApiError):
    """The class has no student with this ID."""

    status = 404
    code = "StudentNotFound"


class ReportNotFound(ApiError):
    """No report of this name is kept."""

    status = 404
    code = "ReportNotFound"


class CalendarNotFound(ApiError):
    """No student's calendar has this address."""

    status = 404
    code = "CalendarNotFound"


class AlreadySubmitted(ApiError):
    """The student has already submitted different answers to this test, and those count."""

    status = 409
    code = "AlreadySubmitted"


class TooManyAttempts(ApiError):
    """The student has submitted the test as often as it accepts. What is stored stays; sending again does not help."""

    status = 409
    code = "TooManyAttempts"


class NewerSubmission(ApiError):
    """The student has submitted the test again since the submission that this one is meant to replace."""

    status = 409
    code = "NewerSubmission"


class DraftConflict(ApiError):
    """The student's draft has been saved, by another tab or device, since this client last saw it.

    `draft`: the stored one, as `GET /v1/draft` returns it. The error's body has it as `draft`.
    """

    status = 409
    code = "DraftConflict"

    def __init__(self, message: str, draft: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.details = {"draft": draft}


class TestClosed(ApiError):
    """The student's time for the test is over."""

    __test__ = False
    status = 410
    code = "TestClosed"


class LinkUsed(ApiError):
    """The link with which a key is picked up was used, has expired or never existed: which is not revealed."""

    status = 410
    code = "LinkUsed"


class PayloadTooLarge(ApiError):
    """The body is larger than any genuine submission."""

    status = 413
    code = "PayloadTooLarge"


class UnsupportedMediaType(ApiError):
    """The body is not declared as JSON."""

    status = 415
    code = "UnsupportedMediaType"
