"""The effect of a publication on every test that somebody has submitted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from ansible_collections.training.test_time.plugins.module_utils.class_content.history import TestKey, index_entries
from ansible_collections.training.test_time.plugins.module_utils.class_content.objects import PublishedClass
from ansible_collections.training.test_time.plugins.module_utils.class_content.store import Published, rewritten_parts
from cli.class_data import stored_submissions
from cli.correction_effect.compare import Effect, Rules, effect

from common.errors import BrokenObject
from common.parallel import in_parallel
from common.run.own_times import own_times
from common.shared.deadlines import answers_deleted_from
from common.shared.documents import AnswerKey, IndexEntry, Questions, RosterEntry
from common.shared.object_keys import answer_key_key, questions_key, scores_prefix
from common.storage import Bucket
from score_batch.answer_keys import BrokenAnswerKey, check_key

# Tests that do not change are scored again too, unless the class has submitted more than this. It takes some minutes.
MOST_SUBMISSIONS = 5_000
# The fields of a test's entry that decide what its submissions are worth.
_RULES = ("closesAt", "graceMinutes", "late", "attempts", "unsubmittedDrafts")


@dataclass
class Effects:
    """`skipped`: how many tests do not change and were not scored again, because there are too many submissions."""

    tests: list[Effect] = field(default_factory=list)
    skipped: int = 0


def effects(bucket: Bucket, published: Published, wanted: PublishedClass, retention_days: int) -> Effects:
    """The effect on each test that is published, stays, has submissions or scores and is still scored.

    Raises StorageError.
    """
    entries = index_entries(wanted.indexes)
    tests = [
        key
        for key, entry in sorted(entries.items())
        if key in published.tests and answers_deleted_from(entry, retention_days) > published.read_at
    ]
    subjects = sorted({subject for subject, _ in tests})
    listed = in_parallel([partial(stored_submissions, bucket, subject) for subject in subjects])
    stored = dict(zip(subjects, listed, strict=True))
    too_many = sum(map(len, listed)) > MOST_SUBMISSIONS
    changed = _changed(published, wanted, entries)
    found = Effects()
    for key in tests:
        attempts = {who: numbers for (who, what), numbers in stored[key[0]].items() if what == key[1]}
        if not attempts and "unsubmittedDrafts" not in entries[key]:
            continue
        if too_many and key not in changed:
            found.skipped += 1
            continue
        scored = {name.rsplit("/", 1)[-1].removesuffix(".json") for name in bucket.keys(scores_prefix(*key))}
        if not (attempts or scored):
            continue
        before = _published_rules(bucket, key, published)
        after = rules(key, entries[key], wanted.questions[key], wanted.answer_keys[key], wanted.roster.values())
        found.tests.append(effect(bucket, key[0], before, after, attempts, scored, published.read_at))
    return found


def _changed(published: Published, wanted: PublishedClass, entries: dict[TestKey, IndexEntry]) -> set[TestKey]:
    """The tests whose questions, key, rules or students' times change."""
    rewritten = {key for key, parts in rewritten_parts(published, wanted.content(), entries).items() if parts}
    ruled = {
        key
        for key, old in published.tests.items()
        if key in entries and any(old.get(rule) != entries[key].get(rule) for rule in _RULES)
    }
    own = {student: entry["deadlines"] for student, entry in published.roster.items()}
    moved = {
        name
        for student, entry in wanted.roster.items()
        for name, _ in own.get(student, {}).items() ^ entry["deadlines"].items()
    }
    return rewritten | ruled | {key for key in entries if "/".join(key) in moved}


def rules(
    key: TestKey, test: IndexEntry, questions: Questions, answers: AnswerKey, roster: Iterable[RosterEntry]
) -> Rules:
    """The rules of a test. `roster`: all students."""
    enrolled = [student for student in roster if key[0] in student["subjects"]]
    times = {own.student["studentId"]: own for own in own_times(key[0], test, enrolled)}
    return Rules(test, questions, answers, times)


def _published_rules(bucket: Bucket, key: TestKey, published: Published) -> Rules | None:
    """The rules as they are published; None if something is missing or broken."""
    try:
        questions: Questions | None = bucket.get_json(questions_key(*key))
        answers: AnswerKey | None = bucket.get_json(answer_key_key(*key))
        if questions is None or answers is None:
            return None
        check_key(questions["questions"], answers)
    except (BrokenObject, BrokenAnswerKey):
        return None
    return rules(key, published.tests[key], questions, answers, published.roster.values())
