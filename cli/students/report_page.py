"""A student's lines in the page of a report, cut out of it. Pure functions.

The page is written by lambda_src/report_run/templates: each student has a table row or a paragraph of their own, in
which the ID is in a `span`, or begins the text: `s001: changed from 4 of 6 to 5 of 6`.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from itertools import accumulate

_LINES = ("tr", "p")
_WITHOUT_END = ("br", "hr", "img", "input", "link", "meta")


def cut(page: str, student: str) -> tuple[list[str], str]:
    """The student's lines, as text, and the page without them."""
    finder = _Finder(page, student)
    finder.feed(page)
    finder.close()
    lines, kept, end = [], [], 0
    for start, stop in sorted(finder.found):
        lines.append(text_of(page[start:stop]))
        kept.append(page[end:start])
        end = stop
    return lines, "".join([*kept, page[end:]])


def text_of(markup: str) -> str:
    """What a reader sees of a piece of HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


class _Finder(HTMLParser):
    """Notes where the student's lines begin and end. `found`: as places in the page."""

    def __init__(self, page: str, student: str) -> None:
        super().__init__()
        self.found: list[tuple[int, int]] = []
        self._page = page
        self._student = student
        self._line_starts = [0, *accumulate(len(line) + 1 for line in page.split("\n"))]
        self._open: list[tuple[str, int]] = []
        self._marked: set[int] = set()  # where the student's lines begin that have not ended yet

    def _place(self) -> int:
        line, column = self.getpos()
        return self._line_starts[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _WITHOUT_END:
            self._open.append((tag, self._place()))

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            opened, start = self._open.pop()
            if start in self._marked:
                self.found.append((start, self._page.index(">", self._place()) + 1))
            if opened == tag:
                break

    def handle_data(self, data: str) -> None:
        is_text = self._open and self._open[-1][0] in ("span", "p")
        if is_text and data.strip(": \n").partition(":")[0].rstrip() == self._student:
            self._marked.update([start for tag, start in self._open if tag in _LINES][-1:])
