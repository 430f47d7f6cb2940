"""The effect of a correction, as it is worked out before publishing, is what the next run makes of the scores."""

from __future__ import annotations

import json
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

import pytest
from cli.class_data import stored_submissions
from cli.correction_effect.compare import Effect, Rules, effect
from cli.correction_effect.effects import rules
from hypothesis import given, settings
from hypothesis import strategies as st

from common.shared.documents import RosterEntry
from common.shared.object_keys import answer_key_key, draft_key, index_key, questions_key, scores_prefix
from common.storage import Bucket
from support.documents import WholeTest, answer_key, published_subject, question, right
from support.every_type import ANSWERS as EVERY_ANSWER
from support.every_type import every_type
from support.gap_questions import gap_key, gap_question
from support.trainer import client_of_trainer
from support.weekly_class import SUBJECT, TEST, make_students, make_test
from support.weekly_run import World

MORE_TIME, WEEK_LATER = "2026-11-23T21:00:00Z", "2026-11-30T22:00:00Z"
LATE = {"untilHours": 24, "credit": 0.5}
THREE = ("s1", "s2", "s3")
OTHER_KEY = answer_key(SUBJECT, TEST, right("b"), right("b"), right("bc", points=2))

CORRECTIONS = st.sampled_from(
    [
        {},
        {"correction": {"reason": "r", "drop": True}},
        {"correction": {"reason": "r", "allCredit": True}},
        {"correction": {"reason": "r", "alsoAccept": ["c", "d"]}},
    ]
)
POINTS = st.sampled_from([0.5, 1, 3])
SINGLE = st.builds(
    lambda letter, points, more: right(letter, points, **more), st.sampled_from("abcd"), POINTS, CORRECTIONS
)
MULTIPLE = st.builds(
    lambda letters, points, more: right("".join(sorted(letters)), points, **more),
    st.sets(st.sampled_from("abcd"), min_size=1),
    POINTS,
    CORRECTIONS,
)
KEYS = st.builds(
    lambda one, two, three, rule: answer_key(SUBJECT, TEST, one, two, three, partial_credit=rule),
    SINGLE,
    SINGLE,
    MULTIPLE,
    st.sampled_from(["off", "net-correct", "each-answer"]),
)
# Some options that were chosen are no longer there, or a question is of another type.
QUESTIONS = st.sampled_from(
    [
        [question(1), question(2), question(3, "multiple")],
        [question(1, options="ab"), question(2, "multiple"), question(3, "multiple", options="bcd")],
        [question(1), question(2)],
    ]
)
TESTS = st.fixed_dictionaries(
    {
        "attempts": st.sampled_from(["last", "1"]),
        "late": st.sampled_from([None, {"untilHours": 1, "credit": 0.5}, {"untilHours": 48, "credit": 0.8}]),
    },
    optional={
        "key": KEYS,
        "questions": QUESTIONS,
        "graceMinutes": st.sampled_from([0, 30]),
        "closesAt": st.sampled_from([MORE_TIME, WEEK_LATER]),
    },
)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "1": st.sampled_from("abcd"),
        "2": st.sampled_from("abcd"),
        "3": st.lists(st.sampled_from("abcd"), unique=True, min_size=1).map(sorted),
    },
)
TIMES = st.sampled_from([f"2026-11-23T{time}Z" for time in ("20:00:00", "21:30:00", "22:10:00", "22:45:00")])
SUBMITTED = st.dictionaries(
    st.sampled_from(["s1", "s2", "s3", "s4"]), st.lists(st.tuples(TIMES, ANSWERS), min_size=1, max_size=3)
)
OWN = st.dictionaries(st.sampled_from(["s1", "s2"]), st.sampled_from([MORE_TIME, "2026-11-23T22:30:00Z", WEEK_LATER]))


def rules_of(test: WholeTest, students: Iterable[RosterEntry]) -> Rules:
    objects = {key: json.loads(body) for key, body in published_subject(SUBJECT, [test]).items()}
    [entry] = objects[index_key(SUBJECT)]["tests"]
    asked, key = objects[questions_key(SUBJECT, TEST)], objects[answer_key_key(SUBJECT, TEST)]
    return rules((SUBJECT, TEST), entry, asked, key, students)


def checked(world: World, before: Rules, after: Rules) -> Effect:
    """The effect of publishing `after`, found with the rights to deploy and no others."""
    bucket = Bucket("class-data", client_of_trainer(world.s3), lists=True)
    stored = {student: numbers for (student, _), numbers in stored_submissions(bucket, SUBJECT).items()}
    scored = {key.rsplit("/", 1)[-1].removesuffix(".json") for key in bucket.keys(scores_prefix(SUBJECT, TEST))}
    return effect(bucket, SUBJECT, before, after, stored, scored, world.now)


def points(world: World) -> dict[str, tuple[Any, Any]]:
    """Points and the most points by student, as they are stored."""
    stored = {key.rsplit("/", 1)[-1].removesuffix(".json"): json.loads(body) for key, body in world.scores().items()}
    return {student: (score["points"], score["maxPoints"]) for student, score in stored.items()}


@settings(max_examples=40, deadline=None)
@given(before=TESTS, after=TESTS, submitted=SUBMITTED, own_before=OWN, own_after=OWN)
def test_the_check_says_what_the_next_run_makes_of_the_scores(
    before: Any, after: Any, submitted: Any, own_before: Any, own_after: Any
) -> None:
    world = World()
    was, becomes = make_students(5, **own_before), make_students(5, **own_after)
    world.publish(SUBJECT, [make_test(**before)], was)
    for student, attempts in submitted.items():
        for number, (at, answers) in enumerate(sorted(attempts, key=lambda each: each[0]), 1):
            world.submit(SUBJECT, TEST, student, answers, at, number)
    world.now = world.now.replace(day=25)
    world.run()
    had = points(world)

    objects, writes = dict(world.s3.objects), world.s3.writes.copy()
    found = checked(world, rules_of(make_test(**before), was), rules_of(make_test(**after), becomes))
    assert (world.s3.objects, world.s3.writes) == (objects, writes)

    world.publish(SUBJECT, [make_test(**after)], becomes)
    world.run({"regrade": f"{SUBJECT}/{TEST}"})
    has = points(world)
    predicted = {change.student_id: (change.before, change.after) for change in found.changes}
    happened = {student: (had[student], has[student]) for student in had if had[student] != has[student]}
    # Whoever has no score before the run has nothing to compare with: the rules are compared instead.
    assert {student: change for student, change in predicted.items() if student in had} == happened
    assert (found.unreadable, found.scored + found.reopened) == (0, len(submitted))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"attempts": "last"}, {"s1": ((2, 4), (1, 4))}),
        ({"attempts": "last", "late": LATE}, {}),
        ({"late": LATE}, {}),
        # While late work is accepted, a run scores again.
        ({"late": {"untilHours": 72, "credit": 0.5}, "key": OTHER_KEY}, dict.fromkeys(THREE, ((2, 4), (1, 4)))),
    ],
)
def test_changed_rules_take_other_attempts(changes: dict[str, Any], expected: Any) -> None:
    world = World()
    world.publish(SUBJECT, [make_test()], make_students())
    for student in THREE:
        world.submit(SUBJECT, TEST, student, {"1": "a", "2": "b"})
    world.submit(SUBJECT, TEST, "s1", {"1": "a"}, "2026-11-23T22:30:00Z", 2)
    world.run()
    world.now = world.now.replace(day=25)
    before, after = (rules_of(make_test(**each), make_students()) for each in ({}, changes))
    found = checked(world, before, after)
    assert {change.student_id: (change.before, change.after) for change in found.changes} == expected
    assert found.scored == 3


@pytest.mark.parametrize("rules", [{}, {"unsubmittedDrafts": "submit"}], ids=["ignore", "submit"])
def test_a_draft_that_was_handed_in_is_scored_again_too(rules: Any) -> None:
    world = World()
    world.publish(SUBJECT, [make_test(unsubmittedDrafts="submit")], make_students())
    world.put(draft_key(SUBJECT, "s1", TEST), {"answers": {"1": "a", "2": "b"}, "savedAt": "2026-11-23T20:00:00Z"})
    world.put(draft_key(SUBJECT, "s2", TEST), {"answers": {}, "savedAt": "2026-11-23T20:00:00Z"})
    world.run()
    had = points(world)
    changed = make_test(**rules, key=OTHER_KEY)
    found = checked(
        world, rules_of(make_test(unsubmittedDrafts="submit"), make_students()), rules_of(changed, make_students())
    )
    world.publish(SUBJECT, [changed], make_students())
    world.run()
    happened = {student: (had[student], each) for student, each in points(world).items() if each != had[student]}
    assert happened == ({"s1": ((2, 4), (1, 4))} if rules else {})
    assert {change.student_id: (change.before, change.after) for change in found.changes} == happened
    assert found.unreadable == 0


def test_handed_in_answers_in_gaps_are_scored_again() -> None:
    world = World()
    key = answer_key(SUBJECT, TEST, gap_key(), partial_credit="net-correct")
    test: Any = make_test(questions=[gap_question()], questionCount=1, key=key, unsubmittedDrafts="submit")
    world.publish(SUBJECT, [test], make_students())
    saved = {"answers": {"1": {"1": "c", "2": "4", "3": "getconf"}}, "savedAt": "2026-11-23T20:00:00Z"}
    world.put(draft_key(SUBJECT, "s1", TEST), saved)
    world.run()
    before = rules_of(test, make_students())
    assert checked(world, before, before).changes == []
    corrected = deepcopy(test)
    gaps = {"1": {"alsoAccept": ["c"]}, "2": {"numbers": [{"low": "4", "high": "5"}]}}
    corrected["key"]["questions"]["1"]["correction"] = {"reason": "slip", "gaps": gaps}
    [change] = checked(world, before, rules_of(corrected, make_students())).changes
    assert (change.before, change.after) == ((1.5, 3), (3, 3))


def test_handed_in_answers_of_every_type_are_scored_again() -> None:
    """By the same key, they are worth the same; by a key that accepts what was wrong, more."""
    world = World()
    test: Any = every_type(unsubmittedDrafts="submit")
    world.publish(SUBJECT, [test], make_students())
    for student, answers in EVERY_ANSWER.items():
        world.put(draft_key(SUBJECT, student, TEST), {"answers": answers, "savedAt": "2026-11-23T20:00:00Z"})
    world.run()
    before = rules_of(test, make_students())
    assert checked(world, before, before).changes == []
    corrected = deepcopy(test)
    entries = corrected["key"]["questions"]
    entries["3"]["correction"] = {"reason": "slip", "numbers": [{"low": "64", "high": "64"}]}
    entries["4"]["correction"] = {"reason": "slip", "texts": [{"text": "*rm*"}]}
    entries["5"]["correct"] = ["a", "c", "b"]
    entries["6"]["pairs"] = {"1": "a", "2": "b"}
    found = checked(world, before, rules_of(corrected, make_students()))
    after = {change.student_id: change.after[0] for change in found.changes}
    assert (after["s1"], after["s2"], after["s3"]) == (5, 1, 1 + 1 + 3 + 2)
