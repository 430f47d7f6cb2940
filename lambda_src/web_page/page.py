"""The web page as one document: its style and scripts put into the HTML, and the headers it is served with.

The sources lie in `page/`, and the function's bundle holds them as they are. The document is put together once, at the
cold start: what the tests load is what students get, with no step between.
"""

from __future__ import annotations

import gzip
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from web_page.modules import one_script

_SOURCES = Path(__file__).parent / "page"
_ENTRY = "start.js"
_STYLE_TAG = "<style></style>"
_SCRIPT_TAG = '<script type="module"></script>'


@dataclass(frozen=True)
class Page:
    """The document: `html` as sent, `style` and `script` as they stand between their tags."""

    html: str
    style: str
    script: str

    @cached_property
    def compressed(self) -> bytes:
        """`html` as gzip, the same bytes every time."""
        return gzip.compress(self.html.encode(), mtime=0)

    @cached_property
    def etag(self) -> str:
        """Weak, because the compressed and the plain document share it."""
        return f'W/"{sha256(self.html.encode()).hexdigest()[:32]}"'

    @cached_property
    def headers(self) -> dict[str, str]:
        """What the page is served with. `no-cache`: kept by the browser, but asked after before each use."""
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
        """This script and this style alone, calls to this origin alone, and no HTML made from strings."""
        return "; ".join(
            [
                "default-src 'none'",
                f"script-src '{_digest(self.script)}'",
                f"style-src '{_digest(self.style)}'",
                "img-src data:",
                "connect-src 'self'",
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'",
                "require-trusted-types-for 'script'",
                "trusted-types 'none'",
            ]
        )


def load_page() -> Page:
    """The page from its sources. Raises ValueError if the HTML has no place for them, ModuleError about a script."""
    html = (_SOURCES / "index.html").read_text(encoding="utf-8")
    style = (_SOURCES / "page.css").read_text(encoding="utf-8")
    script = one_script(_SOURCES, _ENTRY)
    for tag, content in ((_STYLE_TAG, style), (_SCRIPT_TAG, script)):
        if html.count(tag) != 1:
            raise ValueError(f"index.html must have {tag} once")
        html = html.replace(tag, tag.replace("></", f">{content}</"))
    return Page(html, style, script)


def _digest(source: str) -> str:
    return "sha256-" + b64encode(sha256(source.encode()).digest()).decode()
