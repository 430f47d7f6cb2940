"""What a run owes is derived from what its students were told: nothing is forgotten because a time has disappeared."""

from __future__ import annotations

import json
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

import support.weekly_run
from common.errors import StorageError
from common.run.ledger import Claim, Known, Ledger, Owed
from common.run.own_times import answers_may_be_shown, own_times
from common.shared.deadlines import format_time, parse_time
from common.shared.documents import MailContent, RosterEntry
from common.shared.object_keys import (
    ANSWER_KEYS,
    NOTIFICATIONS,
    ROSTER,
    SCORES,
    STATES,
    allowance_key,
    index_key,
    manifest_key,
    plan_key,
    questions_key,
    results_key,
    score_key,
    state_key,
)
from mail_batch.published import Latest
from plan_run.due import fingerprint
from plan_run.plan import PlanFailed, plan
from score_batch.batch import score_batch
from support.aws_calls import Call
from support.documents import published_roster
from support.weekly_class import SUBJECT, TEST, make_students, make_test, submit_all
from support.weekly_run import TRAINER, World

pytestmark = pytest.mark.usefixtures("sequential")

TUESDAY, WEDNESDAY = "2026-11-24T09:00:00Z", "2026-11-25T22:00:00Z"
ALL_RIGHT = {"1": "a", "2": "b", "3": ["b", "c"]}


def publish(
    world: World, *, own: dict[str, str] | None = None, last: str = "2026-11-23T22:00:00Z", **rules: Any
) -> None:
    """Publish the class of five at the world's time. `own`: deadlines by student; `last`: the last of all."""
    revised = world.now.isoformat().replace("+00:00", "Z")
    test = make_test(lastDeadline=last, revisedAt=revised, **rules)
    world.publish(SUBJECT, [test], make_students(5, **(own or {})))


def text_of(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def at(world: World, time: str) -> World:
    world.now = parse_time(time)
    return world


def subjects_to(world: World, student: str) -> list[str]:
    return [str(mail["Subject"]) for mail in world.ses.to(f"{student}@example.org")]


def test_a_withdrawn_extension_loses_no_submission_and_hides_no_missing_student() -> None:
    world = World()
    publish(world, own={"s2": WEDNESDAY, "s5": WEDNESDAY}, last=WEDNESDAY)
    submit_all(world)
    first = world.run()
    assert first is not None
    assert (first["tests"][0]["open"], first["tests"][0]["missing"]) == (2, 0)
    publish(at(world, TUESDAY))
    second = world.run()
    assert second is not None
    assert (second["tests"][0]["scored"], second["tests"][0]["missing"]) == (4, 1)
    assert subjects_to(world, "s2") == [f"Your score for {TEST} in {SUBJECT}: 3 of 4"]
    assert world.run() is None


def test_a_dropped_late_rule_loses_no_submission() -> None:
    world = World()
    publish(world, late={"untilHours": 48, "credit": 0.5}, last=WEDNESDAY)
    world.run()
    world.submit(SUBJECT, TEST, "s1", ALL_RIGHT, at="2026-11-24T08:00:00Z")
    publish(at(world, TUESDAY))
    world.run()
    assert subjects_to(world, "s1") == [f"Your score for {TEST} in {SUBJECT}: 4 of 4"]


def test_an_extension_given_and_withdrawn_between_two_runs_loses_no_submission() -> None:
    world = World()
    publish(world)
    submit_all(world)
    world.run()
    publish(at(world, TUESDAY), own={"s5": WEDNESDAY}, last=WEDNESDAY)
    world.submit(SUBJECT, TEST, "s5", ALL_RIGHT, at="2026-11-24T10:00:00Z")
    publish(at(world, "2026-11-24T12:00:00Z"))
    world.run()
    assert subjects_to(world, "s5") == [f"Your score for {TEST} in {SUBJECT}: 4 of 4"]


def test_right_answers_are_mailed_when_the_extended_student_leaves() -> None:
    world = World()
    publish(world, own={"s5": WEDNESDAY}, last=WEDNESDAY)
    submit_all(world)
    world.run()
    at(world, TUESDAY).publish(SUBJECT, [make_test(revisedAt=TUESDAY)], make_students(4))
    world.run()
    assert subjects_to(world, "s1")[1:] == [f"The answers to {TEST} in {SUBJECT}: you scored 4 of 4"]


def test_no_right_answer_goes_out_while_only_the_roster_has_an_extension() -> None:
    """A publication was cut off before it wrote the index."""
    world = World()
    publish(world)
    submit_all(world)
    world.s3.objects.update(published_roster(make_students(s5=WEDNESDAY)))
    world.run()
    assert subjects_to(world, "s1") == [f"Your score for {TEST} in {SUBJECT}: 4 of 4"]
    assert not any(entry["content"].get("withAnswers") for entry in world.ledger("score").values())


def during_the_mails(world: World, happens: Callable[[], None]) -> None:
    """Let something happen before the first call of mail_batch."""
    real = world.mail

    def mail(run_id: str, batch: int) -> Any:
        world.mail = real  # type: ignore[method-assign]
        happens()
        return real(run_id, batch)

    world.mail = mail  # type: ignore[method-assign]


def correct(world: World) -> None:
    key: Any = make_test()["key"]
    key["questions"]["1"]["correction"] = {"reason": "A slip of the pen.", "alsoAccept": ["b"]}
    world.put(f"{ANSWER_KEYS}{SUBJECT}/{TEST}.json", key)


def test_a_slow_run_mails_no_outdated_score_after_a_regrade() -> None:
    world = World()
    publish(world)
    submit_all(world)

    def regrade() -> None:
        correct(world)
        world.sleep(60)
        world.run()

    during_the_mails(world, regrade)
    slow = world.run()
    assert slow is not None
    assert slow["tests"][0]["mails"] == {"outdated": 4}
    assert subjects_to(world, "s2") == [f"Your score for {TEST} in {SUBJECT}: 4 of 4"]
    state = world.get(f"{STATES}{SUBJECT}/{TEST}.json")
    assert state["toldAt"] == world.get(plan_key("run-2"))["startedAt"]
    assert world.run() is None


def once_before(world: World, name: str, prefix: str, happens: Callable[[], None]) -> None:
    """Let something happen before the first call of this name for a key that begins with `prefix`."""

    def fault(_number: int, this: str, parameters: dict[str, Any], real: Callable[[], Any]) -> Any:
        if this == name and parameters["Key"].startswith(prefix):
            world.calls.fault = None
            happens()
        return real()

    world.calls.fault = fault


def test_a_slow_run_that_mails_after_a_correction_is_taken_back_does_not_have_the_last_word() -> None:
    """The later run finds that the right score was sent earlier, and does not know of the slow run's email."""
    world = World()
    publish(world)
    submit_all(world)
    world.run()
    correct(world)
    world.sleep(60)

    def take_back() -> None:
        world.put(f"{ANSWER_KEYS}{SUBJECT}/{TEST}.json", make_test()["key"])
        world.sleep(1)
        world.run()
        world.sleep(1)

    once_before(world, "s3:GetObject", f"{NOTIFICATIONS}score/", take_back)
    world.run()
    assert subjects_to(world, "s2")[1:] == [f"Your score for {TEST} in {SUBJECT} changed: 4 of 4"]
    world.run()
    assert subjects_to(world, "s2")[2:] == [f"Your score for {TEST} in {SUBJECT} changed: 3 of 4"]
    assert world.run() is None


def test_a_score_that_an_earlier_run_stores_late_is_corrected_by_the_next_run() -> None:
    """The later run has scored the test and reports it after the earlier one has ended."""
    world = World()
    publish(world)
    submit_all(world)

    def score_again() -> None:
        correct(world)
        world.sleep(1)
        for batch in range(plan(world.bucket, world.settings, "later", format_time(world.now), {})["due"]):
            score_batch(world.bucket, "later", batch)

    once_before(world, "s3:PutObject", f"{SCORES}{SUBJECT}/{TEST}/s2", score_again)
    world.run(run_id="earlier")
    assert world.get(score_key(SUBJECT, TEST, "s2"))["points"] == 3
    for item in world.get(manifest_key("later")):
        world.mail("later", item["batch"])
    world.report("later")
    assert world.run() is not None
    assert world.get(score_key(SUBJECT, TEST, "s2"))["points"] == 4
    assert subjects_to(world, "s2") == [f"Your score for {TEST} in {SUBJECT}: 4 of 4"]
    assert world.run() is None


def test_a_score_by_an_answer_key_that_has_changed_waits_for_the_next_run() -> None:
    world = World()
    publish(world)
    submit_all(world)
    during_the_mails(world, lambda: correct(world))
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["mails"] == {"outdated": 4}
    assert {
        "kind": "emails outdated",
        "studentId": "",
        "reason": "2 not sent: the answer key was changed during the run",
    } in (summary["tests"][0]["problems"])
    world.run()
    assert subjects_to(world, "s2") == [f"Your score for {TEST} in {SUBJECT}: 4 of 4"]


def test_a_correction_that_is_taken_back_is_reported_to_the_trainer() -> None:
    world = World()
    publish(world)
    submit_all(world)
    world.run()
    correct(world)
    world.run()
    publish(world)
    world.run()
    assert len(world.ses.to(TRAINER)) == 3
    correct(world)
    world.run()
    assert len(world.ses.to(TRAINER)) == 4


def test_a_correction_that_is_taken_back_after_a_run_died_halfway_is_taken_back_for_everybody() -> None:
    world = World()
    publish(world)
    submit_all(world)
    world.run()
    correct(world)
    planned = plan(world.bucket, world.settings, "dead", "2026-11-23T22:00:45Z", {})
    for batch in range(planned["due"]):
        score_batch(world.bucket, "dead", batch)
    world.sleep(1)
    world.ask_ses("dead")
    world.mail("dead", 0)
    assert subjects_to(world, "s2")[1:] == [f"Your score for {TEST} in {SUBJECT} changed: 4 of 4"]
    world.put(f"{ANSWER_KEYS}{SUBJECT}/{TEST}.json", make_test()["key"])
    world.sleep(60)
    world.run()
    assert subjects_to(world, "s2")[2:] == [f"Your score for {TEST} in {SUBJECT} changed: 3 of 4"]


def test_an_address_that_changes_during_the_run_gets_the_email() -> None:
    world = World()
    publish(world)
    submit_all(world)

    def move() -> None:
        students: list[RosterEntry] = make_students()
        students[1]["email"] = "new@example.org"
        world.s3.objects.update(published_roster(students))

    during_the_mails(world, move)
    world.run()
    assert subjects_to(world, "s2") == []
    assert subjects_to(world, "new") == [f"Your score for {TEST} in {SUBJECT}: 3 of 4"]


def test_an_extension_given_during_the_run_keeps_the_right_answers_back() -> None:
    world = World()
    publish(world)
    submit_all(world)
    during_the_mails(world, lambda: publish(world, own={"s5": WEDNESDAY}, last=WEDNESDAY))
    world.run()
    assert subjects_to(world, "s1") == [f"Your score for {TEST} in {SUBJECT}: 4 of 4"]
    assert not any(entry["content"].get("withAnswers") for entry in world.ledger("score").values())


def test_nobody_is_mailed_about_a_test_that_is_removed_during_the_run() -> None:
    world = World()
    publish(world)
    submit_all(world)
    during_the_mails(world, lambda: world.publish(SUBJECT, [], make_students()))
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["mails"] == {"outdated": 4}
    assert not any(subjects_to(world, f"s{n}") for n in range(1, 6))
    assert world.run() is None


def test_a_student_who_enrols_after_the_test_closed_owes_nothing() -> None:
    world = World()
    publish(world)
    submit_all(world)
    world.run()
    students = make_students(6)
    students[5]["since"] = {SUBJECT: TUESDAY}
    at(world, TUESDAY).s3.objects.update(published_roster(students))
    assert world.run() is None
    students[5]["since"] = {SUBJECT: "2026-11-23T21:59:59Z"}
    world.s3.objects.update(published_roster(students))
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["missing"] == 2


def test_a_student_owes_what_was_open_to_them_by_an_extension_that_is_taken_back() -> None:
    world = World()
    publish(world)
    submit_all(world)
    students = make_students(6)
    students[5].update({"since": {SUBJECT: TUESDAY}, "owes": {f"{SUBJECT}/{TEST}": True}})
    world.s3.objects.update(published_roster(students))
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["missing"] == 2


def test_a_roster_of_an_earlier_version_owes_what_it_always_did() -> None:
    world = World()
    publish(world)
    lines = [json.loads(line) for line in world.s3.objects[ROSTER].splitlines()]
    world.s3.objects[ROSTER] = b"\n".join(json.dumps({**line, "since": {}}).encode() for line in lines)
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["missing"] == 5


def test_states_name_no_student() -> None:
    world = World(reminder_hours=24)
    publish(world)
    submit_all(world)
    at(world, "2026-11-23T12:00:00Z").run()
    at(world, "2026-11-23T22:00:05Z").run()
    states = [body for key, body in world.s3.objects.items() if key.startswith(STATES)]
    assert states
    assert not any(f'"s{n}"'.encode() in body for body in states for n in range(1, 6))


def test_a_run_that_started_earlier_does_not_write_over_what_a_later_one_said(world: World) -> None:
    key = f"notifications/score/{SUBJECT}/{TEST}/s1.json"
    new: MailContent = {"points": 4, "maxPoints": 4, "withAnswers": False}
    old: MailContent = {"points": 3, "maxPoints": 4, "withAnswers": False}
    early = Ledger(world.bucket, "early", "2026-11-23T22:00:00Z", world.clock)
    late = Ledger(world.bucket, "late", "2026-11-23T22:00:01Z", world.clock)
    owed = late.look(key, new)
    assert isinstance(owed, Owed)
    claim = late.claim(owed)
    assert isinstance(claim, Claim)
    late.close(claim, "sent")
    assert early.look(key, old) == Known("outdated")
    assert isinstance(late.look(key, old), Owed)


@pytest.mark.parametrize(
    "change", [{"attempts": "last"}, {"late": {"untilHours": 1, "credit": 1}}, {"graceMinutes": 9}]
)
def test_nothing_is_scored_by_rules_that_were_changed_during_the_run(change: dict[str, Any]) -> None:
    world = World()
    publish(world)
    submit_all(world)
    planned = plan(world.bucket, world.settings, "run", "2026-11-23T22:00:05Z", {})
    publish(world, **change)
    for batch in range(planned["due"]):
        score_batch(world.bucket, "run", batch)
    assert world.scores() == {}
    rows = [row for n in range(planned["due"]) for row in world.get(f"runs/run/results/{n}.json")["rows"]]
    assert {row["reason"] for row in rows} == {
        "the test's deadline or rules were changed during the run: score it again"
    }


def test_nothing_is_scored_for_a_test_that_was_removed_during_the_run() -> None:
    world = World()
    publish(world)
    submit_all(world)
    planned = plan(world.bucket, world.settings, "run", "2026-11-23T22:00:05Z", {})
    world.publish(SUBJECT, [], make_students())
    for batch in range(planned["due"]):
        score_batch(world.bucket, "run", batch)
    assert world.scores() == {}
    rows = [row for n in range(planned["due"]) for row in world.get(f"runs/run/results/{n}.json")["rows"]]
    assert {row["reason"] for row in rows} == {"the test was removed during the run"}


def test_right_answers_wait_for_the_index_and_for_the_roster() -> None:
    """Publishing writes one after the other, and may be interrupted in between."""
    monday, wednesday = parse_time("2026-11-23T22:00:00Z"), parse_time(WEDNESDAY)
    for test, students in (
        (make_test(lastDeadline=WEDNESDAY), make_students()),
        (make_test(), make_students(s5=WEDNESDAY)),
    ):
        times = own_times(SUBJECT, test, students)
        assert not answers_may_be_shown(test, times, monday)
        assert answers_may_be_shown(test, times, wednesday)
    times = own_times(SUBJECT, make_test(), make_students())
    assert answers_may_be_shown(make_test(), times, monday)


def test_what_is_submitted_after_a_trial_is_scored_by_the_real_run() -> None:
    world = World()
    publish(at(world, "2026-11-23T09:00:00Z"), own={"s5": WEDNESDAY}, last=WEDNESDAY)
    world.run({"asOf": "2026-11-23T22:00:00Z", "trial": True})
    world.submit(SUBJECT, TEST, "s1", ALL_RIGHT, at="2026-11-23T20:00:00Z")
    at(world, "2026-11-23T22:00:05Z").run()
    assert subjects_to(world, "s1") == [f"Your score for {TEST} in {SUBJECT}: 4 of 4"]


def test_outdated_emails_are_sent_even_if_the_change_is_taken_back() -> None:
    world = World()
    publish(world)
    submit_all(world)
    during_the_mails(world, lambda: correct(world))
    world.run()
    world.put(f"{ANSWER_KEYS}{SUBJECT}/{TEST}.json", make_test()["key"])
    world.run()
    assert subjects_to(world, "s2") == [f"Your score for {TEST} in {SUBJECT}: 3 of 4"]


def test_a_score_by_rules_that_have_changed_waits_for_the_next_run() -> None:
    late = {"untilHours": 1, "credit": 0.5}
    world = World()
    publish(world, late={**late, "credit": 1}, last="2026-11-23T23:00:00Z")
    submit_all(world)
    at(world, "2026-11-23T23:00:05Z")
    during_the_mails(world, lambda: publish(world, late=late, last="2026-11-23T23:00:00Z"))
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["mails"] == {"outdated": 4}


def test_everything_that_decides_what_students_are_told_is_in_the_fingerprint() -> None:
    def found(moment: str = TUESDAY, questions: str = "1", shown: bool = True, **rules: Any) -> str:
        students = rules.pop("students", make_students())
        test = make_test(**rules)
        times = own_times(SUBJECT, test, students)
        return fingerprint(test, questions, times, parse_time(moment), answers_shown=shown)

    others = [
        found(shown=False),
        found(questions="2"),
        found(revisedAt=TUESDAY),
        found(attempts="last"),
        found(late={"untilHours": 1, "credit": 0.5}),
        found(late={"untilHours": 1, "credit": 0.6}),
        found(late={"untilHours": 99, "credit": 0.6}),
        found(graceMinutes=1),
        found(students=make_students(4)),
        found(students=make_students(5, s5="2026-11-24T08:00:00Z")),
        found(students=make_students(5, s5=WEDNESDAY)),
    ]
    assert len({found(), *others}) == len(others)  # a student who has time counts like one who is not enrolled
    assert found(title="Another title") == found()
    assert found(moment="2026-11-23T21:59:59Z") == ""


def the_day_before(**rules: Any) -> World:
    """A class whose students are to be reminded."""
    world = World(reminder_hours=24)
    publish(at(world, "2026-11-23T12:00:00Z"), **rules)
    return world


def test_reminders_that_could_not_be_prepared_are_sent_by_the_next_run(monkeypatch: pytest.MonkeyPatch) -> None:
    world = the_day_before()

    def fail(*_: object) -> None:
        raise StorageError("cannot write runs/")

    with monkeypatch.context() as broken:
        broken.setattr(support.weekly_run, "score_batch", fail)
        summary = world.run()
    assert summary is not None
    assert summary["reminders"] == {"pending": 5}
    assert summary["reminderProblems"][0] == {
        "kind": "emails pending",
        "studentId": "",
        "reason": "batch 0 failed: StorageError: cannot write runs/",
    }
    world.run()
    assert [len(subjects_to(world, f"s{n}")) for n in range(1, 6)] == [1] * 5
    assert world.run() is None


def test_a_rejected_reminder_is_sent_again_on_request() -> None:
    world = the_day_before()
    world.ses.unverified = {"s1@example.org"}
    world.run()
    world.ses.unverified = set()
    assert world.run() is None
    world.run({"resendUncertain": True})
    assert [len(subjects_to(world, f"s{n}")) for n in range(1, 6)] == [1] * 5


def test_the_trainer_is_told_once_of_problems_with_reminders() -> None:
    world = the_day_before()
    world.ses.unverified = {"s1@example.org"}
    summary = world.run()
    assert summary is not None
    assert summary["trainerMail"] == "sent"
    [mail] = world.ses.to(TRAINER)
    assert mail["Subject"] == "Problems with emails to students"
    assert "PROBLEM: reminder email rejected: s1: MessageRejected" in text_of(mail, "plain")
    assert "reminder email rejected</b>: s1: MessageRejected" in text_of(mail, "html")
    world.run({"resendUncertain": True})
    assert len(world.ses.to(TRAINER)) == 1


def test_the_trainer_is_told_once_of_what_is_broken_while_students_are_only_reminded() -> None:
    world = the_day_before()
    students = make_students()
    students[0]["subjects"].append("databases")
    world.s3.objects.update(published_roster(students))
    world.run()
    [mail] = world.ses.to(TRAINER)
    assert mail["Subject"] == "Problems with the published class"
    assert "PROBLEM: subjects/databases/index.json is missing or broken" in text_of(mail, "plain")
    world.run({"resendUncertain": True})
    assert len(world.ses.to(TRAINER)) == 1


def test_reminders_without_problems_are_no_news_for_the_trainer() -> None:
    world = the_day_before()
    world.run()
    assert world.ses.to(TRAINER) == []


def two_tests() -> World:
    world = World()
    tests = [make_test(), make_test("test02")]
    world.publish(SUBJECT, tests, make_students())
    submit_all(world)
    return world


def broken_entry(world: World, change: Callable[[dict[str, Any]], None]) -> None:
    index = world.get(index_key(SUBJECT))
    change(index["tests"][1])
    world.put(index_key(SUBJECT), index)


@pytest.mark.parametrize("name", ["title", "closesAt", "lastDeadline", "graceMinutes", "late", "attempts"])
def test_an_index_entry_without_a_field_stops_only_its_own_test(name: str) -> None:
    world = two_tests()
    broken_entry(world, lambda entry: entry.pop(name))
    summary = world.run()
    assert summary is not None
    assert subjects_to(world, "s1") == [f"Your score for {TEST} in {SUBJECT}: 4 of 4"]
    assert summary["problems"] == [
        f"{SUBJECT}/test02: its entry in subjects/{SUBJECT}/index.json is broken: publish the class again"
    ]


@pytest.mark.parametrize("value", ["soon", 5])
def test_a_broken_time_of_publication_stops_only_its_own_test(value: object) -> None:
    world = two_tests()
    broken_entry(world, lambda entry: entry.update(publishedAt=value))
    summary = world.run()
    assert summary is not None
    assert subjects_to(world, "s1") == [f"Your score for {TEST} in {SUBJECT}: 4 of 4"]
    assert len(summary["problems"]) == 1


@pytest.mark.parametrize("name", ["closesAt", "lastDeadline"])
@pytest.mark.parametrize("value", ["soon", None, 5])
def test_an_index_entry_with_a_time_that_is_none_stops_only_its_own_test(name: str, value: object) -> None:
    world = two_tests()
    broken_entry(world, lambda entry: entry.update({name: value}))
    summary = world.run()
    assert summary is not None
    assert len(summary["problems"]) == 1
    assert subjects_to(world, "s1") == [f"Your score for {TEST} in {SUBJECT}: 4 of 4"]


def test_an_empty_state_is_like_none() -> None:
    world = two_tests()
    world.s3.objects[state_key(SUBJECT, "test02")] = b"null"
    summary = world.run()
    assert summary is not None
    assert len(summary["tests"]) == 2


@pytest.mark.parametrize("state", [b"{", b"[]", b'{"told": "x"}', b'{"told": "x", "toldAt": "soon"}'])
def test_a_broken_state_stops_only_its_own_test(state: bytes) -> None:
    world = two_tests()
    world.s3.objects[state_key(SUBJECT, "test02")] = state
    summary = world.run()
    assert summary is not None
    assert subjects_to(world, "s1") == [f"Your score for {TEST} in {SUBJECT}: 4 of 4"]
    assert summary["problems"] == [
        f"{SUBJECT}/test02: the state file states/{SUBJECT}/test02.json is broken: remove it from the data bucket,"
        " and the next run scores the test again"
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [("owes", 5), ("owes", [])]
    + [(field, {f"{SUBJECT}/{TEST}": value}) for field in ("deadlines", "since") for value in ("soon", 5, None)],
)
def test_a_value_in_the_roster_that_is_none_is_reported_with_its_line(field: str, value: object) -> None:
    world = World()
    publish(world)
    students: list[Any] = make_students()
    students[2][field] = value
    world.s3.objects.update(published_roster(students))
    with pytest.raises(PlanFailed, match=r"^roster\.jsonl, line 3 is broken: publish the class again$"):
        world.run()


@pytest.mark.parametrize("broken", [b"{", b"{}", b"[]"])
def test_a_broken_allowance_makes_no_email_uncertain(broken: bytes) -> None:
    world = World()
    publish(world)
    submit_all(world)
    during_the_mails(world, lambda: world.s3.objects.update({allowance_key("run-1"): broken}))
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["mails"] == {"pending": 4}
    assert "the daily quota" in summary["tests"][0]["problems"][0]["reason"]
    world.run()
    assert subjects_to(world, "s1") == [f"Your score for {TEST} in {SUBJECT}: 4 of 4"]


def test_the_batches_of_a_warm_process_read_a_changed_roster_once() -> None:
    world = World(batch_size=1)
    publish(world)
    submit_all(world)

    def move() -> None:
        students: list[RosterEntry] = make_students()
        students[1]["email"] = "moved@example.org"
        world.s3.objects.update(published_roster(students))
        world.calls.made.clear()

    during_the_mails(world, move)
    world.run()
    assert subjects_to(world, "moved") == [f"Your score for {TEST} in {SUBJECT}: 3 of 4"]
    assert world.calls.made.count(Call("s3:GetObject", ROSTER)) == 1


def test_an_answer_key_that_is_corrected_before_the_scoring_and_taken_back_after_it_is_noticed() -> None:
    world = World()
    publish(world)
    submit_all(world)
    planned = plan(world.bucket, world.settings, "run", "2026-11-23T22:00:05Z", {})
    correct(world)
    for batch in range(planned["due"]):
        score_batch(world.bucket, "run", batch)
    world.ask_ses("run")
    for batch in range(planned["due"]):
        world.mail("run", batch)
    world.report("run")
    assert subjects_to(world, "s2") == [f"Your score for {TEST} in {SUBJECT}: 4 of 4"]
    publish(at(world, "2026-11-23T22:00:05Z"))
    world.sleep(60)
    world.run()
    assert subjects_to(world, "s2")[1:] == [f"Your score for {TEST} in {SUBJECT} changed: 3 of 4"]


def test_a_later_run_that_dies_leaves_the_test_due_although_an_earlier_one_ends_after_it() -> None:
    world = World(batch_size=50)
    publish(world)
    submit_all(world)
    plan(world.bucket, world.settings, "earlier", "2026-11-23T22:00:05Z", {})
    score_batch(world.bucket, "earlier", 0)
    correct(world)
    plan(world.bucket, world.settings, "later", "2026-11-23T22:00:06Z", {})
    score_batch(world.bucket, "later", 0)
    publish(at(world, "2026-11-23T22:00:05Z"))
    world.ask_ses("earlier")
    world.mail("earlier", 0)
    world.report("earlier")
    score = score_key(SUBJECT, TEST, "s2")
    assert world.get(score)["points"] == 4
    world.sleep(60)
    world.run()
    assert world.get(score)["points"] == 3


LATE = {"untilHours": 48, "credit": 0.5}


def score_all(world: World, run_id: str) -> None:
    for item in world.get(manifest_key(run_id)):
        score_batch(world.bucket, run_id, item["batch"])


@pytest.mark.parametrize("order", [("earlier", "later"), ("later", "earlier")])
def test_a_run_that_scores_after_one_that_was_planned_later_stores_nothing(order: tuple[str, str]) -> None:
    world = World()
    publish(world, late=LATE, last=WEDNESDAY)
    world.submit(SUBJECT, TEST, "s2", ALL_RIGHT, at="2026-11-24T08:00:00Z")
    at(world, "2026-11-25T22:00:05Z")
    plan(world.bucket, world.settings, "earlier", "2026-11-25T22:00:05Z", {})
    publish(world, own={"s2": "2026-11-24T22:00:00Z"}, late=LATE, last="2026-11-26T22:00:00Z")
    plan(world.bucket, world.settings, "later", "2026-11-25T22:00:06Z", {})
    score_all(world, "later")
    score_all(world, "earlier")
    assert world.get(score_key(SUBJECT, TEST, "s2"))["points"] == 4
    for run_id in order:
        world.report(run_id)
    world.sleep(3600)
    assert world.run() is not None  # the earlier run does not know whether a call that died has stored anything
    assert world.run() is None


def test_scores_that_are_stored_while_another_run_plans_the_test_leave_it_due() -> None:
    world = World(batch_size=50)
    publish(world, late=LATE, last=WEDNESDAY)
    world.submit(SUBJECT, TEST, "s2", ALL_RIGHT, at="2026-11-24T08:00:00Z")
    at(world, "2026-11-25T22:00:05Z")
    plan(world.bucket, world.settings, "earlier", "2026-11-25T22:00:05Z", {})

    def later_run(_number: int, name: str, parameters: dict[str, Any], real: Callable[[], Any]) -> Any:
        if name == "s3:PutObject" and parameters["Key"].startswith("scores/"):
            world.calls.fault = None
            publish(world, own={"s2": "2026-11-24T22:00:00Z"}, late=LATE, last="2026-11-26T22:00:00Z")
            world.sleep(1)
            world.run(run_id="later")
            del world.s3.objects[parameters["Key"]]  # S3 decides in favour of the earlier run
        return real()

    world.calls.fault = later_run
    score_all(world, "earlier")
    assert world.get(results_key("earlier", 0)) == {"rows": []}
    assert world.get(score_key(SUBJECT, TEST, "s2"))["points"] == 2
    world.sleep(3600)
    world.run()
    assert world.get(score_key(SUBJECT, TEST, "s2"))["points"] == 4
    assert world.run() is None


def test_a_run_as_of_the_past_does_not_take_back_what_was_told() -> None:
    world = World()
    publish(world)
    submit_all(world)
    at(world, TUESDAY).run()
    told_at = world.get(state_key(SUBJECT, TEST))["toldAt"]
    summary = world.run({"regrade": f"{SUBJECT}/{TEST}", "asOf": "2026-11-23T22:30:00Z"})
    assert summary is not None
    assert summary["trainerMail"] == "none"
    assert world.get(state_key(SUBJECT, TEST))["toldAt"] == told_at
    world.run()
    assert world.run() is None
    assert len(world.ses.to(TRAINER)) == 1


def change_a_question(world: World) -> None:
    """The third question takes one answer instead of two; the bytes of the answer key stay the same."""
    key = questions_key(SUBJECT, TEST)
    questions = world.get(key)
    questions["questions"][2]["type"] = "single"
    world.put(key, questions)


def test_a_score_by_questions_that_have_changed_waits_for_the_next_run() -> None:
    world = World()
    publish(world)
    submit_all(world)
    during_the_mails(world, lambda: change_a_question(world))
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["mails"]["outdated"] >= 1
    world.sleep(60)
    world.run()
    assert subjects_to(world, "s1")[-1].endswith(": 2 of 4")


def test_questions_that_are_changed_before_the_scoring_and_changed_back_after_it_are_noticed() -> None:
    world = World()
    publish(world)
    submit_all(world)
    plan(world.bucket, world.settings, "run", "2026-11-23T22:00:05Z", {})
    before = world.get(questions_key(SUBJECT, TEST))
    change_a_question(world)
    score_all(world, "run")
    world.ask_ses("run")
    for item in world.get(manifest_key("run")):
        world.mail("run", item["batch"])
    world.put(questions_key(SUBJECT, TEST), before)
    world.report("run")
    world.sleep(60)
    world.run()
    assert world.get(score_key(SUBJECT, TEST, "s1"))["points"] == 4


def after_the_first_mail(world: World, seconds: float, happens: Callable[[], None]) -> None:
    """Let something happen when SES has taken the first mail, and time pass after it."""
    real = world.ses.send_raw_email

    def send(**parameters: Any) -> Any:
        world.ses.send_raw_email = real  # type: ignore[method-assign]
        answer = real(**parameters)
        happens()
        world.sleep(seconds)
        return answer

    world.ses.send_raw_email = send  # type: ignore[method-assign]


def slow_world() -> World:
    world = World(batch_size=50)
    publish(world)
    submit_all(world)
    return world


def extend(world: World) -> None:
    publish(world, own={"s5": WEDNESDAY}, last=WEDNESDAY)


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (correct, "the answer key was changed during the run"),
        (extend, "the right answers may no longer be shown"),
        (
            lambda world: world.publish(SUBJECT, [], make_students()),
            "the test or the student's enrolment or deadline was changed during the run",
        ),
    ],
)
def test_a_slow_batch_looks_again_at_what_is_published(happens: Callable[[World], None], reason: str) -> None:
    world = slow_world()
    after_the_first_mail(world, 31, lambda: happens(world))
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["mails"] == {"sent": 1, "outdated": 3}
    assert {"kind": "emails outdated", "studentId": "", "reason": f"3 not sent: {reason}"} in (
        summary["tests"][0]["problems"]
    )
    assert len(world.ledger("score")) == 1


def test_what_is_published_while_an_email_waits_for_its_turn_is_noticed() -> None:
    world = slow_world()
    world.ses.per_second = 0.1
    after_the_first_mail(world, 25, lambda: correct(world))
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["mails"] == {"sent": 2, "outdated": 2}  # the third waits for its turn until second 35


def test_an_outdated_email_uses_up_nothing_of_the_daily_quota() -> None:
    world = slow_world()
    world.ses.daily = 100
    after_the_first_mail(world, 31, lambda: correct(world))
    world.run(run_id="slow")
    assert world.get(allowance_key("slow")) == {"perSecond": 1000, "left": 98}


def test_a_batch_looks_again_after_30_seconds_and_not_before() -> None:
    for seconds, looks in ((29, 1), (31, 2)):
        world = slow_world()
        after_the_first_mail(world, seconds, lambda: None)
        world.run()
        # Once more: scoring compares the roster before it releases the reviews.
        assert world.calls.made.count(Call("s3:HeadObject", ROSTER)) == looks + 1
        assert len(subjects_to(world, "s2")) == 1


def test_a_roster_that_breaks_during_a_batch_makes_no_email_uncertain() -> None:
    world = slow_world()
    good = world.s3.objects[ROSTER]
    after_the_first_mail(world, 31, lambda: world.s3.objects.update({ROSTER: good[:-30]}))
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["mails"] == {"pending": 4}
    world.s3.objects[ROSTER] = good
    at(world, TUESDAY).run()
    assert [len(subjects_to(world, f"s{n}")) for n in range(1, 5)] == [1] * 4


def test_what_cannot_be_read_again_is_not_trusted_any_longer() -> None:
    """The mails of a batch are sent by several threads; one that fails does not stop the others."""
    world = slow_world()
    plan(world.bucket, world.settings, "run", "2026-11-23T22:00:05Z", {})
    latest = Latest(world.bucket, world.get("runs/run/batches/0.json"), world.seconds)
    world.sleep(31)
    world.s3.objects[ROSTER] = world.s3.objects[ROSTER][:-30]
    for _ in range(2):
        with pytest.raises(StorageError, match=r"roster\.jsonl, line 5 is broken"):
            latest.read()
