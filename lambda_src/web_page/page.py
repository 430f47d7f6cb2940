"""The web page as one document, which is the HTML with its style and script, and the headers that it is sent with.

The sources are in `page/`, and the function's bundle contains them unchanged. The document is put together once, at the
cold start, so the tests load exactly what students get.
"""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from html import escape
from pathlib import Path

from common.shared.harmful_characters import harmless
from web_page.modules import one_script

_SOURCES = Path(__file__).parent / "page"
STUDENTS_ENTRY, TRAINERS_ENTRY = "start.js", "class_start.js"
_STYLE_TAG = "<style></style>"
_CLASS_TAG = '<span id="class-name"></span>'
_SCRIPT_TAG = '<script type="module"></script>'


@dataclass(frozen=True)
class Page:
    """The document. `html`: as sent. `style`, `script`: as they are between their tags."""

    html: str
    style: str
    script: str

    @cached_property
    def compressed(self) -> bytes:
        """`html` compressed with gzip, to the same bytes every time."""
        return gzip.compress(self.html.encode(), mtime=0)

    @cached_property
    def etag(self) -> str:
        """A weak entity tag, because the compressed and the uncompressed document share it."""
        return f'W/"{sha256(self.html.encode()).hexdigest()[:32]}"'

    @cached_property
    def headers(self) -> dict[str, str]:
        """The page's headers. `no-cache`: the browser keeps the page, but checks before each use if it has changed."""
        return {
            "Cache-Control": "private, no-cache",
            "Content-Security-Policy": self._content_security_policy(),
            "Content-Type": "text/html; charset=utf-8",
            "Cross-Origin-Opener-Policy": "same-origin",
            "ETag": self.etag,
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            "Vary": "Accept, Accept-Encoding",
        }

    def _content_security_policy(self) -> str:
        """Allows only this script, this style, calls to this origin and its worker, and no HTML made from strings.

        The one policy of Trusted Types makes the worker's address and nothing else (offline.js).
        """
        return "; ".join(
            [
                "default-src 'none'",
                f"script-src '{_digest(self.script)}'",
                f"style-src '{_digest(self.style)}'",
                "img-src data:",
                "connect-src 'self'",
                "worker-src 'self'",
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'",
                "require-trusted-types-for 'script'",
                "trusted-types test-time-worker",
            ]
        )


WORKER_HEADERS = {
    "Cache-Control": "no-cache",
    # A worker has a policy of its own. It fetches the page.
    "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
    "Content-Type": "text/javascript; charset=utf-8",
}


def load_worker(page: Page) -> str:
    """The service worker that keeps `page`. Its first line has the page's version, which names its cache."""
    source = (_SOURCES.parent / "sw.js").read_text(encoding="utf-8")
    return f"const VERSION = {json.dumps(page.etag)};\n{source}"


def load_page(class_name: str, entry: str = STUDENTS_ENTRY) -> Page:
    """The page of a class from its sources, with the script that starts in `entry`.

    Raises ValueError if a tag is missing in the HTML, ModuleError for a script.
    """
    html = (_SOURCES / "index.html").read_text(encoding="utf-8")
    styles = ["page.css", "class.css"] if entry == TRAINERS_ENTRY else ["page.css"]
    style = "".join((_SOURCES / name).read_text(encoding="utf-8") for name in styles)
    script = one_script(_SOURCES, entry)
    for tag, content in ((_STYLE_TAG, style), (_SCRIPT_TAG, script), (_CLASS_TAG, escape(harmless(class_name, "")))):
        if html.count(tag) != 1:
            raise ValueError(f"index.html must contain {tag} exactly once")
        html = html.replace(tag, tag.replace("></", f">{content}</"))
    return Page(html, style, script)


def _digest(source: str) -> str:
    return "sha256-" + b64encode(sha256(source.encode()).digest()).decode()
