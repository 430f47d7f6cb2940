"""A draft that its student never submitted: handed in if the test says so, and what the reminder says of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from common.own_order import in_own_order
from common.shared.deadlines import parse_time
from common.shared.object_keys import draft_key, questions_key, review_key, score_key
from score_batch.drafts import answered
from support.documents import question
from support.weekly_class import SUBJECT, TEST, make_students, make_test, make_world, submit_all
from support.weekly_run import TRAINER, World

SUBMIT: dict[str, Any] = {"unsubmittedDrafts": "submit"}
RIGHT = {"1": "a", "2": "b", "3": ["b", "c"]}
SCORE = score_key(SUBJECT, TEST, "s5")


def bodies(mail: EmailMessage) -> list[str]:
    """The email as text and as HTML."""
    parts = [mail.get_body((kind,)) for kind in ("plain", "html")]
    return [part.get_content() for part in parts if part]


def save(world: World, answers: Any, at: str = "2026-11-23T21:30:00Z", student: str = "s5") -> None:
    """A draft of the student, who has submitted nothing if it is s5."""
    world.put(draft_key(SUBJECT, student, TEST), {"answers": answers, "savedAt": at})


def test_a_draft_is_handed_in_with_a_receipt_of_its_own_kind_and_the_mails_say_so() -> None:
    world = make_world(**SUBMIT)
    save(world, {"1": "a", "3": ["b", "c"]})
    summary = world.run()
    assert summary
    assert [summary["tests"][0][name] for name in ("scored", "missing", "failed")] == [5, 0, 0]
    score = world.get(SCORE)
    assert (score["points"], score["late"], score["attempt"]) == (3, False, 0)
    assert score["submittedAt"] == "2026-11-23T21:30:00Z"
    assert score["receiptId"].startswith("draft-")
    assert score["draft"] == {"leftOut": []}
    [own] = world.ses.to("s5@example.org")
    for part in bodies(own):
        text = " ".join(part.split())
        assert "your saved answers were handed in automatically" in text
        assert score["receiptId"] in text
        assert "Submitted on" not in text
    for part in bodies(world.ses.to("s1@example.org")[0]):
        assert "handed in automatically" not in part
    for part in bodies(world.ses.to(TRAINER)[0]):
        text = " ".join(part.split())
        assert "1 of them did not submit: what they had saved was handed in automatically." in text
        assert "handed in automatically" in text.split("Grades")[1]


def test_a_second_run_writes_the_same_score_and_mails_nothing() -> None:
    world = make_world(**SUBMIT)
    save(world, RIGHT)
    world.run()
    before, sent = world.scores(), len(world.ses.sent)
    world.now += timedelta(hours=1)
    world.given = {"regrade": f"{SUBJECT}/{TEST}"}
    world.run()
    assert world.scores() == before
    assert len(world.ses.to("s5@example.org")) == 1
    assert len(world.ses.sent) <= sent + 1


@pytest.mark.parametrize("rules", [{}, SUBMIT], ids=["ignore", "submit"])
@pytest.mark.parametrize("answers", [None, {}, RIGHT], ids=["none", "empty", "answers"])
def test_a_draft_counts_only_if_the_test_says_so_and_it_is_not_empty(rules: Any, answers: Any) -> None:
    world = make_world(**rules)
    if answers is not None:
        save(world, answers)
    world.run()
    assert (SCORE in world.scores()) == bool(rules and answers)


def test_what_was_submitted_counts_and_its_draft_is_not_read() -> None:
    world = make_world(**SUBMIT)
    save(world, RIGHT, student="s4")
    world.run()
    score = world.get(score_key(SUBJECT, TEST, "s4"))
    assert (score["points"], "draft" in score) == (0, False)
    read = [call.key for call in world.calls.made if call.name == "s3:GetObject" and call.key.startswith("drafts/")]
    assert read == [draft_key(SUBJECT, "s5", TEST)]


@pytest.mark.parametrize(("at", "late"), [("2026-11-23T22:00:00Z", False), ("2026-11-23T22:00:01Z", True)])
def test_a_draft_is_on_time_or_late_by_when_it_was_saved_last(at: str, late: bool) -> None:
    world = make_world(**SUBMIT, late={"untilHours": 24, "credit": 0.5})
    save(world, RIGHT, at)
    world.run()
    # Until the end of late work, the student may still submit.
    assert SCORE not in world.scores()
    world.now += timedelta(hours=24)
    world.run()
    score = world.get(SCORE)
    assert (score["late"], score["points"]) == (late, 2 if late else 4)
    if late:
        assert "They were saved late" in bodies(world.ses.to("s5@example.org")[0])[0]


def test_a_submission_in_an_extension_replaces_the_draft() -> None:
    world = make_world(**SUBMIT)
    save(world, {"1": "d"})
    world.run()
    assert world.get(SCORE)["points"] == 0
    students = make_students(s5="2026-11-24T22:00:00Z")
    world.publish(SUBJECT, [make_test(**SUBMIT)], students)
    world.submit(SUBJECT, TEST, "s5", RIGHT, "2026-11-24T21:00:00Z")
    world.now = parse_time("2026-11-24T22:00:05Z")
    world.run()
    score = world.get(SCORE)
    assert (score["points"], score["receiptId"], "draft" in score) == (4, "R-s5-1", False)


def test_a_draft_that_no_longer_fits_is_handed_in_without_those_answers_and_everybody_is_told() -> None:
    world = make_world(**SUBMIT)
    save(world, {"1": "a", "2": "z", "3": "b", "17": "a"})
    world.run()
    score = world.get(SCORE)
    assert score["draft"] == {"leftOut": ["2", "3", "17"]}
    assert score["questions"]["2"]["answer"] == []
    assert score["points"] == 1
    for part in bodies(world.ses.to("s5@example.org")[0]):
        assert part.count("was left out: the question was changed after you saved") == 2
        assert part.count("Answers to questions that are no longer in the test were left out.") == 1
    review = world.get(review_key(SUBJECT, TEST, "s5"))
    assert review["handedIn"] is True
    assert [each["number"] for each in review["questions"] if each["leftOut"]] == [2, 3]
    submitted = world.get(review_key(SUBJECT, TEST, "s1"))
    assert submitted["handedIn"] is False
    assert not any(each["leftOut"] for each in submitted["questions"])
    [trainers] = world.ses.to(TRAINER)
    for part in bodies(trainers):
        assert "handed in without the answers to question 2, 3, 17" in " ".join(part.split())


@pytest.mark.parametrize("others_have_time", [False, True])
def test_a_question_whose_answer_was_left_out_is_numbered_as_its_student_saw_it(others_have_time: bool) -> None:
    """Also in an email that does not have the right answers yet."""
    last = "2026-11-24T22:00:00Z" if others_have_time else "2026-11-23T22:00:00Z"
    world = World()
    world.publish(SUBJECT, [make_test(**SUBMIT, shuffle=True, lastDeadline=last)], make_students(s1=last))
    save(world, {"1": "z", "2": "z", "3": ["b", "c"]})
    world.run()
    seen = [each["number"] for each in in_own_order("s5", world.get(questions_key(SUBJECT, TEST)))]
    assert seen.index(3) != 2
    expected = [str(place) for place, number in enumerate(seen, 1) if number != 3]
    for part in bodies(world.ses.to("s5@example.org")[0]):
        assert re.findall(r"Your answer to question (\d) was left out", part) == expected
        assert ("no longer in the test" in part, "Right answer" in part) == (False, not others_have_time)


@pytest.mark.parametrize(
    "draft",
    [b"{", b"[]", b'{"answers": 1, "savedAt": "2026-11-23T21:30:00Z"}', b'{"answers": {"1": "a"}}', b'"x"'],
)
def test_a_broken_draft_fails_its_student_alone(draft: bytes) -> None:
    world = World(batch_size=5)
    world.publish(SUBJECT, [make_test(**SUBMIT)], make_students())
    submit_all(world)
    world.s3.objects[draft_key(SUBJECT, "s5", TEST)] = draft
    summary = world.run()
    assert summary
    assert [summary["tests"][0][name] for name in ("scored", "failed")] == [4, 1]
    [problem] = summary["tests"][0]["problems"]
    assert (problem["kind"], problem["studentId"]) == ("result failed", "s5")
    assert problem["reason"].startswith("the stored submission cannot be read (")


def publish_at_the_end_of(world: World, key_ends: str, **rules: Any) -> None:
    """Publish the test with these rules once an object has been written."""

    def fault(_number: int, name: str, parameters: dict[str, Any], real: Callable[[], Any]) -> Any:
        reply = real()
        if name == "s3:PutObject" and parameters["Key"].endswith(key_ends):
            world.publish(SUBJECT, [make_test(**rules)], make_students())
        return reply

    world.calls.fault = fault


@pytest.mark.parametrize(("before", "after"), [({}, SUBMIT), (SUBMIT, {})], ids=["submit", "ignore"])
def test_what_happens_to_drafts_may_not_change_between_the_plan_and_the_scoring(before: Any, after: Any) -> None:
    world = make_world(**before)
    save(world, RIGHT)
    publish_at_the_end_of(world, "manifest.json", **after)
    summary = world.run()
    assert summary
    assert summary["tests"][0]["failed"] == 5
    assert world.scores() == {}
    world.calls.fault = None
    world.now += timedelta(hours=1)
    world.run()
    assert (SCORE in world.scores()) == bool(after)


def test_what_happens_to_drafts_may_not_change_between_the_scoring_and_the_emails() -> None:
    world = World(batch_size=5)
    world.publish(SUBJECT, [make_test(**SUBMIT)], make_students())
    submit_all(world)
    save(world, RIGHT)
    publish_at_the_end_of(world, "results/0.json")
    summary = world.run()
    assert summary
    assert summary["tests"][0]["mails"] == {"outdated": 5}


def test_the_receipt_of_a_draft_follows_from_when_it_was_saved() -> None:
    receipts = []
    for at in ("2026-11-23T21:30:00Z", "2026-11-23T21:30:01Z", "2026-11-23T21:30:00Z"):
        world = make_world(**SUBMIT)
        save(world, RIGHT, at)
        world.run()
        receipts.append(world.get(SCORE)["receiptId"])
    assert receipts[0] == receipts[2] != receipts[1]


def test_a_test_is_scored_again_if_drafts_are_to_be_handed_in_after_all() -> None:
    world = make_world()
    save(world, RIGHT)
    world.run()
    assert SCORE not in world.scores()
    world.publish(SUBJECT, [make_test(**SUBMIT)], make_students())
    world.now += timedelta(hours=1)
    world.run()
    assert world.get(SCORE)["points"] == 4


def reminded(**rules: Any) -> World:
    """A day before the deadline; s5 has answered two of three questions."""
    world = World(reminder_hours=24)
    test = make_test(questionCount=3, **rules)
    world.publish(SUBJECT, [test], make_students())
    submit_all(world)
    world.now -= timedelta(hours=23)
    return world


@pytest.mark.parametrize(("rules", "also"), [({}, False), (SUBMIT, True)], ids=["ignore", "submit"])
def test_the_reminder_says_how_far_the_draft_has_come(rules: Any, also: bool) -> None:
    world = reminded(**rules)
    save(world, {"1": "a", "3": ["b"], "9": "a"})
    world.run()
    for part in bodies(world.ses.to("s5@example.org")[0]):
        text = " ".join(part.split())
        assert "2 of 3 questions answered, not handed in yet." in text
        assert ("If you submit nothing, what you have saved is handed in automatically." in text) == also


def test_no_other_draft_is_read_for_the_reminder() -> None:
    """A student who has submitted is not reminded."""
    world = reminded()
    for student in ("s1", "s5"):
        save(world, RIGHT, student=student)
    world.run()
    read = [call.key for call in world.calls.made if call.name == "s3:GetObject" and call.key.startswith("drafts/")]
    assert read == [draft_key(SUBJECT, "s5", TEST)]


def test_the_announcement_of_a_test_reads_no_draft() -> None:
    world = World()
    world.publish(SUBJECT, [make_test(announce=True)], make_students())
    save(world, RIGHT)
    world.now -= timedelta(hours=23)
    world.run()
    assert len(world.ses.to("s5@example.org")) == 1
    assert not any(call.key.startswith("drafts/") for call in world.calls.made)


@pytest.mark.parametrize("draft", [None, b"{", b'{"answers": {}}', b"[]"])
def test_a_reminder_without_a_draft_says_nothing_of_one(draft: bytes | None) -> None:
    world = reminded()
    if draft is not None:
        world.s3.objects[draft_key(SUBJECT, "s5", TEST)] = draft
    world.run()
    for part in bodies(world.ses.to("s5@example.org")[0]):
        assert "answered" not in part


def test_only_answers_to_the_tests_questions_are_counted() -> None:
    assert answered([question(1), question(2)], {"answers": {"1": "a", "2": "b", "3": "c", "x": "d"}}) == 2
