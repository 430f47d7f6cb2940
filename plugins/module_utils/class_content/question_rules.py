"""Checks what a schema cannot express about one question: what it has must fit together.

A question may still have any shape: what the schema has found wrong is left alone here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ..documents.yaml_lines import Document, FieldPath, field_name
from ..shared.compared_texts import comparable_text
from ..shared.gaps import gap_marks
from ..shared.shares import percent_of_share
from .accepted import (
    Bounds,
    accepts_everything,
    bounds,
    forms,
    percent_share,
    share_of,
    text_of,
)
from .option_ids import MOST_OPTIONS, same_text

KINDS = ("options", "number", "accept", "order", "match", "gaps")
GAP_KINDS = ("options", "number", "accept")
_ONLY_WITH = {
    "answer": "options",
    "feedback": "options",
    "case_matters": "accept",
    "spaces_matter": "accept",
    "other_options": "match",
}

_FORMS = {
    "options": "must be the letter of an option",
    "number": "must be a number such as 128, or {value: 9.81, tolerance: 1%}",
    "accept": 'must be a text, or {text: "dir*", share: 50}',
}


@dataclass
class QuestionRules:
    """The rules of one question, or of one gap: its answer, its options and its correction must fit together.

    `kinds`: which of the fields that say what is right it may have.
    """

    test: Document
    place: FieldPath
    question: Mapping[str, Any]
    kinds: Sequence[str] = KINDS
    # What is accepted with all points, and where.
    _accepted: dict[Bounds | str, FieldPath] = field(default_factory=dict)
    _gaps: dict[str, QuestionRules] = field(default_factory=dict)

    def check(self) -> None:
        """Add a problem to the document for each rule that the question breaks."""
        kinds = [kind for kind in self.kinds if kind in self.question]
        if len(kinds) != 1:
            self._check_kinds(kinds)
            return
        [kind] = kinds
        for name in [name for name, with_kind in _ONLY_WITH.items() if name in self.question and with_kind != kind]:
            self._problem((name,), f"is only for questions with `{_ONLY_WITH[name]}`; remove it")
        match kind:
            case "options":
                self._check_choice()
            case "number" | "accept":
                self._check_typed(kind)
            case "order":
                self._check_order()
            case "match":
                self._check_match()
            case "gaps":
                self._check_gaps()
        correction = self.question.get("correction")
        if isinstance(correction, dict):
            self._check_correction(kind, correction)

    def _check_kinds(self, kinds: list[str]) -> None:
        if kinds:
            self._problem((), f"has {_listing(kinds, 'and')}, and can only have one of them; remove the others")
        elif "answer" in self.question:
            self._problem(("options",), "is missing; add `options:` (2 to 26 options, each with a letter)")
        else:
            self._problem((), f"has no answer; add one of {_listing(self.kinds, 'or')}")

    def _check_choice(self) -> None:
        options = self.question["options"]
        if not isinstance(options, dict):
            return
        self._check_texts({("options", option): text for option, text in options.items()}, "option")
        answer = self.question.get("answer")
        if isinstance(answer, dict):
            self._check_shares(answer, options)
        for number, option in enumerate(answer if isinstance(answer, list) else [answer]):
            place = ("answer", number) if isinstance(answer, list) else ("answer",)
            self._check_option(place, option, options)
        feedback = self.question.get("feedback")
        for option in feedback if isinstance(feedback, dict) else ():
            self._check_option(("feedback", option), option, options)

    def _check_shares(self, shares: Mapping[str, Any], options: Mapping[str, Any]) -> None:
        for option in shares:
            self._check_option(("answer", option), option, options)
        if self._is_right("answer"):
            right = [share for share in map(percent_share, shares.values()) if share > 0]
            together = sum(right, Fraction(0))
            if together != 1:
                message = f"the shares above 0 add up to {percent_of_share(together)}; make them add up to 100"
                self._problem(("answer",), message)

    def _check_option(self, place: FieldPath, option: object, options: Mapping[str, Any]) -> None:
        if isinstance(option, str) and option not in options:
            self._problem(place, f"'{option}' is not one of the options ({', '.join(options)})")

    def _check_typed(self, kind: str) -> None:
        accepted = self.question[kind]
        place: FieldPath = (kind,)
        places = [(*place, number) for number in range(len(accepted))] if isinstance(accepted, list) else [place]
        self._check_forms(kind, list(zip(places, forms(accepted), strict=True)))
        if self._is_right(kind) and not any(share_of(form) == 1 for form in forms(accepted)):
            self._problem(place, "no answer earns all points; leave out `share` in at least one place")

    def _check_forms(self, kind: str, places: list[tuple[FieldPath, Any]]) -> None:
        for place, form in places:
            accepted = self._number(place, form) if kind == "number" else self._text(place, form)
            if accepted is None:
                continue
            first = self._accepted.get(accepted)
            if first is not None:
                self._problem(place, f"accepts the same as {field_name(first)}; remove one of them")
            elif share_of(form) == 1:
                self._accepted[accepted] = (*self.place, *place)

    def _number(self, place: FieldPath, form: Any) -> Bounds | None:
        """The numbers that a form accepts; None if something is wrong with it."""
        if isinstance(form, dict):
            has_range = "from" in form and "to" in form
            if has_range == ("value" in form) or ("value" in form and ("from" in form or "to" in form)):
                self._problem(place, "needs either `value:`, or `from:` and `to:`")
                return None
            if has_range and "tolerance" in form:
                self._problem((*place, "tolerance"), "is only for a `value`; remove it")
        found = bounds(form)
        if found and found.low > found.high and "to" in form:
            self._problem((*place, "from"), f"is more than `to` ({form['to']}); exchange them")
        return found

    def _text(self, place: FieldPath, form: Any) -> str | None:
        """What a form accepts, as answers are compared with it; None if something is wrong with it."""
        text = text_of(form)
        if not isinstance(text, str):
            return None
        if "*" in text and accepts_everything(text):
            self._problem(place, "accepts every answer; write what a right answer has besides `*`")
            return None
        case, spaces = (self.question.get(name) is True for name in ("case_matters", "spaces_matter"))
        return comparable_text(text, case_matters=case, spaces_matter=spaces)

    def _check_order(self) -> None:
        self._check_texts({("order", place): text for place, text in _entries(self.question["order"])}, "entry")

    def _check_match(self) -> None:
        pairs = [(place, pair) for place, pair in _entries(self.question["match"]) if isinstance(pair, dict)]
        self._check_texts({("match", place, "item"): pair.get("item") for place, pair in pairs}, "entry")
        options: dict[str, FieldPath] = {}
        for place, pair in pairs:
            if isinstance(pair.get("option"), str):
                options.setdefault(same_text(pair["option"]), ("match", place))
        for number, text in _entries(self.question.get("other_options")):
            if isinstance(text, str):
                first = options.setdefault(same_text(text), ("other_options", number))
                if first != ("other_options", number):
                    self._problem(("other_options", number), f"is already an option ({field_name(first)}); remove it")
        if len(options) > MOST_OPTIONS:
            message = f"has {len(options)} options with `other_options`; a question can have {MOST_OPTIONS}"
            self._problem(("match",), message)
        elif len(options) == 1 and self._is_right("match"):
            self._problem(("match",), "has only one option; add others to `other_options`")

    def _check_gaps(self) -> None:
        gaps = self.question["gaps"]
        if not isinstance(gaps, dict):
            return
        for name, gap in gaps.items():
            if isinstance(gap, dict):
                self._gaps[name] = QuestionRules(self.test, (*self.place, "gaps", name), gap, GAP_KINDS)
                self._gaps[name].check()
        numbers = [str(number) for number in range(1, len(gaps) + 1)]
        if gaps.keys() != set(numbers) and not any(self._has_problem(("gaps", name)) for name in gaps):
            self._problem(("gaps",), f"has {', '.join(gaps)}; number the gaps {', '.join(numbers)}")
        text = self.question.get("text")
        if isinstance(text, str):
            self._check_marks(gap_marks(text), list(gaps))

    def _check_marks(self, marks: list[str], gaps: list[str]) -> None:
        """Each gap has to be in the text, once."""
        for gap in [gap for gap in gaps if gap not in marks]:
            self._problem(("gaps", gap), f"is not in `text`; write {{{{{gap}}}}} in it where the gap is")
        for mark in dict.fromkeys(marks):
            if mark not in gaps:
                self._problem(("text",), f"has {{{{{mark}}}}}, which is not one of the gaps ({', '.join(gaps)})")
            elif marks.count(mark) > 1:
                self._problem(("text",), f"has {{{{{mark}}}}} more than once; keep one of them")

    def _check_texts(self, texts: Mapping[FieldPath, object], noun: str) -> None:
        """Texts of which no two may be the same."""
        seen: dict[str, FieldPath] = {}
        for place, text in texts.items():
            first = seen.setdefault(same_text(text), place) if isinstance(text, str) else place
            if first != place:
                name = first[1] + 1 if isinstance(first[1], int) else first[1]
                self._problem(place, f"has the same text as {noun} {name}; change one of them")

    def _check_correction(self, kind: str, correction: Mapping[str, Any]) -> None:
        ways = [way for way in ("drop", "all_credit", "also_accept") if way in correction]
        if len(ways) != 1:
            self._problem(("correction",), "needs exactly one of drop: true, all_credit: true, also_accept: [...]")
        if "also_accept" not in correction:
            return
        also = correction["also_accept"]
        if kind == "gaps":
            self._check_also_in_gaps(also)
        else:
            place: FieldPath = ("correction", "also_accept")
            self._check_also(kind, place, [((*place, number), form) for number, form in _entries(also)])

    def _check_also_in_gaps(self, also: object) -> None:
        """What a correction accepts, too, by gap. Each gap has its own rules; only the names of fields differ."""
        place = (*self.place, "correction", "also_accept")
        for name, forms_of_gap in (also if isinstance(also, dict) else {}).items():
            gap = self._gaps.get(name)
            kinds = [kind for kind in GAP_KINDS if gap and kind in gap.question]
            if gap is None:
                self._problem(("correction", "also_accept", name), f"is not one of the gaps ({', '.join(self._gaps)})")
            elif len(kinds) == 1:
                rules = QuestionRules(self.test, place, gap.question, GAP_KINDS, gap._accepted)
                rules._check_also_in_gap(kinds[0], [((name, number), form) for number, form in _entries(forms_of_gap)])

    def _check_also_in_gap(self, kind: str, also: list[tuple[FieldPath, Any]]) -> None:
        """The schema does not say which gap a form is for."""
        fitting = [(place, form) for place, form in also if _fits_kind(kind, form)]
        for place, form in also:
            if not _fits_kind(kind, form) and not self._has_problem(place):
                self._problem(place, _FORMS[kind])
        self._check_also(kind, (), fitting)

    def _check_also(self, kind: str, place: FieldPath, also: list[tuple[FieldPath, Any]]) -> None:
        answer = self.question.get("answer")
        if kind in ("number", "accept"):
            self._check_forms(kind, also)
            return
        if kind != "options" or isinstance(answer, list | dict):
            message = "is only for questions with one answer; correct the answer itself, or use drop or all_credit"
            self._problem(place, message)
        options = self.question.get("options")
        if not isinstance(options, dict):
            return
        for entry, option in also:
            self._check_option(entry, option, options)
            if option == answer:
                self._problem(entry, f"'{option}' is already the answer; remove it")

    def _is_right(self, name: str) -> bool:
        """Whether no problem has been found in a field."""
        whole = field_name((*self.place, name))
        return not any(faulty.startswith(whole) for faulty in self.test.faulty)

    def _has_problem(self, place: FieldPath) -> bool:
        return field_name((*self.place, *place)) in self.test.faulty

    def _problem(self, place: FieldPath, message: str) -> None:
        path = (*self.place, *place)
        self.test.problem(path, field_name(path), message)


def _entries(value: object) -> Iterator[tuple[int, Any]]:
    """The entries of a list, with their positions."""
    return enumerate(value if isinstance(value, list) else ())


def _fits_kind(kind: str, form: Any) -> bool:
    """Whether an accepted form is one for options, numbers or texts, as far as one can be told from the others."""
    if isinstance(form, dict):
        return kind != "options" and ("text" in form) == (kind == "accept")
    return isinstance(form, str) and (kind != "number" or bounds(form) is not None)


def _listing(names: Sequence[str], word: str) -> str:
    quoted = [f"`{name}`" for name in names]
    return f"{', '.join(quoted[:-1])} {word} {quoted[-1]}"
