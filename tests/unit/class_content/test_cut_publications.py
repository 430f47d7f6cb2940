"""Publications that are cut off anywhere, one after the other: no run shows right answers while a student has time, or
scores a student while their uploads are accepted.
"""

from __future__ import annotations

import itertools
import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from common.run.own_times import answers_may_be_shown, own_times
from common.shared.deadlines import accepted_until, own_deadline
from common.shared.object_keys import ROSTER, STUDENTS, index_key
from support.random_life import SUBJECT, Life
from support.weekly_run import Killed

LIVES = 150
PUBLICATIONS = 12


def early_answers(life: Life) -> list[str]:
    """The tests whose right answers a run would show at a moment at which the upload function still accepts some."""
    stored = life.world.s3.objects
    if index_key(SUBJECT) not in stored or ROSTER not in stored:
        return []
    roster = [json.loads(line) for line in stored[ROSTER].splitlines()]
    records = [json.loads(body) for key, body in stored.items() if key.startswith(STUDENTS)]
    return [
        entry["testId"]
        for entry in json.loads(stored[index_key(SUBJECT)])["tests"]
        for end in (accepted_until(entry, own_deadline(entry, SUBJECT, record["deadlines"])) for record in records)
        if answers_may_be_shown(entry, own_times(SUBJECT, entry, roster), end) and end < last_end(entry, records)
    ]


def last_end(entry: Any, records: list[Any]) -> Any:
    return max(accepted_until(entry, own_deadline(entry, SUBJECT, record["deadlines"])) for record in records)


def too_early(life: Life) -> list[str]:
    """The students whom a run would score, although their record let them in longer when the index was written.

    API Gateway may have cached that record: plan_run takes the age of the index for that of the students' records.
    """
    stored = life.world.s3.objects
    if index_key(SUBJECT) not in stored or ROSTER not in stored:
        return []
    roster = [json.loads(line) for line in stored[ROSTER].splitlines()]
    published_at = life.world.s3.written[index_key(SUBJECT)]
    found = []
    for entry in json.loads(stored[index_key(SUBJECT)])["tests"]:
        over = {own.student["studentId"]: own.accepted_until for own in own_times(SUBJECT, entry, roster)}
        for record in replaced_since(life, published_at):
            end = accepted_until(entry, own_deadline(entry, SUBJECT, record["deadlines"]))
            if over.get(record["studentId"], end) < end:
                found.append(f"{entry['testId']}: {record['studentId']} until {end}")
    return found


def replaced_since(life: Life, moment: datetime) -> list[Any]:
    """The students' records that were replaced after a moment."""
    return [
        record
        for versions in life.records.values()
        for (_, record), (replaced_at, _) in itertools.pairwise(versions)
        if record and replaced_at > moment
    ]


def test_at_no_time_would_a_run_show_answers_to_or_score_somebody_who_has_time() -> None:
    cuts = 0
    for seed in range(LIVES):
        life = Life(seed)

        def cut(_number: int, _name: str, _parameters: Any, real: Any, life: Life = life, seed: int = seed) -> Any:
            if life.chance.random() < 0.15:
                raise Killed
            reply = real()
            assert early_answers(life) == [], f"seed {seed}"
            life.world.now += timedelta(seconds=1)
            assert too_early(life) == [], f"seed {seed}"
            return reply

        life.world.calls.fault = cut
        for _ in range(PUBLICATIONS):
            life.change()
            cuts += 1
            with suppress(Killed):
                life.publish()
                cuts -= 1
    assert cuts > LIVES
