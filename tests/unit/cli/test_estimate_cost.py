"""The month's bill, as estimate-cost.sh prints it."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Any

import pytest
from cli import estimate_cost
from cli.estimate_cost import PRICES, UnknownRegion, as_json, as_text, bill, region_with_prices, total, usage, warning

TABLE: dict[str, Any] = {
    "date": "2026-11-27",
    "prices": {
        "Lambda, a call": {"service": "Lambda", "free": 100, "here": [0.5, "list"]},
        "Lambda, a second": {"service": "Lambda", "here": [2, "list"]},
        "SES, an email": {"service": "SES", "here": [1, "list"]},
    },
}
UNITS = {"Lambda, a call": 300, "Lambda, a second": 10, "SES, an email": 5}


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    monkeypatch.setattr(sys, "argv", ["estimate_cost", *arguments])
    try:
        estimate_cost.main()
    except SystemExit as end:
        return end.code
    return 0


def test_a_service_costs_all_its_prices_with_and_without_what_is_free() -> None:
    items = bill(TABLE, "here", UNITS)
    assert [(item.service, item.cost, item.with_free_tier) for item in items] == [("Lambda", 170, 120), ("SES", 5, 5)]
    assert (total(items).cost, total(items).with_free_tier) == (175, 125)


def test_what_is_free_is_never_paid_back() -> None:
    [only, _] = bill(TABLE, "here", UNITS | {"Lambda, a call": 30, "Lambda, a second": 0})
    assert (only.cost, only.with_free_tier) == (15, 0)


def test_what_is_no_region_is_refused_with_those_that_have_prices() -> None:
    with pytest.raises(UnknownRegion, match=r"mars is not a Region: use --region with one of here$"):
        region_with_prices(TABLE, "mars")


def test_a_price_needs_every_unit_and_every_unit_a_price() -> None:
    assert set(usage(30, 1)) == set(json.loads(PRICES.read_text())["prices"])


def test_twice_the_students_cost_twice_as_much_apart_from_what_runs_anyway() -> None:
    one, two, nobody = (usage(students, 1) for students in (1000, 2000, 0))
    for name, units in one.items():
        assert two[name] - nobody[name] == pytest.approx(2 * (units - nobody[name]))


def test_twice_the_tests_cost_twice_as_much_apart_from_what_students_cost_without_any() -> None:
    none, one, two = (usage(1000, tests) for tests in (0, 1, 2))
    for name, units in one.items():
        assert two[name] - none[name] == pytest.approx(2 * (units - none[name]))


def test_without_tests_students_cost_only_their_calendars() -> None:
    """A request every eight hours."""
    some, nobody = usage(1000, 0), usage(0, 0)
    more = {name: units - nobody[name] for name, units in some.items() if units != nobody[name]}
    for name in ("API Gateway, a request", "Lambda, a call"):
        assert more[name] == pytest.approx(1000 * 3 * 365 / 12)
    assert set(more) == {
        "API Gateway, a request",
        "Lambda, a call",
        "Lambda, a GB-second (arm64)",
        "S3, a GET",
        "CloudWatch Logs, a GB",
    }


def test_traces_are_paid_for_if_there_are_any() -> None:
    assert usage(1000, 2)["X-Ray, a trace"] == 0
    assert usage(1000, 2, tracing=True)["X-Ray, a trace"] == pytest.approx(1000 * 2 * 52 / 12 * 27)


@pytest.mark.parametrize(
    ("today", "warns"), [("2026-11-27", False), ("2027-11-27", False), ("2027-11-28", True), ("2030-01-01", True)]
)
def test_prices_that_are_more_than_a_year_old_are_pointed_out(today: str, warns: bool) -> None:
    found = warning("2026-11-27", date.fromisoformat(today))
    assert (found is not None) == warns
    assert found is None or "2026-11-27" in found


def test_the_table_shows_dollars_and_cents() -> None:
    lines = as_text(bill(TABLE, "here", UNITS), 30, 1, "here", "2026-11-27").splitlines()
    assert lines[0] == "30 students, 1 test a week, here, prices of 2026-11-27"
    assert lines[2:6] == [
        "A month, in US dollars  without free tier  with free tier",
        "Lambda                             170.00          120.00",
        "SES                                  5.00            5.00",
        "total                              175.00          125.00",
    ]


def test_json_has_the_same() -> None:
    assert json.loads(as_json(bill(TABLE, "here", UNITS), 30, 1, "here", "2026-11-27")) == {
        "students": 30,
        "testsPerWeek": 1,
        "region": "here",
        "pricesDate": "2026-11-27",
        "services": [
            {"service": "Lambda", "cost": 170, "withFreeTier": 120},
            {"service": "SES", "cost": 5, "withFreeTier": 5},
        ],
        "total": 175,
        "totalWithFreeTier": 125,
    }


def test_the_region_is_that_of_the_parameters_unless_another_is_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        estimate_cost, "parameter", lambda name, _: {"region": "eu-central-1", "tracing": "False"}[name]
    )
    assert run(monkeypatch, "--students=30", "--json") == 0
    assert json.loads(capsys.readouterr().out)["region"] == "eu-central-1"
    assert run(monkeypatch, "--students=30", "--json", "--region=us-east-1") == 0
    assert json.loads(capsys.readouterr().out)["region"] == "us-east-1"


def test_the_parameters_are_those_of_the_stage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    regions = {None: "eu-central-1", "evening": "us-east-1"}
    monkeypatch.setattr(estimate_cost, "parameter", lambda name, stage: regions[stage] if name == "region" else "False")
    assert run(monkeypatch, "--students=30", "--json", "--stage=evening") == 0
    assert json.loads(capsys.readouterr().out)["region"] == "us-east-1"


def test_an_unknown_stage_is_wrong_usage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "--students=30", "--stage=nope") == 2
    assert "there is no stage 'nope'" in capsys.readouterr().err


def test_wrong_usage_is_2_and_names_the_regions(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--students=30", "--region=mars") == 2
    printed = capsys.readouterr()
    assert printed.err == ("estimate-cost.sh: mars is not a Region: use --region with one of eu-central-1, us-east-1\n")
    assert printed.out == ""


def test_a_region_without_prices_gets_those_of_another_and_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--students=30", "--region=ap-southeast-2", "--json") == 0
    printed = capsys.readouterr()
    assert "no prices for ap-southeast-2: these are those of eu-central-1" in printed.err
    assert json.loads(printed.out)["region"] == "eu-central-1"
