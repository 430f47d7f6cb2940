"""A share that a bank or a test's file gives in per cent."""

from __future__ import annotations

from fractions import Fraction

import pytest

from common.shared.shares import percent_of_share, share_of_percent


@pytest.mark.parametrize(
    ("percent", "share"),
    [
        ("100", Fraction(1)),
        ("50.", Fraction(1, 2)),
        ("33.33333", Fraction(1, 3)),
        ("33.33", Fraction(1, 3)),
        ("16.66", Fraction(1, 6)),  # cut off instead of rounded
        ("66.67", Fraction(2, 3)),
        ("33", Fraction(33, 100)),
        ("33.3", Fraction(333, 1000)),
        ("-14.28571", Fraction(-1, 7)),
        ("10.25", Fraction(41, 400)),
        ("0.05", Fraction(1, 2000)),
        ("0.01", Fraction(1, 10_000)),  # and not nothing, which no answer key accepts
        ("-0.001", Fraction(-1, 100_000)),
        ("1.2e-06", Fraction(12, 10**9)),
        ("-0.00", Fraction(0)),
    ],
)
def test_a_percentage_is_the_share_that_was_meant(percent: str, share: Fraction) -> None:
    assert share_of_percent(percent) == share


@pytest.mark.parametrize(
    ("share", "percent"),
    [
        (Fraction(1), "100"),
        (Fraction(0), "0"),
        (Fraction(1, 3), "33.33333"),
        (Fraction(-1, 8), "-12.5"),
        (Fraction(1, 10**9), "0"),
        (Fraction(5, 6), "83.33333"),
    ],
)
def test_a_share_is_written_as_moodle_writes_it(share: Fraction, percent: str) -> None:
    assert percent_of_share(share) == percent
