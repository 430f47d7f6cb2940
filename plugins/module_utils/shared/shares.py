"""Shares of a question's points as percentages in text: `33.33333` is a third."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

_LARGEST_DENOMINATOR = 20
_DECIMALS = 5  # Moodle's own lists of grades have as many


def share_of_percent(percent: str) -> Fraction:
    """The share that `percent`, such as `-50` or `16.66667`, stands for.

    A number with two decimals or more is a simple fraction if it differs from it by at most 1 in its last place.
    However small it is, it is not 0.
    """
    written = Fraction(percent) / 100
    decimals = len(percent.partition(".")[2])
    simple = written.limit_denominator(_LARGEST_DENOMINATOR)
    if decimals >= 2 and simple and abs(simple - written) * 100 <= Fraction(1, 10**decimals):
        return simple
    return written


def percent_of_share(share: Fraction) -> str:
    """`share` as a percentage with at most 5 decimals: `50`, `-12.5`, `33.33333`."""
    hundred_thousandths = round(share * 100 * 10**_DECIMALS)
    percent = Decimal(hundred_thousandths).scaleb(-_DECIMALS)
    return f"{percent:f}".rstrip("0").removesuffix(".")
