"""A real report is what the trainer's page expects: its text is all there once its styles are removed."""

from __future__ import annotations

from html.parser import HTMLParser

from class_view.reports import report_page
from support.weekly_class import SUBJECT, TEST, make_world


class Text(HTMLParser):
    """The text of a page, and the attributes of its elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.attributes: set[str] = set()
        self._in_style = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self.words += data.split()


def test_a_report_without_its_styles_has_all_of_its_text() -> None:
    world = make_world()
    assert world.run()
    [key] = [key for key in world.s3.objects if key.endswith("/report.html")]
    kept = Text(world.s3.objects[key].decode())
    assert "style" in kept.attributes
    page = report_page(world.bucket, SUBJECT, TEST, key.split("/")[-2])
    assert page is not None
    shown = Text(page.decode())
    assert shown.words == kept.words
    assert shown.attributes == kept.attributes - {"style"}
