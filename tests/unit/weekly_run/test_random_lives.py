"""At the end of any life of a class, everybody has been told once, and told what is true.

The oracle knows nothing of fingerprints, states and ledgers: only the trainer's files, the submissions and the clock.
"""

from __future__ import annotations

import itertools
import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from common.shared.deadlines import format_time
from common.shared.object_keys import notification_key, score_key
from support.random_life import SUBJECT, Life

pytestmark = pytest.mark.usefixtures("sequential")

LIVES = 2000
PARTS = 4
STEPS = 22


class Truth(NamedTuple):
    """What a student should have been told of a test: nothing if `status` is None."""

    status: str | None
    points: float | None = None
    with_answers: bool = False


def oracle(life: Life, test_id: str, student: str) -> Truth:
    """What is true at the end of a life."""
    test, now = life.tests[test_id], life.world.now
    ends = {each: own_ends(life, test, each) for each in life.students}
    on_time, accepted = ends[student]
    attempts = life.attempts(test_id, student)
    if now < on_time or not (attempts or had_time(life, test_id, student, life.joined[student])):
        return Truth(None)
    right = test["questions"][0]["answer"]
    late = test.get("late", "none")
    groups: tuple[list[Any], list[Any]] = ([], [])
    for attempt in attempts:
        is_late = late != "none" and datetime.fromisoformat(attempt["submittedAt"]) > on_time
        groups[is_late].append(attempt)
    worth = []
    for group, credit in zip(groups, (1.0, 1.0 if late == "none" else late["credit"]), strict=True):
        if group:
            counted = group[-1 if test["attempts"] == "last" else 0]
            worth.append(credit * (counted["answers"]["1"] == right))
    if groups[1] and now < accepted:
        return Truth(None)  # more late work may come; when its time is over, the best counts
    if not worth:
        return Truth("missing" if now >= accepted else "open")
    return Truth("scored", max(worth), all(now >= end for _, end in ends.values()))


def own_ends(life: Life, test: dict[str, Any], student: str) -> tuple[datetime, datetime]:
    closes = datetime.fromisoformat(test["closes"])
    deadline = closes + timedelta(hours=life.students[student].get("extra_hours", 0))
    if student in test["extensions"]:
        deadline = max(deadline, datetime.fromisoformat(test["extensions"][student]))
    late = test.get("late", "none")
    return deadline, deadline + timedelta(hours=0 if late == "none" else late["until_hours"])


def faults(life: Life) -> list[str]:
    """Everything that is wrong at the end of a life."""
    wrong = list(life.wrong)
    reminded: dict[str, list[str]] = {}
    for kind, test_id, student, deadline in life.reminded:
        reminded.setdefault(f"the {kind} of {test_id} to {student}", []).append(deadline)
    for mails, said in [*life.said.items(), *reminded.items()]:
        # With another email between them, the second may be what corrects it.
        wrong += [f"{mails}: told twice: {first}" for first, second in itertools.pairwise(said) if first == second]
    for test_id in life.tests:
        for student in life.students:
            truth = oracle(life, test_id, student)
            if truth.status is not None:
                wrong += [f"{test_id}, {student}: {truth}: {fault}" for fault in untold(life, test_id, student, truth)]
            else:
                wrong += [f"{test_id}, {student}: no {kind}" for kind in owed_notices(life, test_id, student)]
            if is_missing_without_reason(life, test_id, student):
                wrong.append(f"{test_id}, {student}: reported missing from a test that was over when they enrolled")
    return wrong


def had_time(life: Life, test_id: str, student: str, enrolled: datetime) -> bool:
    """Whether a student has had a moment's time for a test since they enrolled."""
    ends = [(moment, sight.ends.get((test_id, student))) for moment, sight in life.sights if moment >= enrolled]
    return any(end is not None and moment <= end[1] for moment, end in ends)


def is_missing_without_reason(life: Life, test_id: str, student: str) -> bool:
    """Whether the trainer was told that a student is missing who never had time for the test.

    Those who were there when it was published too late are missing.
    """
    enrolled = next((moment for moment, sight in life.sights if student in sight.addresses), life.world.now)
    was_there = any(moment >= enrolled and test_id not in sight.key_versions for moment, sight in life.sights)
    status, _ = life.reported.get(test_id, {}).get(student, [None, None])
    return status == "missing" and not was_there and not had_time(life, test_id, student, enrolled)


def owed_notices(life: Life, test_id: str, student: str) -> list[str]:
    """Which emails about their time a student should have got and did not, unless they are uncertain."""
    test, now = life.tests[test_id], life.world.now
    [deadline, _] = own_ends(life, test, student)
    submitted = bool(life.attempts(test_id, student))
    opens = first_published(life, test_id)
    if "opens" in test:
        opens = max(opens, datetime.fromisoformat(test["opens"]))
    hours = timedelta(hours=life.world.settings.reminder_hours)
    wanted = []
    if test.get("announce") and opens <= now < deadline and not submitted:
        wanted.append(("opening", opens))
    was_given_time = is_given_time_at_the_end(life, test_id, student, deadline)
    if was_given_time and now < deadline and not (test.get("announce") and opens > now - timedelta(minutes=2)):
        wanted.extend([("extension", deadline)] if not submitted or test["attempts"] == "last" else [])
    told_extension = was_given_time or was_told(life, "extension", test_id, student, format_time(deadline))
    if told_extension:
        wanted = [(kind, said) for kind, said in wanted if kind != "opening"]
    told_otherwise = bool(test.get("announce")) and opens >= deadline - hours
    told_otherwise |= told_extension and given_at(life, test_id, student) >= deadline - hours
    if hours and max(opens, deadline - hours) <= now < deadline and not submitted and not told_otherwise:
        wanted.append(("reminder", deadline))
    return [kind for kind, said in wanted if not was_told(life, kind, test_id, student, format_time(said))]


def first_published(life: Life, test_id: str) -> datetime:
    """When a test was published that has been there since."""
    without = [number for number, (_, sight) in enumerate(life.sights) if test_id not in sight.key_versions]
    return life.sights[without[-1] + 1 if without else 0][0]


def given_at(life: Life, test_id: str, student: str) -> datetime:
    """Since when a student has had the deadline that they have at the end."""
    deadline = life.sights[-1][1].ends[test_id, student][0]
    return max(
        (moment for moment, sight in life.sights if sight.ends.get((test_id, student), (None,))[0] != deadline),
        default=life.sights[0][0],
    )


def is_given_time_at_the_end(life: Life, test_id: str, student: str, deadline: datetime) -> bool:
    """Whether the last publication gave a student more time, and not the whole class."""
    before, after = life.before_the_end.get((test_id, student)), life.deadlines().get((test_id, student))
    return before is not None and after is not None and before[1] == after[1] and before[0] < deadline


def was_told(life: Life, kind: str, test_id: str, student: str, said: str) -> bool:
    """Whether an email has said it, or may have, or SES rejects it.

    A publication that takes long is noted as of its beginning.
    """
    if kind == "opening":
        begun = datetime.fromisoformat(said) - timedelta(minutes=10)
        mails = [mail[3] for mail in life.reminded if mail[:3] == (kind, test_id, student)]
        said = next((each for each in mails if each >= format_time(begun)), said)
    entry = life.world.ledger(kind).get(notification_key(kind, SUBJECT, test_id, student))
    is_unsure = entry is not None and entry["state"] in {"begun", "rejected"}
    return is_unsure or (kind, test_id, student, said) in life.reminded


def untold(life: Life, test_id: str, student: str, truth: Truth) -> list[str]:
    """What a student and the trainer were not told, unless the email that says so is uncertain."""
    wrong = []
    if truth.status == "scored":
        told = life.told.get((test_id, student), [])
        said = [(last.points, last.with_answers) for last in told[-1:]] + perhaps_told(life, test_id, student)
        if not any(points == truth.points and with_answers >= truth.with_answers for points, with_answers in said):
            wrong.append(f"the student was told {told}")
        score = life.world.scores().get(score_key(SUBJECT, test_id, student))
        if score is None or json.loads(score)["points"] != truth.points:
            wrong.append("the student's page shows something else")
    perhaps: dict[str, Any] = next((rows for rows in reversed(life.perhaps_reported) if test_id in rows), {})
    reported = [rows.get(test_id, {}).get(student) for rows in (life.reported, perhaps)]
    if [truth.status, truth.points] not in reported:
        wrong.append(f"the trainer was told {reported}")
    return wrong


def perhaps_told(life: Life, test_id: str, student: str) -> list[tuple[float, bool]]:
    """What the last email to a student that may have been sent says, and the one that SES rejects."""
    key = notification_key("score", SUBJECT, test_id, student)
    entry = life.world.ledger("score").get(key)
    rejected = [entry["content"]] if entry is not None and entry["state"] == "rejected" else []
    return [(says["points"], says["withAnswers"]) for says in life.said.get(key, [])[-1:] + rejected]


@pytest.mark.parametrize("part", range(PARTS))
def test_everybody_is_told_once_and_what_is_true(part: int) -> None:
    for seed in range(part, LIVES, PARTS):
        life = Life(seed)
        life.live(STEPS)
        assert not faults(life), f"seed {seed}"
