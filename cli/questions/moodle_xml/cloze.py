"""Moodle's texts with gaps, `{2:SHORTANSWER:=ls#Right.~%50%dir}`: https://docs.moodle.org/en/Embedded_Answers_(Cloze)

What an alternative may be, and what ends it, is as in Moodle's own question/type/multianswer/questiontype.php.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from html import unescape
from itertools import islice

from cli.questions.bank import AcceptedNumber, Answer, Choice, Gap, Number, ShortText
from cli.questions.text_file import quoted
from cli.questions.xml_file import Losses, around, number_in, stripped

from common.shared.shares import share_of_percent

# A question of a test can have 10,000 characters, and looking for the end of each gap takes time.
_LONGEST = 50_000
_MOST_WITHOUT_END = 20
_MOST_ALTERNATIVES = 200
_START = re.compile(
    r"\{(?P<weight>[0-9]{0,6}):(?P<type>NUMERICAL|NM|MULTICHOICE(?:_[VH]?S?)?|MC[VH]?S?|SHORTANSWER(?:_C)?|SAC?|MWC?"
    r"|MULTIRESPONSE(?:_H?S?)?|MRH?S?):"
)
_ALTERNATIVE = re.compile(
    r"(?P<fraction>=|%(?P<percent>-?[0-9]{1,6}(?:[.,][0-9]{0,20})?)%)?"
    r"(?P<answer>.{1,5000}?)(?<!\\)(?<!&)(?<!&amp;)(?=[~#}])"
    r"(?:#(?P<feedback>.{0,10000}?)(?<!\\)(?=[~}]))?",
    re.DOTALL,
)
_WITH_TOLERANCE = re.compile(r"([^:]+)(?::([^:]+))?")


class NotCloze(Exception):
    """What a test cannot have, or cannot be read. The message is a sentence without a full stop."""


@dataclass(frozen=True)
class Found:
    """A gap. `weight`: its points."""

    weight: int
    gap: Gap


@dataclass(frozen=True)
class _Alternative:
    """Texts as they are in the file, in HTML's entities."""

    answer: str
    share: Fraction
    feedback: str | None


def gaps_in(source: str, shown: Callable[[str], str], losses: Losses) -> tuple[str, list[Found]]:
    """The text with `{{1}}` in place of the first gap, and the gaps. Raises NotCloze.

    `source`: the question's text as it is in the file. `shown`: makes text of HTML.
    """
    if len(source) > _LONGEST:
        raise NotCloze(f"its text has more than {_LONGEST:,} characters")
    parts: list[str] = []
    found: list[Found] = []
    place = without_end = 0
    while start := _START.search(source, place):
        alternatives = list(islice(_alternatives(source, start.end()), _MOST_ALTERNATIVES))
        end = start.end() + sum(length for _, length in alternatives)
        if not alternatives or source[end - 1] != "}":
            without_end += 1
            if without_end > _MOST_WITHOUT_END:
                raise NotCloze("its text has too many gaps without an end")
            parts.append(source[place : start.end()])
            place = start.end()
            continue
        gap = _gap(start["type"], [alternative for alternative, _ in alternatives], len(found) + 1, shown, losses)
        found.append(Found(int(start["weight"] or 1), gap))
        parts += [source[place : start.start()], f"{{{{{len(found)}}}}}"]
        place = end
    return "".join([*parts, source[place:]]), found


def has_gaps(source: str) -> bool:
    """Whether Moodle may take something in a text for a gap."""
    return _START.search(source) is not None


def _alternatives(source: str, place: int) -> Iterator[tuple[_Alternative, int]]:
    """The alternatives from a place on, each with its length and that of the `~` or `}` after it."""
    while alternative := _ALTERNATIVE.match(source, place):
        share = Fraction(int(alternative["fraction"] == "="))
        if alternative["percent"]:
            share = share_of_percent(alternative["percent"].replace(",", "."))
        end = alternative.end() + 1
        yield _Alternative(alternative["answer"], share, alternative["feedback"]), end - place
        if source[end - 1 : end] != "~":
            return
        place = end


def _gap(type: str, alternatives: list[_Alternative], place: int, shown: Callable[[str], str], losses: Losses) -> Gap:
    if type.startswith(("MULTIRESPONSE", "MR")):
        raise NotCloze(f"students may choose several options in gap {place}, which a test cannot have")
    answers = [
        Answer(stripped(_decoded(each.answer)), each.share, shown(_decoded(each.feedback or "")) or None)
        for each in alternatives
    ]
    if type.startswith(("MULTICHOICE", "MC")):
        return _choice([Answer(shown(each.text), each.share, each.feedback) for each in answers], place)
    if type.startswith("N"):
        return _number(answers, place, losses)
    accepted = [each for each in answers if each.text]
    if not accepted:
        raise NotCloze(f"gap {place} has no accepted answer")
    return ShortText(tuple(accepted), case_matters=type in ("SHORTANSWER_C", "SAC", "MWC"))


def _choice(options: list[Answer], place: int) -> Choice:
    if len(options) < 2 or not all(option.text for option in options):
        raise NotCloze(f"gap {place} has fewer than two options, or one without a text")
    return Choice(tuple(options))


def _number(answers: list[Answer], place: int, losses: Losses) -> Number:
    accepted = []
    for answer in answers:
        if answer.text == "*":
            if answer.share:
                losses.lose(f"the points for all other numbers in gap {place} are left out")
            if answer.feedback:
                losses.lose(f"the feedback for all other numbers in gap {place} is left out: {quoted(answer.feedback)}")
            continue
        parts = _WITH_TOLERANCE.fullmatch(answer.text)
        number = number_in(parts[1]) if parts else None
        tolerance = number_in(parts[2] or "0") if parts else None
        if number is None or tolerance is None:
            raise NotCloze(f"the answer {quoted(answer.text)} in gap {place}, or its tolerance, is not a number")
        bounds = around(number, tolerance)
        accepted.append(AcceptedNumber(*bounds, answer.share, answer.feedback, number if tolerance else None))
    if not accepted:
        raise NotCloze(f"gap {place} has no accepted number")
    return Number(tuple(accepted))


def _decoded(text: str) -> str:
    return unescape(text).replace("\\}", "}").replace("\\#", "#")
