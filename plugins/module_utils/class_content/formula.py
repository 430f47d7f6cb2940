"""Turns a formula in LaTeX into MathML, of which only elements that do nothing are let through."""

from __future__ import annotations

import html
import re
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element

from ..shared.documents import MathElement

LONGEST_FORMULA = 1000
_DEEPEST = 50
# MathML Core (w3.org/TR/mathml-core), without actions, styles, colours, links and foreign content. The page has both
# lists too (nodes.js).
ELEMENTS = """
    math mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup
    msup mtable mtd mtext mtr munder munderover none
"""
ATTRIBUTES = """
    accent accentunder columnalign columnlines columnspacing columnspan depth dir display displaystyle fence form
    height largeop linebreak linethickness lspace mathsize mathvariant maxsize minsize movablelimits rowlines rowspacing
    rowspan rspace scriptlevel separator stretchy symmetric voffset width
"""
_COMMAND = re.compile(r"\\[A-Za-z]+")
# How many children these elements have: with fewer, they are no valid MathML.
_ARITY = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}


class WrongFormula(Exception):
    """A formula that cannot be shown. The message is the end of a sentence about it."""


def formula(latex: str, *, is_block: bool = False) -> MathElement:
    """The formula as a `math` element. Raises WrongFormula."""
    if len(latex) > LONGEST_FORMULA:
        raise WrongFormula(f"is longer than {LONGEST_FORMULA:,} characters")
    try:
        converted = convert_to_element(latex, display="block" if is_block else "inline")
    except Exception as error:  # a dozen kinds of its own, and any of Python's
        raise WrongFormula("is not complete: check its braces, and what stands after ^, _ and \\left") from error
    return _checked(converted, 0)


def _checked(element: Element, depth: int) -> MathElement:
    if depth > _DEEPEST:
        raise WrongFormula(f"is nested more than {_DEEPEST} deep")
    text = html.unescape(element.text or "")
    children = list(element)
    if unknown := _COMMAND.search(text if element.tag != "mtext" else ""):
        raise WrongFormula(f"has the command {unknown[0]}, which is not known here")
    if element.tag not in ELEMENTS.split():
        raise WrongFormula(f"needs the element {element.tag}, which is not shown here")
    if len(children) < _ARITY.get(element.tag, 0):
        raise WrongFormula("is not complete: a part of a fraction, root or index is missing")
    if refused := sorted(element.attrib.keys() - {"xmlns", *ATTRIBUTES.split()}):
        raise WrongFormula(f"sets {refused[0]}, which a formula here cannot")
    shown: MathElement = {"tag": element.tag}
    if attributes := {name: value for name, value in element.items() if name != "xmlns"}:
        shown["attributes"] = attributes
    if text:
        shown["text"] = text
    if children:
        shown["children"] = [_checked(child, depth + 1) for child in children]
    return shown
