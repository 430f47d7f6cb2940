"""Whole runs: who is scored, who is mailed what, and what a second run adds."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from common.shared.deadlines import format_time, parse_time
from common.shared.object_keys import ANSWERS, index_key
from plan_run.plan import PlanFailed, plan
from plan_run.run_input import InvalidInput
from report_run.report import ReportNotSent
from score_batch.batch import score_batch
from support.aws_calls import aws_error
from support.aws_limits import LIMITS
from support.documents import CLOSES, PUBLISHED
from support.weekly_class import (
    SUBJECT,
    TEST,
    make_students,
    make_test,
    make_world,
    submit_all,
)
from support.weekly_run import TRAINER, World

STATE = f"states/{SUBJECT}/{TEST}.json"


def subjects_to(world: World, student: str) -> list[str]:
    return [str(mail["Subject"]) for mail in world.ses.to(f"{student}@example.org")]


def text_of(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


def html_of(mail: Any) -> str:
    return str(mail.get_body(("html",)).get_content())


def at(world: World, time: str) -> World:
    world.now = parse_time(time)
    return world


def test_everybody_who_submitted_is_scored_and_mailed_once(world: World) -> None:
    summary = world.run()
    assert summary is not None
    assert (summary["scored"], summary["failed"], summary["uncertain"], summary["trainerMail"]) == (4, 0, 0, "sent")
    assert [world.get(f"scores/{SUBJECT}/{TEST}/s{n}.json")["points"] for n in (1, 2, 3, 4)] == [4, 3, 1, 0]
    assert f"scores/{SUBJECT}/{TEST}/s5.json" not in world.s3.objects
    assert subjects_to(world, "s2") == [f"Your score for {TEST} in {SUBJECT}: 3 of 4"]
    assert subjects_to(world, "s5") == []


def test_the_trainer_gets_grades_missing_results_and_the_gradebook(world: World) -> None:
    world.run()
    (mail,) = world.ses.to(TRAINER)
    for body in (text_of(mail), html_of(mail)):
        assert "Student 5" in body
        assert "4 of 4" in body
    (attachment,) = mail.iter_attachments()
    lines = attachment.get_content().splitlines()
    assert len(lines) == 6
    assert lines[3].endswith(f"{TEST},s3,Student 3,scored,1,4,25.00,,,2026-11-23T20:00:00Z,1,0,0")
    assert lines[5].endswith("s5,Student 5,missing,,,,,,")


def test_nothing_is_scored_before_the_deadline(world: World) -> None:
    at(world, "2026-11-23T21:59:59Z")
    assert world.run() is None
    assert world.scores() == {}
    assert world.ses.sent == []


def test_scoring_waits_until_uploads_let_in_before_the_deadline_are_stored(world: World) -> None:
    at(world, CLOSES)
    world.run()
    assert world.now >= parse_time(CLOSES) + timedelta(seconds=40)


def test_the_same_event_three_times_in_a_row_scores_and_mails_once(world: World) -> None:
    world.run()
    first, mails = world.scores(), len(world.ses.sent)
    for _ in range(2):
        world.run()
    assert world.scores() == first
    assert len(world.ses.sent) == mails == 5


@pytest.mark.parametrize("repeat", range(10))
def test_the_same_event_twice_at_once_mails_each_once(repeat: int) -> None:
    world = make_world()
    starts = threading.Barrier(2)

    def run(name: str) -> None:
        starts.wait()
        world.run(run_id=name)

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(mail["To"]) for mail in world.ses.sent) == [
        *(f"s{n}@example.org" for n in (1, 2, 3, 4)),
        TRAINER,
    ]
    assert {entry["state"] for entry in world.ledger().values()} == {"sent"}


def test_scoring_again_writes_no_second_version(world: World) -> None:
    trial = {"asOf": "2026-11-23T22:30:00Z", "trial": True}
    at(world, "2026-11-23T21:00:00Z").run(trial)
    world.run(trial)
    assert {world.s3.writes[key] for key in world.scores()} == {1}
    assert len(world.ses.sent) == 5


def test_a_trial_shows_no_right_answer_and_the_real_run_scores_again(world: World) -> None:
    at(world, "2026-11-23T21:00:00Z").run({"asOf": "2026-11-23T22:30:00Z", "trial": True})
    assert "Right answer" not in text_of(world.ses.to("s1@example.org")[0])
    world.submit(SUBJECT, TEST, "s5", {"1": "a"}, at="2026-11-23T21:30:00Z")
    at(world, CLOSES).run()
    assert subjects_to(world, "s5") == [f"Your score for {TEST} in {SUBJECT}: 1 of 4"]
    assert subjects_to(world, "s1")[1:] == [f"The answers to {TEST} in {SUBJECT}: you scored 4 of 4"]
    assert "Right answer" in text_of(world.ses.to("s1@example.org")[1])


@pytest.mark.parametrize("given", [{}, {"trial": False}, {"regrade": f"{SUBJECT}/{TEST}"}])
def test_a_time_in_the_future_tells_no_student_their_score_before_the_deadline(world: World, given: Any) -> None:
    """Whoever may start the state machine can send this. With `attempts: last`, students could still submit again."""
    assert at(world, "2026-11-21T21:00:00Z").run({"asOf": "2026-11-23T22:30:00Z", **given}) is None
    assert world.scores() == {}
    assert world.ses.sent == []


def test_a_time_in_the_future_does_what_is_due_now(world: World) -> None:
    summary = at(world, CLOSES).run({"asOf": "2027-01-01T00:00:00Z"})
    assert summary is not None
    assert (summary["asOf"], summary["scored"]) == (CLOSES, 4)


# --- faults kept apart ---


def test_a_broken_submission_fails_alone_and_is_finished_once_mended(world: World) -> None:
    key = f"answers/{SUBJECT}/s2/{TEST}.json"
    good, world.s3.objects[key] = world.s3.objects[key], b'{"answers": '
    summary = world.run()
    assert summary is not None
    assert (summary["scored"], summary["failed"]) == (3, 1)
    assert "s2" in text_of(world.ses.to(TRAINER)[0])
    assert "told" not in world.get(STATE)
    world.s3.objects[key] = good
    summary = world.run()
    assert summary is not None
    assert (summary["scored"], summary["failed"]) == (4, 0)
    assert [len(world.ses.to(f"s{n}@example.org")) for n in (1, 2, 3, 4)] == [1, 1, 1, 1]
    assert len(world.ses.to(TRAINER)) == 2


@pytest.mark.parametrize(
    ("key", "content", "reason"),
    [
        (f"answer-keys/{SUBJECT}/{TEST}.json", None, "answer key is missing"),
        (f"answer-keys/{SUBJECT}/{TEST}.json", b"{", "broken"),
        (f"answer-keys/{SUBJECT}/{TEST}.json", b'{"partialCredit": "off", "questions": {}}', "does not match"),
        (f"subjects/{SUBJECT}/{TEST}/questions.json", None, "questions are missing"),
        (f"subjects/{SUBJECT}/{TEST}/questions.json", b"[]", "broken"),
    ],
)
def test_a_broken_test_fails_alone(world: World, key: str, content: bytes | None, reason: str) -> None:
    world.publish(SUBJECT, [make_test(), make_test("test02")], make_students())
    world.submit(SUBJECT, "test02", "s1", {"1": "a"})
    world.s3.objects.pop(key)
    if content is not None:
        world.s3.objects[key] = content
    summary = world.run()
    assert summary is not None
    by_test = {test["testId"]: test for test in summary["tests"]}
    assert (by_test[TEST]["failed"], by_test["test02"]["scored"]) == (5, 1)
    assert all(reason in problem["reason"] for problem in by_test[TEST]["problems"])
    assert reason in text_of(world.ses.to(TRAINER)[0])
    assert subjects_to(world, "s1") == [f"Your score for test02 in {SUBJECT}: 1 of 4"]


def test_a_broken_index_is_told_and_other_subjects_go_on(world: World) -> None:
    students = make_students()
    students[0]["subjects"].append("networks")
    world.publish(SUBJECT, [make_test()], students)
    summary = world.run()
    assert summary is not None
    assert summary["failed"] == 1
    assert "subjects/networks/index.json" in summary["problems"][0]
    assert "subjects/networks/index.json" in text_of(world.ses.to(TRAINER)[0])
    with pytest.raises(PlanFailed, match="networks"):
        world.run()


@pytest.mark.parametrize("roster", [None, b"{", b'{"studentId": "s1"}'])
def test_a_broken_roster_fails_the_run(world: World, roster: bytes | None) -> None:
    world.s3.objects.pop("roster.jsonl")
    if roster is not None:
        world.s3.objects["roster.jsonl"] = roster
    with pytest.raises(PlanFailed, match=r"roster\.jsonl"):
        world.run()


def test_a_rejected_address_stops_nobody_else_and_is_told_without_the_address(world: World) -> None:
    world.ses.unverified = {"s2@example.org"}
    summary = world.run()
    assert summary is not None
    assert (summary["rejected"], summary["tests"][0]["mails"]) == (1, {"sent": 3, "rejected": 1})
    (problem,) = summary["tests"][0]["problems"]
    assert problem["studentId"] == "s2"
    assert "MessageRejected" in problem["reason"]
    assert "@" not in problem["reason"]
    assert "s2" in text_of(world.ses.to(TRAINER)[0])


def test_a_rejected_mail_is_sent_again_when_asked(world: World) -> None:
    world.ses.unverified = {"s2@example.org"}
    world.run()
    world.ses.unverified = set()
    assert world.run() is None
    summary = world.run({"resendUncertain": True})
    assert summary is not None
    assert (summary["rejected"], summary["tests"][0]["mails"]) == (0, {"sent earlier": 3, "sent": 1})
    assert len(subjects_to(world, "s2")) == 1


def test_what_is_over_the_daily_quota_is_sent_by_the_next_run(world: World) -> None:
    world.settings = replace(world.settings, batch_size=10)
    world.ses.daily = 3
    summary = world.run()
    assert summary is not None
    assert (summary["tests"][0]["mails"], summary["trainerMail"]) == ({"sent": 2, "deferred": 2}, "sent")
    assert "2 emails could not be sent yet" in text_of(world.ses.to(TRAINER)[0])
    world.ses.daily = 100
    summary = world.run()
    assert summary is not None
    assert (summary["deferred"], summary["tests"][0]["reasons"]) == (0, ["mails"])
    assert [len(subjects_to(world, f"s{n}")) for n in (1, 2, 3, 4)] == [1, 1, 1, 1]
    assert world.run() is None


def test_a_batch_that_fails_for_good_is_named_and_finished_by_the_next_run(world: World) -> None:
    def broken(_number: int, name: str, parameters: dict[str, Any], real: Any) -> Any:
        if name == "s3:GetObject" and parameters["Key"].startswith(f"answers/{SUBJECT}/s3/"):
            raise aws_error("InternalError", 500, "GetObject")
        return real()

    world.calls.fault = broken
    summary = world.run()
    assert summary is not None
    assert (summary["scored"], summary["failed"]) == (2, 2)  # s3 and s4 share a batch
    assert "StorageError" in summary["tests"][0]["problems"][0]["reason"]
    world.calls.fault = None
    summary = world.run()
    assert summary is not None
    assert (summary["scored"], summary["failed"]) == (4, 0)
    assert [len(subjects_to(world, f"s{n}")) for n in (1, 2, 3, 4)] == [1, 1, 1, 1]


def test_a_mailing_batch_that_fails_for_good_is_named_and_finished_by_the_next_run(world: World) -> None:
    def broken(_number: int, name: str, parameters: dict[str, Any], real: Any) -> Any:
        if name == "s3:PutObject" and "/mails/0" in parameters["Key"]:
            raise aws_error("InternalError", 500, "PutObject")
        return real()

    world.calls.fault = broken
    summary = world.run()
    assert summary is not None
    assert summary["deferred"] == 2
    assert "batch 0 failed: StorageError" in json.dumps(summary["tests"][0]["problems"])
    world.calls.fault = None
    world.run()
    assert [len(subjects_to(world, f"s{n}")) for n in (1, 2, 3, 4)] == [1, 1, 1, 1]


def test_a_trainer_mail_that_is_refused_fails_the_run_and_goes_out_with_the_next(world: World) -> None:
    world.ses.unverified = {TRAINER}
    with pytest.raises(ReportNotSent):
        world.run(run_id="refused")
    failure = world.get("runs/refused/summary.json")["trainerMailFailure"]
    assert "MessageRejected" in failure
    assert "@" not in failure
    world.ses.unverified = set()
    summary = world.run()
    assert summary is not None
    assert summary["trainerMail"] == "sent"
    assert len(world.ses.sent) == 5


def test_a_refused_trainer_mail_fails_the_run_even_if_the_refusal_cannot_be_recorded(world: World) -> None:
    world.ses.unverified = {TRAINER}

    def closing_fails(_number: int, name: str, parameters: dict[str, Any], real: Any) -> Any:
        if name == "s3:PutObject" and "/report/" in parameters["Key"] and "IfMatch" in parameters:
            raise aws_error("InternalError", 500, "PutObject")
        return real()

    world.calls.fault = closing_fails
    with pytest.raises(ReportNotSent):
        world.run(run_id="refused")
    assert "MessageRejected" in world.get("runs/refused/summary.json")["trainerMailFailure"]


# --- extensions, lateness, regrading ---


def test_an_extended_student_is_scored_after_their_own_deadline_and_nobody_sees_answers_before() -> None:
    world = World()
    last = "2026-11-24T22:00:00Z"
    world.publish(SUBJECT, [make_test(lastDeadline=last)], make_students(s2=last))
    submit_all(world)
    summary = world.run()
    assert summary is not None
    assert (summary["tests"][0]["scored"], summary["tests"][0]["open"]) == (3, 1)
    assert subjects_to(world, "s2") == []
    assert "Tue 24 Nov 2026, 23:00" in text_of(world.ses.to(TRAINER)[0])
    assert all("Right answer" not in text_of(mail) + html_of(mail) for mail in world.ses.sent)
    assert all("Because of a" not in str(mail) for mail in world.ses.sent)
    at(world, last).run()
    assert subjects_to(world, "s2") == [f"Your score for {TEST} in {SUBJECT}: 3 of 4"]
    assert "Because of a." in text_of(world.ses.to("s2@example.org")[0])
    assert subjects_to(world, "s1") == [
        f"Your score for {TEST} in {SUBJECT}: 4 of 4",
        f"The answers to {TEST} in {SUBJECT}: you scored 4 of 4",
    ]
    assert at(world, "2026-11-25T22:00:00Z").run() is None


def test_late_work_is_scored_when_its_time_is_over() -> None:
    last = "2026-11-24T22:00:00Z"
    world = make_world(late={"untilHours": 24, "credit": 0.5}, lastDeadline=last)
    summary = world.run()
    assert summary is not None
    assert (summary["tests"][0]["scored"], summary["tests"][0]["open"], summary["tests"][0]["missing"]) == (4, 1, 0)
    world.submit(SUBJECT, TEST, "s5", {"1": "a", "2": "b", "3": ["b", "c"]}, at="2026-11-24T10:00:00Z")
    world.submit(SUBJECT, TEST, "s3", {"1": "a", "2": "b", "3": ["b", "c"]}, at="2026-11-24T10:00:00Z", attempt=2)
    world.submit(SUBJECT, TEST, "s1", {}, at="2026-11-24T10:00:00Z", attempt=2)
    at(world, last).run()
    assert subjects_to(world, "s5") == [f"Your score for {TEST} in {SUBJECT}: 2 of 4"]
    assert "50%" in text_of(world.ses.to("s5@example.org")[0])
    assert subjects_to(world, "s3")[1:] == [f"Your score for {TEST} in {SUBJECT} changed: 2 of 4"]
    assert subjects_to(world, "s1")[1:] == [f"The answers to {TEST} in {SUBJECT}: you scored 4 of 4"]


def test_a_test_whose_id_begins_another_is_not_its_attempt() -> None:
    world = make_world(attempts="last")
    world.publish(SUBJECT, [make_test(attempts="last"), make_test("test01b", attempts="last")], make_students())
    world.submit(SUBJECT, "test01b", "s5", {"1": "a"})
    summary = world.run()
    assert summary is not None
    assert {test["testId"]: test["scored"] for test in summary["tests"]} == {TEST: 4, "test01b": 1}


def regrade(world: World, **correction: Any) -> None:
    key: Any = make_test()["key"]
    key["questions"]["1"]["correction"] = {"reason": "A slip of the pen.", **correction}
    world.put(f"answer-keys/{SUBJECT}/{TEST}.json", key)


def test_a_corrected_key_rewrites_scores_and_mails_only_whose_score_changed(world: World) -> None:
    world.run()
    regrade(world, alsoAccept=["b"])
    summary = world.run()
    assert summary is not None
    assert summary["tests"][0]["reasons"] == ["answer key"]
    assert summary["tests"][0]["changes"] == [{"studentId": "s2", "before": [3, 4], "after": [4, 4]}]
    assert world.get(f"scores/{SUBJECT}/{TEST}/s2.json")["points"] == 4
    assert subjects_to(world, "s2")[1:] == [f"Your score for {TEST} in {SUBJECT} changed: 4 of 4"]
    assert "previously 3 of 4" in text_of(world.ses.to("s2@example.org")[1])
    assert [len(subjects_to(world, f"s{n}")) for n in (1, 3, 4)] == [1, 1, 1]
    report = text_of(world.ses.to(TRAINER)[1])
    assert "A slip of the pen." in report
    assert "changed from 3 of 4 to 4 of 4" in report
    assert "A slip of the pen." in html_of(world.ses.to(TRAINER)[1])
    assert world.run() is None


def test_a_dropped_question_changes_everybodys_score(world: World) -> None:
    world.run()
    regrade(world, drop=True)
    summary = world.run()
    assert summary is not None
    assert len(summary["tests"][0]["changes"]) == 4
    assert subjects_to(world, "s4")[1:] == [f"Your score for {TEST} in {SUBJECT} changed: 0 of 3"]
    assert "dropped" in text_of(world.ses.to(TRAINER)[1])


def test_a_correction_taken_back_is_told_again(world: World) -> None:
    world.run()
    regrade(world, alsoAccept=["b"])
    world.run()
    world.put(f"answer-keys/{SUBJECT}/{TEST}.json", make_test()["key"])
    world.run()
    assert [subject[-6:] for subject in subjects_to(world, "s2")] == ["3 of 4", "4 of 4", "3 of 4"]


def test_a_test_whose_answers_may_be_deleted_is_not_scored_again(world: World) -> None:
    """All students would be missing. Answers are kept for 365 days, the first since the test was published."""
    world.run()
    regrade(world, drop=True)
    scores = world.scores()
    world.now = parse_time(PUBLISHED) + timedelta(days=365)
    assert world.run() is None
    with pytest.raises(InvalidInput, match=rf"^regrade: since 2027-11-18, answers to {SUBJECT}/{TEST} may have"):
        world.run({"regrade": f"{SUBJECT}/{TEST}"})
    assert world.scores() == scores
    world.now -= timedelta(seconds=1)
    assert world.run() is not None


@pytest.mark.parametrize("published_at", ["2027-11-20T09:00:00Z", None])
def test_a_time_of_publication_that_is_too_late_or_not_known_does_not_make_old_answers_last_longer(
    world: World, published_at: str | None
) -> None:
    """A test's file was moved away and came back, or an earlier version published it: its deadline counts."""
    world.run()
    regrade(world, drop=True)
    [entry] = world.get(index_key(SUBJECT))["tests"]
    known = {} if published_at is None else {"publishedAt": published_at}
    changed = {name: value for name, value in entry.items() if name != "publishedAt"} | known
    world.put(index_key(SUBJECT), {**world.get(index_key(SUBJECT)), "tests": [changed]})
    for key in [key for key in world.s3.objects if key.startswith(ANSWERS)]:
        del world.s3.objects[key]
    scores, sent = world.scores(), len(world.ses.sent)
    world.now = parse_time(CLOSES) + timedelta(days=365)
    assert world.run() is None
    with pytest.raises(InvalidInput, match=r"^regrade: since 2027-11-23, answers to"):
        world.run({"regrade": f"{SUBJECT}/{TEST}"})
    assert (world.scores(), len(world.ses.sent)) == (scores, sent)


@pytest.mark.parametrize("published_at", ["2027-11-20T09:00:00Z", None])
def test_a_test_is_scored_again_until_answers_of_its_deadline_may_be_deleted(
    world: World, published_at: str | None
) -> None:
    world.run()
    regrade(world, drop=True)
    [entry] = world.get(index_key(SUBJECT))["tests"]
    changed = {**entry, "publishedAt": published_at}
    if published_at is None:
        del changed["publishedAt"]
    world.put(index_key(SUBJECT), {**world.get(index_key(SUBJECT)), "tests": [changed]})
    world.now = parse_time(CLOSES) + timedelta(days=365) - timedelta(seconds=1)
    assert world.run() is not None


def test_a_new_extension_does_not_make_the_answers_of_the_others_last_longer(world: World) -> None:
    world.run()
    late = "2027-11-29T22:00:00Z"
    again = make_test(publishedAt="2027-11-25T09:00:00Z", lastDeadline=late, revisedAt="2027-11-25T09:00:00Z")
    world.publish(SUBJECT, [again], make_students(s5=late))
    for key in [key for key in world.s3.objects if key.startswith(ANSWERS)]:
        del world.s3.objects[key]
    scores = world.scores()
    world.now = parse_time(late) + timedelta(minutes=1)
    assert world.run() is None
    assert world.scores() == scores


def test_asking_for_a_regrade_that_changes_nothing_mails_nobody(world: World) -> None:
    world.run()
    summary = world.run({"regrade": f"{SUBJECT}/{TEST}"})
    assert summary is not None
    assert (summary["tests"][0]["reasons"], summary["tests"][0]["changes"]) == (["regrade"], [])
    assert len(world.ses.sent) == 5


def test_regrading_a_test_nobody_published_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput, match="no test operating-systems/nothing"):
        world.run({"regrade": f"{SUBJECT}/nothing"})


@pytest.mark.parametrize("broken", [{"closesAt": "soon"}, {"publishedAt": 5}, {"closesAt": None}])
def test_regrading_a_test_with_broken_times_says_what_to_do(world: World, broken: Any) -> None:
    index = world.get(f"subjects/{SUBJECT}/index.json")
    index["tests"][0] |= broken
    world.put(f"subjects/{SUBJECT}/index.json", index)
    with pytest.raises(InvalidInput, match=rf"^regrade: .* in subjects/{SUBJECT}/index.json is broken: publish"):
        world.run({"regrade": f"{SUBJECT}/{TEST}"})


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"asOf": "yesterday"}, "asOf"),
        ({"asOf": "2026-11-23T22:00:00"}, "asOf"),
        ({"asOf": 5}, "asOf"),
        ({"resendUncertain": "yes"}, "resendUncertain"),
        ({"trial": "yes"}, "trial must be true or false"),
        ({"regrade": "test01"}, "regrade"),
        ({"regrade": "a b/c!"}, "regrade must be"),
        ({"regrade": 1}, "regrade"),
        ({"force": True}, "'force'"),
    ],
)
def test_wrong_input_is_refused_by_name(world: World, given: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        world.run(given)
    assert not any(key.startswith("runs/") for key in world.s3.objects)


def test_all_errors_of_an_input_are_told_at_once(world: World) -> None:
    with pytest.raises(InvalidInput, match=r"'x'.*asOf.*regrade"):
        world.run({"x": 1, "asOf": "now", "regrade": "/"})


# --- reminders ---


def remind(hours: int = 24) -> World:
    world = World(reminder_hours=hours)
    world.publish(SUBJECT, [make_test()], make_students())
    submit_all(world)
    return at(world, "2026-11-22T22:00:00Z")


def test_only_who_has_not_submitted_is_reminded_and_only_once() -> None:
    world = remind()
    summary = world.run()
    assert summary is not None
    assert summary["trainerMail"] == "none"
    assert [str(mail["To"]) for mail in world.ses.sent] == ["s5@example.org"]
    assert "closes on Mon 23 Nov 2026, 23:00 (Europe/Warsaw)" in str(world.ses.sent[0]["Subject"])
    assert world.run() is None
    world.s3.objects.pop(STATE)
    world.run()
    assert len(world.ses.sent) == 1


def test_nobody_is_reminded_too_early_too_late_or_where_it_is_switched_off() -> None:
    assert at(remind(), "2026-11-22T21:59:59Z").run() is None
    assert at(remind(0), "2026-11-22T22:00:00Z").run() is None
    late = at(remind(), CLOSES)
    late.run()
    assert not any("Reminder" in str(mail["Subject"]) for mail in late.ses.sent)


def test_a_reminder_comes_before_the_students_own_deadline() -> None:
    world = remind()
    world.publish(SUBJECT, [make_test()], make_students(s5="2026-11-24T22:00:00Z"))
    assert world.run() is not None
    assert world.ses.sent == []
    at(world, "2026-11-23T22:00:00Z").run()
    assert any("Reminder" in subject for subject in subjects_to(world, "s5"))


def test_a_student_whose_deadline_moves_is_reminded_of_the_new_one_too() -> None:
    world = remind()
    world.run()
    world.publish(SUBJECT, [make_test()], make_students(s5="2026-11-25T22:00:00Z"))
    at(world, "2026-11-24T22:00:00Z").run()
    reminders = [subject for subject in subjects_to(world, "s5") if "Reminder" in subject]
    assert ["Wed 25 Nov 2026, 23:00" in subject for subject in reminders] == [False, True]
    assert world.run() is None


def test_a_reminder_that_an_earlier_version_sent_is_not_sent_again() -> None:
    world = remind()
    world.run()
    [key] = world.ledger("reminder")
    world.put(key, {**world.get(key), "content": {}})
    world.s3.objects.pop(STATE)
    world.run()
    assert len(world.ses.sent) == 1


# --- nothing personal, nothing large ---


def test_what_step_functions_sees_is_tiny_and_names_nobody() -> None:
    world = World(batch_size=50)
    students = make_students(3000)
    world.publish(SUBJECT, [make_test()], students)
    planned = plan(world.bucket, world.settings, "r", format_time(world.now), {})
    world.now += timedelta(minutes=1)
    seen = [planned, world.get("runs/r/manifest.json"), score_batch(world.bucket, "r", 0), world.mail("r", 0)]
    text = json.dumps(seen)
    assert planned["due"] == 60
    assert "s1" not in text
    assert "Student" not in text
    assert "@" not in text
    assert len(json.dumps(seen[1])) <= LIMITS["states:payload bytes"].value
    assert all(len(json.dumps(payload)) < 500 for payload in (seen[0], *seen[2:]))
