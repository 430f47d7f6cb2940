"""What AWS asks for a month: the table of docs/scaling.md, from prices and from what one submission costs.

Prices are list prices in US dollars of eu-central-1; the free tier, taxes and discounts are left out.
"""

from __future__ import annotations

PRICES_AS_OF = "2025"
PRICES = {
    "API Gateway, a request": 3.70e-6,
    "Lambda, a call": 0.20e-6,
    "Lambda, a GB-second (arm64)": 1.33334e-5,
    "S3, a PUT or LIST": 5.4e-6,
    "S3, a GET": 0.43e-6,
    "S3, a GB-month": 0.0245,
    "SES, an email": 1e-4,
    "Step Functions, a transition": 2.5e-5,
    "CloudWatch Logs, a GB": 0.63,
    "X-Ray, a trace": 5e-6,
    "CloudWatch, an alarm-month": 0.10,
}
STUDENTS = (30, 1_000, 50_000)
ALARMS = 9

# One student takes two tests a week.
SUBMISSIONS_A_MONTH = 2 * 52 / 12
# The menu, the test, the upload and the menu again; the authorizer's answer is kept for a minute.
REQUESTS, AUTHORIZATIONS = 4, 2
API_GB_SECONDS = (REQUESTS * 0.1 + AUTHORIZATIONS * 0.05) * 0.25
API_GETS, API_PUTS = 11, 3
# Measured by weekly_run_scale.py, per submission; the seconds are estimates for 256 MB with the SDK's own work.
RUN_GETS, RUN_PUTS = 2.2, 3.1
RUN_GB_SECONDS = (0.05 + 0.15 + 0.01) * 0.25
MAILS = 1.2  # the score, and now and then a reminder or the answers
# A batch of 50 is scored and mailed: a map's child has about three transitions.
RUN_TRANSITIONS = 2 * 3 / 50
TRANSITIONS_A_RUN, RUNS_A_MONTH = 12, 20
STORED_BYTES, MONTHS_KEPT = 6_000, 12
LOGGED_BYTES = 6_000


def bill(students: int) -> dict[str, float]:
    """Dollars a month by service, with a year's data stored."""
    submissions = students * SUBMISSIONS_A_MONTH
    price = PRICES
    calls = REQUESTS + AUTHORIZATIONS
    return {
        "API Gateway": submissions * REQUESTS * price["API Gateway, a request"],
        "Lambda": submissions
        * (calls * price["Lambda, a call"] + (API_GB_SECONDS + RUN_GB_SECONDS) * price["Lambda, a GB-second (arm64)"]),
        "S3 requests": submissions
        * ((API_GETS + RUN_GETS) * price["S3, a GET"] + (API_PUTS + RUN_PUTS) * price["S3, a PUT or LIST"]),
        "S3 storage": submissions * MONTHS_KEPT * STORED_BYTES / 1e9 * price["S3, a GB-month"],
        "SES": submissions * MAILS * price["SES, an email"],
        "Step Functions": (submissions * RUN_TRANSITIONS + RUNS_A_MONTH * TRANSITIONS_A_RUN)
        * price["Step Functions, a transition"],
        "Logs and traces": submissions
        * (LOGGED_BYTES / 1e9 * price["CloudWatch Logs, a GB"] + calls * price["X-Ray, a trace"]),
        "Alarms": ALARMS * price["CloudWatch, an alarm-month"],
    }


def main() -> None:
    """Print both tables."""
    print(f"prices as of {PRICES_AS_OF}")
    for name, dollars in PRICES.items():
        print(f"| {name} | ${dollars:.10f}".rstrip("0") + " |")
    bills = [bill(students) for students in STUDENTS]
    print("\n| a month | " + " | ".join(f"{students:,} students" for students in STUDENTS) + " |")
    for service in bills[0]:
        print(f"| {service} | " + " | ".join(f"${each[service]:,.2f}" for each in bills) + " |")
    print("| **total** | " + " | ".join(f"**${sum(each.values()):,.2f}**" for each in bills) + " |")


if __name__ == "__main__":
    main()
