"""The mails of a whole run, opened as a mail program on a phone and on a desk would."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser

from support.documents import CLOSES
from support.every_type import ANSWERS, ENTRIES, QUESTIONS
from support.formatted_questions import READER, TEXT
from support.local_api import sample_questions
from support.weekly_class import SUBJECT, TEST, make_students, make_test
from support.weekly_run import World

LAST = "2026-11-24T22:00:00Z"
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 2


def every_kind_of_mail() -> dict[str, str]:
    """Subject -> HTML: reminder, opening, extension, score, changed score with the answers, reports, the kept page."""
    questions: list[Any] = [
        {"type": "single", "points": 1, **question, "number": n} for n, question in enumerate(sample_questions(), 1)
    ]
    key: dict[str, Any] = {
        str(question["number"]): {
            "correct": [question["options"][0]["id"]],
            "points": 1,
            "explanation": f"`{LONG_WORD}`",
        }
        for question in questions
    }
    for number, (asked, entry) in enumerate(zip(QUESTIONS, ENTRIES, strict=True), len(questions) + 1):
        questions.append({**deepcopy(asked), "number": number, "text": LONG_WORD})
        key[str(number)] = {**entry, "explanation": LONG_WORD}
    for option in questions[-1]["options"] + questions[-1]["items"]:
        option["text"] += LONG_WORD
    questions[0] |= READER.rendition(f"{TEXT}\n\n| {LONG_WORD} | {LONG_WORD} |\n|---|---|\n| `{LONG_WORD}` | b |")
    questions[0]["options"][0] |= READER.rendition(
        f"| a | `{LONG_WORD}` |\n|---|---|\n| ![{LONG_WORD}](tree.png) | $x$ |"
    )
    test = make_test(
        questions=questions, key={"partialCredit": "off", "questions": key}, lastDeadline=LAST, announce=True
    )
    students = make_students(12, s11=LAST, s12=LAST)
    students[0]["name"] = students[11]["name"] = LONG_WORD
    students[11]["extended"] = {f"{SUBJECT}/{TEST}": {"before": CLOSES, "grantedAt": "2026-11-20T09:00:00Z"}}
    world = World(batch_size=50, reminder_hours=24)
    world.publish(SUBJECT, [test], students)
    for n in range(1, 9):
        typed = {str(6 + int(number)): answer for number, answer in ANSWERS[f"s{n % 4 + 1}"].items()}
        typed["10"] = LONG_WORD * 4
        world.submit(SUBJECT, TEST, f"s{n}", {**typed, **{str(q): "ab"[(n * q) % 2] for q in range(1, 7)}})
    world.submit(SUBJECT, TEST, "s9", "broken")
    world.now -= timedelta(hours=10)
    world.run()
    world.now += timedelta(hours=10)
    world.run()
    test["key"]["questions"]["1"]["correction"] = {"reason": LONG_WORD, "alsoAccept": ["b"]}
    world.put(f"answer-keys/{SUBJECT}/{TEST}.json", test["key"])
    world.now += timedelta(hours=24)
    world.run()
    mails = {str(mail["Subject"]): mail.get_body(("html",)) for mail in world.ses.sent}
    shown = {subject: part.get_content() for subject, part in mails.items() if part is not None}
    page = next(body for key, body in world.s3.objects.items() if key.endswith("report.html"))
    return {**shown, "the kept report": page.decode()}


@pytest.fixture(scope="module")
def mails() -> dict[str, str]:
    mails = every_kind_of_mail()
    for kind in ("Reminder", "is open", "Your deadline", "Your score", "changed", "The answers", "Results"):
        assert any(kind in subject for subject in mails), kind
    return mails


@pytest.mark.parametrize("width", [320, 375, 1000])
def test_no_mail_is_wider_than_its_window_or_asks_another_machine(
    chromium: Browser, mails: dict[str, str], width: int
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800})
    try:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for subject, html in mails.items():
            page.set_content(html)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, subject
        assert asked == []
    finally:
        context.close()
