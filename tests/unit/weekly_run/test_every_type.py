"""A test with questions of every type: its scores, reviews, emails, and what a correction changes."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import pytest

from common.shared.object_keys import answer_key_key, review_key, score_key
from support.every_type import ANSWERS, ITEMS, every_type
from support.weekly_class import SUBJECT, TEST, make_students
from support.weekly_run import World


def world_of(test: Any = None) -> World:
    world = World()
    world.publish(SUBJECT, [test or every_type()], make_students())
    for student, answers in ANSWERS.items():
        world.submit(SUBJECT, TEST, student, answers)
    world.run()
    return world


@pytest.fixture(scope="module")
def scored() -> World:
    return world_of()


def points(world: World, student: str) -> list[Any]:
    return [each["points"] for each in world.get(score_key(SUBJECT, TEST, student))["questions"].values()]


def reviewed(world: World, student: str) -> dict[int, Any]:
    review: Any = world.get(review_key(SUBJECT, TEST, student))
    return {each["number"]: each for each in review["questions"]}


def text_of(world: World, student: str) -> str:
    mail: Any = world.ses.to(f"{student}@example.org")[-1]
    text: str = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    return text


def html_of(world: World, student: str) -> str:
    mail: Any = world.ses.to(f"{student}@example.org")[-1]
    markup: str = mail.get_body(("html",)).get_content()
    return markup


@pytest.mark.parametrize(
    ("student", "expected"),
    [
        ("s1", [1, 2, 1, 1, 3, 2]),
        ("s2", [0, 0, 0.5, 0.5, 1, 1]),
        ("s3", [0, 0, 0, 0, 0, 0]),
        ("s4", [0, 0, 0, 0, 0, 0]),
    ],
)
def test_each_type_is_scored(scored: World, student: str, expected: list[float]) -> None:
    assert points(scored, student) == expected


@pytest.mark.parametrize(
    ("number", "student", "answer", "right", "feedback"),
    [
        (1, "s1", ["a"], ["a"], ["Well done."]),
        (1, "s2", ["b"], ["a"], ["Not b."]),
        (1, "s3", ["c"], ["a"], []),
        (1, "s4", [], ["a"], []),
        (3, "s1", ["9,81"], ["9.81 (9.76 to 9.86)"], []),
        (3, "s2", ["9.9"], ["9.81 (9.76 to 9.86)"], ["Give two decimals."]),
        (3, "s4", [], ["9.81 (9.76 to 9.86)"], []),
        (4, "s1", ["LS -l"], ["ls…"], []),
        (4, "s2", ["dir"], ["ls…"], ["Only on Windows."]),
        (4, "s3", ["<b>`rm`</b>"], ["ls…"], []),
        (5, "s2", ["b", "a", "c"], ["b", "c", "a"], []),
        (6, "s2", {"1": "b"}, {"1": "b", "2": "a"}, []),
        (6, "s4", {"2": "c"}, {"1": "b", "2": "a"}, []),
    ],
)
def test_a_review_has_the_answer_the_right_one_and_the_feedback(
    scored: World, number: int, student: str, answer: Any, right: Any, feedback: list[str]
) -> None:
    question = reviewed(scored, student)[number]
    assert (question["answer"], question["right"], question["feedback"]) == (answer, right, feedback)
    assert ("items" in question) == (number == 6)
    assert number != 6 or question["items"] == ITEMS


def test_feedback_is_in_the_order_in_which_the_student_sees_the_options() -> None:
    world = world_of(every_type(shuffle=True))
    question = reviewed(world, "s2")[2]
    feedback = {"a": "Yes, a.", "c": "No processes."}
    shown = [option["id"] for option in question["options"] if option["id"] in feedback]
    assert question["answer"] == shown
    assert question["feedback"] == [feedback[option] for option in shown]


def test_an_email_shows_answers_of_every_type(scored: World) -> None:
    text = text_of(scored, "s2")
    own, right = (re.findall(rf"{name} answer:((?:\n   .*)*| none)\n", text) for name in ("Your", "Right"))
    letters = {
        option["text"]: letter
        for question in reviewed(scored, "s2").values()
        for letter, option in zip("abcd", question["options"], strict=False)
    }
    assert own[2:] == [
        "\n    9.9\n    Feedback: Give two decimals.",
        "\n    dir\n    Feedback: Only on Windows.",
        "".join(f"\n    {letters[call]}: {call}" for call in ("fork", "wait", "exec")),
        f"\n    1. Poland\n       {letters['Warsaw']}: Warsaw\n    2. Italy\n       none",
    ]
    assert own[1].endswith("\n    Feedback: Yes, a.\n    Feedback: No processes.")
    assert right[2:] == [
        "\n    9.81 (9.76 to 9.86)",
        "\n    ls…",
        "".join(f"\n    {letters[call]}: {call}" for call in ("fork", "exec", "wait")),
        f"\n    1. Poland\n       {letters['Warsaw']}: Warsaw\n    2. Italy\n       {letters['Rome']}: Rome",
    ]
    assert "Question 6 of 6\nQuestion 6?\nYour answer: none\n" not in text
    assert "Question 5?\nYour answer: none\n" in text_of(scored, "s4")


def test_what_was_typed_is_shown_as_it_was_typed(scored: World) -> None:
    """Neither as HTML nor as Markdown."""
    assert "    <b>`rm`</b>\n" in text_of(scored, "s3")
    assert '<span dir="auto">&lt;b&gt;`rm`&lt;/b&gt;</span>' in html_of(scored, "s3")


def test_harmful_characters_that_were_typed_are_not_in_an_email() -> None:
    world = World()
    world.publish(SUBJECT, [every_type()], make_students())
    world.submit(SUBJECT, TEST, "s1", {"4": "ls \u202e-l\u200b \u2066x"})
    world.run()
    for shown in (text_of(world, "s1"), html_of(world, "s1")):
        assert "ls -l x" in shown


@pytest.mark.parametrize(
    ("number", "correction", "gained"),
    [
        ("3", {"numbers": [{"low": "64", "high": "64"}]}, 1),
        ("3", {"numbers": [{"low": "60", "high": "70", "share": 25}]}, 0.25),
        ("4", {"texts": [{"text": "*RM*"}]}, 1),
        ("5", {"allCredit": True}, 3),
    ],
)
def test_a_correction_is_scored_from_the_stored_answers(number: str, correction: Any, gained: float) -> None:
    world = world_of()
    before = world.get(score_key(SUBJECT, TEST, "s3"))["points"]
    key: Any = deepcopy(every_type()["key"])
    key["questions"][number]["correction"] = {"reason": "slip", **correction}
    world.put(answer_key_key(SUBJECT, TEST), key)
    world.run()
    assert world.get(score_key(SUBJECT, TEST, "s3"))["points"] == before + gained
    assert reviewed(world, "s3")[int(number)]["points"] == gained
    assert "corrected" in text_of(world, "s3")


def test_a_corrected_order_is_scored_from_the_stored_answers() -> None:
    world = world_of()
    key = deepcopy(every_type()["key"])
    key["questions"]["5"]["correct"] = ["a", "c", "b"]
    key["questions"]["6"]["pairs"] = {"1": "a", "2": "b"}
    world.put(answer_key_key(SUBJECT, TEST), key)
    world.run()
    assert points(world, "s3")[4:] == [3, 2]
    assert points(world, "s1")[4:] == [0, 0]
