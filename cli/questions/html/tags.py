"""The tags and the text in HTML, which is only read and never becomes a page.

`HTMLParser` of the standard library takes quadratic time for some inputs in older Python versions, so the tags are
found here, in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape


def _names(written: str) -> frozenset[str]:
    return frozenset(written.split())


FORMATTING = _names(
    "abbr b big blockquote center cite del dfn em font h1 h2 h3 h4 h5 h6 hr i ins mark q s small strike strong u var"
)
PARAGRAPHS = _names("p h1 h2 h3 h4 h5 h6 blockquote table hr")
LINES = _names(
    "address article aside body caption center dd div dl dt fieldset figcaption figure footer form header li main nav "
    "ol section tr ul"
)
CODE = _names("code kbd samp tt pre")
MEDIA = {"audio": "sound", "video": "video", "iframe": "embedded page", "embed": "object", "object": "object"}
FIELDS = _names("input select textarea button")
_RAW = _names("script style svg math")
VOID = _names("area base br col embed hr img input link meta param source track wbr")
_OTHER_ELEMENTS = _names(
    "a area base bdi bdo br col colgroup data datalist details dir head html img label legend link meta meter nobr "
    "noscript optgroup option output param picture progress rp rt ruby source span sub summary sup tbody td template "
    "tfoot th thead time title track wbr"
)
_ELEMENTS = FORMATTING | PARAGRAPHS | LINES | CODE | frozenset(MEDIA) | FIELDS | _RAW | VOID | _OTHER_ELEMENTS

_TAG = re.compile(r"<(?:(/?)([a-zA-Z][^\s/><]*)|(!--)|[!?])")
_TAG_END = re.compile(r"(?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+>")
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]++)(?:\s*+=\s*+(\"[^\"]*+\"|'[^']*+'|[^\s\"'>]++))?")
_LONG_REFERENCE = re.compile(r"&#(?:[0-9]{9,}|[xX][0-9a-fA-F]{9,});?")


@dataclass(frozen=True)
class Tag:
    name: str
    attributes: dict[str, str]
    closes: bool
    source: str


@dataclass(frozen=True)
class Raw:
    """An element whose content is not HTML to read, such as a script."""

    tag: Tag
    content: str


def tokens(html: str) -> Iterator[str | Tag | Raw]:
    """The text and the tags in their order. Comments are left out, as a browser leaves them out."""
    position = text_from = 0
    quotes_are_closed = True  # if not, a second search for the end of a tag could also go through the whole text
    while found := _TAG.search(html, position):
        start = found.start()
        if found[2] and found[2].lower() not in _ELEMENTS and not re.search("[:-]", found[2]):
            position = found.end()  # `#include <stdio.h>`
            continue
        if found[3]:
            end = html.find("-->", found.end())
            end = end + 3 if end >= 0 else -1
        else:
            whole = _TAG_END.match(html, found.end()) if quotes_are_closed else None
            quotes_are_closed = whole is not None
            end = whole.end() if whole else html.find(">", found.end()) + 1 or -1
        if end < 0:
            break
        tag = _tag(found, html[start:end]) if found[2] else None
        yield html[text_from:start]
        if tag and tag.name in _RAW and not tag.closes and not tag.source.endswith("/>"):
            closing = re.compile(f"</{tag.name}\\b[^<>]*>?", re.IGNORECASE).search(html, end)
            yield Raw(tag, html[end : closing.start() if closing else len(html)])
            end = closing.end() if closing else len(html)
        elif tag:
            yield tag
        position = text_from = end
    yield html[text_from:]


def _tag(found: re.Match[str], source: str) -> Tag:
    given = _ATTRIBUTE.findall(source, len(found[0]))
    attributes = {name.lower(): unescaped(value.strip("\"'")) for name, value in reversed(given)}
    return Tag(found[2].lower(), attributes, bool(found[1]), source)


def unescaped(text: str) -> str:
    """`unescape` raises an error for a number with thousands of digits."""
    return unescape(_LONG_REFERENCE.sub("\ufffd", text)) if "&" in text else text
