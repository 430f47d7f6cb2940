"""Writing gaps as Moodle has them in the text of a question: `{2:SHORTANSWER:=ls#Right.~%50%dir}`."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from cli.questions.bank import Answer, Choice, Gap, Number
from cli.questions.html import html_of
from cli.questions.xml_file import Losses, allowed, middle_and_tolerance, trimmed

# What ends an answer, what begins a share, and what HTML has a meaning for. Moodle decodes HTML's entities.
_SPECIAL = re.compile(r"""[&<>"'\\{}#~=%]""")
_UNDONE_BY_MOODLE = re.compile(r"\\[}#]")


def gap_in_moodle(gap: Gap, weight: int, percent: Callable[[Fraction], str], losses: Losses) -> str:
    """A gap. `percent`: a share as Moodle has it."""
    return f"{{{weight}:{_type(gap)}:{'~'.join(_alternatives(gap, percent, losses))}}}"


def _type(gap: Gap) -> str:
    match gap:
        case Choice():
            return "MULTICHOICE"
        case Number():
            return "NUMERICAL"
        case _:
            return "SHORTANSWER_C" if gap.case_matters else "SHORTANSWER"


def _alternatives(gap: Gap, percent: Callable[[Fraction], str], losses: Losses) -> list[str]:
    def alternative(share: Fraction, answer: str, feedback: str | None) -> str:
        sign = "=" if share == 1 else f"%{percent(share)}%" if share else ""
        said = f"#{_escaped(html_of(allowed(feedback, losses)), losses)}" if feedback else ""
        return f"{sign}{answer}{said}"

    match gap:
        case Choice(options=options):
            return [
                alternative(each.share, _escaped(html_of(allowed(each.text, losses)), losses), each.feedback)
                for each in options
            ]
        case Number(accepted=numbers):
            found = []
            for each in numbers:
                middle, tolerance = middle_and_tolerance(each)
                found.append(
                    alternative(each.share, f"{middle}:{tolerance}" if tolerance else str(middle), each.feedback)
                )
            return found
        case _:
            if gap.spaces_matter:
                losses.lose("spaces around an answer do not matter in Moodle")
            return [alternative(each.share, _accepted(each, losses), each.feedback) for each in gap.accepted]


def _accepted(answer: Answer, losses: Losses) -> str:
    return _escaped(trimmed(answer.text, "an accepted text", losses), losses)


def _escaped(text: str, losses: Losses) -> str:
    if _UNDONE_BY_MOODLE.search(text):
        losses.lose("a backslash before } or # is left out")
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", text)
