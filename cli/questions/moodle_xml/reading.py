"""Moodle XML, as Moodle's question bank exports and imports it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from xml.etree.ElementTree import Element

from cli.questions.bank import (
    TRUE_FALSE,
    AcceptedNumber,
    Answer,
    Bank,
    BankError,
    BankQuestion,
    Body,
    Choice,
    Gaps,
    Match,
    Number,
    Ordering,
    Other,
    ShortText,
    Unreadable,
)
from cli.questions.bank_images import FileIn, decoded_base64, shown_name
from cli.questions.bank_texts import BankTexts
from cli.questions.moodle_xml.cloze import NotCloze, gaps_in
from cli.questions.text_file import quoted, refuse_too_many
from cli.questions.xml_file import (
    Losses,
    around,
    beginning,
    content,
    fraction_in,
    html_in,
    name_from,
    number_in,
    parsed,
    stripped,
    text_in,
)

from common.shared.shares import share_of_percent

_TRUE = ("true", "1", "yes")
_PERCENT = re.compile(r"[-+]?\d{1,6}(?:\.\d{0,20})?", re.ASCII)
_STANDARD_FEEDBACK = ("Your answer is correct.", "Your answer is partially correct.", "Your answer is incorrect.")
_COMBINED_FEEDBACK = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
_UNITS = ("units", "unitgradingtype", "unitpenalty", "showunits", "unitsleft", "instructions")
_ORDERING = (
    "layouttype",
    "selecttype",
    "selectcount",
    "gradingtype",
    "showgrading",
    "numberingstyle",
    "logical",
    "studentsee",
)
_READ = {
    *("answer", "defaultgrade", "generalfeedback", "name", "questiontext", "single", "subquestion", "usecase"),
    *("answernumbering", "hidden", "idnumber", "penalty", "shuffleanswers", "tags"),
    *("file", "hint", "image", "image_base64", "showstandardinstruction", "shownumcorrect"),
    *_COMBINED_FEEDBACK,
    *_UNITS,
    *_ORDERING,
}


class _Wrong(Exception):
    """What makes a question unreadable."""


def is_moodle_xml(data: bytes) -> bool:
    return re.match(r"\s*(?:<\?[^>]*>\s*|<!--(?:(?!-->).)*-->\s*)*<quiz[\s>/]", beginning(data), re.DOTALL) is not None


def read_moodle_xml(data: bytes, texts: BankTexts | None = None) -> Bank:
    """The questions. `texts`: what their texts become. Raises BankError."""
    root = parsed(data)
    if root.tag != "quiz":
        raise BankError("the file is not Moodle XML: its first element is not <quiz>")
    refuse_too_many(len(root))
    questions: list[BankQuestion] = []
    unreadable: list[Unreadable] = []
    notes = _Notes()
    number = 0
    for element in root:
        if element.get("type") == "category":
            category = text_in(element.find("category/text"))
            notes.also(f"the category {quoted(category)} is left out" if category else "a category is left out")
            continue
        if element.tag != "question":
            notes.also(f"<{element.tag}> is left out")
            continue
        number += 1
        name = text_in(element.find("name/text"))
        where = f"question {number} ({quoted(name)})" if name else f"question {number}"
        try:
            questions.append(_question(element, where, name, Losses(texts)))
        except _Wrong as error:
            unreadable.append(Unreadable(where, str(error)))
        else:
            notes.count(element)
    return Bank(tuple(questions), tuple(unreadable), notes.all())


class _Notes:
    """What is left out of many questions alike, and is said once for a file."""

    def __init__(self) -> None:
        self._notes: dict[str, None] = {}
        self._counts: Counter[str] = Counter()

    def also(self, note: str) -> None:
        self._notes[note] = None

    def count(self, question: Element) -> None:
        if question.find("shuffleanswers") is not None:
            self._counts["shuffled" if _is_true(question, "shuffleanswers") else "in a fixed order"] += 1
        self._counts["penalty"] += (fraction_in(text_in(question.find("penalty"))) or 0) > 0
        self._counts["labels"] += bool(text_in(question.find("idnumber"))) or question.find("tags/tag") is not None
        self._counts["hidden"] += _is_true(question, "hidden")
        self._counts["numbering"] += text_in(question.find("answernumbering")) not in ("", "abc")
        self._counts["feedback"] += any(_has_standard_feedback(question, tag) for tag in _COMBINED_FEEDBACK)

    def all(self) -> tuple[str, ...]:
        counts = self._counts
        settings = {
            f"the setting whether options are shuffled is left out: {counts['shuffled']} shuffled, "
            f"{counts['in a fixed order']} in a fixed order": counts["shuffled"] + counts["in a fixed order"],
            f"the penalty for further attempts is left out in {_questions(counts['penalty'])}": counts["penalty"],
            f"the ID number or tags are left out in {_questions(counts['labels'])}": counts["labels"],
            f"{_questions(counts['hidden'])} hidden in Moodle, probably replaced by newer versions": counts["hidden"],
            f"the way in which options are numbered is left out in {_questions(counts['numbering'])}": counts[
                "numbering"
            ],
            f"Moodle's standard feedback for right and wrong answers is left out in {_questions(counts['feedback'])}": (
                counts["feedback"]
            ),
        }
        return (*self._notes, *(note for note, count in settings.items() if count))


def _questions(count: int) -> str:
    return "1 question" if count == 1 else f"{count} questions"


def _is_true(question: Element, tag: str, default: str = "") -> bool:
    return (text_in(question.find(tag)).lower() or default) in _TRUE


def _has_standard_feedback(question: Element, tag: str) -> bool:
    return _text(question.find(tag), Losses()) in _STANDARD_FEEDBACK


def _question(element: Element, where: str, name: str, losses: Losses) -> BankQuestion:
    kind = element.get("type", "").strip()
    if not kind:
        raise _Wrong("it has no type")
    if kind in _CLOZE:
        return _with_gaps(element, where, name, losses)
    text = _text(element.find("questiontext"), losses)
    if not text:
        raise _Wrong("it has no text")
    explanation = _text(element.find("generalfeedback"), losses)
    read = _BODIES.get(kind)
    body = read(element, losses) if read else Other(kind)
    _lose_the_rest(element, losses, scored=read is not None)
    grade = text_in(element.find("defaultgrade"))
    points = fraction_in(grade)
    if grade and points is None:
        raise _Wrong(f"its default grade {quoted(grade)} is not a number")
    kept_name = name if name and name != name_from(text) else None
    return BankQuestion(where, text, body, kept_name, points, explanation or None, losses.all())


def _with_gaps(element: Element, where: str, name: str, losses: Losses) -> BankQuestion:
    """A text with gaps. Its points are those of its gaps, whatever its default grade says."""
    questiontext = element.find("questiontext")
    format = questiontext.get("format", "html") if questiontext is not None else "html"
    try:
        source, found = gaps_in(_source(questiontext), lambda html: html_in(html, losses, None), losses)
    except NotCloze as error:
        raise _Wrong(str(error)) from error
    if not found:
        raise _Wrong("its text has no gaps")
    files = _Files(questiontext)
    text = _in_format(source, format, losses, files.content)
    _lose_files(files, losses)
    explanation = _text(element.find("generalfeedback"), losses)
    _lose_the_rest(element, losses, scored=True)
    weights = [each.weight for each in found]
    body = Gaps(tuple(each.gap for each in found), has_weights=len(set(weights)) > 1)
    kept_name = name if name and name != name_from(text) else None
    return BankQuestion(where, text, body, kept_name, Fraction(sum(weights)), explanation or None, losses.all())


def _lose_the_rest(question: Element, losses: Losses, *, scored: bool) -> None:
    for tag in _COMBINED_FEEDBACK:
        feedback = _text(question.find(tag), losses)
        if feedback and feedback not in _STANDARD_FEEDBACK:
            losses.lose(f"the feedback for {_ANSWERS_WITH[tag]} answers is left out: {quoted(feedback)}")
    hints = len(question.findall("hint"))
    if hints:
        losses.lose("a hint is left out" if hints == 1 else f"{hints} hints are left out")
    image = text_in(question.find("image"))
    if image:
        losses.lose(f"the image {image.rpartition('/')[2]} is left out")
    _lose_files(_Files(question), losses)
    if scored:
        losses.add(f"<{child.tag}> is left out" for child in question if child.tag not in _READ)


_ANSWERS_WITH = {"correctfeedback": "right", "partiallycorrectfeedback": "partly right", "incorrectfeedback": "wrong"}


class _Files:
    """The files of a text. `used`: the names of those that were asked for."""

    def __init__(self, parent: Element | None) -> None:
        found = parent.findall("file") if parent is not None else []
        self.files = {file.get("name") or "without a name": file for file in found}
        self.used: set[str] = set()

    def content(self, address: str) -> bytes | None:
        """A file's content; None if there is no file with this address."""
        name = shown_name(address)
        if name not in self.files:
            return None
        self.used.add(name)
        return decoded_base64(self.files[name].text or "")


def _lose_files(files: _Files, losses: Losses) -> None:
    said = " ".join(losses.all())
    for name in files.files:
        if name not in files.used and name not in said:
            losses.lose(f"the file {name} is left out")


def _text(parent: Element | None, losses: Losses, default: str = "html", *, shows_images: bool = True) -> str:
    """A text in the format that its element names. Without `<text>`, the element's own."""
    if parent is None:
        return ""
    files = _Files(parent)
    file_in = files.content if shows_images else None
    text = _in_format(_source(parent), parent.get("format") or default, losses, file_in)
    _lose_files(files, losses)
    return text


def _source(parent: Element | None) -> str:
    inner = parent.find("text") if parent is not None else None
    return stripped(content(inner) if inner is not None else (parent.text or "") if parent is not None else "")


def _in_format(source: str, text_format: str, losses: Losses, file_in: FileIn | None) -> str:
    if text_format in ("plain_text", "markdown"):
        lines = re.sub(r"\r\n?", "\n", source)
        is_markdown = text_format == "markdown"
        text, lost = losses.texts.of_markdown(lines, file_in) if is_markdown else losses.texts.of_plain(lines)
        losses.add(lost)
        return text
    if text_format == "moodle_auto_format":
        return html_in(re.sub(r"\r\n?|\n", "<br>", source), losses, file_in)
    return html_in(source, losses, file_in)


def _share(answer: Element) -> Fraction:
    percent = answer.get("fraction", "0").strip()
    if not _PERCENT.fullmatch(percent):
        raise _Wrong(f"the share {quoted(percent)} of an answer is not a number")
    return share_of_percent(percent)


def _feedback(answer: Element, losses: Losses) -> str | None:
    return _text(answer.find("feedback"), losses, shows_images=False) or None


def _choice(question: Element, losses: Losses) -> Choice:
    options = [
        Answer(_text(answer, losses), _share(answer), _feedback(answer, losses))
        for answer in question.findall("answer")
    ]
    if not all(option.text for option in options):
        losses.lose("an option without a text is left out, as Moodle does")
        options = [option for option in options if option.text]
    if len(options) < 2:
        raise _Wrong("it has fewer than two options")
    return Choice(tuple(options), several=not _is_true(question, "single", default="true"))


def _true_false(question: Element, losses: Losses) -> Choice:
    answers = question.findall("answer")
    if len(answers) != 2:
        raise _Wrong("it does not have the two answers true and false")
    names = [text_in(answer.find("text")).lower() for answer in answers]
    if names == ["false", "true"]:
        answers.reverse()  # other texts are those of an old version, which always wrote true first
    options = [
        Answer(text, _share(answer), _feedback(answer, losses))
        for text, answer in zip(TRUE_FALSE, answers, strict=True)
    ]
    return Choice(tuple(options), is_true_false=True)


def _short_text(question: Element, losses: Losses) -> ShortText:
    accepted = [
        Answer(_typed(answer, losses), _share(answer), _feedback(answer, losses))
        if answer.get("format") == "html"
        else Answer(_plain(answer), _share(answer), _feedback(answer, losses))
        for answer in question.findall("answer")
    ]
    accepted = [answer for answer in accepted if answer.text]
    if not accepted:
        raise _Wrong("it has no accepted answer")
    return ShortText(tuple(accepted), case_matters=_is_true(question, "usecase"))


def _typed(answer: Element, losses: Losses) -> str:
    """A text that students type, of HTML: it has no formatting."""
    lost = Losses()
    text = _text(answer, lost)
    losses.add(lost.all())
    return text


def _plain(answer: Element) -> str:
    inner = answer.find("text")
    return stripped(content(inner) if inner is not None else answer.text or "")


def _number(question: Element, losses: Losses) -> Number:
    accepted = []
    for answer in question.findall("answer"):
        text, share = _plain(answer), _share(answer)
        feedback = _feedback(answer, losses)
        if text == "*":
            if share:
                losses.lose("the points for all other numbers are left out")
            if feedback:
                losses.lose(f"the feedback for all other numbers is left out: {quoted(feedback)}")
            continue
        number, tolerance = number_in(text), number_in(text_in(answer.find("tolerance")) or "0")
        if number is None or tolerance is None:
            raise _Wrong(f"the answer {quoted(text)} or its tolerance is not a number")
        accepted.append(AcceptedNumber(*around(number, tolerance), share, feedback, number if tolerance else None))
    if not accepted:
        raise _Wrong("it has no accepted number")
    units = [text_in(name) for name in question.findall("units/unit/unit_name")]
    if any(units):
        losses.lose(f"the units are left out: {', '.join(filter(None, units))}")
    return Number(tuple(accepted))


def _match(question: Element, losses: Losses) -> Match:
    pairs, others = [], []
    for item in question.findall("subquestion"):
        left, right = _text(item, losses), _right(item, losses)
        if left and right:
            pairs.append((left, right))
        elif right:
            others.append(right)
        elif left:
            raise _Wrong(f"{quoted(left)} has nothing that matches it")
    if not pairs:
        raise _Wrong("it has no pairs")
    return Match(tuple(pairs), tuple(others))


def _right(item: Element, losses: Losses) -> str:
    answer = item.find("answer")
    if answer is None:
        return ""
    if answer.get("format") == "html":
        return _text(answer, losses)
    text, lost = losses.texts.of_plain(_plain(answer))
    losses.add(lost)
    return text


def _ordering(question: Element, losses: Losses) -> Ordering:
    texts = []
    for answer in question.findall("answer"):
        if text := _text(answer, losses):
            texts.append(text)
        if feedback := _feedback(answer, losses):
            losses.lose(f"the feedback for a text is left out: {quoted(feedback)}")
    if len(texts) < 2:
        raise _Wrong("it has fewer than two texts to put in order")
    select = text_in(question.find("selecttype")) or text_in(question.find("logical")) or "ALL"
    count = text_in(question.find("selectcount")) or text_in(question.find("studentsee"))
    if select not in _ALL and count.isdecimal() and 0 < int(count) < len(texts):
        losses.lose(f"students see all {len(texts)} texts here, not only {count} of them")
    return Ordering(tuple(texts))


_ALL = ("ALL", "EXACT", "0")
_BODIES: dict[str, Callable[[Element, Losses], Body]] = {
    "multichoice": _choice,
    "truefalse": _true_false,
    "shortanswer": _short_text,
    "numerical": _number,
    "matching": _match,
    "match": _match,
    "ddmatch": _match,
    "ordering": _ordering,
}
_CLOZE = ("multianswer", "cloze")  # Moodle's importer takes both names
