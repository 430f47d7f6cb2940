"""What the docs say about costs: the prices, sources and bills are those of `bin/estimate-cost.sh`."""

from __future__ import annotations

import json
import re
from datetime import date

from cli import estimate_cost
from cli.estimate_cost import ALARMS, DASHBOARDS, PRICES, bill, total, usage

from support.templates import NAMES, ROOT, of_type

TABLE = json.loads(PRICES.read_text())
SCALING = (ROOT / "docs/scaling.md").read_text()
OPERATIONS = (ROOT / "docs/operations.md").read_text()
REGION, STUDENTS, TESTS_PER_WEEK = "eu-central-1", (30, 1_000, 50_000), 2


def rows(heading: str) -> list[list[str]]:
    """The cells of a table in docs/scaling.md, without its first two lines."""
    table = SCALING.split(heading)[1].split("\n\n")[0]
    return [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_scaling_has_the_prices_with_what_is_free_and_the_source() -> None:
    expected = []
    for name, price in TABLE["prices"].items():
        dollars, source = price[REGION]
        free = f"{price['free']:,}" if "free" in price else ""
        expected.append([name, f"{dollars:.10f}".rstrip("0").rstrip("."), free, source])
    assert rows("| price | $ | always free in a month | source |") == expected


def test_scaling_explains_the_sources() -> None:
    sources = dict(re.findall(r"^- \*(\w+)\*: (.*)$", SCALING, re.M))
    assert sources == TABLE["sources"]


def test_every_price_has_a_region_of_the_table_and_a_source() -> None:
    for price in TABLE["prices"].values():
        assert set(price) - {"service", "free"} == set(estimate_cost.regions(TABLE))
        assert all(price[region][1] in TABLE["sources"] for region in estimate_cost.regions(TABLE))


def test_both_pages_say_from_when_the_prices_are() -> None:
    assert re.findall(r"prices of (\d{4}-\d\d-\d\d)", SCALING) == [TABLE["date"]]
    assert re.findall(r"prices of (\d{4}-\d\d-\d\d)", OPERATIONS) == [TABLE["date"]]
    assert date.fromisoformat(TABLE["date"])


def test_scaling_has_the_bills() -> None:
    bills = [bill(TABLE, REGION, usage(students, TESTS_PER_WEEK)) for students in STUDENTS]
    expected = [
        [name, *(f"${item.cost:,.2f}" for item in items)]
        for name, items in [
            *((of_one[0].service, of_one) for of_one in zip(*bills, strict=True)),
            ("total", [total(each) for each in bills]),
        ]
    ]
    expected.append(["total with the free tier", *(f"${total(each).with_free_tier:,.2f}" for each in bills)])
    assert rows("| a month | 30 students | 1,000 students | 50,000 students |") == expected


def test_scaling_says_what_calendars_cost() -> None:
    some, nobody = (total(bill(TABLE, REGION, usage(students, 0))).cost for students in (50_000, 0))
    assert re.findall(r"Calendars are \$(\d+) of the 50,000 students' month", SCALING) == [f"{some - nobody:.0f}"]


def test_there_are_as_many_alarms_and_dashboards_as_are_paid_for() -> None:
    assert sum(len(of_type(name, "AWS::CloudWatch::Alarm")) for name in NAMES) == ALARMS
    assert sum(len(of_type(name, "AWS::CloudWatch::Dashboard")) for name in NAMES) == DASHBOARDS
    assert f"{ALARMS} CloudWatch alarms" in OPERATIONS


def test_an_idle_class_of_thirty_costs_nothing() -> None:
    assert f"{total(bill(TABLE, REGION, usage(0, 1))).with_free_tier:.2f}" == "0.00"
    assert total(bill(TABLE, REGION, usage(30, 1))).with_free_tier < 0.055
