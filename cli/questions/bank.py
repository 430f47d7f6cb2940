"""Questions as question banks have them: what every format is read into, and written from.

Texts are those of a test's file: plain text, in which Markdown's `code` and code blocks are code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Answer:
    """An option, or a text that is accepted.

    `share`: of the question's points: 1 is right, 0 is wrong, less than 0 takes points away.
    """

    text: str
    share: Fraction
    feedback: str | None = None


# The options of a true/false question, in this order.
TRUE_FALSE = ("True", "False")


@dataclass(frozen=True)
class Choice:
    """Options to choose from: one, or `several`."""

    options: Sequence[Answer]
    several: bool = False
    is_true_false: bool = False

    @property
    def is_uniform(self) -> bool:
        """Whether all right options have the same share, all points together, and each wrong one takes as much away."""
        right = sum(option.share > 0 for option in self.options)
        return right > 0 and {abs(option.share) for option in self.options} == {Fraction(1, right)}


@dataclass(frozen=True)
class AcceptedNumber:
    """The numbers from `low` to `high`, which earn `share` of the points.

    `value`: the number in their middle, if the bounds come from a tolerance around it.
    """

    low: Decimal
    high: Decimal
    share: Fraction = Fraction(1)
    feedback: str | None = None
    value: Decimal | None = None


@dataclass(frozen=True)
class Number:
    """A number to type."""

    accepted: Sequence[AcceptedNumber]


@dataclass(frozen=True)
class ShortText:
    """A text to type. In an accepted text, `*` stands for any characters, and a star itself is written `\\*`."""

    accepted: Sequence[Answer]
    case_matters: bool = False
    spaces_matter: bool = False


Gap = Choice | Number | ShortText


@dataclass(frozen=True)
class Gaps:
    """Gaps to fill in. The question's text has `{{1}}` where the first one is. No choice is of `several` options.

    `has_weights`: whether some of them earn more than others.
    """

    gaps: Sequence[Gap]
    has_weights: bool = False


@dataclass(frozen=True)
class Match:
    """Pairs to find. `others`: further right-hand sides, which belong to nothing."""

    pairs: Sequence[tuple[str, str]]
    others: Sequence[str] = ()


@dataclass(frozen=True)
class Ordering:
    """Texts to put in order. They are in the right one."""

    texts: Sequence[str]


@dataclass(frozen=True)
class Other:
    """What nothing here can score. `name`: for people, such as `essay`."""

    name: str


Body = Choice | Number | ShortText | Match | Ordering | Gaps | Other


@dataclass(frozen=True)
class BankQuestion:
    """A question. `where`: for people, such as `line 12` or `item i7`. `points`: None if the format has none.

    `losses`: what is lost of it when it is read, each as a sentence without a full stop.
    """

    where: str
    text: str
    body: Body
    name: str | None = None
    points: Fraction | None = None
    explanation: str | None = None
    losses: Sequence[str] = ()


@dataclass(frozen=True)
class Unreadable:
    """What looks like a question and is none. `reason`: a sentence without a full stop that says what is wrong."""

    where: str
    reason: str


@dataclass(frozen=True)
class Bank:
    """A file's questions, in its order. `notes`: what else is left out of it, such as categories."""

    questions: Sequence[BankQuestion]
    unreadable: Sequence[Unreadable] = ()
    notes: Sequence[str] = ()


class BankError(Exception):
    """A file that cannot be read at all. The message says why, without the file's name."""


class CannotBeWrittenError(Exception):
    """A format cannot hold a question. The message is a sentence without a full stop that says why."""
