"""Questions of a bank as a test's file has them, and back, with what is lost in each direction. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from string import ascii_lowercase
from typing import NamedTuple

from ansible_collections.training.test_time.plugins.module_utils.class_content import written
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import Points
from cli.questions.bank import TRUE_FALSE, Answer, BankQuestion, Choice, Match, Number, Other, ShortText

# As many decimals as points have in a test's file.
_MOST_DECIMALS = 4


class NotAuthored(Exception):
    """A test's file cannot have the question. The message is a sentence without a full stop that says why."""


class Authored(NamedTuple):
    """A question of a test's file, and what of the bank's question it does not have."""

    question: written.Question
    losses: list[str]


def authored(question: BankQuestion) -> Authored:
    """The question as a test's file has it. Raises NotAuthored."""
    body = question.body
    if isinstance(body, Other):
        raise NotAuthored(f"it is of the kind '{body.name}', which a test cannot have")
    if not isinstance(body, Choice):
        raise NotAuthored(f"it is a {_KINDS[type(body)]}, and a test can only have questions with options")
    if len(body.options) > len(ascii_lowercase):
        raise NotAuthored(f"it has {len(body.options)} options, and a test's question can have {len(ascii_lowercase)}")
    right = [letter for letter, option in zip(ascii_lowercase, body.options, strict=False) if option.share > 0]
    if not body.several:
        right = [letter for letter, option in zip(ascii_lowercase, body.options, strict=False) if option.share == 1]
    if not right:
        raise NotAuthored("none of its options is right")
    if not body.several and len(right) > 1:
        raise NotAuthored(f"{len(right)} of its options are right, but students may choose only one")
    result: written.Question = {
        "text": question.text,
        "options": {letter: option.text for letter, option in zip(ascii_lowercase, body.options, strict=False)},
        "answer": right if body.several else right[0],
    }
    losses = [*question.losses, *_share_losses(body), *_feedback_losses(body.options)]
    if question.points is not None and question.points != 1:
        result["points"] = _points(question.points)
        if Fraction(str(result["points"])) != question.points:
            losses.append(f"its points are rounded to {result['points']}")
    if question.explanation is not None:
        result["explanation"] = question.explanation
    return Authored(result, losses)


_KINDS = {Number: "question for a number", ShortText: "question for a text", Match: "matching question"}


def banked(number: int, question: written.Question) -> BankQuestion:
    """A question of a test's file as banks have it. `number`: its place in the file.

    Banks give each right option its share and let each wrong one take the same away, which is `net-correct`.
    """
    answer = question["answer"]
    right = answer if isinstance(answer, list) else [answer]
    share = Fraction(1, len(right))
    wrong = -share if isinstance(answer, list) else Fraction(0)
    options = [Answer(text, share if letter in right else wrong) for letter, text in question["options"].items()]
    losses = ["its correction is left out"] if "correction" in question else []
    return BankQuestion(
        where=f"question {number}",
        text=question["text"].rstrip("\n"),
        body=Choice(options, isinstance(answer, list), tuple(question["options"].values()) == TRUE_FALSE),
        points=Fraction(str(question.get("points", 1))),
        explanation=question["explanation"].rstrip("\n") if "explanation" in question else None,
        losses=losses,
    )


def _share_losses(body: Choice) -> list[str]:
    """What the shares say that a test's file does not: there, all right options are worth the same."""
    shares = [option.share for option in body.options]
    right = [share for share in shares if share > 0]
    if not body.several:
        return ["only the right option earns points here"] if any(set(shares) - {0, 1}) else []
    usual = {Fraction(1, len(right))}
    losses = []
    if set(right) != usual:
        losses.append("all right options are worth the same here")
    if {-share for share in shares if share < 0} - usual:
        losses.append("partial_credit of the test says what wrong options take away")
    return losses


def _feedback_losses(options: Sequence[Answer]) -> list[str]:
    count = sum(option.feedback is not None for option in options)
    return [f"the feedback for {count} of its options is left out"] if count else []


def _points(points: Fraction) -> Points:
    return int(points) if points.denominator == 1 else round(float(points), _MOST_DECIMALS)
