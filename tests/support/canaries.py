"""A class full of words that may be nowhere but where docs/privacy.md says, and a search for them."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from support.documents import WholeTest, answer_key, question, right, roster_entry
from support.templates import ROOT
from support.weekly_class import SUBJECT, TEST, make_test
from support.weekly_run import World

# By what docs/privacy.md calls them.
NAME, ADDRESS, KEY, ANSWER = "Canaryname", "canarymail", "canarykey", "canaryanswer"
PERSONAL = {"name": NAME, "email address": ADDRESS, "API key": KEY, "answers": ANSWER}
# A student's ID is in keys and reports, but docs/privacy.md says that it is not in logs and histories.
STUDENT = "canarystudent"
# What the trainer wrote, which is nobody's data but a secret.
SECRETS = ("canaryquestion", "canaryoption", "canaryexplanation", "canaryreason")
TRAINER = f"{ADDRESS}-trainer@example.org"
ALL = (*PERSONAL.values(), *SECRETS)
# An error message of a service, a parser or Python, which may quote anything.
WORDS = f"{ADDRESS}-1@example.org {NAME} at {ADDRESS} {ANSWER} {KEY} {' '.join(SECRETS)}"


def found_in(text: Any, words: Sequence[str] = ALL) -> list[str]:
    """The canaries in a text, or in anything that can be printed."""
    printed = text if isinstance(text, str) else repr(text)
    return [word for word in words if word.casefold() in printed.casefold()]


def forms(word: str) -> set[str]:
    """How a word may be written in what is stored: as it is, in JSON, in HTML, in an address and in a link."""
    numeric = word.encode("ascii", "xmlcharrefreplace").decode()
    escaped = {html.escape(word), html.escape(word, quote=False), html.escape(numeric)}
    return {word, json.dumps(word)[1:-1], numeric, *escaped, quote(word), quote(word, safe=""), ascii_domain(word)}


def ascii_domain(word: str) -> str:
    """A domain in Punycode."""
    return word.encode("idna").decode() if re.fullmatch(r"[\w.-]+", word) else word


def canary_test(test_id: str = TEST, **changes: Any) -> WholeTest:
    """A test whose questions, options, explanations and reasons are canaries."""
    _, option, explanation, reason = SECRETS
    options = [{"id": each, "text": f"{option} {each}"} for each in "abcd"]
    asked = [{**question(n), "text": f"canaryquestion {n}?", "options": options} for n in (1, 2)]
    first = right("a", explanation=explanation)
    second = right("b", explanation=explanation, correction={"reason": reason, "alsoAccept": ["a"]})
    key = answer_key(SUBJECT, test_id, first, second)
    return make_test(test_id, questions=asked, key=key, questionCount=2, **changes)


def canary_world() -> World:
    """Four students: two submitted, one's answers are broken, one has none. All are reminded of a second test."""
    world = World(batch_size=50, reminder_hours=24)
    later = "2026-11-24T20:00:00Z"
    students = [
        {
            **roster_entry(n, [SUBJECT]),
            "studentId": f"{STUDENT}-{n}",
            "name": f"{NAME} {n}",
            "email": f"{ADDRESS}-{n}@example.org",
        }
        for n in (1, 2, 3, 4)
    ]
    tests = [canary_test(), canary_test("test02", closesAt=later, lastDeadline=later)]
    world.publish(SUBJECT, tests, students)  # type: ignore[arg-type]
    world.submit(SUBJECT, TEST, f"{STUDENT}-1", {"1": "a"})
    world.submit(SUBJECT, TEST, f"{STUDENT}-2", {"1": "b", "2": "b"})
    world.submit(SUBJECT, TEST, f"{STUDENT}-3", {"1": [ANSWER], ANSWER: 1})
    return world


def misplaced(objects: Mapping[str, bytes]) -> list[str]:
    """The objects with a person's canary that docs/privacy.md does not list for it."""
    listed = _listed_prefixes()
    return [
        f"{kind} in {key}"
        for key, body in objects.items()
        for kind, word in PERSONAL.items()
        if word.encode() in body and not key.startswith(tuple(listed[kind]))
    ]


def _listed_prefixes() -> dict[str, list[str]]:
    """Where docs/privacy.md says that each kind of data is."""
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", (ROOT / "docs/privacy.md").read_text(), re.M)
    return {
        kind: [
            place.split("<")[0]
            for data, places in rows
            if re.search(rf"\b{kind}\b", data)
            for place in re.findall(r"`([a-z-]+(?:/|\.jsonl)[^`]*)`", places)
        ]
        for kind in PERSONAL
    }


def as_lambda_reports(error: BaseException) -> str:
    """What Step Functions keeps of a function's failure."""
    return json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)})
