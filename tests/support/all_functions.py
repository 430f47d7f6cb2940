"""Every function on every path that makes a call of its own, with the credentials of its deployed role.

The fakes refuse a call that a role does not grant. What the calls needed is what the roles have to grant: no more.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from common.index import LONGEST_KEPT
from common.shared import probe
from common.shared.deadlines import format_time
from common.shared.documents import Extension, IndexEntry
from common.shared.invitation import LIFE
from common.shared.object_keys import CLASS, invitation_key, review_key, roster_key
from plan_run.plan import plan
from score_batch.batch import score_batch
from support.aws_calls import Fault, aws_error
from support.documents import index_entry, published_roster
from support.permissions import Permission
from support.probe import add_probe
from support.student_api import HANDLERS, TRAINER, Api, deployed
from support.weekly_class import SUBJECT, TEST, make_students, make_test, make_world, submit_all
from support.weekly_run import World

ANSWERS = {"1": "a"}


@cache
def permissions_used() -> dict[str, frozenset[Permission]]:
    """By function: every permission that its calls need."""
    with pytest.MonkeyPatch.context() as patch:
        api = deployed(patch)
        for scene in (
            a_student_begins_a_test,
            a_student_takes_a_test,
            a_student_looks_at_a_review,
            a_student_takes_a_test_again,
            the_trainer_looks,
            a_student_picks_up_a_key,
            a_student_installs_the_client,
            an_app_asks_for_a_calendar,
        ):
            scene(api)
        roles = list(api.roles)
    for run in (
        *(reminded, scored_and_corrected, changed_while_it_runs, changed_before_it_scores, superseded),
        *(failing, without_limits, probed),
    ):
        roles += run().roles.values()
    used: dict[str, frozenset[Permission]] = defaultdict(frozenset)
    for role in roles:
        used[role.function] |= role.used
    return used


# --- the API ---


def a_student_begins_a_test(api: Api) -> None:
    """Saved, changed, found again."""
    _, saved = api.save({"1": "a"}, None)
    assert api.save({"1": "b"}, saved["version"])[0] == 200
    assert api.draft()[0] == 200


def a_student_takes_a_test(api: Api) -> None:
    """Taken, sent again, scored, and looked for once it is closed."""
    test = {"subjectName": SUBJECT, "testId": TEST}
    api.call("POST /v1/tests", body={"studentId": "s001", "subjectName": SUBJECT})
    api.call("GET /v1/test", query=test)
    for _ in range(2):
        assert api.upload(ANSWERS)[0] in {200, 201}
    api.call("GET /v1/student")
    api.score(TEST, "s001", 1)
    api.call("GET /v1/student")


def a_student_takes_a_test_again(api: Api) -> None:
    """A test that takes several attempts."""
    entry: IndexEntry = index_entry("test02", attempts="last")
    api.publish(SUBJECT, entry)
    for answer in ("a", "b"):
        assert api.upload({"1": answer}, "test02")[0] == 201
    api.now += LONGEST_KEPT + timedelta(seconds=1)
    api.call("GET /v1/student")
    api.now += timedelta(days=1)
    assert api.upload({"1": "b"}, "test02")[0] == 200


def a_student_looks_at_a_review(api: Api) -> None:
    """At one that is not released yet, and at one that is."""
    test = {"subjectName": SUBJECT, "testId": TEST}
    assert api.call("GET /v1/review", query=test)[0] == 403
    api.release(TEST, "s001")
    api.now += timedelta(hours=1)
    assert api.call("GET /v1/review", query=test)[0] == 200
    api.now -= timedelta(hours=1)


def the_trainer_looks(api: Api) -> None:
    """At the class, and at a test."""
    assert api.call("GET /v1/class", TRAINER)[0] == 200
    assert api.call("GET /v1/class/test", TRAINER, query={"subjectName": SUBJECT, "testId": "test02"})[0] == 200
    image = {"subjectName": SUBJECT, "testId": "test02", "image": "0123456789abcdef"}
    assert api.call("GET /v1/class/image", TRAINER, query=image)[0] == 404
    for name in ("report.html", "statistics.json"):
        api.bucket.put(f"reports/{SUBJECT}/test02/1a2b/{name}", b"{}")
    test = {"subjectName": SUBJECT, "testId": "test02"}
    for _ in range(2):
        assert api.call("GET /v1/class/results", TRAINER, query=test)[0] == 200
        api.score("test02", "s001", 1)
    assert api.call("GET /v1/class/student", TRAINER, query={"studentId": "s001"})[0] == 200
    assert api.call("GET /v1/class/report", TRAINER, query={**test, "digest": "1a2b"})[0] == 200


def a_student_picks_up_a_key(api: Api) -> None:
    """An invitation is picked up and removed when it is over; the hourly rule removes another one."""
    for id in ("a" * 64, "b" * 64):
        invitation = {"share": "c" * 64, "studentId": "s001", "expiresAt": format_time(api.now + LIFE)}
        api.bucket.put_json(invitation_key(id), invitation)
    assert api.pick_up("a" * 64)[0] == 200
    api.now += LIFE
    assert api.pick_up("a" * 64)[0] == 410
    HANDLERS["POST /v1/pick-up"].lambda_handler({}, None)
    assert api.s3.versions.keys() & {invitation_key("a" * 64), invitation_key("b" * 64)} == set()


def an_app_asks_for_a_calendar(api: Api) -> None:
    """For one that there is, and one that there is not."""
    assert api.calendar()["statusCode"] == 200
    assert api.calendar(f"/calendar/{'a' * 64}.ics")["statusCode"] == 404


def a_student_installs_the_client(api: Api) -> None:
    """The script that installs it, before the class is published and after it."""
    assert api.send(api.open_event("GET /install"))[0] == 200
    api.bucket.put_json(CLASS, {"endpoint": "https://api.example/api", "className": "Demo", "classDir": "class"})
    assert api.send(api.open_event("GET /install"))[0] == 200


# --- the weekly run ---


def reminded() -> World:
    """A day before the deadline, two students have not submitted. The test is announced, and one was given time."""
    world = World(reminder_hours=24)
    students = make_students(6, s6="2026-11-25T22:00:00Z")
    extension: Extension = {"before": "2026-11-23T22:00:00Z", "grantedAt": "2026-11-20T09:00:00Z"}
    students[5]["extended"] = {f"{SUBJECT}/{TEST}": extension}
    world.publish(SUBJECT, [make_test(announce=True)], students)
    submit_all(world)
    world.now -= timedelta(hours=23)
    assert world.run()
    return world


def scored_and_corrected() -> World:
    """Several attempts, scored twice; in between, the answer key was corrected."""
    world = make_world(attempts="last")
    world.submit(SUBJECT, TEST, "s4", {"1": "a"}, attempt=2)
    assert world.run()
    corrected = make_test(attempts="last")
    corrected["key"]["questions"]["1"]["correction"] = {"reason": "slip", "alsoAccept": ["b"]}
    world.put(f"answer-keys/{SUBJECT}/{TEST}.json", corrected["key"])
    assert world.run()
    return world


def changed_while_it_runs() -> World:
    """An address is changed after the plan and before the emails."""
    world = make_world()
    students = make_students()
    students[0]["email"] = "other@example.org"
    at_the_end_of(world, "results/0.json", lambda: world.s3.objects.update(published_roster(students)))
    assert world.run()
    assert world.ses.to("other@example.org")
    return world


def changed_before_it_scores() -> World:
    """An address is changed after the plan and before the scores."""
    world = make_world()
    students = make_students()
    students[0]["email"] = "other@example.org"
    at_the_end_of(world, "manifest.json", lambda: world.s3.objects.update(published_roster(students)))
    assert world.run()
    assert world.get(review_key(SUBJECT, TEST, "s1"))["points"] == 4
    return world


def superseded() -> World:
    """Another run plans the test before this one scores it."""
    world = make_world()
    for run_id in ("earlier", "later"):
        plan(world.bucket_of["plan_run"], world.settings, run_id, format_time(world.now), {})
    score_batch(world.bucket_of["score_batch"], "earlier", 0)
    return world


def failing() -> World:
    """The first batch is never scored, the second never mailed."""
    world = make_world()

    def fault(_number: int, name: str, parameters: dict[str, Any], real: Callable[[], Any]) -> Any:
        key = parameters.get("Key", "")
        if name == "s3:PutObject" and key.endswith(("results/0.json", "mails/1.json")):
            raise aws_error("SlowDown", 503)
        return real()

    world.calls.fault = fault
    summary = world.run()
    assert summary and summary["failed"] == 2
    return world


def without_limits() -> World:
    """SES never reports its limits."""
    world = make_world()

    def fault(_number: int, name: str, _parameters: dict[str, Any], real: Callable[[], Any]) -> Any:
        if name == "ses:GetSendQuota":
            raise aws_error("ServiceUnavailable", 503)
        return real()

    world.calls.fault = fault
    summary = world.run()
    assert summary and summary["deferred"] == 4
    return world


def probed() -> World:
    """The probe of a deployment's check is scored; its student's address is changed after the plan."""
    world = make_world()
    given = add_probe(world)
    roster = roster_key(probe.SUBJECT)
    student = {**json.loads(world.s3.objects[roster]), "email": "other@simulator.amazonses.com"}
    at_the_end_of(world, "results/0.json", lambda: world.put(roster, student))
    assert world.run(given)
    assert world.ses.to("other@simulator.amazonses.com")
    return world


def at_the_end_of(world: World, key_ends: str, happens: Callable[[], None]) -> None:
    """Let something happen once an object has been written."""

    def fault(_number: int, name: str, parameters: dict[str, Any], real: Callable[[], Any]) -> Any:
        reply = real()
        if name == "s3:PutObject" and parameters["Key"].endswith(key_ends):
            happens()
        return reply

    ordered: Fault = fault
    world.calls.fault = ordered
