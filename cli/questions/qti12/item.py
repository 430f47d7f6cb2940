"""An item of QTI 1.2 while it is being read: its rules, its points and its feedback."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from xml.etree.ElementTree import Element

from cli.questions.bank_images import FileIn, no_files
from cli.questions.qti12.scoring import UnknownScoring, declared_highest, rules_of
from cli.questions.qti12.texts import text_of
from cli.questions.xml_file import Losses, text_in

_MAX_COMPARISONS = 500_000  # in one item
# As Canvas names the feedback for the whole question.
FOR_ALL_ANSWERS = {
    "general_fb": "",
    "correct_fb": "the feedback for right answers",
    "general_correct_fb": "the feedback for right answers",
    "general_incorrect_fb": "the feedback for wrong answers",
    "incorrect_fb": "the feedback for wrong answers",
}


class Item:
    """An item while it is being read."""

    def __init__(self, element: Element, responses: list[Element], losses: Losses, file_in: FileIn = no_files) -> None:
        self.file_in = file_in
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
            if ident in self._feedback and ident not in FOR_ALL_ANSWERS:
                self.used.add(ident)
                if said := text_of(self._feedback[ident], self.losses, None):
                    return said
        return None

    def feedback_for(self, value: str) -> str | None:
        """What the rules whose only condition is this value show."""
        return self.feedback(self._shown_for.get(value, ()))
