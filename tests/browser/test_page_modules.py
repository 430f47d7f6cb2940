"""The page's modules in a browser as they stand, not made one script, and the rules they share with Python."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from common.shared.harmful_characters import harmless
from support.browser_student import ALL_ANSWERS, Student
from support.local_api import LocalApi
from support.page_sources import serve_source
from support.text_samples import BLOCKS, INLINE


def test_the_page_works_from_its_modules_as_they_stand(ada: Student) -> None:
    for pattern in ("", "*.js", "*.css"):
        ada.context.route(f"{ada.endpoint}/{pattern}", serve_source)
    ada.sign_in()
    assert ada.page.locator("script[src]").count() == 1
    ada.start_test()
    ada.answer_everything()
    ada.upload()
    ada.sees("Your answers are uploaded")
    assert [stored["answers"] for stored in ada.stored().values()] == [ALL_ANSWERS]
    ada.page.get_by_role("link", name="Scores").click()
    ada.sees("Your scores")
    ada.page.get_by_role("button", name="Sign out").click()
    ada.sees("Sign in")


def test_the_page_is_one_request(ada: Student, api: LocalApi) -> None:
    asked: list[str] = []
    ada.page.on("request", lambda request: asked.append(request.url))
    ada.open()
    ada.sees("Sign in")
    assert [url for url in asked if not url.startswith(("data:", "about:"))] == [f"{api.endpoint}/"]
    assert api.requests[0] == "GET /"
    assert set(api.requests) <= {"GET /", "GET /sw.js"}  # the worker, and the page that it keeps


def test_the_page_and_python_agree_on_every_character(sources: Page) -> None:
    on_page = sources.evaluate(
        """async () => {
             const { clean } = await import("/text.js");
             const changed = [];
             for (let c = 0; c < 0x110000; c++) {
               if (c >= 0xd800 && c < 0xe000) continue;
               const text = `a${String.fromCodePoint(c)}b`;
               if (clean(text) !== text) changed.push([c, clean(text)]);
             }
             return changed;
           }"""
    )
    characters = (c for c in range(0x110000) if not 0xD800 <= c < 0xE000)
    assert on_page == [[c, shown] for c in characters if (shown := harmless(f"a{chr(c)}b")) != f"a{chr(c)}b"]
    assert sources.evaluate("""async () => (await import("/text.js")).clean("1\\r\\n2\\r3")""") == harmless("1\r\n2\r3")


@pytest.mark.parametrize(("function", "samples"), [("blocks", BLOCKS), ("inlineCode", INLINE)])
def test_the_page_finds_the_code_that_mails_find(sources: Page, function: str, samples: Any) -> None:
    found = sources.evaluate(
        f"""async (texts) => {{
              const {{ {function} }} = await import("/text.js");
              return texts.map((text) => {function}(text).map((part) => [part.isCode ? "code" : "prose", part.text]));
            }}""",
        [text for text, _ in samples],
    )
    assert found == json.loads(json.dumps([expected for _, expected in samples]))
