"""Lets of an SVG only through what draws: no scripts, animations, links, foreign content or other files.

It is written anew from the elements and attributes below, without comments, instructions and the drawing program's own
notes. The page shows it as an image, in which a browser runs nothing anyway.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from .image_problems import WrongImage

_SVG = "{http://www.w3.org/2000/svg}"
_HREFS = ("href", "{http://www.w3.org/1999/xlink}href")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_DEEPEST = 100
_ELEMENTS = """
    svg g defs symbol use title desc path rect circle ellipse line polyline polygon text tspan textPath
    linearGradient radialGradient stop clipPath pattern marker style
"""
_ATTRIBUTES = """
    alignment-baseline baseline-shift class clip-path clip-rule clipPathUnits color cx cy d direction display
    dominant-baseline dx dy fill fill-opacity fill-rule font font-family font-size font-size-adjust font-stretch
    font-style font-variant font-weight fx fy gradientTransform gradientUnits height id image-rendering lengthAdjust
    letter-spacing marker-end marker-mid marker-start markerHeight markerUnits markerWidth method offset opacity orient
    overflow paint-order pathLength patternContentUnits patternTransform patternUnits points preserveAspectRatio r refX
    refY rotate rx ry shape-rendering side spacing spreadMethod startOffset stop-color stop-opacity stroke
    stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width
    style text-anchor text-decoration text-rendering textLength transform transform-origin type unicode-bidi
    vector-effect version viewBox visibility width word-spacing writing-mode x x1 x2 y y1 y2
"""
_LOCAL = re.compile(r"#[^\s\"'()<>]+")
# What reads another file, or hides that it does.
_OUTSIDE = re.compile(
    r"@|\\|image(-set)?\s*\(|(?<![\w-])src\s*\(|expression\s*\(|javascript:|url\s*\((?!\s*[\"']?#)", re.I
)


def harmless_svg(content: bytes) -> bytes:
    """The SVG in `content`, written anew. Raises WrongImage."""
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise WrongImage("has a DOCTYPE or entities; remove that line from the SVG") from error
    except (ParseError, ValueError, LookupError) as error:
        raise WrongImage("is not a valid SVG") from error
    if root.tag != f"{_SVG}svg":
        raise WrongImage("is not a valid SVG")
    written = _written(root, 0)
    _check_uses(written)
    written.set("xmlns", _SVG.strip("{}"))
    return tostring(written)


def _written(element: Element, depth: int) -> Element:
    if depth > _DEEPEST:
        raise WrongImage(f"is nested more than {_DEEPEST} deep")
    name = element.tag.removeprefix(_SVG)
    if name not in _ELEMENTS.split():
        raise WrongImage(f"has the element {name}; an SVG can only have drawings and text")
    written = Element(name, dict(_attributes(element)))
    written.text, written.tail = element.text, element.tail
    if name == "style":
        _check_style(element.text or "", "style")
    written.extend([_written(child, depth + 1) for child in element if _draws(child)])
    return written


def _draws(element: Element) -> bool:
    """Whether it is an element of SVG that may show something. Drawing programs have others, for notes."""
    return element.tag.startswith(_SVG) and element.tag != f"{_SVG}metadata"


def _attributes(element: Element) -> Iterator[tuple[str, str]]:
    for name, value in element.items():
        if name.lower().startswith("on"):
            raise WrongImage(f"has the attribute {name}; an SVG cannot react to anything")
        if name in _HREFS:
            if not _LOCAL.fullmatch(value.strip()):
                raise WrongImage(f"refers to '{value[:100]}'; an SVG can only refer to its own parts")
            yield "href", value.strip()
        elif name == _SPACE:
            yield "xml:space", value
        elif name in _ATTRIBUTES.split():
            _check_style(value, name)
            yield name, value


def _check_style(value: str, name: str) -> None:
    if found := _OUTSIDE.search(value):
        raise WrongImage(f"has '{found[0]}' in {name}; an SVG can only refer to its own parts")


def _check_uses(root: Element) -> None:
    """A part that is drawn again cannot contain one: a few lines would be drawn billions of times."""
    with_use = {part.get("id") for part in root.iter() if next(part.iter("use"), None) is not None}
    for use in root.iter("use"):
        if use.get("href", "#")[1:] in with_use:
            raise WrongImage("has a use of a part that has one itself")
