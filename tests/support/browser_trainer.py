"""A trainer in front of the page, and a class to look at: tests that are open, closed, and scored."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from playwright.sync_api import BrowserContext, expect

from common.shared.deadlines import format_time
from common.shared.object_keys import (
    DRAFTS,
    answers_key,
    report_page_key,
    report_prefix,
    report_statistics_key,
    score_key,
)
from support.browser_student import SUBJECT, TEST, Visitor
from support.local_api import LocalApi, sample_questions

DIGEST = "821812439924"
NAMES = ("Ada Example", "Ben Example", "Cleo Example", "Dana Example-With-A-Rather-Long-Name", "Eve Example")
REPORT = """<!doctype html><html><head><title>Report</title><style>p { color: red }</style></head>
<body style="margin:0"><table role="presentation"><tr><td><h1>Class</h1><h2 style="font-size:20px">scored in os</h2>
<p><b>4</b> of 5 students graded, mean <b>62.5%</b>.</p><script>alert(1)</script>
<h3>Grades</h3><table><tr><th>Student</th><th>Points</th></tr><tr><td>Ada Example</td><td>4 of 6</td></tr></table>
<table role="presentation"><tr><td>0 to 10%</td><td>1</td></tr><tr><td>90 to 100%</td><td>3</td></tr></table>
</td></tr></table></body></html>"""


class Trainer(Visitor):
    """The trainer of a class at the API on loopback."""

    def __init__(self, context: BrowserContext, api: LocalApi) -> None:
        super().__init__(context, api.endpoint, api.add_trainer())
        self.api = api

    def sign_in(self, remember: bool = False) -> None:
        self.open()
        self.submit_key(remember)
        self.sees("Your class")
        # The view that waits for the list has the same heading.
        expect(self.page.locator("#waiting")).to_have_count(0)

    def submit_key(self, remember: bool = False) -> None:
        self.page.get_by_label("Your key").fill(self.key)
        self.page.get_by_label("Remember on this device").set_checked(remember)
        self.page.get_by_role("button", name="Sign in").click()


def fill_class(api: LocalApi) -> None:
    """Five students; of the open test one has begun and one has submitted it, and four of them have done the other."""
    questions = sample_questions()
    questions[1]["text"] = "What does `printf` print?\n\n```c\nint x = 1;\n```"
    api.publish_test(SUBJECT, TEST, questions, api.now + timedelta(hours=10), title="Kernels")
    api.publish_test(SUBJECT, "scored", questions, api.now - timedelta(days=3), title="Shells")
    for number, name in enumerate(NAMES, 1):
        api.add_student(f"s00{number}", name, [SUBJECT])
    begin(api, "s002")
    submit(api, "s001")
    for number in range(1, 5):
        submit(api, f"s00{number}", "scored")
        score = {"points": number + 0.5, "maxPoints": 6, "late": number == 4, "submittedAt": format_time(api.now)}
        api.bucket.put_json(score_key(SUBJECT, "scored", f"s00{number}"), score)
    add_report(api)


def begin(api: LocalApi, student: str, test: str = TEST) -> None:
    """A draft on the server."""
    api.bucket.put_json(f"{DRAFTS}{SUBJECT}/{student}/{test}.json", {})


def submit(api: LocalApi, student: str, test: str = TEST) -> None:
    """An upload with its receipt."""
    api.bucket.create_json(answers_key(SUBJECT, student, test), {}, f"R-1 {format_time(api.now)} d")


def add_report(api: LocalApi) -> None:
    """The report on the test `scored`."""
    figures: list[dict[str, Any]] = [
        {
            "number": str(number),
            "text": question["text"],
            "facility": 75.0 - number,
            "discrimination": None if number == 2 else 40.0,
            "efficiency": 52.3,
            "dropped": number == 3,
            "correction": "The key was wrong." if number == 3 else None,
            "options": [
                *(
                    {"option": each["id"], "text": each["text"], "right": each["id"] == "a", "upper": place, "lower": 2}
                    for place, each in enumerate(question["options"])
                ),
                {"option": "", "text": "", "right": False, "upper": 0, "lower": 1},
            ],
            "suspects": ["b"] if number == 1 else [],
        }
        for number, question in enumerate(sample_questions(), 1)
    ]
    figures += figures_of_other_types()
    statistics = {
        "asOf": format_time(api.now - timedelta(days=3)),
        "students": 5,
        "scored": 4,
        "mean": 62.5,
        "deviation": 14.2,
        "distribution": [0, 0, 1, 0, 1, 1, 0, 1, 0, 0],
        "questions": figures,
    }
    prefix = report_prefix(SUBJECT, "scored", DIGEST)
    api.bucket.put(report_page_key(prefix), REPORT.encode(), "text/html; charset=utf-8")
    api.bucket.put(report_statistics_key(prefix), json.dumps(statistics).encode())


def figures_of_other_types() -> list[dict[str, Any]]:
    """What students typed looks like code and like HTML."""

    def rows(*answers: tuple[str, str, bool]) -> list[dict[str, Any]]:
        return [
            {"option": option, "text": text, "right": right, "upper": place, "lower": 3}
            for place, (option, text, right) in enumerate(answers)
        ]

    common = {"facility": 50.0, "discrimination": None, "efficiency": None, "dropped": False, "correction": None}
    typed = rows(("1", "`ls` <b>", True), ("2", "dir", False), ("other", "", False), ("", "", False))
    order = rows(("1", "b a: `fork` → exec", True), ("2", "a b: exec → `fork`", False), ("", "", False))
    match = rows(("a", "Rome", True), ("b", "Warsaw", True), ("", "", False))
    items = [{"text": "Italy", "right": "a", "counts": {"a": [4, 2], "b": [0, 1], "": [0, 1]}}]
    return [
        {"number": "7", "text": "What lists files?", "type": "text", "options": typed, "suspects": ["dir"], **common},
        {"number": "8", "text": "Which call is first?", "type": "order", "options": order, "suspects": [], **common},
        {"number": "9", "text": "Whose?", "type": "match", "options": match, "items": items, "suspects": [], **common},
        {
            **common,
            "number": "10",
            "text": "It is [gap 1], and [gap 2].",
            "type": "gaps",
            "options": [],
            "gaps": [
                {"id": "1", "type": "single", "options": rows(("a", "big", True), ("", "", False)), "suspects": []},
                {"id": "2", "type": "text", "options": typed, "suspects": ["dir"]},
            ],
            "suspects": ["gap 2: dir"],
        },
    ]
