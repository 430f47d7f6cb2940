"""`students.sh erase`: deletes everything that is stored about a former student, with all versions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import named_keys
from ansible_collections.training.test_time.plugins.module_utils.shared.deadlines import format_time
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import ROSTER, STUDENTS
from cli.command import CommandError
from cli.students.certificate import Certificate
from cli.students.search import Found, Person, search
from cli.students.versions import Versions

from common.run.ledger import LONGEST_CALL
from score_batch.attempts import LONGEST_UPLOAD

_MOST_ROUNDS = 3


class NotErased(CommandError):
    """Nothing was deleted, or not everything. The message says why and what to do."""


@dataclass(frozen=True)
class Deployed:
    """A stage. `apigateway`, `states`: boto3's clients. `stack`: the root stack's name; `machine`: the run's ARN.

    `authorizer_ttl`: for how long API Gateway accepts a key that was deleted.
    """

    store: Versions
    apigateway: Any
    states: Any
    stack: str
    machine: str
    authorizer_ttl: timedelta


def erase(
    stage: Deployed, student: str, written: Collection[str], confirmed: Callable[[Sequence[Found], Person], bool]
) -> Certificate | None:
    """Delete everything about a student; None if `confirmed`, which gets what was found, says no.

    `written`: the IDs in students.yml. If it is interrupted, it can be repeated. Raises NotErased, the SDK's errors.
    """
    if student in written:
        raise NotErased(f"{student} is in students.yml: remove the student, then publish the class")
    now = stage.store.now()
    _refuse_during_a_run(stage, now)
    person = Person(student)
    found = search(stage.store, person)
    _refuse_if_published(stage, person, found)
    _refuse_while_the_key_works(stage, found, now)
    if not confirmed(found, person):
        return None
    certificate = Certificate(student)
    for _ in range(_MOST_ROUNDS):
        for each in sorted(found, key=_last_what_names):
            _delete(stage.store, each)
            certificate.add(each)
        found = search(stage.store, person)
        if not found:
            certificate.finished_at = stage.store.now()
            return certificate
    raise NotErased(f"{found[0].key} is written again and again: run this again later")


def _last_what_names(found: Found) -> bool:
    """If this is interrupted, the names to search for are still known when it is repeated."""
    return found.folder in (ROSTER, STUDENTS)


def _delete(store: Versions, found: Found) -> None:
    if found.rest is not None:
        store.write(found.key, *found.rest)
    store.delete(found.doomed)


def _refuse_during_a_run(stage: Deployed, now: datetime) -> None:
    """The newest executions come first. A function of one that did not succeed may still be at work."""
    for each in stage.states.list_executions(stateMachineArn=stage.machine, maxResults=1000)["executions"]:
        if each["status"] == "RUNNING":
            raise NotErased(f"the run {each['name']} is at work: wait until it has ended (run-scoring.sh --status)")
        if each["status"] != "SUCCEEDED" and now < (ended := each["stopDate"] + LONGEST_CALL):
            raise NotErased(f"the run {each['name']} failed just now: try again at {_at(ended)}")


def _refuse_if_published(stage: Deployed, person: Person, found: Sequence[Found]) -> None:
    current = any(each.key == ROSTER and each.own for each in found)
    keys = any(name == person.id for name, _ in named_keys(stage.apigateway, stage.stack, person.id, values=False))
    if current or keys:
        raise NotErased(f"{person.id} is still published: run ./update-subjects-or-students.sh first")


def _refuse_while_the_key_works(stage: Deployed, found: Sequence[Found], now: datetime) -> None:
    """API Gateway accepts the key of a record that was deleted for some time, and so do functions at work."""
    deleted = [
        version.written
        for each in found
        if each.folder == STUDENTS
        for version in each.doomed
        if version.is_marker and version.is_latest
    ]
    if deleted and now < (refused_from := max(deleted) + stage.authorizer_ttl + LONGEST_UPLOAD):
        raise NotErased(f"the student's API key may still be accepted: try again at {_at(refused_from)}")


def _at(moment: datetime) -> str:
    return format_time(moment + timedelta(seconds=1))
