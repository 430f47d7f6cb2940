"""Writing QTI 1.2: a zip in the form in which Canvas exports and imports quizzes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from urllib.parse import quote
from xml.etree.ElementTree import Element

from cli.questions.bank import (
    Answer,
    BankQuestion,
    CannotBeWrittenError,
    Choice,
    Gaps,
    Match,
    Number,
    Ordering,
    Other,
    ShortText,
)
from cli.questions.formatted.rich_text import RichText
from cli.questions.html import html_of
from cli.questions.qti12.gaps import CHOSEN, TYPED
from cli.questions.qti12.gaps_writing import accepted_in_gap, names_of_gaps, refuse_unheld_gaps, with_names
from cli.questions.xml_file import (
    Losses,
    add,
    add_each,
    allowed,
    fraction_in,
    name_from,
    refuse_without_text_or_type,
    shown_fraction,
    stripped,
    trimmed,
    written,
)

from common.shared.shares import percent_of_share, share_of_percent

_QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
_PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
_NAME = "questions"
_UNSCORED = {"essay": "essay_question", "description": "text_only_question"}
_RESPONSE = "response1"
_STAR = re.compile(r"\\\*|\*")


def write_qti12(
    questions: Sequence[BankQuestion], files: Mapping[str, bytes] | None = None
) -> tuple[bytes, list[tuple[str, str]]]:
    """The zip, and what it cannot hold: each with the question's `where` and a sentence without a full stop."""
    root = Element("questestinterop", xmlns=_QTI)
    assessment = add(root, "assessment", ident=_NAME, title="Questions")
    section = add(assessment, "section", ident="root_section")
    lost = add_each(questions, {}, lambda number, question, losses: _add_question(section, number, question, losses))
    images = {f"web_resources/{name}": content for name, content in (files or {}).items()}
    package = {"imsmanifest.xml": written(_manifest(images)), f"{_NAME}/{_NAME}.xml": written(root), **images}
    return _zipped(package), lost


def _add_question(section: Element, number: int, question: BankQuestion, losses: Losses) -> None:
    refuse_without_text_or_type(question, _UNSCORED)
    body = question.body
    if isinstance(body, ShortText) and not any(_literal(answer.text) for answer in body.accepted):
        raise CannotBeWrittenError("all of its accepted texts have wildcards, or none has a text")
    if isinstance(body, Gaps):
        refuse_unheld_gaps(body)
    _Writer(section, f"question{number}", question, losses).write()


def _literal(accepted: str) -> str:
    """The text without the marks before its stars. Empty if it has a wildcard."""
    if "*" in (found[0] for found in _STAR.finditer(accepted)):
        return ""
    return stripped(accepted.replace("\\*", "*"))


def _manifest(images: Iterable[str]) -> Element:
    manifest = Element("manifest", identifier="manifest", xmlns=_PACKAGE)
    metadata = add(manifest, "metadata")
    add(metadata, "schema", "IMS Content")
    add(metadata, "schemaversion", "1.1.3")
    add(manifest, "organizations")
    resources = add(manifest, "resources")
    add(add(resources, "resource", identifier=_NAME, type="imsqti_xmlv1p2"), "file", href=f"{_NAME}/{_NAME}.xml")
    for number, path in enumerate(images, 1):
        image = add(resources, "resource", identifier=f"image{number}", type="webcontent", href=path)
        add(image, "file", href=path)
    return manifest


def _zipped(files: dict[str, bytes]) -> bytes:
    """The same files always give the same zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, data in files.items():
            package.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


class _Writer:
    """Writes one question as an item."""

    def __init__(self, section: Element, ident: str, question: BankQuestion, losses: Losses) -> None:
        self.ident = ident
        self.question = question
        self.losses = losses
        name = trimmed(" ".join((question.name or "").split()), "the name", losses)
        if question.name and name != question.name:
            losses.lose("line ends and runs of spaces in the name become a space")
        self.item = add(section, "item", ident=ident, title=name or name_from(question.text))
        self.fields = add(add(self.item, "itemmetadata"), "qtimetadata")
        self.presentation = add(self.item, "presentation")
        self.rules = Element("resprocessing")
        self.feedback: list[tuple[str, str]] = []

    def write(self) -> None:
        self.gap_names = names_of_gaps(self.question) if isinstance(self.question.body, Gaps) else []
        self.add_text(self.presentation, with_names(self.question.text, self.gap_names), plain=False)
        outcomes = add(self.rules, "outcomes")
        add(outcomes, "decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
        if self.question.explanation:
            self.add_feedback_rule(None, "general_fb", self.question.explanation)
        self.add_field("question_type", self.add_body())
        points = self.question.points
        if points is not None:
            shown = shown_fraction(points)
            self.add_field("points_possible", shown)
            if fraction_in(shown) != points:
                self.losses.lose(f"the points are rounded to {shown}")
        self.item.append(self.rules)
        for ident, text in self.feedback:
            self.add_text(add(add(self.item, "itemfeedback", ident=ident), "flow_mat"), text, plain=False)

    def add_body(self) -> str:
        """Add what the type needs and return the type's name."""
        match self.question.body:
            case Choice() as body:
                return self.add_choice(body)
            case ShortText() as body:
                return self.add_short_text(body)
            case Number() as body:
                return self.add_numbers(body)
            case Match() | Gaps() as body:
                return self.add_pairs(body) if isinstance(body, Match) else self.add_gaps(body)
            case Ordering() as body:
                return self.add_ordering(body)
            case Other(name):
                if name == "essay":
                    self.add_field_to_fill_in()
                return _UNSCORED[name]

    def add_choice(self, choice: Choice) -> str:
        response = add(
            self.presentation, "response_lid", ident=_RESPONSE, rcardinality="Multiple" if choice.several else "Single"
        )
        render = add(response, "render_choice")
        idents = [f"{self.ident}_option{number}" for number in range(1, len(choice.options) + 1)]
        for ident, option in zip(idents, choice.options, strict=True):
            self.add_text(add(render, "response_label", ident=ident), option.text)
            if option.feedback:
                self.add_feedback_rule(ident, f"{ident}_fb", option.feedback)
        shares = [option.share for option in choice.options]
        if choice.several:
            self.add_rules_of_several(idents, shares, is_uniform=choice.is_uniform)
            return "multiple_answers_question"
        for ident, share in zip(idents, shares, strict=True):
            if share:
                self.add_equal(self.add_rule(share), ident)
        self.lose_partial(shares)
        return "true_false_question" if choice.is_true_false and len(idents) == 2 else "multiple_choice_question"

    def add_rules_of_several(self, idents: list[str], shares: list[Fraction], *, is_uniform: bool) -> None:
        """Canvas has one rule, for exactly the right options. Other shares need a rule for each option."""
        if is_uniform or not any(shares):
            condition = add(self.add_rule(Fraction(1)), "and")
            for ident, share in zip(idents, shares, strict=True):
                self.add_equal(condition if share > 0 else add(condition, "not"), ident)
            return
        for ident, share in zip(idents, shares, strict=True):
            if share:
                self.add_equal(self.add_rule(share, action="Add", stops=False), ident)
        self.losses.lose("Canvas may score the question in its own way, because its options have different shares")

    def add_short_text(self, body: ShortText) -> str:
        self.add_field_to_fill_in()
        accepted: dict[str, Answer] = {}
        for answer in body.accepted:
            text = allowed(_literal(answer.text), self.losses)
            if text and text == answer.text.replace("\\*", "*"):
                pass
            elif text:
                self.losses.lose("the spaces around an accepted text are left out")
            else:
                self.losses.lose(f"an accepted text with a wildcard is left out: {answer.text}")
                continue
            if text in accepted:
                self.losses.lose(f"an accepted text is left out, because it is there twice: {text}")
                continue
            accepted[text] = answer
        for number, (text, answer) in enumerate(accepted.items(), 1):
            if answer.feedback:
                self.add_feedback_rule(text, f"{self.ident}_answer{number}_fb", answer.feedback)
        for share, texts in groupby(accepted, key=lambda text: accepted[text].share):
            condition = self.add_rule(share)
            for text in texts:
                added = self.add_equal(condition, text)
                if body.case_matters:
                    added.set("case", "Yes")
        if body.spaces_matter:
            self.losses.lose("the file does not say that spaces matter")
        if body.case_matters:
            self.losses.lose("Canvas ignores upper and lower case")
        self.lose_partial([answer.share for answer in accepted.values()])
        return "short_answer_question"

    def add_numbers(self, body: Number) -> str:
        self.add_field_to_fill_in(fibtype="Decimal")
        for number, accepted in enumerate(body.accepted, 1):
            both = self.add_rule(accepted.share)
            if accepted.value is not None or accepted.low == accepted.high:
                either = add(both, "or")
                self.add_equal(either, str(accepted.low if accepted.value is None else accepted.value))
                both = add(either, "and")
            add(both, "vargte", str(accepted.low), respident=_RESPONSE)
            add(both, "varlte", str(accepted.high), respident=_RESPONSE)
            if accepted.feedback:
                ident = f"{self.ident}_answer{number}_fb"
                add(self.rules[-1], "displayfeedback", feedbacktype="Response", linkrefid=ident)
                self.feedback.append((ident, accepted.feedback))
        self.lose_partial([accepted.share for accepted in body.accepted])
        return "numerical_question"

    def add_pairs(self, body: Match) -> str:
        rights = list(dict.fromkeys(right for _, right in body.pairs))
        idents = {right: f"{self.ident}_right{number}" for number, right in enumerate(rights, 1)}
        labels = [(idents[right], right) for right in rights]
        labels += [(f"{self.ident}_other{number}", other) for number, other in enumerate(body.others, 1)]
        for number, (left, right) in enumerate(body.pairs, 1):
            respident = f"{self.ident}_left{number}"
            response = add(self.presentation, "response_lid", ident=respident)
            self.add_text(response, left)
            render = add(response, "render_choice")
            for ident, text in labels:
                self.add_text(add(render, "response_label", ident=ident), text)
            self.add_equal(
                self.add_rule(Fraction(1, len(body.pairs)), action="Add", stops=False), idents[right], respident
            )
        return "matching_question"

    def add_ordering(self, body: Ordering) -> str:
        """One rule with all texts in the right order. Canvas shows them in another one, whatever `shuffle` says."""
        response = add(self.presentation, "response_lid", ident=_RESPONSE, rcardinality="Ordered")
        render = add(add(add(response, "render_extension"), "ims_render_object", shuffle="No"), "flow_label")
        idents = [f"{self.ident}_text{number}" for number in range(1, len(body.texts) + 1)]
        for ident, text in zip(idents, body.texts, strict=True):
            self.add_text(add(render, "response_label", ident=ident), text)
        condition = self.add_rule(Fraction(1))
        for ident in idents:
            self.add_equal(condition, ident)
        self.losses.lose("Canvas imports questions whose options are put in order only into New Quizzes")
        return "ordering_question"

    def add_gaps(self, body: Gaps) -> str:
        is_chosen = isinstance(body.gaps[0], Choice)
        for place, (name, gap) in enumerate(zip(self.gap_names, body.gaps, strict=True), 1):
            respident = f"response_{name}"
            response = add(self.presentation, "response_lid", ident=respident)
            self.add_text(response, name)
            render = add(response, "render_choice")
            answers = gap.options if isinstance(gap, Choice) else accepted_in_gap(gap, place, self.losses)
            idents = [f"{self.ident}_{name}_{number}" for number in range(1, len(answers) + 1)]
            for ident, answer in zip(idents, answers, strict=True):
                self.add_text(add(render, "response_label", ident=ident), answer.text)
                if answer.feedback:
                    self.add_feedback_rule(ident, f"{ident}_fb", answer.feedback, respident)
            right = next(ident for ident, answer in zip(idents, answers, strict=True) if answer.share == 1)
            self.add_equal(self.add_rule(Fraction(1, len(body.gaps)), action="Add", stops=False), right, respident)
        return CHOSEN if is_chosen else TYPED

    def lose_partial(self, shares: Sequence[Fraction]) -> None:
        if not set(shares) <= {0, 1}:
            self.losses.lose("Canvas may take an answer that earns a part of the points for right or wrong")

    def add_field_to_fill_in(self, **attributes: str) -> None:
        response = add(self.presentation, "response_str", ident=_RESPONSE, rcardinality="Single")
        add(add(response, "render_fib", None, **attributes), "response_label", ident="answer1")

    def add_rule(self, share: Fraction, *, action: str = "Set", stops: bool = True) -> Element:
        """Add a rule that gives a share of the points, and return its condition."""
        rule = add(self.rules, "respcondition", **{"continue": "No" if stops else "Yes"})
        condition = add(rule, "conditionvar")
        percent = percent_of_share(share)
        if share_of_percent(percent) != share:
            self.losses.lose(f"a share is rounded to {percent} %")
        add(rule, "setvar", percent, action=action, varname="SCORE")
        return condition

    def add_equal(self, condition: Element, value: str, respident: str = _RESPONSE) -> Element:
        return add(condition, "varequal", value, respident=respident)

    def add_feedback_rule(self, value: str | None, ident: str, text: str, respident: str = _RESPONSE) -> None:
        rule = add(self.rules, "respcondition", **{"continue": "Yes"})
        condition = add(rule, "conditionvar")
        if value is None:
            add(condition, "other")
        else:
            self.add_equal(condition, value, respident)
        add(rule, "displayfeedback", feedbacktype="Response", linkrefid=ident)
        self.feedback.append((ident, text))

    def add_field(self, label: str, entry: str) -> None:
        field = add(self.fields, "qtimetadatafield")
        add(field, "fieldlabel", label)
        add(field, "fieldentry", entry)

    def add_text(self, parent: Element, text: str, *, plain: bool = True) -> None:
        """Texts with code, several lines or outer spaces are always HTML."""
        text = allowed(text, self.losses)
        is_plain = not isinstance(text, RichText) and text == stripped(text) and not re.search(r"[`\n\r]", text)
        as_is = plain and is_plain
        shown = text if as_is else html_of(text, lambda name: f"%24IMS-CC-FILEBASE%24/{quote(name)}")
        add(add(parent, "material"), "mattext", shown, texttype="text/plain" if as_is else "text/html")
