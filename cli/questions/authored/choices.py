"""Questions with options to choose from.

Banks give each option of a question with several right ones a share of the points. If all right options have the same
share, and each wrong one takes as much away, that is a list of right options under `net-correct`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from string import ascii_lowercase
from typing import Any

from cli.questions.authored.parts import Fields, NotAuthored, percent, refuse_too_many
from cli.questions.bank import TRUE_FALSE, Answer, Choice

from common.shared.shares import percent_of_share, share_of_percent

_STEPS = 1_000  # in which shares are rounded: tenths of a per cent, which no rule takes for a rounded fraction


def chosen(body: Choice) -> Fields:
    """The options, the right ones or the shares, and the feedback. Raises NotAuthored."""
    refuse_too_many(len(body.options), "option")
    options = dict(zip(ascii_lowercase, body.options, strict=False))
    answer, losses = _several(options, body.is_uniform) if body.several else _one(options)
    fields: dict[str, Any] = {"options": {letter: each.text for letter, each in options.items()}, "answer": answer}
    feedback = {letter: each.feedback for letter, each in options.items() if each.feedback is not None}
    if feedback:
        fields["feedback"] = feedback
    return Fields(fields, losses)


def choice(question: Mapping[str, Any]) -> Choice:
    """The options of a test's question, with the shares that banks give to them."""
    shares = _shares(question["options"], question["answer"])
    feedback = question.get("feedback", {})
    options = [
        Answer(text.rstrip("\n"), shares[letter], feedback[letter].rstrip("\n") if letter in feedback else None)
        for letter, text in question["options"].items()
    ]
    several = not isinstance(question["answer"], str)
    return Choice(options, several, not several and tuple(question["options"].values()) == TRUE_FALSE)


def _shares(letters: Mapping[str, str], answer: str | Sequence[str] | Mapping[str, Any]) -> dict[str, Fraction]:
    if isinstance(answer, str):
        return {letter: Fraction(letter == answer) for letter in letters}
    if isinstance(answer, Mapping):
        return {letter: share_of_percent(str(answer.get(letter, 0))) for letter in letters}
    share = Fraction(1, len(answer))
    return {letter: share if letter in answer else -share for letter in letters}


def _one(options: Mapping[str, Answer]) -> tuple[str, list[str]]:
    right = [letter for letter, option in options.items() if option.share == 1]
    if not right:
        raise NotAuthored("none of its options is right")
    if len(right) > 1:
        raise NotAuthored(f"{len(right)} of its options are right, but students may choose only one")
    has_other_shares = any(option.share not in (0, 1) for option in options.values())
    return right[0], ["only the right option earns points here"] if has_other_shares else []


def _several(options: Mapping[str, Answer], is_uniform: bool) -> tuple[list[str] | dict[str, Any], list[str]]:
    shares = {letter: option.share for letter, option in options.items() if option.share}
    right = [letter for letter, share in shares.items() if share > 0]
    if not right:
        raise NotAuthored("none of its options is right")
    if is_uniform:
        return right, []
    shares, losses = _adding_up(shares)
    return {letter: percent(share) for letter, share in shares.items() if share}, losses


def _adding_up(shares: Mapping[str, Fraction]) -> tuple[dict[str, Fraction], list[str]]:
    """The shares, none below -1, with the positive ones adding up to 1 when they are written."""
    total = sum((share for share in shares.values() if share > 0), Fraction(0))
    losses = []
    if total != 1:
        sum_in_percent = percent_of_share(total)
        losses.append(f"its shares are scaled, because those of the right options add up to {sum_in_percent} %")
    scaled = {letter: share / total for letter, share in shares.items()}
    if min(scaled.values()) < -1:
        losses.append("no option takes more than all points away here")
    scaled = {letter: max(share, Fraction(-1)) for letter, share in scaled.items()}
    as_written = {letter: share_of_percent(percent_of_share(share)) for letter, share in scaled.items()}
    if as_written == scaled:
        return scaled, losses
    rounded = _in_steps(scaled)
    return rounded, [*losses, "its shares are rounded to tenths of a per cent"]


def _in_steps(shares: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """The shares in steps, with the positive ones still adding up to 1: the largest remainders are rounded up."""
    steps = {letter: share * _STEPS // 1 for letter, share in shares.items()}
    right = [letter for letter, share in shares.items() if share > 0]
    by_remainder = sorted(right, key=lambda letter: steps[letter] - shares[letter] * _STEPS)
    for letter in by_remainder[: _STEPS - sum(steps[letter] for letter in right)]:
        steps[letter] += 1
    return {letter: Fraction(step, _STEPS) for letter, step in steps.items()}
