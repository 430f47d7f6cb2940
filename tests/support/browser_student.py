"""A student in front of the page: what they do, what they see, and what the browser says about it."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, expect

from support.local_api import LocalApi

SUBJECT = "operating-systems"
TEST = "test01"
# What `answer_everything` chooses, as it is uploaded.
ALL_ANSWERS = {"1": "a", "2": "a", "3": ["a", "b"], "4": "b", "5": "d", "6": "c"}
WITHIN_MS = 10_000
# A script for a browser without service workers: a route of Playwright does not see what a worker sends.
NO_WORKER = "delete Navigator.prototype.serviceWorker"
# What the page sees when the student turns to something else ("hidden") or comes back ("visible").
HIDE = """state => {
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


class Visitor:
    """Anybody at the page of an API: a browser of their own, and what it complained about."""

    def __init__(self, context: BrowserContext, endpoint: str, key: str) -> None:
        self.context = context
        self.endpoint = endpoint
        self.key = key
        self.complaints: list[str] = []
        self.foreign_requests: list[str] = []
        context.set_default_timeout(WITHIN_MS)
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        context.on("request", self._on_request)
        self.page = context.new_page()

    def open(self, view: str = "", page: Page | None = None) -> Page:
        """The page at a view, such as `#/scores`, read afresh; in this or another tab."""
        page = page or self.page
        page.goto("about:blank")
        page.goto(f"{self.endpoint}/{view}")
        return page

    def sign_in(self, remember: bool = False) -> None:
        self.open()
        self.page.get_by_label("Your key").fill(self.key)
        self.page.get_by_label("Remember on this device").set_checked(remember)
        self.page.get_by_role("button", name="Sign in").click()
        self.sees("Your tests")

    def sees(self, heading: str, page: Page | None = None) -> None:
        expect((page or self.page).get_by_role("heading", level=1)).to_have_text(heading)

    def choose(self, question: int, *options: str, page: Page | None = None) -> None:
        for option in options:
            (page or self.page).locator(f"input[name=question-{question}][value={option}]").check()

    def chosen(self, page: Page | None = None) -> dict[str, list[str]]:
        """The options that are ticked on the page, by question."""
        chosen: dict[str, list[str]] = (page or self.page).evaluate(
            """() => [...document.querySelectorAll("fieldset input:checked")].reduce((chosen, input) => {
                 (chosen[input.name.replace("question-", "")] ??= []).push(input.value);
                 return chosen;
               }, {})"""
        )
        return chosen

    def upload(self) -> None:
        self.page.get_by_role("link", name="Review and upload").click()
        self.page.get_by_role("button", name="Upload my answers").click()

    def _on_console(self, message: ConsoleMessage) -> None:
        # Chromium reports a draft that does not exist like any other failed request.
        no_draft = "/v1/draft?" in message.location["url"] and "status of 404" in message.text
        if message.type in ("error", "warning") and not no_draft:
            self.complaints.append(message.text)

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.endpoint, "data:", "about:")):
            self.foreign_requests.append(request.url)


class Student(Visitor):
    """A student of the sample class with its one test, at the API on loopback."""

    def __init__(self, context: BrowserContext, api: LocalApi, key: str) -> None:
        super().__init__(context, api.endpoint, key)
        self.api = api

    def waits(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.locator("#waiting")).to_contain_text(text)

    def start_test(self) -> None:
        self.page.get_by_role("link", name="Start Kernels").click()
        self.sees("Kernels")

    def answer_everything(self) -> None:
        for question, options in (1, "a"), (2, "a"), (3, "ab"), (4, "b"), (5, "d"), (6, "c"):
            self.choose(question, *options)

    def stored(self) -> dict[str, Any]:
        """What the server has of this student, by key."""
        return self.api.objects("answers/")

    def saved(self) -> Any:
        """The answers of the one draft on the server, None if there is none."""
        drafts = list(self.api.objects("drafts/").values())
        return drafts[0]["answers"] if drafts else None
