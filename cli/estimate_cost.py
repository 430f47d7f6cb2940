"""What AWS charges for a month, as bin/estimate-cost.sh prints it.

Prices, and what of each is always free in an account, are in cli/aws_prices.json. Not counted: taxes, discounts,
credits, the free tiers that end after 12 months (API Gateway, S3, SES), and what docs/scaling.md names as left out.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible_collections.training.test_time.plugins.module_utils.documents.inventory import UnknownStage
from cli.parameter import parameter
from cli.table import as_table

if TYPE_CHECKING:
    from collections.abc import Mapping

PRICES = Path(__file__).with_name("aws_prices.json")
LONGEST_AGE = timedelta(days=365)
PROGRAM = "estimate-cost.sh"

# For each submission, a student asks for the list of tests, the test, the upload and the list again. Their key is
# looked up twice, since API Gateway caches the answer for a minute.
REQUESTS, AUTHORIZATIONS = 4, 2
# S3 requests of these calls by warm functions, with one test published. tests/unit/api/test_costs.py measures them.
API_GETS, API_PUTS_AND_LISTS = 6, 1
# While a student takes a test, the client saves what they have answered, at most once a minute, and looks for a draft
# once. Ten saves are a test that takes ten minutes. Each one's key is looked up again, for a minute has passed.
SAVES, DRAFT_READS = 10, 1
# S3 requests of a save with its authorization, and of looking for a draft: measured there too, as is what they log.
SAVE_GETS, SAVE_PUTS, DRAFT_READ_GETS = 4, 1, 2
DRAFT_LOGGED_BYTES = 273
# S3 requests of the weekly run for each further submission, measured there too.
RUN_GETS, RUN_PUTS = 2.176, 4.032
# Bytes that CloudWatch Logs counts for these calls, measured there too. What a run logs is less than a hundredth of it.
LOGGED_BYTES = 1_310
DRAFT_CALLS = 2 * SAVES + DRAFT_READS
# Each student's calendar app asks every eight hours, as it is told to: one request, one call without an authorization.
CALENDAR_READS = 3 * 365 / 12
# S3 requests of it for a student of two subjects, and what it logs: measured there too.
CALENDAR_GETS, CALENDAR_LOGGED_BYTES = 3, 278
TRACES = REQUESTS + AUTHORIZATIONS + DRAFT_CALLS
# The score, and now and then a reminder or the right answers.
EMAILS = 1.2
# Estimates for 256 MB, with the SDK's own work: see docs/scaling.md.
API_GB_SECONDS = ((REQUESTS + SAVES + DRAFT_READS) * 0.1 + (AUTHORIZATIONS + SAVES) * 0.05) * 0.25
CALENDAR_GB_SECONDS = 0.1 * 0.25
RUN_GB_SECONDS = (0.05 + 0.15 + 0.01) * 0.25
# A batch of 125 is scored and mailed, each by a Map's child with about three transitions.
RUN_TRANSITIONS = 2 * 3 / 125
# What remains if nobody submits: the weekly and the one-time runs.
RUNS, TRANSITIONS_OF_A_RUN = 20, 12
STORED_BYTES, MONTHS_KEPT = 10_000, 12
# The receipt of a submission is a tag of its object.
TAGS = 1
ALARMS, DASHBOARDS = 10, 1
# One metric in every hour of the month, the others in the hour of a run.
METRICS = 1 + 8 * RUNS / 730


class UnknownRegion(Exception):
    """This is no Region. The message names those with prices."""


@dataclass(frozen=True)
class Item:
    """What a service costs in a month, in dollars, without and with the part that is always free."""

    service: str
    cost: float
    with_free_tier: float


def usage(students: int, tests_per_week: int, *, tracing: bool = False) -> dict[str, float]:
    """How many units a month needs of each price, with a year's data stored."""
    submissions = students * tests_per_week * 52 / 12
    calendars = students * CALENDAR_READS
    requests = REQUESTS + SAVES + DRAFT_READS
    calls = REQUESTS + AUTHORIZATIONS + DRAFT_CALLS
    api_gets = API_GETS + SAVES * SAVE_GETS + DRAFT_READS * DRAFT_READ_GETS
    logged = LOGGED_BYTES + (SAVES + DRAFT_READS) * DRAFT_LOGGED_BYTES
    return {
        "API Gateway, a request": submissions * requests + calendars,
        "Lambda, a call": submissions * calls + calendars,
        "Lambda, a GB-second (arm64)": submissions * (API_GB_SECONDS + RUN_GB_SECONDS)
        + calendars * CALENDAR_GB_SECONDS,
        "S3, a PUT or LIST": submissions * (API_PUTS_AND_LISTS + SAVES * SAVE_PUTS + RUN_PUTS),
        "S3, a GET": submissions * (api_gets + RUN_GETS) + calendars * CALENDAR_GETS,
        "S3, a GB-month": submissions * MONTHS_KEPT * STORED_BYTES / 1e9,
        "S3, a tag-month": submissions * MONTHS_KEPT * TAGS,
        "SES, an email": submissions * EMAILS,
        "Step Functions, a transition": submissions * RUN_TRANSITIONS + RUNS * TRANSITIONS_OF_A_RUN,
        "CloudWatch Logs, a GB": (submissions * logged + calendars * CALENDAR_LOGGED_BYTES) / 1e9,
        "X-Ray, a trace": submissions * TRACES * tracing,
        "CloudWatch, an alarm-month": ALARMS,
        "CloudWatch, a metric-month": METRICS,
        "CloudWatch, a dashboard-month": DASHBOARDS,
    }


def bill(table: Mapping[str, Any], region: str, units: Mapping[str, float]) -> list[Item]:
    """What each service costs. `region`: one of the table's."""
    items: dict[str, Item] = {}
    for name, price in table["prices"].items():
        dollars, _source = price[region]
        service, paid = price["service"], max(0.0, units[name] - price.get("free", 0))
        before = items.get(service, Item(service, 0, 0))
        items[service] = Item(service, before.cost + units[name] * dollars, before.with_free_tier + paid * dollars)
    return list(items.values())


def regions(table: Mapping[str, Any]) -> list[str]:
    """The Regions that the table has prices for."""
    return sorted({name for price in table["prices"].values() for name in price} - {"service", "free"})


def region_with_prices(table: Mapping[str, Any], region: str) -> str:
    """The Region whose prices are used: the first of the table's if it has none for this one. Raises UnknownRegion."""
    known = regions(table)
    if not re.fullmatch(r"[a-z]+(-[a-z]+)+-\d", region):
        raise UnknownRegion(f"{region} is not a Region: use --region with one of {', '.join(known)}")
    return region if region in known else known[0]


def as_text(items: list[Item], students: int, tests_per_week: int, region: str, table_date: str) -> str:
    """The bill for people."""
    rows = [["A month, in US dollars", "without free tier", "with free tier"]]
    rows += [[item.service, f"{item.cost:.2f}", f"{item.with_free_tier:.2f}"] for item in [*items, total(items)]]
    tests = "1 test" if tests_per_week == 1 else f"{tests_per_week} tests"
    of = f"{students} students, {tests} a week, {region}, prices of {table_date}"
    note = "The free tier is the part that AWS gives every account each month without an end."
    return f"{of}\n\n{as_table(rows)}\n\n{note}"


def as_json(items: list[Item], students: int, tests_per_week: int, region: str, table_date: str) -> str:
    """`{"students", "testsPerWeek", "region", "pricesDate", "services": [{"service", "cost", "withFreeTier"}], "total",
    "totalWithFreeTier"}`, in US dollars.
    """
    whole = total(items)
    services = [
        {"service": item.service, "cost": round(item.cost, 4), "withFreeTier": round(item.with_free_tier, 4)}
        for item in items
    ]
    return json.dumps(
        {
            "students": students,
            "testsPerWeek": tests_per_week,
            "region": region,
            "pricesDate": table_date,
            "services": services,
            "total": round(whole.cost, 4),
            "totalWithFreeTier": round(whole.with_free_tier, 4),
        },
        indent=2,
    )


def total(items: list[Item]) -> Item:
    """The whole bill."""
    return Item("total", sum(item.cost for item in items), sum(item.with_free_tier for item in items))


def warning(table_date: str, today: date) -> str | None:
    """What to say about old prices; None if they are at most a year old."""
    if today - date.fromisoformat(table_date) <= LONGEST_AGE:
        return None
    return f"the prices are of {table_date}, more than a year old: compare {PRICES.name} with AWS's price list"


def main() -> None:
    """Run the command. Exit codes: 0 done, 1 error, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog=PROGRAM)
    parser.add_argument("--students", type=int, required=True)
    parser.add_argument("--tests-per-week", type=int, default=1)
    parser.add_argument("--stage")
    parser.add_argument("--region")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    table = json.loads(PRICES.read_text(encoding="utf-8"))
    try:
        wanted = options.region or parameter("region", options.stage)
        region = region_with_prices(table, wanted)
        tracing = parameter("tracing", options.stage) == "True"
        items = bill(table, region, usage(options.students, options.tests_per_week, tracing=tracing))
    except (UnknownRegion, UnknownStage) as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        sys.exit(2)
    except ValueError as error:
        sys.exit(f"{PROGRAM}: {error}")
    if region != wanted:
        print(f"{PROGRAM}: there are no prices for {wanted}: these are those of {region}", file=sys.stderr)
    old = warning(table["date"], datetime.now(UTC).date())
    if old:
        print(f"{PROGRAM}: {old}", file=sys.stderr)
    show = as_json if options.json else as_text
    print(show(items, options.students, options.tests_per_week, region, table["date"]))


if __name__ == "__main__":
    main()
