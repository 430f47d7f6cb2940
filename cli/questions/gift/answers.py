"""What stands between the braces of a GIFT question, in the order in which Moodle's importer tells the types apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Context, Decimal, Inexact
from fractions import Fraction

from cli.questions.bank import AcceptedNumber, Answer, Body, Choice, Match, Number, Ordering, Other, ShortText
from cli.questions.gift.text import Texts, shown
from cli.questions.text_file import BLANKS, quoted

from common.shared.shares import share_of_percent

_WEIGHT = re.compile(r"%(-?[0-9]{1,3}(?:\.[0-9]{0,10})?)%")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_MOST_ANSWERS = 500
_LONGEST_NUMBER = 50
_LARGEST_EXPONENT = 100
_EXACT = Context(prec=1000, traps=[Inexact])
_TWO_SIGNS = re.compile(rf"~[{BLANKS}]*=")  # begin one answer, which is right
# The first line of the answers of Moodle's type ordering: how many texts students see, how they are chosen, and others.
_ORDERING = re.compile(r">[ \t]*([0-9]{1,4})(?:[ \t]+([A-Z]+))?(?:[ \t][^\n]*)?\n")
_CLOZE = re.compile(r"[0-9]*:[A-Z]+(?:_[A-Z]+)*:")
_TRUE = ("T", "TRUE")
_FALSE = ("F", "FALSE")


class NotAQuestionError(Exception):
    """The answers cannot be read. The message is a sentence without a full stop that says what is wrong."""


def body_of(answers: str, texts: Texts) -> Body:
    """What is asked for by `answers`, the `hidden` text between the braces without the general feedback."""
    if not answers:
        return Other("essay")
    if _CLOZE.match(answers):
        raise NotAQuestionError("its answers are in the form of Cloze, which GIFT does not have")
    if settings := _ORDERING.match(answers):
        return _ordering(settings, answers[settings.end() :], texts)
    if answers.startswith("#"):
        return _number(answers[1:], texts)
    if "~" in answers:
        return _choice(answers, texts)
    return _without_wrong_ones(answers, texts)


def _without_wrong_ones(answers: str, texts: Texts) -> Body:
    if "=" in answers and "->" in answers:
        return _match(answers, texts)
    key = answers.partition("#")[0].strip(BLANKS)
    if key in _TRUE or key in _FALSE:
        return _true_or_false(answers, key in _TRUE, texts)
    return _short_text(answers, texts)


def _parts(answers: str, sign: str) -> list[str]:
    """What stands before, between and after the `sign`s, without an empty beginning."""
    if answers.count(sign) > _MOST_ANSWERS:
        raise NotAQuestionError(f"it has more than {_MOST_ANSWERS} answers")
    first, *others = (part.strip(BLANKS) for part in answers.split(sign))
    return [first, *others] if first else others


def _weight(answer: str) -> tuple[Fraction | None, str]:
    """The weight at the beginning of `answer`, if there is one, and the rest."""
    match = _WEIGHT.match(answer)
    if match is None:
        return None, answer
    share = share_of_percent(match[1])
    if abs(share) > 1:
        raise NotAQuestionError(f"the weight {match[0]} is not between %-100% and %100%")
    return share, answer[match.end() :]


def _literal_with_feedback(answer: str, texts: Texts) -> tuple[str, str | None]:
    text, _, feedback = answer.partition("#")
    return texts.literal(text), texts.read(feedback) or None


def _choice(answers: str, texts: Texts) -> Choice:
    answers = _TWO_SIGNS.sub("=", answers)
    options = []
    has_right = False
    for part in _parts(answers.replace("=", "~="), "~"):
        is_right = part.startswith("=")
        weight, rest = _weight(part.removeprefix("=").lstrip(BLANKS) if is_right else part)
        if is_right and weight is not None:
            texts.lose("a weight after = is read as a weight, which Moodle takes for a part of the answer")
        share = weight if weight is not None else Fraction(is_right)
        raw_text, _, raw_feedback = rest.partition("#")
        text, feedback = texts.read(raw_text), texts.read(raw_feedback) or None
        if text:
            options.append(Answer(text, share, feedback))
            has_right = has_right or (is_right and share == 1)
        else:
            texts.lose("an empty option is left out")
    _warn_of_split_answers(answers, texts)
    if len(options) < 2:
        raise NotAQuestionError("it needs two options or more")
    if all(option.share <= 0 for option in options):
        raise NotAQuestionError("no option is right: write = instead of ~ before the right one")
    return Choice(tuple(options), several=not has_right)


def _warn_of_split_answers(answers: str, texts: Texts) -> None:
    """A sign after a letter, while others stand after a space, was hardly meant to begin an answer."""
    before = [answers[place - 1] for place, sign in enumerate(answers) if sign in "=~" and place]
    are_blank = {character in BLANKS for character in before}
    if are_blank == {True, False}:
        texts.lose(r"an answer ends at each = and ~, as in Moodle: write \= and \~ if one belongs to a text")


def _match(answers: str, texts: Texts) -> Match:
    pairs = []
    others = []
    for part in _parts(answers, "="):
        left, arrow, right = part.partition("->")
        if not arrow:
            raise NotAQuestionError(f"{quoted(shown(part))} has no ->: a pair is =left -> right")
        item, option = texts.read(left), texts.plain(shown(right))
        if not option:
            raise NotAQuestionError(f"nothing stands after -> in {quoted(shown(part))}")
        if item:
            pairs.append((item, option))
        else:
            others.append(option)
    if not pairs or len(pairs) + len(others) < 2:
        raise NotAQuestionError("it needs two pairs or more")
    return Match(tuple(pairs), tuple(others))


def _ordering(settings: re.Match[str], answers: str, texts: Texts) -> Ordering:
    """The texts stand on lines of their own, in which only escaped signs have a meaning."""
    lines = [text for line in answers.split("\n") if (text := texts.read(line))]
    if settings[2] not in (None, "ALL", "EXACT") and int(settings[1]) < len(lines):
        texts.lose(f"students see all {len(lines)} texts here, not only {settings[1]} of them")
    return Ordering(tuple(lines))


def _true_or_false(answers: str, is_true: bool, texts: Texts) -> Choice:
    _, *feedbacks = answers.split("#", 2)
    wrong, right = ([texts.read(feedback) or None for feedback in feedbacks] + [None, None])[:2]
    options = (
        Answer("True", Fraction(is_true), right if is_true else wrong),
        Answer("False", Fraction(not is_true), wrong if is_true else right),
    )
    return Choice(options, is_true_false=True)


def _short_text(answers: str, texts: Texts) -> ShortText:
    accepted = []
    for part in _parts(answers, "="):
        weight, rest = _weight(part)
        text, feedback = _literal_with_feedback(rest, texts)
        if not text:
            raise NotAQuestionError("an accepted text is empty")
        accepted.append(Answer(text, Fraction(1) if weight is None else weight, feedback))
    if all(answer.share <= 0 for answer in accepted):
        raise NotAQuestionError("no accepted text earns points")
    if len(accepted) == 1 and accepted[0].text.upper() in (*_TRUE, *_FALSE):
        texts.lose("it is read as a text to type, as in Moodle: write {T} or {F} if it is true or false")
    return ShortText(tuple(accepted))


def _number(answers: str, texts: Texts) -> Number:
    answers, tilde, wrong = answers.partition("~")
    accepted = []
    for part in _parts(answers, "="):
        weight, rest = _weight(part)
        text, feedback = _literal_with_feedback(rest, texts)
        share = Fraction(1) if weight is None else weight
        if text.partition(":")[0].rstrip(BLANKS) == "*":
            _lose_any_number(share, feedback, texts)
        else:
            accepted.append(AcceptedNumber(*_range(text), share, feedback, _middle(text)))
    if tilde:
        _lose_any_number(Fraction(0), texts.read(wrong.partition("#")[2]), texts)
    _check_numbers(accepted)
    return Number(tuple(accepted))


def _check_numbers(accepted: Sequence[AcceptedNumber]) -> None:
    if not accepted:
        raise NotAQuestionError("no number stands after #")
    if all(number.share <= 0 for number in accepted):
        raise NotAQuestionError("no accepted number earns points")


def _lose_any_number(share: Fraction, feedback: str | None, texts: Texts) -> None:
    if share:
        texts.lose("the points for all other numbers are left out")
    if feedback:
        texts.lose(f"the feedback for all other numbers is left out: {quoted(feedback)}")


def _range(text: str) -> tuple[Decimal, Decimal]:
    """The bounds of `1..5`, of `3:2`, which is 3 with a tolerance of 2, or of a number."""
    low_text, dots, high_text = text.partition("..")
    if dots and low_text:
        low, high = _decimal(low_text), _decimal(high_text)
        if low > high:
            raise NotAQuestionError(f"the range {quoted(text)} ends below its beginning")
        return low, high
    number, colon, tolerance_text = text.partition(":")
    middle = _decimal(number)
    tolerance = _decimal(tolerance_text) if colon else Decimal(0)
    if tolerance < 0:
        raise NotAQuestionError(f"the tolerance in {quoted(text)} is negative")
    return _EXACT.subtract(middle, tolerance), _EXACT.add(middle, tolerance)


def _middle(text: str) -> Decimal | None:
    """The number around which there is a tolerance, if it is given so."""
    number, _, tolerance = text.partition(":")
    return _decimal(number) if tolerance and _decimal(tolerance) else None


def _decimal(text: str) -> Decimal:
    text = text.strip(BLANKS)
    if len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text):
        number = Decimal(text)
        if abs(number.adjusted()) <= _LARGEST_EXPONENT:
            return number
    advice = ": write a point instead of the comma" if "," in text else ""
    raise NotAQuestionError(f"{quoted(text)} is not a number that can be used{advice}")
