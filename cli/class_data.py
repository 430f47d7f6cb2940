"""The published class of a deployed stage, read with the trainer's credentials."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial

from cli.command import CommandError
from cli.deployed_stage import deployed_outputs

from common.index import published_test, published_tests
from common.parallel import MAX_PARALLEL, in_parallel
from common.run.own_times import read_roster
from common.shared.documents import Index, IndexEntry, RosterEntry
from common.shared.ids import test_name
from common.shared.object_keys import ROSTER, answers_prefix, attempt_of, index_key
from common.storage import Bucket


@dataclass(frozen=True)
class ClassData:
    """The roster, and the indexes of the subjects in which students are enrolled."""

    roster: list[RosterEntry]
    indexes: dict[str, Index]

    @property
    def tests(self) -> list[tuple[str, IndexEntry]]:
        """Every test with its subject."""
        return [(subject, entry) for subject, index in self.indexes.items() for entry in published_tests(index)]

    def test(self, subject: str, test_id: str) -> IndexEntry:
        """A test's entry in its subject's index. Raises CommandError, which names the tests that there are."""
        found = published_test(self.indexes.get(subject), test_id)
        if found is None:
            names = [test_name(each, entry["testId"]) for each, entry in self.tests]
            there_are = f"the tests are {', '.join(names)}" if names else "no test is published for an enrolled student"
            raise CommandError(f"there is no test {test_name(subject, test_id)}: {there_are}")
        return found

    def students_of(self, subject: str) -> list[RosterEntry]:
        """The students who are enrolled in a subject."""
        return [student for student in self.roster if subject in student["subjects"]]


def stage_bucket(stage: str) -> Bucket:
    """The stage's data bucket. Raises CommandError if the stage is not deployed, and the SDK's errors."""
    return Bucket(deployed_outputs(stage, "DataBucketName")["DataBucketName"], max_connections=MAX_PARALLEL, lists=True)


def published_roster(bucket: Bucket) -> list[RosterEntry]:
    """The published students. Raises CommandError if no class is published, or if it is broken; StorageError."""
    lines = bucket.get_bytes(ROSTER)
    if lines is None:
        raise CommandError("no class is published: run ./update-subjects-or-students.sh")
    try:
        return read_roster(lines)
    except ValueError as error:
        raise CommandError(f"{ROSTER}, {error} is broken: publish the class again") from error


def read_class(bucket: Bucket) -> ClassData:
    """What is published. Raises what `published_roster` raises."""
    roster = published_roster(bucket)
    subjects = sorted({subject for student in roster for subject in student["subjects"]})
    indexes = in_parallel([partial(bucket.get_json, index_key(subject)) for subject in subjects])
    return ClassData(roster, {subject: index for subject, index in zip(subjects, indexes, strict=True) if index})


def stored_submissions(bucket: Bucket, subject: str, student: str | None = None) -> dict[tuple[str, str], set[int]]:
    """Which attempts are stored in a subject, by student and test. `student`: only of this one. Raises StorageError."""
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for key in bucket.keys(answers_prefix(subject, student)):
        test, number = attempt_of(key)
        found[key.split("/")[-2], test].add(number)
    return dict(found)
