"""AWS's prices: the tables and the year in the docs are those of `tests/benchmarks/aws_bill.py`."""

from __future__ import annotations

import re

from benchmarks.aws_bill import ALARMS, PRICES, PRICES_AS_OF
from support.templates import NAMES, ROOT, of_type

SCALING = (ROOT / "docs/scaling.md").read_text()
OPERATIONS = (ROOT / "docs/operations.md").read_text()


def test_the_table_of_prices_has_them() -> None:
    table = SCALING.split("| price | $ |")[1].split("\n\n")[0]
    found = {name: float(price) for name, price in re.findall(r"^\| (.*) \| ([\d.]+) \|$", table, re.M)}
    assert found == PRICES


def test_both_pages_name_the_year() -> None:
    assert re.findall(r"as of (\d{4})", SCALING) == re.findall(r"as of (\d{4})", OPERATIONS) == [PRICES_AS_OF]


def test_there_are_as_many_alarms_as_are_paid_for() -> None:
    assert sum(len(of_type(name, "AWS::CloudWatch::Alarm")) for name in NAMES) == ALARMS
    assert f"{ALARMS} CloudWatch alarms" in OPERATIONS
