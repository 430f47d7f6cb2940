"""The page's sources, as a browser can import them."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Route

SOURCES = Path(__file__).parents[2] / "lambda_src" / "web_page" / "page"


def serve_source(route: Route) -> None:
    """A file of the page as it stands; the page itself with start.js named instead of put in."""
    name = route.request.url.rpartition("/")[2] or "index.html"
    if name == "sw.js":
        route.continue_()
        return
    text = (SOURCES / name).read_text()
    if name == "index.html":
        text = text.replace('<script type="module">', '<script type="module" src="start.js">')
        text = text.replace("<style></style>", '<link rel="stylesheet" href="page.css">')
    route.fulfill(
        body=text, content_type="text/javascript" if name.endswith(".js") else f"text/{Path(name).suffix[1:]}"
    )
