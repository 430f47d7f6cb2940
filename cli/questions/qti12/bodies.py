"""What an item of QTI 1.2 asks for, by its type."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from decimal import Decimal
from fractions import Fraction
from xml.etree.ElementTree import Element

from cli.questions.bank import (
    AcceptedNumber,
    Answer,
    Body,
    Choice,
    Match,
    Number,
    Ordering,
    Other,
    ShortText,
)
from cli.questions.qti12.item import Item
from cli.questions.qti12.scoring import Response, Rule, UnknownScoring, score_of, share_of
from cli.questions.qti12.texts import text_of, text_of_response
from cli.questions.text_file import quoted
from cli.questions.xml_file import Losses, middle, number_in, text_in


def kind_of(fields: dict[str, str], item: Item) -> str:
    """The type as Canvas names it."""
    named = fields.get("question_type", "")
    if named:
        return named
    profile = re.fullmatch(r"cc\.(\w+)\.v\w+", fields.get("cc_profile", ""))
    if profile and profile[1] in _PROFILES:
        return _PROFILES[profile[1]]
    return _inferred(item)


def body_of(kind: str, item: Item) -> Body:
    """What an item of a type asks for. Raises UnknownScoring."""
    read = _BODIES.get(kind)
    return read(item) if read else Other(_NAMES.get(kind, kind.removesuffix("_question").replace("_", " ")))


def _inferred(item: Item) -> str:
    tags = {response.tag for response in item.responses}
    if not tags:
        return "text_only_question"
    if tags == {"response_lid"}:
        return _inferred_choice(item)
    if len(item.responses) > 1:
        return "fill_in_multiple_blanks_question"
    if not tags <= {"response_str", "response_num"}:
        return tags.pop()
    compared = [compared for rule in item.rules if rule.changes for compared in rule.comparisons()]
    if not compared:
        return "essay_question"
    kinds = {found.get("fibtype", "").lower() for found in item.element.iter("render_fib")}
    is_number = tags == {"response_num"} or kinds & {"decimal", "integer", "scientific"}
    return "numerical_question" if is_number else "short_answer_question"


def _inferred_choice(item: Item) -> str:
    if len(item.responses) > 1:
        sides = {tuple(label.get("ident") for label in found.iter("response_label")) for found in item.responses}
        return "matching_question" if len(sides) == 1 else "multiple_dropdowns_question"
    cardinality = item.responses[0].get("rcardinality", "Single").lower()
    if cardinality == "ordered":
        return "ordering_question"
    if cardinality != "single":
        return "multiple_answers_question"
    texts = sorted(text_of(label, Losses()).lower() for label in item.responses[0].iter("response_label"))
    return "true_false_question" if texts == ["false", "true"] else "multiple_choice_question"


def _only_response(item: Item) -> Element:
    if len(item.responses) != 1:
        raise UnknownScoring("it does not have exactly one place for an answer")
    return item.responses[0]


def _labels(item: Item, response: Element) -> list[tuple[str, str]]:
    labels = []
    for label in response.iter("response_label"):
        text = text_of(label, item.losses, item.file_in)
        if text:
            labels.append((label.get("ident", ""), text))
        else:
            item.losses.lose("an option without a text is left out")
    return labels


def _choice(item: Item) -> Choice:
    response = _only_response(item)
    respident = response.get("ident", "")
    labels = _labels(item, response)
    if len(labels) < 2:
        raise UnknownScoring("it has fewer than two options")
    several = response.get("rcardinality", "Single").lower() != "single"
    idents = [ident for ident, _ in labels]
    shares = _shares_of_several(item, respident, idents) if several else _shares_of_one(item, respident, idents)
    options = [Answer(text, shares[ident], item.feedback_for(ident)) for ident, text in labels]
    return Choice(tuple(options), several=several)


def _true_false(item: Item) -> Choice:
    choice = _choice(item)
    return Choice(choice.options, several=False, is_true_false=len(choice.options) == 2 and not choice.several)


def _shares_of_one(item: Item, respident: str, idents: list[str]) -> dict[str, Fraction]:
    return {
        ident: share_of(score_of(item.rules, Response(respident, {ident}, several=False)), item.highest)
        for ident in idents
    }


def _shares_of_several(item: Item, respident: str, idents: list[str]) -> dict[str, Fraction]:
    def score(chosen: Collection[str]) -> Fraction:
        return score_of(item.rules, Response(respident, chosen, several=True))

    nothing = score(())
    if nothing == item.highest:  # no option is right
        return dict.fromkeys(idents, Fraction(0))
    alone = {ident: score({ident}) - nothing for ident in idents}
    if any(alone.values()):
        right = {ident for ident, change in alone.items() if change > 0}
        best = score(right)
        alone |= {ident: score({*right, ident}) - best for ident, change in alone.items() if change == 0}
        highest = item.declared or sum(score for score in alone.values() if score > 0) or item.highest
        return {ident: share_of(score, highest) for ident, score in alone.items()}
    for rule in item.rules:
        right = {text_in(compared) for compared in rule.comparisons() if compared.tag == "varequal"}
        right |= {value for c in rule.comparisons() if c.tag == "varsubset" for value in text_in(c).split(",")}
        if right and right <= set(idents) and score(right) == item.highest:
            # Canvas lets a wrong option take away what a right one earns.
            return {ident: Fraction(1 if ident in right else -1, len(right)) for ident in idents}
    if any(rule.changes and rule.comparisons() for rule in item.rules):
        raise UnknownScoring("which options are right cannot be worked out from its rules")
    return dict.fromkeys(idents, Fraction(0))


def _short_text(item: Item) -> ShortText:
    _only_response(item)
    accepted: dict[str, Answer] = {}
    cases = set()
    for rule in sorted(item.rules, key=lambda rule: not rule.changes):
        for compared in rule.comparisons():
            text = text_in(compared)
            if compared.tag != "varequal":
                item.losses.lose(f"an accepted text is left out, because its rule is <{compared.tag}>: {quoted(text)}")
            elif text and text not in accepted:
                share = share_of(rule.value(), item.highest)
                accepted[text] = Answer(text.replace("*", "\\*"), share, item.feedback_for(text))
                cases.add(compared.get("case", "No").lower() == "yes")
    if not accepted:
        raise UnknownScoring("it has no accepted answer")
    if len(cases) > 1:
        item.losses.lose("upper and lower case matter for all accepted texts, not only for some")
    return ShortText(tuple(accepted.values()), case_matters=True in cases)


def _number(item: Item) -> Number:
    _only_response(item)
    accepted = []
    for rule in item.rules:
        if not rule.changes:
            continue
        share = share_of(rule.value(), item.highest)
        ranges = _ranges(rule, item.losses)
        said = item.feedback(rule.feedback)
        accepted += [AcceptedNumber(low, high, share, said, value) for low, high, value in ranges]
    if not accepted:
        raise UnknownScoring("it has no accepted number")
    return Number(tuple(accepted))


def _ranges(rule: Rule, losses: Losses) -> list[tuple[Decimal, Decimal, Decimal | None]]:
    """The ranges, each with the number in its middle if that is named too, and the numbers that are in none of them."""
    ranges: list[tuple[Decimal, Decimal]] = []
    exact: list[Decimal] = []
    ends: dict[str, Decimal] = {}
    for compared in rule.comparisons():
        number = number_in(text_in(compared))
        if number is None:
            raise UnknownScoring(f"the answer {quoted(text_in(compared))} is not a number")
        if compared.tag == "varequal":
            exact.append(number)
            continue
        side = compared.tag[3:5]
        if compared.tag in ("vargt", "varlt"):
            losses.lose(f"the bound {number} now belongs to the range")
        ends[side] = number
        if len(ends) == 2:
            ranges.append((ends["gt"], ends["lt"]))
            ends = {}
    if ends:
        losses.lose(f"a range with only one end is left out: {', '.join(map(str, ends.values()))}")
    middles = {number: number for number in exact}
    found = [(low, high, middles.get(middle(low, high)) if low < high else None) for low, high in ranges]
    return [*found, *((n, n, None) for n in exact if not any(low <= n <= high for low, high in ranges))]


def _match(item: Item) -> Match:
    right_of: dict[str, str] = {}
    for rule in item.rules:
        compared = rule.comparisons()
        if rule.value() > 0 and len(compared) == 1:
            right_of.setdefault(compared[0].get("respident", ""), text_in(compared[0]))
    pairs, used, texts = [], set(), {}
    for response in item.responses:
        left = text_of_response(response, item.losses, item.file_in)
        labels = dict(_labels(item, response))
        texts.update({ident: text for ident, text in labels.items() if ident not in texts})
        right = right_of.get(response.get("ident", ""), "")
        if not left or right not in labels:
            raise UnknownScoring(f"{quoted(left or 'an empty text')} has nothing that matches it")
        pairs.append((left, labels[right]))
        used.add(right)
    if not pairs:
        raise UnknownScoring("it has no pairs")
    others = [text for ident, text in texts.items() if ident not in used]
    return Match(tuple(pairs), tuple(others))


def _ordering(item: Item) -> Ordering:
    """The right order is that in the rule that earns the most points and names every option once."""
    response = _only_response(item)
    labels = dict(_labels(item, response))
    for found in response.iterfind("render_extension//material[@position]"):
        item.losses.lose(f"the label {quoted(text_of(found, item.losses))} is left out")
    if len(labels) < 2:
        raise UnknownScoring("it has fewer than two texts to put in order")
    for rule in sorted(item.rules, key=lambda rule: -rule.value()):
        named = [text_in(compared) for compared in _by_index(rule.comparisons())]
        if rule.value() > 0 and sorted(named) == sorted(labels):
            return Ordering(tuple(labels[ident] for ident in named))
    raise UnknownScoring("the right order cannot be worked out from its rules")


def _by_index(comparisons: list[Element]) -> list[Element]:
    """In the order of their places, if they are given."""
    if all(compared.get("index", "").isdecimal() for compared in comparisons):
        return sorted(comparisons, key=lambda compared: int(compared.get("index", "")))
    return comparisons


_BODIES: dict[str, Callable[[Item], Body]] = {
    "multiple_choice_question": _choice,
    "true_false_question": _true_false,
    "multiple_answers_question": _choice,
    "short_answer_question": _short_text,
    "numerical_question": _number,
    "matching_question": _match,
    "ordering_question": _ordering,
}
_PROFILES = {
    "multiple_choice": "multiple_choice_question",
    "multiple_response": "multiple_answers_question",
    "true_false": "true_false_question",
    "fib": "short_answer_question",
    "pattern_match": "short_answer_question",
    "essay": "essay_question",
}
_NAMES = {
    "text_only_question": "description",
    "response_xy": "hotspot",
    "response_grp": "grouping",
}
