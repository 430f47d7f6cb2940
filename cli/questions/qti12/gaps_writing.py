"""What Canvas can hold of texts with gaps: either all gaps have options, or all are typed and accept texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from cli.questions.bank import Answer, BankQuestion, CannotBeWrittenError, Choice, Gap, Gaps, Number
from cli.questions.formatted.rich_text import with_replaced
from cli.questions.xml_file import Losses, allowed, stripped

_STAR = re.compile(r"\\\*|\*")


def refuse_unheld_gaps(body: Gaps) -> None:
    """Raise CannotBeWrittenError if Canvas has no such gaps."""
    if len({isinstance(gap, Choice) for gap in body.gaps}) > 1:
        raise CannotBeWrittenError("Canvas does not have gaps with options and gaps to type in in the same text")
    for place, gap in enumerate(body.gaps, 1):
        if not isinstance(gap, Choice) and not any(each.share == 1 for each in _literal(gap)):
            raise CannotBeWrittenError(f"no text or single number is right in gap {place}")


def names_of_gaps(question: BankQuestion) -> list[str]:
    """Names that the text does not have in brackets."""
    prefix = "gap"
    while f"[{prefix}" in question.text:
        prefix += "_"
    gaps = question.body.gaps if isinstance(question.body, Gaps) else ()
    return [f"{prefix}{place}" for place in range(1, len(gaps) + 1)]


def with_names(text: str, names: Sequence[str]) -> str:
    """The text with `[name]` in place of each gap."""
    return with_replaced(text, {f"{{{{{place}}}}}": f"[{name}]" for place, name in enumerate(names, 1)})


def accepted_in_gap(gap: Gap, place: int, losses: Losses) -> list[Answer]:
    """The texts that earn all points: Canvas accepts every text of a gap."""
    if isinstance(gap, Number):
        losses.lose(f"Canvas compares the number in gap {place} as a text")
    elif not isinstance(gap, Choice):
        if gap.case_matters:
            losses.lose("Canvas ignores upper and lower case")
        if gap.spaces_matter:
            losses.lose("the file does not say that spaces matter")
    literal = _literal(gap)
    kept: dict[str, Answer] = {}
    for each in literal:
        text = allowed(each.text, losses)
        if each.share == 1 and text:
            kept.setdefault(text, Answer(text, each.share, each.feedback))
    if len(kept) < _count(gap):
        losses.lose(
            f"accepted answers in gap {place} that have a wildcard, a range or only a part of the points are left out"
        )
    return list(kept.values())


def _count(gap: Gap) -> int:
    return len(gap.options if isinstance(gap, Choice) else gap.accepted)


def _literal(gap: Gap) -> list[Answer]:
    """The accepted answers that are one text each."""
    if isinstance(gap, Number):
        single = [each for each in gap.accepted if each.low == each.high]
        return [Answer(str(each.low), each.share, each.feedback) for each in single]
    if isinstance(gap, Choice):
        return list(gap.options)
    return [
        Answer(stripped(each.text.replace("\\*", "*")), Fraction(each.share), each.feedback)
        for each in gap.accepted
        if "*" not in (found[0] for found in _STAR.finditer(each.text)) and stripped(each.text)
    ]
