"""Texts with gaps as Canvas has them: `[name]` in the text, and a `response_lid` with the ident `response_name`.

All options of a gap to type in are accepted, although only the first one has a rule.
"""

from __future__ import annotations

from fractions import Fraction
from xml.etree.ElementTree import Element

from cli.questions.bank import Answer, Choice, Gap, Gaps, ShortText
from cli.questions.qti12.item import Item
from cli.questions.qti12.scoring import UnknownScoring
from cli.questions.qti12.texts import text_of
from cli.questions.text_file import quoted
from cli.questions.xml_file import Losses, text_in

TYPED, CHOSEN = "fill_in_multiple_blanks_question", "multiple_dropdowns_question"
_RESPONSE = "response_"


def has_named_gaps(kind: str, item: Item) -> bool:
    """Whether an item of a type has gaps in Canvas's form."""
    names = [response.get("ident", "") for response in item.responses]
    is_canvas = all(response.tag == "response_lid" for response in item.responses)
    return kind in (TYPED, CHOSEN) and bool(names) and is_canvas and all(name.startswith(_RESPONSE) for name in names)


def gaps_of(kind: str, text: str, item: Item) -> tuple[str, Gaps]:
    """The text with `{{1}}` in place of the first gap, and the gaps in the order of the text. Raises UnknownScoring."""
    responses = {response.get("ident", "").removeprefix(_RESPONSE): response for response in item.responses}
    marks = {name: _mark(name, text, item) for name in responses}
    for name in responses:
        if text.count(marks[name]) != 1:
            raise UnknownScoring(f"its text does not have the gap {quoted(name)} exactly once")
    names = sorted(responses, key=lambda name: text.index(marks[name]))
    scores = {name: _score(item, responses[name].get("ident", "")) for name in names}
    for place, name in enumerate(names, 1):
        text = text.replace(marks[name], f"{{{{{place}}}}}")
    gaps = [_gap(kind, item, responses[name], name) for name in names]
    return text, Gaps(tuple(gaps), has_weights=len(set(scores.values())) > 1)


def _mark(name: str, text: str, item: Item) -> str:
    """A gap as it stands in the text: in code, as in the bank."""
    written = item.losses.texts.literal(f"[{name}]")
    return written if written in text else f"[{name}]"


def _gap(kind: str, item: Item, response: Element, name: str) -> Gap:
    losses = Losses() if kind == TYPED else item.losses  # what students type has no formatting
    labels = [(label.get("ident", ""), text_of(label, losses)) for label in response.iter("response_label")]
    item.losses.add(losses.all())
    labels = [(ident, text) for ident, text in labels if text]
    if kind == TYPED:
        if not labels:
            raise UnknownScoring(f"the gap {quoted(name)} has no accepted answer")
        return ShortText(
            tuple(Answer(text.replace("*", "\\*"), Fraction(1), item.feedback_for(ident)) for ident, text in labels)
        )
    if len(labels) < 2:
        raise UnknownScoring(f"the gap {quoted(name)} has fewer than two options")
    right = _right(item, response.get("ident", ""))
    return Choice(
        tuple(Answer(text, Fraction(int(ident in right)), item.feedback_for(ident)) for ident, text in labels)
    )


def _right(item: Item, respident: str) -> set[str]:
    return {
        text_in(compared)
        for rule in item.rules
        if rule.value() > 0
        for compared in rule.comparisons()
        if compared.get("respident") == respident
    }


def _score(item: Item, respident: str) -> Fraction:
    """What the gap earns, rounded as Canvas rounds it."""
    values = [
        rule.value()
        for rule in item.rules
        if any(compared.get("respident") == respident for compared in rule.comparisons())
    ]
    return round(max(values, default=Fraction(0)), 1)
