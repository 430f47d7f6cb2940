"""What a run releases: reviews that say the same as the emails, never while anybody has time left."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from common.shared.canonical_json import canonical_json
from common.shared.deadlines import parse_time
from common.shared.object_keys import RELEASES, REVIEWS, answer_key_key, questions_key, release_key, review_key
from report_run.release import FEWEST_FOR_A_MEAN, class_mean
from support.aws_calls import aws_error
from support.documents import index_entry, published_roster
from support.weekly_class import SUBJECT, TEST, make_students, make_test, make_world, submit_all
from support.weekly_run import World

MORE_TIME = "2026-11-25T22:00:00Z"


def released(world: World) -> dict[str, Any]:
    """All reviews and releases, by key."""
    return {key: json.loads(body) for key, body in world.s3.objects.items() if key.startswith((REVIEWS, RELEASES))}


def reviewed(world: World, student: str) -> Any:
    return world.get(review_key(SUBJECT, TEST, student))


def test_a_run_after_the_last_deadline_writes_a_review_for_each_student_who_submitted(world: World) -> None:
    world.run()
    keys = [review_key(SUBJECT, TEST, f"s{n}") for n in range(1, 5)]
    assert sorted(released(world)) == sorted([release_key(SUBJECT, TEST), *keys])
    review = reviewed(world, "s3")
    score = world.get(f"scores/{SUBJECT}/{TEST}/s3.json")
    for name in ("points", "maxPoints", "late", "credit", "submittedAt", "receiptId", "studentId"):
        assert review[name] == score[name]
    assert [(each["number"], each["answer"], each["right"]) for each in review["questions"]] == [
        (1, ["a"], ["a"]),
        (2, [], ["b"]),
        (3, ["b"], ["b", "c"]),
    ]
    assert review["questions"][0]["explanation"] == "Because of a."


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_review_and_the_email_say_the_same(shuffle: bool) -> None:
    """Questions and options in the student's own order, numbered and lettered by their place."""
    test = make_test(shuffle=shuffle)
    test["key"]["questions"]["2"]["correction"] = {"reason": "two were right", "alsoAccept": ["d"]}
    test["key"]["questions"]["3"]["correction"] = {"reason": "unclear", "drop": True}
    world = World()
    world.publish(SUBJECT, [test], make_students())
    submit_all(world)
    world.run()
    orders = set()
    for student in ("s1", "s2", "s3", "s4"):
        [mail] = world.ses.to(f"{student}@example.org")
        text = text_of(mail)
        questions = reviewed(world, student)["questions"]
        assert re.findall(r"^Question (\d+) of 3\n(.*)$", text, re.M) == [
            (str(place), each["text"]) for place, each in enumerate(questions, 1)
        ]
        assert re.findall(r"Your answer:((?:\n    .*)*| none)\n", text) == [
            words(each, "answer") or " none" for each in questions
        ]
        assert re.findall(r"Right answer:((?:\n    .*)*)\n", text) == [words(each, "right") for each in questions]
        assert re.findall(r"Points: (.*)", text) == [points(each) for each in questions]
        assert re.findall(r"Question (\d) was corrected: (.*)", text) == [
            (str(place), each["correction"]) for place, each in enumerate(questions, 1) if each["correction"]
        ]
        orders.add(tuple(each["number"] for each in questions))
    assert (len(orders) > 1) == shuffle


def text_of(mail: Any) -> str:
    text: str = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    return text


def words(question: Any, which: str) -> str:
    """What a client shows of an answer: the letters of the options' places, and their texts."""
    shown = [
        f"\n    {letter}: {option['text']}"
        for letter, option in zip("abcd", question["options"], strict=True)
        if option["id"] in question[which]
    ]
    return "".join(shown)


def points(question: Any) -> str:
    return "does not count" if question["dropped"] else f"{question['points']} of {question['maxPoints']}"


def test_no_review_is_written_while_somebody_has_time() -> None:
    """Not even of those who have been scored. The run after the last deadline writes them all."""
    world = World()
    world.publish(SUBJECT, [make_test(lastDeadline=MORE_TIME)], make_students(s5=MORE_TIME))
    submit_all(world)
    assert world.run()
    assert world.scores()
    assert released(world) == {}
    world.now = parse_time(MORE_TIME) + timedelta(seconds=1)
    assert world.run()
    assert len(released(world)) == 5


@pytest.mark.parametrize("given", [{"asOf": MORE_TIME, "trial": True}, {"asOf": MORE_TIME}])
def test_a_run_for_a_time_that_has_not_come_releases_nothing(world: World, given: dict[str, Any]) -> None:
    world.now -= timedelta(hours=1)
    world.run(given)
    assert bool(world.scores()) == given.get("trial", False)
    assert released(world) == {}


def extend_in_the_roster(world: World) -> None:
    """A publication that was interrupted: the index does not say so yet."""
    world.s3.objects.update(published_roster(make_students(s5=MORE_TIME)))


def extend(world: World) -> None:
    world.publish(SUBJECT, [make_test(lastDeadline=MORE_TIME)], make_students(s5=MORE_TIME))


def extend_in_the_index(world: World) -> None:
    """Nobody in the roster has more time any more, but a student's record may have it."""
    world.publish(SUBJECT, [make_test(lastDeadline=MORE_TIME)], make_students())


def accept_late_work(world: World) -> None:
    """The roster stays as it is."""
    late = {"untilHours": 24, "credit": 0.5}
    world.publish(SUBJECT, [make_test(late=late, lastDeadline="2026-11-24T22:00:00Z")], make_students())


def remove(world: World) -> None:
    world.publish(SUBJECT, [make_test("test02")], make_students())


@pytest.mark.parametrize("change", [extend_in_the_roster, extend, extend_in_the_index])
def test_an_extension_after_the_plan_releases_nothing(world: World, change: Callable[[World], None]) -> None:
    at_the_end_of(world, "manifest.json", lambda: change(world))
    world.run()
    assert world.scores()
    assert released(world) == {}


@pytest.mark.parametrize("change", [accept_late_work, remove])
def test_a_test_whose_rules_changed_after_the_plan_is_not_released(
    world: World, change: Callable[[World], None]
) -> None:
    at_the_end_of(world, "manifest.json", lambda: change(world))
    world.run()
    assert released(world) == {}


def test_time_that_was_given_after_the_plan_and_is_over_is_what_the_reviews_are_for(world: World) -> None:
    """Otherwise, nobody would be shown them: the index says that somebody's time ended later."""
    ended = "2026-11-23T22:00:01Z"
    change = partial(world.publish, SUBJECT, [make_test(lastDeadline=ended)], make_students(s5=ended))
    at_the_end_of(world, "manifest.json", change)
    world.run()
    assert {each["lastDeadline"] for each in released(world).values()} == {ended}


@pytest.mark.parametrize("change", ["address", "title"])
def test_a_change_after_the_plan_that_gives_nobody_time_releases_the_reviews(world: World, change: str) -> None:
    students = make_students()
    test = make_test()
    if change == "address":
        students[0]["email"] = "other@example.org"
    else:
        test["title"] = "Other"
    at_the_end_of(world, "manifest.json", lambda: world.publish(SUBJECT, [test], students))
    world.run()
    assert len(released(world)) == 5


def test_an_extension_after_the_release_leaves_reviews_that_say_for_which_deadline_they_are(world: World) -> None:
    """The API shows none of them. The run after the extension writes them again."""
    world.run()
    before = released(world)
    world.now += timedelta(hours=1)
    extend(world)
    world.run()
    assert released(world) == before
    world.submit(SUBJECT, TEST, "s5", {"1": "a"}, at="2026-11-24T20:00:00Z")
    world.now = parse_time(MORE_TIME) + timedelta(seconds=1)
    world.run()
    after = released(world)
    assert len(after) == len(before) + 1
    assert {each["lastDeadline"] for each in before.values()} == {index_entry()["lastDeadline"]}
    assert {each["lastDeadline"] for each in after.values()} == {MORE_TIME}


def test_a_corrected_answer_key_rewrites_the_reviews(world: World) -> None:
    world.run()
    corrected = make_test()["key"]
    corrected["questions"]["1"]["correction"] = {"reason": "slip", "alsoAccept": ["b"]}
    world.put(answer_key_key(SUBJECT, TEST), corrected)
    world.run()
    question = reviewed(world, "s2")["questions"][0]
    assert (question["points"], question["right"], question["correction"]) == (1, ["a", "b"], "slip")
    assert reviewed(world, "s2")["points"] == 4


def test_a_new_text_rewrites_the_reviews(world: World) -> None:
    world.run()
    test = world.get(questions_key(SUBJECT, TEST))
    test["questions"][0]["text"] = "Better?"
    world.put(questions_key(SUBJECT, TEST), test)
    world.run()
    assert reviewed(world, "s1")["questions"][0]["text"] == "Better?"


def test_a_repeated_run_does_not_write_a_review_again(world: World) -> None:
    world.run()
    written = {key: world.s3.written[key] for key in released(world) if key.startswith(REVIEWS)}
    world.now += timedelta(hours=1)
    world.run({"regrade": f"{SUBJECT}/{TEST}"})
    assert {key: world.s3.written[key] for key in written} == written


def test_an_answer_that_is_no_longer_an_option_is_still_the_students(world: World) -> None:
    test = make_test()
    test["questions"][0]["options"] = test["questions"][0]["options"][:3]
    world.s3.objects[questions_key(SUBJECT, TEST)] = canonical_json(
        {**world.get(questions_key(SUBJECT, TEST)), "questions": test["questions"]}
    )
    world.run()
    assert reviewed(world, "s4")["questions"][0]["answer"] == ["d"]


def test_the_class_mean_needs_five_results(world: World) -> None:
    """The fifth student submitted nothing."""
    world.run()
    assert world.get(release_key(SUBJECT, TEST))["mean"] is None
    world = make_world()
    world.submit(SUBJECT, TEST, "s5", {"1": "a", "2": "b"})
    world.run()
    assert world.get(release_key(SUBJECT, TEST))["mean"] == 2
    assert FEWEST_FOR_A_MEAN == 5


@pytest.mark.parametrize(
    ("results", "mean"), [([1, 2, 2, 2, 2], 1.8), ([1] * 4, None), ([], None), ([0, 0, 0, 0, 0.01], 0), ([4] * 5, 4)]
)
def test_the_class_mean_is_in_hundredths(results: list[float], mean: float | None) -> None:
    assert class_mean(results) == mean


def test_a_release_is_not_complete_if_a_submission_cannot_be_scored(world: World) -> None:
    """Its student would be told that they submitted nothing."""
    world.submit(SUBJECT, TEST, "s5", "broken")
    world.run()
    assert world.get(release_key(SUBJECT, TEST))["complete"] is False
    assert review_key(SUBJECT, TEST, "s5") not in released(world)


def test_nothing_is_said_to_be_released_if_a_batch_was_never_scored(world: World) -> None:
    def fault(_number: int, name: str, parameters: dict[str, Any], real: Callable[[], Any]) -> Any:
        if name == "s3:PutObject" and parameters["Key"].endswith("results/0.json"):
            raise aws_error("SlowDown", 503)
        return real()

    world.calls.fault = fault
    world.run()
    assert release_key(SUBJECT, TEST) not in released(world)


def at_the_end_of(world: World, key_ends: str, happens: Callable[[], None]) -> None:
    """Let something happen once an object has been written."""

    def fault(_number: int, name: str, parameters: dict[str, Any], real: Callable[[], Any]) -> Any:
        reply = real()
        if name == "s3:PutObject" and parameters["Key"].endswith(key_ends):
            happens()
        return reply

    world.calls.fault = fault
