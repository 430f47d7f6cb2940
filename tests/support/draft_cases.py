"""What becomes of a student's answers on a device and of the draft on the server: the one rule of both clients."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from common.shared.typed_answers import MOST_NUMBER_CHARACTERS, MOST_TEXT_CHARACTERS, is_number

Answers = dict[str, Any]
# `over`: the server's draft has no meaning; `keep` the answers of this device; `take` the server's; ask (`conflict`).
Outcome = Literal["over", "keep", "take", "conflict"]

SAVED = "2026-11-23T20:00:00Z"
QUESTIONS: list[dict[str, Any]] = [
    {"number": 1, "type": "single", "points": 1},
    {"number": 2, "type": "single", "points": 1},
    {"number": 3, "type": "multiple", "points": 1},
    {"number": 4, "type": "number", "points": 1},
    {"number": 5, "type": "text", "points": 1},
    {"number": 6, "type": "order", "points": 1},
    {"number": 7, "type": "match", "points": 1, "items": [{"id": item, "text": item} for item in "213"]},
    {
        **{"number": 8, "type": "gaps", "points": 1},
        "gaps": [
            {"id": "1", "type": "single", "options": [{"id": option, "text": option} for option in "ba"]},
            {"id": "2", "type": "number"},
            {"id": "3", "type": "text"},
        ],
    },
]
# In an order of the student's own.
for _question in QUESTIONS:
    _letters = "" if _question["type"] in ("number", "text", "gaps") else "cab"
    _question |= {"text": "?", "options": [{"id": letter, "text": letter} for letter in _letters]}


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
    """The answers as far as they fit the test: its questions, their types, items and options."""
    numbered = {str(question["number"]): question for question in QUESTIONS}
    parts = {number: _fitting(numbered[number], answer) for number, answer in answers.items() if number in numbered}
    return {number: part for number, part in parts.items() if part}


def _fitting(question: dict[str, Any], answer: Any) -> Any:
    """What of an answer fits its question: of several options, pairs and gaps, those that it still has; else all.

    None: nothing of it fits.

    Several options are a set, whose order says nothing; an order is a list.
    """
    options = [option["id"] for option in question["options"]]
    match question["type"]:
        case "single":
            return answer if answer in options else None
        case "multiple":
            return sorted(set(answer) & set(options)) if isinstance(answer, list) else None
        case "number":
            fits = isinstance(answer, str) and is_number(answer) and len(answer) <= MOST_NUMBER_CHARACTERS
            return answer if fits else None
        case "text":
            return answer if isinstance(answer, str) and len(answer) <= MOST_TEXT_CHARACTERS else None
        case "order":
            return answer if isinstance(answer, list) and sorted(answer) == sorted(options) else None
        case "match":
            items = [item["id"] for item in question["items"]]
            pairs = answer if isinstance(answer, dict) else {}
            return {item: option for item, option in pairs.items() if item in items and option in options}
        case "gaps":
            given = answer if isinstance(answer, dict) else {}
            parts = {gap["id"]: _fitting({"options": [], **gap}, given.get(gap["id"])) for gap in question["gaps"]}
            return {gap: part for gap, part in parts.items() if part}
    raise AssertionError(question)


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


CODE = "a \"b\"   \\n $(x) `y` * 😀 {'z'}"
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
    ("a number typed otherwise is another answer", Case({"4": "3.5"}, None, {"4": "3,5"}), "conflict"),
    ("only the other has typed another number", Case({"4": "62"}, {"4": "62"}, {"4": "62.0"}), "take"),
    ("no number any more", Case({"4": "62"}, {"4": "x"}, {"4": "y"}), "keep"),
    ("a text in other letters is another answer", Case({"5": "ls"}, None, {"5": "LS"}), "conflict"),
    ("a text with more spaces is another answer", Case({"5": "a b"}, {"5": "a b"}, {"5": "a  b"}), "take"),
    ("a text that looks like a list", Case({"5": "a,b"}, None, {"5": "a,b"}), "keep"),
    ("the same code as text", Case({"5": CODE}, None, {"5": CODE}), "keep"),
    ("code as text that only this has", Case({"5": CODE}, {}, {}, same_version=True), "keep"),
    ("code as text that only the other has", Case({}, None, {"5": CODE}), "take"),
    ("the same options in another order", Case({"6": ["a", "b", "c"]}, None, {"6": ["a", "c", "b"]}), "conflict"),
    (
        "only the other has ordered",
        Case({"6": ["a", "b", "c"]}, {"6": ["a", "b", "c"]}, {"6": ["c", "b", "a"]}),
        "take",
    ),
    ("an order has lost an option", Case({}, None, {"6": ["a", "b"]}), "keep"),
    ("an order has an option that is gone", Case({"6": ["a", "b", "c"]}, None, {"6": ["a", "b", "z"]}), "keep"),
    ("several options in another order are the same", Case({"3": ["a", "b"]}, None, {"3": ["b", "a"]}), "keep"),
    ("the same pairs in another order", Case({"7": {"1": "a", "2": "b"}}, None, {"7": {"2": "b", "1": "a"}}), "keep"),
    ("other pairs", Case({"7": {"1": "a", "2": "b"}}, None, {"7": {"1": "b", "2": "a"}}), "conflict"),
    ("a pair more is another answer", Case({"7": {"1": "a"}}, None, {"7": {"1": "a", "2": "b"}}), "conflict"),
    ("only the other has a pair more", Case({"7": {"1": "a"}}, {"7": {"1": "a"}}, {"7": {"1": "a", "2": "b"}}), "take"),
    ("an item is gone", Case({"7": {"1": "a"}}, {"7": {"1": "a"}}, {"7": {"1": "a", "9": "b"}}), "keep"),
    ("an item's option is gone", Case({}, None, {"7": {"1": "z", "2": "b"}}), "take"),
    ("all items' options are gone", Case({}, None, {"7": {"1": "z"}}), "keep"),
    ("the same gaps in another order", Case({"8": {"1": "a", "2": "6"}}, None, {"8": {"2": "6", "1": "a"}}), "keep"),
    ("another text in a gap", Case({"8": {"3": "ls"}}, None, {"8": {"3": "LS"}}), "conflict"),
    ("a gap more is another answer", Case({"8": {"1": "a"}}, None, {"8": {"1": "a", "2": "6"}}), "conflict"),
    ("only the other has a gap more", Case({"8": {"1": "a"}}, {"8": {"1": "a"}}, {"8": {"1": "a", "3": CODE}}), "take"),
    ("code in a gap that both have", Case({"8": {"3": CODE}}, None, {"8": {"3": CODE}}), "keep"),
    ("a gap is gone", Case({"8": {"1": "a"}}, {"8": {"1": "a"}}, {"8": {"1": "a", "9": "b"}}), "keep"),
    ("a gap's option is gone", Case({}, None, {"8": {"1": "z", "2": "6"}}), "take"),
    ("no gap has an answer any more", Case({}, None, {"8": {"1": "z", "2": "x"}}), "keep"),
    (
        "an answer of another type",
        Case({}, None, {"1": ["a", "b"], "4": ["1"], "5": {"1": "a"}, "6": "a", "7": "a", "8": "a"}),
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
        "4": [None, "62", "62.0", "x"],
        "5": [None, "ls", "LS", CODE],
        "6": [None, ["a", "b", "c"], ["c", "a", "b"], ["a", "b"]],
        "7": [None, {"1": "a"}, {"2": "b", "1": "a"}, {"1": "z"}],
        "8": [None, {"1": "a"}, {"3": CODE, "1": "a"}, {"2": "6", "1": "z"}],
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
