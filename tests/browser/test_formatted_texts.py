"""Texts in Markdown on the page: what is shown, that it fits and can be reached, and that hostile ones do no harm."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Locator, Page, expect

from common.shared.object_keys import image_key, questions_key
from support.browser_student import SUBJECT, TEST, Student
from support.formatted_questions import DRAWING, HOSTILE, IMAGE, READER, TEXT, formatted
from support.local_api import LocalApi

WCAG_2_1_AA = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    "resultTypes": ["violations"],
}


def publish(api: LocalApi, questions: list[dict[str, Any]]) -> None:
    """With the image that the questions have."""
    api.publish_test(SUBJECT, TEST, questions, api.now + timedelta(hours=9), title="Kernels")
    asked = api.bucket.get_json(questions_key(SUBJECT, TEST))
    api.bucket.put_json(questions_key(SUBJECT, TEST), {**asked, "images": [IMAGE]})
    api.bucket.put_json(image_key(SUBJECT, TEST, IMAGE), DRAWING)


def legend(ada: Student) -> Locator:
    return ada.page.locator("#question-1 legend")


@pytest.fixture
def taking(ada: Student, api: LocalApi) -> Student:
    publish(api, formatted(TEXT, "Next?"))
    ada.sign_in()
    ada.start_test()
    return ada


def test_each_part_is_the_element_for_it(taking: Student) -> None:
    shown = legend(taking)
    expect(shown.locator("strong")).to_have_text("system call")
    expect(shown.locator("em").first).to_have_text("new")
    expect(shown.locator("th")).to_have_text(["call", "result in the child", "result in the parent", "declared in"])
    expect(shown.locator("th").first).to_have_attribute("scope", "col")
    expect(shown.locator("td").first).to_have_text("fork")
    expect(shown.locator("ol > li")).to_have_count(2)
    expect(shown.locator("ol ul > li")).to_have_text(["its own memory", "the same open files"])
    expect(shown.locator("code.block")).to_have_text("pid_t child = fork();")
    link = shown.locator("a")
    expect(link).to_have_text("fork(2)")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    assert shown.locator("math").count() == 5
    assert shown.locator("math").first.evaluate("(e) => e.namespaceURI") == "http://www.w3.org/1998/Math/MathML"
    assert shown.locator("mfrac").first.evaluate("(e) => [...e.children].map((c) => c.textContent)") == ["1", "2"]
    assert taking.page.locator("#question-1 label table").count() == 1, "an option is formatted too"


def test_an_image_is_read_once_and_shown_with_its_words(taking: Student, api: LocalApi) -> None:
    """In a question and in two options."""
    images = taking.page.locator("#question-1 img")
    expect(images).to_have_count(2)
    for place in range(2):
        expect(images.nth(place)).to_have_attribute("src", f"data:image/svg+xml;base64,{DRAWING['data']}")
        expect(images.nth(place)).to_have_attribute("alt", "A parent with two children")
        taking.page.wait_for_function("(image) => image.naturalWidth === 300", arg=images.nth(place).element_handle())
    taking.choose(1, "a")
    taking.page.get_by_role("link", name="Review and upload").click()
    expect(taking.page.locator("main img")).to_have_attribute("src", f"data:image/svg+xml;base64,{DRAWING['data']}")
    assert [request for request in api.requests if "image" in request] == ["GET /v1/image"]


def test_options_that_a_list_cannot_show_are_shown_above_it(ada: Student, api: LocalApi) -> None:
    emphasis = [
        {"type": "paragraph", "children": [{"type": "emphasis", "children": [{"type": "text", "text": "Rome"}]}]}
    ]
    image = [{"type": "paragraph", "children": [{"type": "image", "image": IMAGE, "text": "a map"}]}]
    plain = [{"type": "paragraph", "children": [{"type": "text", "text": "Warsaw"}]}]
    items = [{"id": "1", "text": "Poland", "nodes": []}]
    matched = [
        {
            "text": f"Question {number}",
            "type": "match",
            "items": items,
            "options": [
                {"id": id, "text": text, "nodes": nodes} for id, text, nodes in zip("ab", texts, trees, strict=True)
            ],
        }
        for number, texts, trees in (
            (1, ("Warsaw", "*Rome*"), (plain, emphasis)),
            (2, ("Warsaw", "[image: a map]"), (plain, image)),
            (3, ("Warsaw", "Rome"), (plain, plain)),
        )
    ]
    publish(api, matched)
    ada.sign_in()
    ada.start_test()
    expect(ada.page.locator("#question-1 .listed em")).to_have_text("Rome")
    expect(ada.page.locator("#question-2 .listed img")).to_have_attribute("alt", "a map")
    expect(ada.page.locator("#question-3 .listed")).to_have_count(0)


@pytest.mark.faults
def test_without_a_connection_the_images_stay_and_after_a_reload_their_words_do(ada: Student, api: LocalApi) -> None:
    publish(api, formatted(TEXT))
    ada.sign_in(remember=True)
    ada.start_test()
    expect(legend(ada).locator("img[src]")).to_have_count(1)
    ada.page.wait_for_function("navigator.serviceWorker.controller || navigator.serviceWorker.ready")
    ada.context.set_offline(True)
    ada.page.get_by_role("link", name="Review and upload").click()
    ada.page.go_back()
    expect(legend(ada).locator("img[src]")).to_have_count(1)


@pytest.mark.faults
@pytest.mark.parametrize("stored", [None, {"type": "text/html", "data": "PGI+"}])
def test_an_image_that_cannot_be_had_is_described(ada: Student, api: LocalApi, stored: dict[str, str] | None) -> None:
    publish(api, formatted(TEXT))
    api.bucket.put_json(image_key(SUBJECT, TEST, IMAGE), stored)
    ada.sign_in()
    ada.start_test()
    expect(legend(ada)).to_contain_text("[image: A parent with two children]")
    assert legend(ada).locator("img").count() == 0


def test_a_formatted_option_can_be_chosen_and_is_in_the_review(taking: Student) -> None:
    taking.page.locator("#question-1 label").first.locator("td").first.click()
    assert taking.chosen() == {"1": ["a"]}
    taking.page.get_by_role("link", name="Review and upload").click()
    taking.sees("Upload your answers?")
    expect(taking.page.locator(".chosen table")).to_have_count(1)
    expect(taking.page.locator(".asked").first).to_contain_text("Which *system call* is meant?")


def test_every_type_of_question_is_formatted(ada: Student, api: LocalApi) -> None:
    bold = {**READER.rendition("**bold** $x$")}
    options = [{"id": id, **bold, "text": f"{bold['text']} {id}"} for id in "ab"]
    publish(
        api,
        [
            {**bold, "type": "number", "options": []},
            {**bold, "type": "text", "options": []},
            {**bold, "type": "order", "options": options},
            {**bold, "type": "match", "options": options, "items": [{"id": "1", **bold}, {"id": "2", **bold}]},
        ],
    )
    ada.sign_in()
    ada.start_test()
    for number, shown in enumerate((1, 1, 3, 5), 1):
        field = ada.page.locator(f"#question-{number}")
        expect(field.locator("strong")).to_have_count(shown)
        expect(field.locator("math")).to_have_count(shown)
    ada.page.locator("#question-1 input").fill("3.5")
    expect(ada.page.get_by_label("bold x").first).to_have_value("3.5")
    assert violations(ada.page) == []


def test_released_answers_and_explanations_are_formatted(ada: Student, api: LocalApi) -> None:
    ada.sign_in()
    publish(api, formatted("**Which?**"))
    review = {"text": "*b*", "nodes": formatted("**b**")[0]["nodes"]}
    reviewed = {"explanation": review["text"], "explanationNodes": review["nodes"]}
    ada.start_test()
    ada.choose(1, "a")
    ada.upload()
    ada.sees("Your answers are uploaded")
    api.now += timedelta(days=3)
    api.release(SUBJECT, TEST, "s001")
    for key, written in api.objects("reviews/").items():
        api.bucket.put_json(key, {**written, "questions": [{**each, **reviewed} for each in written["questions"]]})
    ada.open(f"#/answers/{SUBJECT}/{TEST}")
    expect(ada.page.locator(".reviewed strong").get_by_text("Which?")).to_have_count(2)
    expect(ada.page.locator(".reviewed > .rich strong").last).to_have_text("b")


def test_hostile_texts_stay_text(ada: Student, api: LocalApi) -> None:
    publish(api, formatted(*HOSTILE))
    ada.sign_in()
    ada.start_test()
    expect(ada.page.locator("#question-1 legend")).to_contain_text("<img src=x onerror=")
    expect(ada.page.locator("#question-5 legend mtext")).to_contain_text("<img src=x onerror=")
    assert ada.page.locator("main script, main svg, main b").count() == 0
    assert ada.page.locator("main img[onerror], main img[src=x], main a[onclick]").count() == 0
    expect(ada.page.locator("#question-3 legend img")).to_have_attribute("alt", "<svg onload=document.title='owned'>")
    expect(ada.page).to_have_title("Kernels · Test class")


def hostile_node(**node: Any) -> list[dict[str, Any]]:
    inner = {"type": "text", "text": "words"}
    return [{"type": "paragraph", "children": [{"children": [inner], **node}]}]


@pytest.mark.parametrize(
    "node",
    [
        {"type": "link", "href": "javascript:document.title='owned'"},
        {"type": "link", "href": "JAVASCRIPT:document.title='owned'"},
        {"type": "link", "href": " javascript:document.title='owned'"},
        {"type": "link", "href": "data:text/html,<script>document.title='owned'</script>"},
        {"type": "link", "href": "/v1/student"},
        {"type": "link"},
        {"type": "script", "text": "document.title = 'owned'"},
        {"type": "constructor"},
        {"type": "__proto__"},
        {"type": "formula", "text": "x", "math": {"tag": "script", "text": "document.title = 'owned'"}},
        {
            "type": "formula",
            "text": "x",
            "math": {"tag": "math", "children": [{"tag": "maction", "attributes": {"actiontype": "toggle"}}]},
        },
        {
            "type": "formula",
            "text": "x",
            "math": {
                "tag": "math",
                "attributes": {"href": "javascript:document.title='owned'", "onclick": "document.title='owned'"},
                "children": [{"tag": "mi", "attributes": {"style": "position:fixed", "xlink:href": "x"}, "text": "x"}],
            },
        },
    ],
)
def test_a_tree_that_somebody_changed_does_no_harm(ada: Student, api: LocalApi, node: dict[str, Any]) -> None:
    """Such as the server's storage, or this device's."""
    [asked] = formatted("plain")
    publish(api, [{**asked, "nodes": hostile_node(**node)}])
    ada.sign_in()
    ada.start_test()
    shown = legend(ada)
    expect(shown.locator(".rich p")).to_have_count(1)
    for place in ("a", "script", "maction", "[href]", "[onclick]", "[style]", "[xlink\\:href]"):
        assert shown.locator(place).count() == 0, place
    shown.click()
    expect(ada.page).to_have_title("Kernels · Test class")


def test_harmful_characters_are_taken_out(ada: Student, api: LocalApi) -> None:
    publish(api, formatted("a\u202eb `c\u200bd` $\\text{e\u2066f}$"))
    ada.sign_in()
    ada.start_test()
    assert legend(ada).locator(".rich").text_content() == "ab cd ef"


@pytest.mark.parametrize("width", [320, 1000])
def test_the_page_is_no_wider_and_wide_parts_scroll_by_keyboard(
    open_browser: Callable[..., Student], api: LocalApi, width: int
) -> None:
    publish(api, formatted(TEXT))
    ada = open_browser(viewport={"width": width, "height": 800})
    ada.sign_in()
    ada.start_test()
    assert ada.page.evaluate("document.documentElement.scrollWidth") <= width
    box = legend(ada).locator(".wide").last
    expect(box).to_have_attribute("tabindex", "0")
    expect(box).to_have_attribute("role", "group")
    box.focus()
    ada.page.keyboard.press("ArrowRight")
    ada.page.wait_for_function("(box) => box.scrollLeft > 0", arg=box.element_handle())
    table = legend(ada).locator(".wide", has=ada.page.locator("table"))
    assert table.get_attribute("tabindex") == ("0" if width == 320 else None)


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options=WCAG_2_1_AA).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1000])
def test_axe_finds_nothing(open_browser: Callable[..., Student], api: LocalApi, scheme: str, width: int) -> None:
    publish(api, formatted(TEXT, *HOSTILE))
    ada = open_browser(viewport={"width": width, "height": 800}, color_scheme=scheme)
    ada.sign_in()
    ada.start_test()
    ada.choose(1, "a")
    assert violations(ada.page) == []
    ada.page.get_by_role("link", name="Review and upload").click()
    ada.sees("Upload your answers?")
    assert violations(ada.page) == []
