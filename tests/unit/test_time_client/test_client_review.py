"""`--review`: a released test in the terminal, with the student's own answers and the right ones."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from support.local_api import LocalApi
from support.terminal_client import TerminalClient, finish

SUBJECT, TEST = "operating-systems", "test01"
NAME = f"{SUBJECT}/{TEST}"
ANSWERS = {"1": "a", "2": "b", "3": ["b", "a"]}


@pytest.fixture
def released(api: LocalApi, client: TerminalClient) -> LocalApi:
    """The student has uploaded answers from this terminal, and the test is scored and over."""
    assert client.run("--test", TEST, "--answers", "-", stdin=json.dumps(ANSWERS)).returncode == 0
    api.now += timedelta(days=3)
    api.release(SUBJECT, TEST, "s001")
    return api


def shown(text: str) -> str:
    """What is between the two rules."""
    _, review, _ = re.split(r"-{5,} \[REVIEW\] -{5,}\n", text.replace("\r", ""))
    return review


def test_a_review_shows_answers_right_answers_points_and_explanations(
    released: LocalApi, client: TerminalClient
) -> None:
    done = client.run("--review", NAME)
    assert (done.returncode, done.stderr) == (0, "")
    review = shown(done.stdout)
    assert review.startswith(
        f"Subject: {SUBJECT}\nTest ID: {TEST}\nTitle: Kernels\nScore: 1 of 6 points\nMean of the class: 2.5 points\n"
    )
    assert "Question 1 of 6\n[1] What is kernel?\na: the core component of an operating system\n" in review
    assert "Your answer: a\nRight answer: a\nPoints: 1 of 1\nBecause of a.\nQuestion 2 of 6\n" in review
    assert "Your answer: a b\nRight answer: a\nPoints: 0 of 1\n" in review
    assert "Your answer: none\nRight answer: a\nPoints: 0 of 1\n" in review


def test_letters_follow_the_order_in_which_the_student_saw_the_options(api: LocalApi, client: TerminalClient) -> None:
    options = [{"id": id, "text": f"option {id}"} for id in "xyz"]
    api.publish_test(SUBJECT, TEST, [{"text": "Which?", "options": options}], shuffle=True)
    assert client.run("--test", TEST, "--answers", "-", stdin='{"1": "y"}').returncode == 0
    api.now += timedelta(days=3)
    api.release(SUBJECT, TEST, "s001")
    review = shown(client.run("--review", NAME).stdout)
    [letter] = re.findall(r"^(.): option y$", review, re.M)
    assert f"Your answer: {letter}\n" in review


def test_code_in_a_review_keeps_its_spaces(api: LocalApi, client: TerminalClient) -> None:
    code = f"'a    b' == \"{'c  ' * 40}\""
    question = {"text": f"What is this?\n```\n{code}\n```", "options": [{"id": id, "text": id} for id in "ab"]}
    api.publish_test(SUBJECT, TEST, [question])
    assert client.run("--test", TEST, "--answers", "-", stdin='{"1": "a"}').returncode == 0
    api.now += timedelta(days=3)
    api.release(SUBJECT, TEST, "s001")
    review = shown(client.run("--review", NAME).stdout)
    assert "```" not in review
    assert "'a    b'" in review


def test_with_json_the_review_is_the_servers_document(released: LocalApi, client: TerminalClient) -> None:
    done = client.run("--review", NAME, "--json")
    document = json.loads(done.stdout)
    assert (document["receiptId"], len(document["questions"])) == (released.receipt_of(SUBJECT, TEST, "s001"), 6)
    assert done.returncode == 0


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_answers_of_the_server_that_differ_from_those_uploaded_here_are_reported(
    released: LocalApi, client: TerminalClient, arguments: tuple[str, ...]
) -> None:
    [receipt] = client.kept("*.receipt.json")
    kept = json.loads(receipt.read_text())
    receipt.write_text(json.dumps({**kept, "answers": {**ANSWERS, "2": "c", "4": "a"}}))
    done = client.run("--review", NAME, *arguments)
    assert done.returncode == 0
    assert "other answers than those that you uploaded from this computer, to these questions: 2, 4." in done.stderr


def test_an_upload_from_somewhere_else_is_not_compared_with_an_older_one_from_here(
    released: LocalApi, client: TerminalClient
) -> None:
    [receipt] = client.kept("*.receipt.json")
    receipt.write_text(json.dumps({**json.loads(receipt.read_text()), "receiptId": "R-1", "answers": {"1": "d"}}))
    assert client.run("--review", NAME).stderr == ""


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("--review", NAME), 7, "not released yet"),
        (("--review", f"{SUBJECT}/test09"), 7, "has no test test09"),
        (("--review", "networks/test01"), 7, "not enrolled"),
        (("--review", TEST), 2, "such as --review operating-systems/test01"),
        (("--review", f"{NAME}/s002"), 2, "such as --review operating-systems/test01"),
        (("--review",), 2, "--review needs a value"),
    ],
)
def test_a_review_that_cannot_be_shown_says_why(
    api: LocalApi, client: TerminalClient, arguments: tuple[str, ...], status: int, says: str
) -> None:
    api.publish_test("networks", "test01", [{"text": "?", "options": [{"id": "a", "text": "a"}]}])
    done = client.run(*arguments)
    assert done.returncode == status
    assert says in " ".join(done.stderr.split())


def test_who_submitted_nothing_is_told_so(api: LocalApi, client: TerminalClient) -> None:
    api.now += timedelta(days=3)
    api.release(SUBJECT, TEST)
    done = client.run("--review", NAME, "--json")
    assert done.returncode == 7
    assert json.loads(done.stdout)["code"] == "NothingSubmitted"


@pytest.mark.parametrize("columns", [20, 40, 200])
def test_a_review_fits_the_terminal(released: LocalApi, client: TerminalClient, columns: int) -> None:
    status, text = finish(client.open("--review", NAME, columns=columns))
    assert status == 0
    assert max(map(len, shown(text).split("\n"))) <= columns


def test_a_draft_that_was_handed_in_is_not_called_submitted(released: LocalApi, client: TerminalClient) -> None:
    released.hand_in(SUBJECT, TEST, "s001", left_out=2)
    review = client.run("--review", NAME)
    assert "Handed in automatically. Last saved on" in shown(review.stdout)
    assert "Submitted" not in review.stdout
    assert shown(review.stdout).count("was left out") == 1
    assert (
        "Your answer was left out: the question was changed after you saved the answer.\n"
        in shown(review.stdout).split("Question 2 of 6")[1].split("Question 3")[0]
    )
    assert review.stderr == ""
    listed = " ".join(client.run("--list").stdout.split())
    assert re.search(r"scored: 1 of 6 points, handed in automatically, last saved on \w{3} ", listed)
    assert "1 of 6 points (Kernels), handed in automatically" in client.run("--scores").stdout
