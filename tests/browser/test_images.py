"""Images on the page: on a bad connection, when one is replaced, and in questions of every type."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Locator, Route, expect

from common.shared.object_keys import image_key, questions_key
from support.browser_student import NO_WORKER, SUBJECT, TEST, Student
from support.documents import right
from support.formatted_questions import DRAWING
from support.local_api import LocalApi

FIRST, SECOND = "0123456789abcdef", "fedcba9876543210"
SQUARE = b64encode(b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"/>').decode()
OTHER = {"type": "image/svg+xml", "data": SQUARE}
OPTIONS = [{"id": id, "text": f"option {id}"} for id in "ab"]
CHANGED = "Your trainer changed this question after you answered it."


def picture(image: str, words: str = "a map", **more: Any) -> dict[str, Any]:
    """A question or an option that is an image."""
    nodes = [{"type": "paragraph", "children": [{"type": "image", "image": image, "text": words}]}]
    return {"text": f"[image: {words}]", "nodes": nodes, "options": OPTIONS, **more}


def publish(api: LocalApi, *questions: dict[str, Any]) -> None:
    api.publish_test(SUBJECT, TEST, list(questions), api.now + timedelta(hours=9))
    asked = api.bucket.get_json(questions_key(SUBJECT, TEST))
    api.bucket.put_json(questions_key(SUBJECT, TEST), {**asked, "images": [FIRST, SECOND]})
    api.bucket.put_json(image_key(SUBJECT, TEST, FIRST), DRAWING)
    api.bucket.put_json(image_key(SUBJECT, TEST, SECOND), OTHER)


def images(ada: Student, question: int) -> Locator:
    return ada.page.locator(f"#question-{question} img[src]")


def failing(ada: Student, image: str, *failures: Callable[[Route], None]) -> list[str]:
    """Lets the first requests for an image fail. Returns what is asked for from now on."""
    asked: list[str] = []
    ada.context.add_init_script(NO_WORKER)

    def answer(route: Route) -> None:
        asked.append(route.request.url.rpartition("image=")[2])
        before = asked.count(image) - 1
        if asked[-1] == image and before < len(failures):
            failures[before](route)
        else:
            route.continue_()

    ada.page.route("**/v1/image?*", answer)
    return asked


def busy(route: Route) -> None:
    route.fulfill(status=503, json={"code": "Busy", "message": "busy"}, headers={"retry-after": "2"})


@pytest.mark.faults
def test_an_image_that_is_not_here_yet_does_not_delay_the_next_one(ada: Student, api: LocalApi) -> None:
    publish(api, picture(FIRST), picture(SECOND))
    ada.page.clock.install()
    asked = failing(ada, FIRST, busy)
    ada.sign_in()
    ada.start_test()
    expect(images(ada, 2)).to_have_count(1)
    expect(images(ada, 1)).to_have_count(0)
    ada.page.clock.fast_forward(10_000)
    expect(images(ada, 1)).to_have_count(1)
    assert asked == [FIRST, SECOND, FIRST]


@pytest.mark.faults
def test_images_come_by_themselves_when_the_connection_is_back(ada: Student, api: LocalApi) -> None:
    publish(api, picture(FIRST), picture(SECOND))
    ada.page.clock.install()
    ada.context.add_init_script(NO_WORKER)
    ada.page.route("**/v1/image?*", lambda route: (ada.context.set_offline(True), route.abort()))
    ada.sign_in()
    ada.start_test()
    expect(ada.page.locator("#notice")).to_contain_text("No connection")
    for _ in range(30):
        ada.page.clock.run_for(60_000)
    expect(ada.page.get_by_role("img", name="a map")).to_have_count(2)
    ada.page.unroute_all()
    ada.context.set_offline(False)
    for question in 1, 2:
        expect(images(ada, question)).to_have_count(1)


def test_an_image_that_was_replaced_is_a_change_of_the_question(ada: Student, api: LocalApi) -> None:
    """Also with the same words. The terminal shows only these."""
    publish(
        api, picture(FIRST), {"text": "Which?", "options": [picture(FIRST, id="a"), picture(SECOND, "no map", id="b")]}
    )
    ada.sign_in(remember=True)
    ada.start_test()
    ada.choose(1, "a")
    ada.choose(2, "a")
    publish(
        api,
        picture(SECOND),
        {"text": "Which?", "options": [picture(SECOND, id="a"), picture(SECOND, "no map", id="b")]},
    )
    ada.open(f"#/test/{SUBJECT}/{TEST}")
    for question in 1, 2:
        expect(ada.page.locator(f"#question-{question}")).to_contain_text(CHANGED)
