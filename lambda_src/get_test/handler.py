"""`GET /v1/test`: the questions of an open test. `GET /v1/class/test`: those of any test, for the trainer.

`GET /v1/image`, `GET /v1/class/image`: an image in them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from common.api.enrolment import own_test, own_test_reads, published_entry, whole_test
from common.api.errors import ImageNotFound
from common.api.http import Request, Response, json_response, lambda_handler_for
from common.api.memory import Memory
from common.api.receipt import MOST_ATTEMPTS, Receipt, already_submitted, closed, too_many_attempts
from common.api.roles import is_for_trainer
from common.parallel import in_parallel
from common.settings import data_bucket
from common.shared.deadlines import accepted_until, own_deadline, parse_time
from common.shared.object_keys import answers_key, image_key, index_key, questions_key
from get_test.presentation import images_of, previewed_test, shown_test

if TYPE_CHECKING:
    from common.shared.documents import PublishedImage

BUCKET = data_bucket()
MEMORY = Memory()


@lambda_handler_for
def lambda_handler(request: Request) -> Response:
    """Query `subjectName`, `testId`. Answers 200 with the test as `shown_test` shows it.

    A test that the student has submitted and may not submit again is 409: better now than after
    they have answered every question a second time.
    The trainer sees every test, whether it is open or not.

    With `image` in the query, of the routes for images: 200 with a `PublishedImage`.
    """
    resource = request.event["resource"]
    if is_for_trainer(resource):
        return MEMORY.answer(request, _preview_image if resource == "/v1/class/image" else _preview)
    return MEMORY.answer(request, _image if resource == "/v1/image" else _show)


def _show(request: Request) -> Response:
    subject, test = request.query_ids("subjectName", "testId")
    student = request.student
    index, questions, tag = in_parallel(
        [
            *own_test_reads(partial(MEMORY.get_json, BUCKET), student, subject, test),
            lambda: BUCKET.receipt(answers_key(subject, student.id, test)),
        ]
    )
    own = own_test(student, subject, test, index, questions, request.now)
    receipt = Receipt.from_tag(tag)
    if request.now > own.accepted_until:
        raise closed(test, own.accepted_until, receipt)
    if receipt and own.entry["attempts"] == "1":
        raise already_submitted(test, receipt)
    last = receipt and Receipt.from_tag(BUCKET.receipt(answers_key(subject, student.id, test, MOST_ATTEMPTS)))
    if last:
        raise too_many_attempts(test, last)
    return json_response(200, shown_test(student.id, own.questions, own.deadline))


def _preview(request: Request) -> Response:
    query = request.trainers_query("subjectName", "testId")
    subject, test = query["subjectName"], query["testId"]
    keys = [index_key(subject), questions_key(subject, test)]
    index, questions = in_parallel([partial(MEMORY.get_json, BUCKET, key) for key in keys])
    return json_response(200, previewed_test(*whole_test(subject, test, index, questions)))


def _image(request: Request) -> Response:
    """An image of a test that has opened, also after the student's time for it, as their review shows it.

    One that only an explanation has may be part of a right answer: it is shown once nobody has time left.
    """
    subject, test, image = request.query_ids("subjectName", "testId", "image")
    student = request.student
    index, questions, found = in_parallel(
        [*own_test_reads(partial(MEMORY.get_json, BUCKET), student, subject, test), _read_image(subject, test, image)]
    )
    own = own_test(student, subject, test, index, questions, request.now)
    if image not in images_of(own.questions):
        # Not from memory: somebody may just have been given more time.
        entry = published_entry(subject, test, BUCKET.get_json(index_key(subject)))
        own_end = accepted_until(entry, own_deadline(entry, subject, student.deadlines))
        if request.now <= max(own_end, parse_time(entry["lastDeadline"])):
            found = None
    return _image_response(test, found)


def _preview_image(request: Request) -> Response:
    query = request.trainers_query("subjectName", "testId", "image")
    return _image_response(query["testId"], _read_image(query["subjectName"], query["testId"], query["image"])())


def _read_image(subject: str, test: str, image: str) -> Callable[[], PublishedImage | None]:
    """Not kept in memory, which a few of them would fill."""
    return partial(BUCKET.get_json, image_key(subject, test, image))


def _image_response(test: str, image: PublishedImage | None) -> Response:
    if image is None:
        raise ImageNotFound(f"Test {test} has no such image. Load the test again.")
    return json_response(200, image)
