"""Questions of a test's file come back from each format that holds them as they were."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content import written
from cli.questions.authored import authored, banked
from cli.questions.bank import Number
from cli.questions.formats import FORMATS
from hypothesis import given, settings
from hypothesis import strategies as st

Fields = dict[str, Any]

# Code, HTML and signs with a meaning in a format, but no spaces that some formats leave out.
_WORDS = st.sampled_from(
    [
        "a",
        "Zażółć",
        "`ls -l`",
        "<b>",
        "&amp;",
        "{",
        "}",
        "=x",
        "~",
        "#",
        "->",
        "\\n",
        "::",
        "%50%",
        "//",
        "]]>",
        "🙂",
        "1",
    ]
)
texts = st.lists(_WORDS, min_size=1, max_size=5).map(" ".join)
different = st.lists(texts, min_size=2, max_size=5, unique_by=str.casefold)
accepted_texts = st.lists(
    st.lists(st.sampled_from(["ls", "-l", "Ż", "=", "\\*", "{x}", "#"]), min_size=1, max_size=3).map(" ".join),
    min_size=1,
    max_size=4,
    unique_by=str.casefold,
)
parts = st.sampled_from([100, 50, 33.33333, 66.66667, 12.5, 5])
numbers = st.decimals(min_value=-(10**6), max_value=10**6, places=3)


def with_more(draw: st.DrawFn, form: Fields, share: float) -> Fields:
    """An accepted answer with its share, and perhaps with feedback."""
    said = draw(st.none() | texts)
    return form | ({"share": share} if share != 100 else {}) | ({"feedback": said} if said else {})


def plainly(form: Fields, field: str) -> Any:
    return form[field] if len(form) == 1 else form


def one_or_list(forms: list[Any]) -> Any:
    return forms[0] if len(forms) == 1 else forms


@st.composite
def choices(draw: st.DrawFn) -> Fields:
    options = dict(zip("abcde", draw(different), strict=False))
    shares: list[Any] = [{"a": 100, "b": -50}, {"a": 33.33333, "b": 66.66667}, {"b": 100}]
    answers: list[Any] = ["a", "b", ["a"], ["a", "b"], *(share for share in shares if share.keys() <= options.keys())]
    fields: Fields = {"options": options, "answer": draw(st.sampled_from(answers))}
    feedback = {letter: said for letter in options if (said := draw(st.none() | texts))}
    return fields | ({"feedback": feedback} if feedback else {})


@st.composite
def numeric(draw: st.DrawFn) -> Fields:
    forms = []
    for place in range(draw(st.integers(1, 3))):
        low, width = draw(numbers), abs(draw(numbers)) + 1
        form = draw(
            st.sampled_from(
                [
                    {"value": f"{low}"},
                    {"value": f"{low}", "tolerance": f"{width}"},
                    {"from": f"{low}", "to": f"{low + width}"},
                ]
            )
        )
        forms.append(plainly(with_more(draw, form, draw(parts) if place else 100), "value"))
    return {"number": one_or_list(forms)}


@st.composite
def typed(draw: st.DrawFn) -> Fields:
    forms = [
        plainly(with_more(draw, {"text": text}, draw(parts) if place else 100), "text")
        for place, text in enumerate(draw(accepted_texts))
    ]
    return {"accept": one_or_list(forms)}


@st.composite
def matching(draw: st.DrawFn) -> Fields:
    items, options = draw(different), draw(different)
    pairs = [{"item": item, "option": draw(st.sampled_from(options))} for item in items]
    others = [option for option in options if option not in {pair["option"] for pair in pairs}]
    return {"match": pairs} | ({"other_options": others} if others else {})


ordering = different.map(lambda each: {"order": each})
kinds = choices() | numeric() | typed() | matching() | ordering


@st.composite
def questions(draw: st.DrawFn) -> Fields:
    fields = draw(kinds)
    said = draw(st.none() | texts)
    points = draw(st.sampled_from([1, 2, 0.5]))
    fields = {"text": draw(texts), **fields} | ({"points": points} if points != 1 else {})
    return fields | ({"explanation": said} if said else {})


def normal(question: Mapping[str, Any], format: str) -> Mapping[str, Any]:
    """The question as it comes back: equal answers once, and what the format cannot tell apart in one form."""
    result = authored(banked(1, cast(written.Question, question))).question
    fields: Fields = dict(result)
    if "number" in fields and format == "moodle-xml":
        fields["number"] = one_or_list([_by_tolerance(form) for form in _listed(fields["number"])])
    return fields


def _listed(forms: Any) -> list[Any]:
    return forms if isinstance(forms, list) else [forms]


def _by_tolerance(form: Any) -> Any:
    if not isinstance(form, dict) or "from" not in form:
        return form
    low, high = Decimal(form.pop("from")), Decimal(form.pop("to"))
    return {"value": str((low + high) / 2), "tolerance": str((high - low) / 2), **form}


HOLDS_EVERYTHING = ["moodle-xml", "qti12"]


@pytest.mark.parametrize("format", HOLDS_EVERYTHING)
@given(question=questions())
@settings(max_examples=150, deadline=None)
def test_a_question_comes_back(format: str, question: Fields) -> None:
    data, lost = FORMATS[format].write([banked(1, cast(written.Question, question))], None)
    assert not any("left out" in loss for _, loss in lost)
    (read,) = FORMATS[format].read(data, None).questions
    assert authored(read).question == normal(question, format)


@given(question=questions())
@settings(max_examples=200, deadline=None)
def test_a_question_comes_back_from_gift_without_its_points(question: Fields) -> None:
    data, lost = FORMATS["gift"].write([banked(1, cast(written.Question, question))], None)
    if "order" in question or (not data and "->" in str(question)):
        assert "it is left out" in str(lost)
        return
    (read,) = FORMATS["gift"].read(data, None).questions
    assert {**authored(read).question, "points": 1} == {**normal(question, "gift"), "points": 1}


@pytest.mark.parametrize("format", [*HOLDS_EVERYTHING, "gift"])
def test_bounds_are_exact(format: str) -> None:
    question: Any = {"text": "?", "number": {"value": "0.1", "tolerance": "0.00000000000000000001"}}
    data, _ = FORMATS[format].write([banked(1, question)], None)
    (read,) = FORMATS[format].read(data, None).questions
    assert isinstance(read.body, Number)
    assert read.body.accepted[0].low == Decimal("0.09999999999999999999")
