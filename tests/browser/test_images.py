"""Images on the page: on a bad connection, when one is replaced, and in questions of every type."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.formatted_test import TextReader
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Locator, Route, expect

from common.shared.object_keys import image_key, questions_key
from support.browser_student import NO_WORKER, SUBJECT, TEST, Student
from support.formatted_questions import DRAWING
from support.local_api import LocalApi

FIRST, SECOND = "0123456789abcdef", "fedcba9876543210"
SQUARE = b64encode(b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"/>').decode()
OTHER = {"type": "image/svg+xml", "data": SQUARE}
WCAG_2_1_AA = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    "resultTypes": ["violations"],
}
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

    def cut(route: Route) -> None:
        ada.context.set_offline(True)
        route.abort()

    ada.page.route("**/v1/image?*", cut)
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


RICH = """Which **one** is $\\frac{1}{2}$ of `x`?

| first | second | third | fourth |
|---|---|---|---|
| `aaaaaaaaaaaa` | *bbbbbbbbbb* | $x_1 + x_2 + x_3 + x_4$ | dddddddddddd |

![A parent with two children](tree.png)
"""
RIGHT_TO_LEFT = "\u0645\u0627 \u0647\u0648 **\u0627\u0644\u062c\u0648\u0627\u0628** $x^2$ `ls -l`?"


def rich(text: str = RICH, **more: Any) -> dict[str, Any]:
    reader = TextReader(math=True, image_id=lambda file: FIRST)
    return {**reader.rendition(text), "options": [], **more}


def of_every_type() -> list[dict[str, Any]]:
    """Questions whose texts, options and items have images, formulas and tables."""
    options = [
        rich("![one](1.png)", id="a"),
        rich("two $\\sqrt{2}$\n\n| a | b |\n|---|---|\n| `c` | d |", id="b"),
        rich(RIGHT_TO_LEFT, id="c"),
    ]
    gaps = [
        {"id": "1", "type": "single", "options": options},
        {"id": "2", "type": "number"},
        {"id": "3", "type": "text"},
    ]
    return [
        rich(options=options),
        rich(RIGHT_TO_LEFT, type="multiple", options=options),
        rich(type="number"),
        rich(RIGHT_TO_LEFT, type="text"),
        rich(type="order", options=options),
        rich(type="match", options=options, items=[{**each, "id": str(n)} for n, each in enumerate(options, 1)]),
        rich(
            f"**{{{{1}}}}** of `{{{{2}}}}`\n\n| {{{{3}}}} | b |\n|---|---|\n| c | $d$ |\n\n{RICH}",
            type="gaps",
            gaps=gaps,
        ),
    ]


def is_fine(ada: Student, width: int) -> None:
    found = Axe().run(ada.page, options=WCAG_2_1_AA).response["violations"]
    assert [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found] == []
    assert ada.page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1000, "light")])
def test_every_type_with_images_formulas_and_tables_fits_and_is_named(
    open_browser: Callable[..., Student], api: LocalApi, width: int, scheme: str
) -> None:
    publish(api, *of_every_type())
    ada = open_browser(viewport={"width": width, "height": 700}, color_scheme=scheme)
    ada.sign_in(remember=True)
    ada.start_test()
    expect(ada.page.locator("main img:not([src])")).to_have_count(0)
    assert ada.page.evaluate("[...document.images].every((image) => image.clientWidth <= innerWidth)")
    is_fine(ada, width)
    ada.choose(1, "a")
    ada.choose(2, "a", "c")
    ada.page.locator("#question-3 input").fill("3.5")
    ada.page.locator("#question-4 input").fill("\u0646\u0639\u0645 ls")
    ada.page.get_by_role("button", name="Answer with this order").click()
    ada.page.locator("#question-6 select").first.select_option("b")
    ada.page.locator("#question-7").get_by_label("Gap 1", exact=True).select_option("b")
    ada.page.locator("#question-7").get_by_label("Gap 2", exact=True).fill("many")
    is_fine(ada, width)
    ada.page.get_by_role("link", name="Review and upload").click()
    ada.sees("Upload your answers?")
    is_fine(ada, width)
    ada.page.get_by_role("button", name="Upload my answers").click()
    ada.sees("Your answers are uploaded")
    is_fine(ada, width)
    api.now += timedelta(days=3)
    api.release(SUBJECT, TEST, "s001")
    ada.open(f"#/answers/{SUBJECT}/{TEST}")
    ada.sees("Kernels")
    expect(ada.page.locator("main img:not([src])")).to_have_count(0)
    expect(ada.page.locator(".reviewed > .number + .rich").nth(6)).to_contain_text("[gap 1] of [gap 2]")
    is_fine(ada, width)
