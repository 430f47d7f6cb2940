"""Formulas: what LaTeX becomes, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.formula import (
    ATTRIBUTES,
    ELEMENTS,
    LONGEST_FORMULA,
    WrongFormula,
    formula,
)
from hypothesis import given
from hypothesis import strategies as st

from common.shared.documents import MathElement

# What a formula is made of, put together without sense.
PIECES = [
    "x",
    "1",
    "{",
    "}",
    "^",
    "_",
    "&",
    "\\\\",
    "\\frac",
    "\\sqrt",
    "\\left(",
    "\\right)",
    "\\text",
    "\\href",
    "<",
    "'",
    " ",
]


def elements(element: MathElement) -> list[MathElement]:
    return [element, *(found for child in element.get("children", []) for found in elements(child))]


def written(element: MathElement) -> str:
    """A formula as a short text: `mfrac(mi:a mi:b)`, without the rows."""
    inner = " ".join(written(child) for child in element.get("children", []))
    if element["tag"] in ("math", "mrow"):
        return inner
    return f"{element['tag']}:{element['text']}" if "text" in element else f"{element['tag']}({inner})"


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        ("x", "mi:x"),
        ("3.5", "mn:3.5"),
        ("a+b", "mi:a mo:+ mi:b"),
        (r"\frac{a}{b}", "mfrac(mi:a mi:b)"),
        ("x^2", "msup(mi:x mn:2)"),
        ("x_i", "msub(mi:x mi:i)"),
        (r"\sqrt{2}", "msqrt(mn:2)"),
        (r"\sqrt[3]{x}", "mroot(mi:x mn:3)"),
        (r"\le", "mo:\N{LESS-THAN OR EQUAL TO}"),
        (r"\mathbb{R}", "mi:\N{DOUBLE-STRUCK CAPITAL R}"),
        (r"a<b", "mi:a mo:< mi:b"),
        (r"\text{<b>\foo</b>}", r"mtext:<b>\foo</b>"),
        (r"\begin{matrix}1&2\end{matrix}", "mtable(mtr(mtd(mn:1) mtd(mn:2)))"),
    ],
)
def test_a_formula_is_mathml(latex: str, shown: str) -> None:
    assert written(formula(latex)) == shown


def test_a_formula_on_its_own_line_says_so() -> None:
    assert formula("x", is_block=True)["attributes"]["display"] == "block"
    assert formula("x")["attributes"]["display"] == "inline"


@pytest.mark.parametrize(
    ("latex", "reason"),
    [
        ("{", "is not complete"),
        ("x^", "is not complete"),
        (r"\left( x", "is not complete"),
        (r"\frac{a}", "a part of a fraction, root or index is missing"),
        (r"\nosuch{x}", r"has the command \nosuch"),
        (r"\href{javascript:alert(1)}{x}", "sets href"),
        (r"\style{position:fixed}{x}", "sets style"),
        (r"\color{red}{x}", "sets mathcolor"),
        (r"\boxed{x}", "needs the element menclose"),
        ("x" * (LONGEST_FORMULA + 1), "is longer than 1,000 characters"),
        ("{" * 60 + "x" + "}" * 60, "is nested more than 50 deep"),
        (r"\frac" * 190, "is not complete"),
    ],
)
def test_what_cannot_be_shown_is_refused(latex: str, reason: str) -> None:
    with pytest.raises(WrongFormula) as refused:
        formula(latex)
    assert reason in str(refused.value)


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_whatever_is_written_is_harmless_mathml_or_refused(latex: str) -> None:
    try:
        shown = formula(latex)
    except WrongFormula:
        return
    for element in elements(shown):
        assert element["tag"].startswith("m")
        assert not {"href", "style", "class", "id"} & element.get("attributes", {}).keys()
        assert not any(name.startswith("on") for name in element.get("attributes", {}))


def test_the_page_lets_the_same_elements_and_attributes_through() -> None:
    page = (Path(__file__).parents[3] / "lambda_src/web_page/page/nodes.js").read_text(encoding="utf-8")
    for name, here in (("MATH_ELEMENTS", ELEMENTS), ("MATH_ATTRIBUTES", ATTRIBUTES)):
        [there] = re.findall(rf'const {name} = "([^"]+)"', page)
        assert there.split() == here.split()
