"""How QTI 1.2 scores an item: rules (`respcondition`) in order, each with a condition and changes of the score."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction
from xml.etree.ElementTree import Element

from cli.questions.text_file import quoted
from cli.questions.xml_file import fraction_in, text_in

_MAX_DEPTH = 20
_LARGEST_DENOMINATOR = 12
_ROUNDED = Fraction(1, 10_000)


class UnknownScoring(Exception):
    """Rules that this module cannot follow. The message says why."""


@dataclass(frozen=True)
class Rule:
    """`changes`: action and value. `feedback`: the idents of what is shown."""

    condition: Element
    changes: list[tuple[str, Fraction]]
    stops: bool
    feedback: list[str]

    def comparisons(self) -> list[Element]:
        """The comparisons that make the condition true, in their order, without those in a `not`."""
        return list(_comparisons(self.condition, 0))

    def value(self) -> Fraction:
        """The score after this rule, if it is the first one."""
        return _changed(Fraction(0), self.changes)


def _comparisons(element: Element, depth: int) -> Iterator[Element]:
    if depth > _MAX_DEPTH:
        raise UnknownScoring("its conditions are nested too deeply")
    for child in element:
        if child.tag in ("and", "or"):
            yield from _comparisons(child, depth + 1)
        elif child.tag.startswith("var"):
            yield child


def rules_of(item: Element, highest: Fraction | None) -> list[Rule]:
    """The rules in their order. Raises UnknownScoring."""
    variables = {found.get("varname", "") for found in item.iterfind("resprocessing/respcondition/setvar")} - {""}
    if len({name.lower() for name in variables}) > 1:
        raise UnknownScoring(f"its rules count points in several variables: {quoted(', '.join(sorted(variables)))}")
    rules = []
    for written in item.iterfind("resprocessing/respcondition"):
        changes = []
        for setvar in written.iterfind("setvar"):
            value = _value(text_in(setvar), highest)
            changes.append((setvar.get("action", "Set").lower(), value))
        condition = written.find("conditionvar")
        rules.append(
            Rule(
                condition if condition is not None else Element("conditionvar"),
                changes,
                written.get("continue", "No").lower() != "yes",
                [shown.get("linkrefid", "") for shown in written.iterfind("displayfeedback")],
            )
        )
    return rules


def _value(text: str, highest: Fraction | None) -> Fraction:
    """Blackboard writes `SCORE.max` for the highest score."""
    value = highest if text.lower().endswith(".max") else fraction_in(text)
    if value is None:
        raise UnknownScoring("a rule for its points has a value that is not a number")
    return value


def _changed(score: Fraction, changes: list[tuple[str, Fraction]]) -> Fraction:
    for action, value in changes:
        if action == "set":
            score = value
        elif action == "add":
            score += value
        elif action == "subtract":
            score -= value
        elif action == "multiply":
            score *= value
        elif action == "divide" and value:
            score /= value
    return score


@dataclass(frozen=True)
class Response:
    """An answer that consists of the idents `chosen`. `several`: whether more than one may be chosen."""

    respident: str
    chosen: Collection[str]
    several: bool


def score_of(rules: list[Rule], response: Response) -> Fraction:
    """The score of an answer."""
    score = Fraction(0)
    nothing_held = True
    for rule in rules:
        if not rule.changes or not _holds(rule.condition, response, nothing_held):
            continue
        nothing_held = False
        score = _changed(score, rule.changes)
        if rule.stops:
            break
    return score


def _holds(element: Element, response: Response, nothing_held: bool, depth: int = 0) -> bool:
    if depth > _MAX_DEPTH:
        raise UnknownScoring("its conditions are nested too deeply")
    if element.tag == "other":
        return nothing_held
    if element.tag == "unanswered":
        return not response.chosen
    if element.tag not in ("conditionvar", "and", "or", "not"):
        is_meant = element.get("respident", response.respident) == response.respident
        return is_meant and _is_chosen(element, response.chosen)
    parts = [_holds(child, response, nothing_held, depth + 1) for child in element]
    if element.tag == "not":
        return not any(parts)
    # Several comparisons directly in a condition are alternatives in Canvas's files, unless all can be true at once.
    is_list = element.tag == "conditionvar" and all(child.tag == "varequal" for child in element)
    alternatives = element.tag == "or" or (is_list and not response.several)
    return any(parts) if alternatives else bool(parts) and all(parts)


def _is_chosen(compared: Element, chosen: Collection[str]) -> bool:
    if compared.tag == "varsubset":
        return {value.strip() for value in text_in(compared).split(",")} <= set(chosen)
    return compared.tag == "varequal" and text_in(compared) in chosen


def declared_highest(item: Element) -> Fraction | None:
    """The score that earns all points."""
    for declared in item.iterfind("resprocessing/outcomes/decvar"):
        value = fraction_in(declared.get("maxvalue", ""))
        if value and value > 0:
            return value
    return None


def share_of(score: Fraction, highest: Fraction) -> Fraction:
    """The share of the points, as a simple fraction if the score was rounded: 33.33 of 100 is a third."""
    exact = score / highest
    simple = exact.limit_denominator(_LARGEST_DENOMINATOR)
    return simple if abs(simple - exact) < _ROUNDED else exact
