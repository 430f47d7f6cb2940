"""`GET /v1/review`: a student's own answers to a test, with the right ones, once a run has released them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from common.api.enrolment import require_enrolment
from common.api.http import Request, Response, json_response, lambda_handler_for
from common.parallel import in_parallel
from common.settings import data_bucket, setting
from common.shared.object_keys import index_key, release_key, review_key
from review.released import released_review

if TYPE_CHECKING:
    from common.shared.documents import Index, Release, Review

BUCKET = data_bucket()
SHOW_CLASS_MEAN = setting("SHOW_CLASS_MEAN") == "true"


@lambda_handler_for
def lambda_handler(request: Request) -> Response:
    """Query `subjectName`, `testId`. Answers 200 with a `ReleasedReview`.

    What is published is never taken from memory: once somebody is given more time, no right answer is shown. Only the
    authorizer says who the student is.
    """
    subject, test = request.query_ids("subjectName", "testId")
    student = request.student
    require_enrolment(student, subject)
    keys = (index_key(subject), review_key(subject, test, student.id), release_key(subject, test))
    read: list[Any] = in_parallel([partial(BUCKET.get_json, key) for key in keys])
    index: Index | None = read[0]
    review: Review | None = read[1]
    release: Release | None = read[2]
    shown = released_review(student, subject, test, index, review, release, request.now)
    return json_response(200, shown if SHOW_CLASS_MEAN else {**shown, "classMean": None})
