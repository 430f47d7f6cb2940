"""What becomes of a student's answers on a device and of the draft on the server: the one rule of both clients."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

Answers = dict[str, Any]
# `over`: the server's draft has no meaning; `keep` the answers of this device; `take` the server's; ask (`conflict`).
Outcome = Literal["over", "keep", "take", "conflict"]

SAVED = "2026-11-23T20:00:00Z"
QUESTIONS: list[dict[str, Any]] = [
    {"number": 1, "type": "single", "points": 1},
    {"number": 2, "type": "single", "points": 1},
    {"number": 3, "type": "multiple", "points": 1},
]
# In an order of the student's own.
for _question in QUESTIONS:
    _question |= {"text": "?", "options": [{"id": letter, "text": letter} for letter in "cab"]}


class Case(NamedTuple):
    """`base`: the server's draft as this device saw it last; None: none. `there`: as it is now, saved at SAVED.

    `sent`: what this device has sent since and no reply came. `submitted`: when the test was submitted last.
    """

    here: Answers
    base: Answers | None
    there: Answers
    sent: Sequence[Answers] = ()
    submitted: str | None = None
    same_version: bool = False


def fitting(answers: Answers) -> Answers:
    """The answers as far as the test still has their questions and options."""
    kept: Answers = {}
    for question in QUESTIONS:
        given = answers.get(str(question["number"]), [])
        ids = [one for one in "abc" if one in given]
        if ids:
            kept[str(question["number"])] = ids if question["type"] == "multiple" else ids[0]
    return kept


def outcome(case: Case) -> Outcome:
    """The rule, in the words of docs/architecture.md."""
    here, there, base = fitting(case.here), fitting(case.there), fitting(case.base or {})
    if case.submitted and case.submitted >= SAVED:
        return "over"
    if there in (here, base, *map(fitting, case.sent)):
        return "keep"
    if here == base or here.items() <= there.items():
        return "take"
    return "keep" if there.items() <= here.items() else "conflict"


A, B, AB, AC, ABC = {"1": "a"}, {"1": "b"}, {"1": "a", "2": "b"}, {"1": "a", "2": "c"}, {"1": "a", "2": "b", "3": ["c"]}
EARLIER, LATER = "2026-11-23T19:59:59Z", "2026-11-23T20:00:01Z"
TABLE: list[tuple[str, Case, Outcome]] = [
    ("nothing anywhere", Case({}, None, {}), "keep"),
    ("begun elsewhere", Case({}, None, A), "take"),
    ("the same by chance", Case(A, None, A), "keep"),
    ("never saved, and the other has more", Case(A, None, AB), "take"),
    ("never saved, and this has more", Case(AB, None, A), "keep"),
    ("never saved, and different", Case(A, None, B), "conflict"),
    ("never saved, and the other was cleared", Case(A, None, {}), "keep"),
    ("nothing has changed", Case(A, A, A, same_version=True), "keep"),
    ("only this has changed", Case(B, A, A, same_version=True), "keep"),
    ("only this has changed, and the other was saved again", Case(B, A, A), "keep"),
    ("only this was cleared", Case({}, A, A, same_version=True), "keep"),
    ("only this was cleared, and the other was saved again", Case({}, A, A), "keep"),
    ("only the other has changed", Case(A, A, B), "take"),
    ("only the other was cleared", Case(A, A, {}), "take"),
    ("both have changed the same", Case(B, A, B), "keep"),
    ("both have changed, and the other has more", Case(AB, A, ABC), "take"),
    ("both have changed, and this has more", Case(ABC, A, AB), "keep"),
    ("both have changed, differently", Case(AB, A, AC), "conflict"),
    ("this was cleared, and the other has changed", Case({}, A, B), "take"),
    ("this has changed, and the other was cleared", Case(B, A, {}), "keep"),
    ("a reply was lost", Case(AC, A, AB, sent=[B, AB]), "keep"),
    ("a reply was lost, and this was cleared", Case({}, None, A, sent=[A]), "keep"),
    ("a reply was lost, and the other continued", Case(AC, None, ABC, sent=[A]), "conflict"),
    ("submitted later", Case(A, None, B, submitted=LATER), "over"),
    ("submitted in the same second", Case(A, A, B, submitted=SAVED), "over"),
    ("submitted later, and nothing here", Case({}, None, B, submitted=LATER), "over"),
    ("submitted earlier", Case({}, None, B, submitted=EARLIER), "take"),
    ("an option is gone that both had", Case(A, {"1": "a", "2": "z"}, {"1": "b", "2": "z"}), "take"),
    ("a question is gone that both had", Case(B, {"1": "a", "9": "a"}, {"1": "a", "9": "a"}), "keep"),
    ("one of several options is gone", Case({"3": ["a"]}, {"3": ["a", "z"]}, {"3": ["b", "z"]}), "take"),
    ("one of several options is gone there", Case({}, None, {"3": ["a", "z"]}), "take"),
    (
        "one of several options is gone that was sent",
        Case({"3": ["b"]}, None, {"3": ["a"]}, [{"3": ["a", "z"]}]),
        "keep",
    ),
]


def random_cases(count: int, seed: int) -> list[Case]:
    """Cases in which the answers are often alike."""
    rng = random.Random(seed)
    options: dict[str, list[Any]] = {
        "1": [None, "a", "b"],
        "2": [None, "a", "b", "z"],
        "3": [None, ["a"], ["a", "b"], ["a", "z"]],
        "9": [None, None, "a"],
    }

    def some(of: Answers | None = None) -> Answers:
        chosen = {
            number: of.get(number) if of is not None and rng.random() < 0.7 else rng.choice(each)
            for number, each in options.items()
        }
        return {number: answer for number, answer in chosen.items() if answer is not None}

    cases = []
    for _ in range(count):
        here = fitting(some())
        base = rng.choice([None, here, some(here), some(here)])
        there = rng.choice([base or {}, some(here), some(base), some(base)])
        sent = [some(rng.choice([here, there])) for _ in range(rng.choice([0, 0, 0, 1, 3]))]
        submitted = rng.choice([None, None, None, EARLIER, SAVED, LATER])
        cases.append(Case(here, base, there, sent, submitted, base == there and rng.random() < 0.5))
    return cases
