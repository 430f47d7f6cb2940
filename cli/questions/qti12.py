"""QTI 1.2, as Canvas and others export it: an XML file, or a zip with several."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from html import escape
from xml.etree.ElementTree import Element

from cli.questions.bank import (
    AcceptedNumber,
    Answer,
    Bank,
    BankQuestion,
    Body,
    Choice,
    Match,
    Number,
    Ordering,
    Other,
    ShortText,
    Unreadable,
)
from cli.questions.html_text import formula_losses
from cli.questions.qti12_package import has_qti12, opened
from cli.questions.qti12_scoring import Response, Rule, UnknownScoring, declared_highest, rules_of, score_of, share_of
from cli.questions.qti12_writer import write_qti12
from cli.questions.text_file import quoted, refuse_too_many
from cli.questions.xml_file import Losses, content, fraction_in, html_in, middle, name_from, number_in, text_in

__all__ = ["is_qti12", "read_qti12", "write_qti12"]

_RESPONSES = ("response_lid", "response_str", "response_num", "response_grp", "response_xy", "response_extension")
_MATERIALS = ("mattext", "mat_formattedtext", "matimage", "mataudio", "matvideo", "matemtext", "matapplet")
_DEFAULT_TITLES = ("", "Question")
_MAX_COMPARISONS = 500_000  # in one item
# As Canvas names the feedback for the whole question.
_FOR_ALL_ANSWERS = {
    "general_fb": "",
    "correct_fb": "the feedback for right answers",
    "general_correct_fb": "the feedback for right answers",
    "general_incorrect_fb": "the feedback for wrong answers",
    "incorrect_fb": "the feedback for wrong answers",
}


def is_qti12(data: bytes) -> bool:
    return has_qti12(data)


def read_qti12(data: bytes) -> Bank:
    package = opened(data)
    questions: list[BankQuestion] = []
    unreadable: list[Unreadable] = []
    notes: list[str] = []
    number = 0
    for document in package.documents:
        quiz = document.find("assessment")
        title = quiz.get("title", "") if quiz is not None and len(package.documents) > 1 else ""
        notes += _notes(document)
        points_of = _points_of_groups(document)
        for element in document.iter("item"):
            number += 1
            refuse_too_many(number)
            name = " ".join((element.get("title") or "").split())
            shown = name if name not in _DEFAULT_TITLES else element.get("ident", "")
            where = f"question {number}" + f" of {quoted(title)}" * bool(title) + f" ({quoted(shown)})" * bool(shown)
            try:
                question = _question(element, where, name)
                questions.append(replace(question, points=points_of.get(element, question.points)))
            except UnknownScoring as error:
                unreadable.append(Unreadable(where, str(error)))
    return Bank(tuple(questions), tuple(unreadable), (*notes, *package.notes))


def _notes(document: Element) -> Iterator[str]:
    for section in document.iter("section"):
        picked = text_in(section.find("selection_ordering/selection/selection_number"))
        name = quoted(section.get("title", "") or section.get("ident", ""))
        if picked:
            count = len(section.findall("item"))
            yield f"the group {name} draws {picked} of its {count} questions: the drawing is left out"
        if section.find("selection_ordering/selection/sourcebank_ref") is not None:
            yield f"the group {name} draws questions from a bank that is in another file"
    for quiz in document.iter("assessment"):
        if quiz.find("presentation_material") is not None or quiz.find("rubric") is not None:
            yield f"the introduction of the quiz {quoted(quiz.get('title', ''))} is left out"


def _points_of_groups(document: Element) -> dict[Element, Fraction]:
    """The points of questions in groups that have the same for all of their questions."""
    found = {}
    for section in document.iter("section"):
        points = fraction_in(text_in(section.find("selection_ordering/selection/selection_extension/points_per_item")))
        if points is not None:
            found |= dict.fromkeys(section.findall("item"), points)
    return found


class _Item:
    """An item while it is being read."""

    def __init__(self, element: Element, responses: list[Element], losses: Losses) -> None:
        self.element = element
        self.responses = responses
        self.losses = losses
        self.declared = declared_highest(element)
        self.rules = rules_of(element, self.declared)
        self.highest = self.declared or max([Fraction(0), *(rule.value() for rule in self.rules)]) or Fraction(100)
        self.used: set[str] = set()  # the idents of feedback that is a part of the question
        self._refuse_too_much_work()
        self._feedback = {found.get("ident", ""): found for found in element.iterfind("itemfeedback")}
        self._shown_for: dict[str, list[str]] = {}
        for rule in self.rules:
            compared = rule.comparisons()
            if len(compared) == 1 and compared[0].tag == "varequal":
                self._shown_for.setdefault(text_in(compared[0]), []).extend(rule.feedback)

    def _refuse_too_much_work(self) -> None:
        options = sum(1 for _ in self.element.iterfind("presentation//response_label"))
        conditions = sum(1 for _ in self.element.iterfind("resprocessing//*"))
        if (options + len(self.rules)) * conditions > _MAX_COMPARISONS:
            raise UnknownScoring("it has too many options and rules for its points")

    def feedback(self, idents: Iterable[str]) -> str | None:
        """The first of the texts that is not for the whole question."""
        for ident in idents:
            if ident in self._feedback and ident not in _FOR_ALL_ANSWERS:
                self.used.add(ident)
                if said := _material(self._feedback[ident], self.losses):
                    return said
        return None

    def feedback_for(self, value: str) -> str | None:
        """What the rules whose only condition is this value show."""
        return self.feedback(self._shown_for.get(value, ()))


def _question(element: Element, where: str, title: str) -> BankQuestion:
    losses = Losses()
    fields = _metadata(element)
    presentation = element.find("presentation")
    responses = [] if presentation is None else [child for child in presentation.iter() if child.tag in _RESPONSES]
    text = "" if presentation is None else _prompt(presentation, responses, losses)
    if not text:
        raise UnknownScoring("it has no text")
    item = _Item(element, responses, losses)
    kind = _kind(fields, item)
    read = _BODIES.get(kind)
    body = read(item) if read else Other(_NAMES.get(kind, kind.removesuffix("_question").replace("_", " ")))
    explanation = _material(_feedback_named(element, "general_fb"), losses) or None
    _lose_feedback(item)
    for tag in ("rubric", "objectives", "itemcontrol", "itemrubric"):
        if element.find(tag) is not None:
            losses.lose(f"<{tag}> is left out")
    written = fields.get("points_possible") or fields.get("cc_weighting") or ""
    points = fraction_in(written)
    if written and points is None:
        raise UnknownScoring(f"its points {quoted(written)} are not a number")
    name = title if title not in (*_DEFAULT_TITLES, name_from(text)) else None
    return BankQuestion(where, text, body, name, points, explanation, losses.all())


def _metadata(element: Element) -> dict[str, str]:
    found = {}
    for entry in element.iterfind("itemmetadata//qtimetadatafield"):
        found[text_in(entry.find("fieldlabel"))] = text_in(entry.find("fieldentry"))
    return found


def _feedback_named(element: Element, ident: str) -> Element | None:
    return next((found for found in element.iterfind("itemfeedback") if found.get("ident") == ident), None)


def _lose_feedback(item: _Item) -> None:
    for found in item.element.iterfind("itemfeedback"):
        ident = found.get("ident", "")
        said = _material(found, item.losses)
        if said and ident != "general_fb" and ident not in item.used:
            what = _FOR_ALL_ANSWERS.get(ident, f"the feedback {quoted(ident)}")
            item.losses.lose(f"{what} is left out: {quoted(said)}")


# Texts


def _materials(element: Element, stop: Sequence[str] = ()) -> Iterator[Element]:
    """The pieces of text in an element in their order, without those in elements named in `stop`."""
    left = deque(element)
    while left:
        child = left.popleft()
        if child.tag in _MATERIALS:
            yield child
        elif child.tag not in stop:
            left.extendleft(reversed(child))


def _prompt(presentation: Element, responses: list[Element], losses: Losses) -> str:
    texts = [_text(found, losses) for found in _materials(presentation, _RESPONSES)]
    if len(responses) == 1 and not any(texts):
        texts += [_text(found, losses) for found in _own_materials(responses[0])]
    return "\n\n".join(filter(None, texts))


def _own_materials(response: Element) -> Iterator[Element]:
    return _materials(response, ("render_choice", "render_fib", "render_hotspot", "render_slider", "render_extension"))


def _material(element: Element | None, losses: Losses) -> str:
    if element is None:
        return ""
    return "\n\n".join(filter(None, (_text(found, losses) for found in _materials(element))))


def _text(found: Element, losses: Losses) -> str:
    if found.tag.startswith("mat") and found.tag not in ("mattext", "mat_formattedtext", "matemtext"):
        source = found.get("uri") or found.get("label") or ""
        if found.tag == "matimage":
            return html_in(f'<img src="{escape(source)}">', losses)
        losses.lose(f"the file {source or 'without a name'} is left out")
        return ""
    kind = (found.get("texttype") or found.get("type") or "").lower()
    if "html" in kind or len(found):
        return html_in(content(found), losses)
    text = text_in(found)
    losses.add(formula_losses(text))
    return text


# Types


def _kind(fields: dict[str, str], item: _Item) -> str:
    """The type as Canvas names it."""
    named = fields.get("question_type", "")
    if named:
        return named
    profile = re.fullmatch(r"cc\.(\w+)\.v\w+", fields.get("cc_profile", ""))
    if profile and profile[1] in _PROFILES:
        return _PROFILES[profile[1]]
    return _inferred(item)


def _inferred(item: _Item) -> str:
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


def _inferred_choice(item: _Item) -> str:
    if len(item.responses) > 1:
        sides = {tuple(label.get("ident") for label in found.iter("response_label")) for found in item.responses}
        return "matching_question" if len(sides) == 1 else "multiple_dropdowns_question"
    cardinality = item.responses[0].get("rcardinality", "Single").lower()
    if cardinality == "ordered":
        return "ordering_question"
    if cardinality != "single":
        return "multiple_answers_question"
    texts = sorted(_material(label, Losses()).lower() for label in item.responses[0].iter("response_label"))
    return "true_false_question" if texts == ["false", "true"] else "multiple_choice_question"


def _only_response(item: _Item) -> Element:
    if len(item.responses) != 1:
        raise UnknownScoring("it does not have exactly one place for an answer")
    return item.responses[0]


def _labels(item: _Item, response: Element) -> list[tuple[str, str]]:
    labels = []
    for label in response.iter("response_label"):
        text = _material(label, item.losses)
        if text:
            labels.append((label.get("ident", ""), text))
        else:
            item.losses.lose("an option without a text is left out")
    return labels


def _choice(item: _Item) -> Choice:
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


def _true_false(item: _Item) -> Choice:
    choice = _choice(item)
    return Choice(choice.options, several=False, is_true_false=len(choice.options) == 2 and not choice.several)


def _shares_of_one(item: _Item, respident: str, idents: list[str]) -> dict[str, Fraction]:
    return {
        ident: share_of(score_of(item.rules, Response(respident, {ident}, several=False)), item.highest)
        for ident in idents
    }


def _shares_of_several(item: _Item, respident: str, idents: list[str]) -> dict[str, Fraction]:
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


def _short_text(item: _Item) -> ShortText:
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


def _number(item: _Item) -> Number:
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


def _match(item: _Item) -> Match:
    right_of: dict[str, str] = {}
    for rule in item.rules:
        compared = rule.comparisons()
        if rule.value() > 0 and len(compared) == 1:
            right_of.setdefault(compared[0].get("respident", ""), text_in(compared[0]))
    pairs, used, texts = [], set(), {}
    for response in item.responses:
        left = _material_of_response(response, item.losses)
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


def _ordering(item: _Item) -> Ordering:
    """The right order is that in the rule that earns the most points and names every option once."""
    response = _only_response(item)
    labels = dict(_labels(item, response))
    for found in response.iterfind("render_extension//material[@position]"):
        item.losses.lose(f"the label {quoted(_material(found, item.losses))} is left out")
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


def _material_of_response(response: Element, losses: Losses) -> str:
    return "\n\n".join(filter(None, (_text(found, losses) for found in _own_materials(response))))


_BODIES: dict[str, Callable[[_Item], Body]] = {
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
