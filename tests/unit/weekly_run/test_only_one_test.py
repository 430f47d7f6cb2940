"""A run that is asked to look at one test only, as the check of a deployment asks for its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from common.shared import probe
from plan_run.plan import PlanFailed
from plan_run.run_input import InvalidInput
from support.probe import add_probe
from support.weekly_class import SUBJECT, TEST, make_students, make_test, make_world
from support.weekly_run import TRAINER, World


def whatever_is_not_the_probes(world: World) -> dict[str, bytes]:
    return {
        key: body
        for key, body in world.s3.objects.items()
        if probe.SUBJECT not in key and not key.startswith("runs/check-")
    }


def before_the_mails(world: World, happens: Callable[[], None]) -> None:
    real = world.mail

    def mail(run_id: str, batch: int) -> Any:
        happens()
        return real(run_id, batch)

    world.mail = mail  # type: ignore[method-assign]


def test_the_probe_is_scored_and_nothing_else_although_it_is_due() -> None:
    world = make_world()
    before = whatever_is_not_the_probes(world)
    summary = world.run(add_probe(world), run_id="check-1")
    assert summary is not None
    assert [(test["subject"], test["scored"], test["meanPercent"]) for test in summary["tests"]] == [
        (probe.SUBJECT, 1, 100)
    ]
    assert whatever_is_not_the_probes(world) == before


def test_the_emails_about_the_probe_go_to_the_simulator_alone() -> None:
    world = make_world()
    summary = world.run(add_probe(world), run_id="check-1")
    assert summary is not None
    assert summary["trainerMail"] == "sent"
    assert [mail["To"] for mail in world.ses.sent] == [probe.MAILBOX, probe.MAILBOX]
    assert "notifications/report.json" not in world.s3.objects


def test_the_weekly_run_neither_scores_nor_mentions_the_probe() -> None:
    world = make_world()
    given = add_probe(world)
    summary = world.run({"asOf": given["asOf"], "trial": True})
    assert summary is not None
    assert [test["subject"] for test in summary["tests"]] == [SUBJECT]
    assert world.ses.to(probe.MAILBOX) == []
    assert probe.SUBJECT not in str(world.ses.to(TRAINER)[0].get_body())


def test_the_class_may_be_published_while_the_probe_is_scored() -> None:
    """The emails of a batch are compared with the roster again: with that of its own subject."""
    world = make_world()
    given = add_probe(world)

    def publish() -> None:
        world.publish(SUBJECT, [make_test()], make_students(4))

    before_the_mails(world, publish)
    summary = world.run(given, run_id="check-1")
    assert summary is not None
    assert summary["tests"][0]["mails"] == {"sent": 1}


def test_another_publication_of_the_probe_is_noticed() -> None:
    """Its roster is read again if it changes, not the class's."""
    world = make_world()
    given = add_probe(world)
    roster = f"subjects/{probe.SUBJECT}/roster.jsonl"

    def move() -> None:
        student = json.loads(world.s3.objects[roster])
        world.put(roster, {**student, "email": "other@simulator.amazonses.com"})

    before_the_mails(world, move)
    world.run(given, run_id="check-1")
    assert len(world.ses.to("other@simulator.amazonses.com")) == 1


def test_any_published_test_can_be_the_only_one() -> None:
    world = World()
    world.publish(SUBJECT, [make_test(), make_test("test02")], make_students())
    summary = world.run({"only": f"{SUBJECT}/{TEST}"})
    assert summary is not None
    assert [test["testId"] for test in summary["tests"]] == [TEST]
    assert len(world.ses.to(TRAINER)) == 1


def test_only_the_index_of_its_subject_is_read() -> None:
    world = World()
    students = [{**student, "subjects": [SUBJECT, "networks"]} for student in make_students()]
    world.publish("networks", [make_test()], students)  # type: ignore[arg-type]
    world.publish(SUBJECT, [make_test()], students)  # type: ignore[arg-type]
    world.run({"only": f"{SUBJECT}/{TEST}"})
    indexes = {call.key for call in world.s3.calls.made if call.key.endswith("/index.json")}
    assert indexes == {f"subjects/{SUBJECT}/index.json"}


def test_another_subject_that_is_broken_does_not_matter() -> None:
    world = make_world()
    given = add_probe(world)
    world.s3.objects[f"subjects/{SUBJECT}/index.json"] = b"{"
    summary = world.run(given, run_id="check-1")
    assert summary is not None
    assert summary["problems"] == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"only": f"{SUBJECT}/nothing"}, f"^only: no test {SUBJECT}/nothing is published"),
        ({"only": "test01"}, "^only must be <subject>/<testId>"),
        ({"only": f"{SUBJECT}/{TEST}", "regrade": f"{SUBJECT}/{TEST}"}, "^regrade and only cannot be combined"),
    ],
)
def test_what_cannot_be_done_is_refused(given: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        make_world().run(given)


def test_without_its_roster_the_probe_is_not_scored() -> None:
    world = make_world()
    given = add_probe(world)
    del world.s3.objects[f"subjects/{probe.SUBJECT}/roster.jsonl"]
    with pytest.raises(PlanFailed, match=rf"^subjects/{probe.SUBJECT}/roster\.jsonl is missing"):
        world.run(given)
