"""A test with a question of each type: at a terminal, by pipe, from a file, on two devices, and reviewed."""

from __future__ import annotations

import json
import re
import signal
from datetime import timedelta
from typing import Any

import pytest

from common.shared.object_keys import review_key
from support.api_calls import call
from support.documents import every_type
from support.local_api import LocalApi
from support.terminal_client import CONFIRM, Terminal, TerminalClient, finish, phrase

SUBJECT, NAME = "operating-systems", "test01"
TEST = ("--subject", SUBJECT, "--test", NAME)
PROMPT = r"Your answer(?: \[(.*)\])?: $"
CODE = "a \"b\"   \\n $(touch x) `id` * -x {'z'} 😀 zażółć"
ANSWERS: dict[str, Any] = {
    "1": "b",
    "2": ["a", "c"],
    "3": "-3,5",
    "4": CODE,
    "5": ["d", "b", "a", "c"],
    "6": {"1": "d", "2": "a", "3": "d"},
}


@pytest.fixture(autouse=True)
def typed_test(api: LocalApi) -> None:
    """In place of the test of letters."""
    api.publish_test(SUBJECT, NAME, [dict(question) for question in every_type()], attempts="last")


def texts(count: int) -> list[dict[str, Any]]:
    return [{**every_type()[3], "number": number} for number in range(1, count + 1)]


def stored(api: LocalApi) -> list[Any]:
    return [submission["answers"] for submission in api.objects("answers/").values()]


def draft(client: TerminalClient) -> Any:
    return call(client.environment, "GET", f"/v1/draft?subjectName={SUBJECT}&testId={NAME}")[1]


def save_elsewhere(client: TerminalClient, answers: dict[str, Any]) -> None:
    body = {"subjectName": SUBJECT, "testId": NAME, "answers": answers, "version": draft(client).get("version")}
    status, reply = call(client.environment, "PUT", "/v1/draft", body)
    assert status == 200, reply


def lines_of(client: TerminalClient, answers: dict[str, Any]) -> list[str]:
    """What this student types for these answers, with the letters that they see."""
    test = call(client.environment, "GET", f"/v1/test?subjectName={SUBJECT}&testId={NAME}")[1]
    lines = []
    for question in test["questions"]:
        letters = {option["id"]: letter for option, letter in zip(question["options"], "abcd", strict=False)}
        answer = answers[str(question["number"])]
        if question["type"] in ("number", "text"):
            lines.append(answer)
        elif question["type"] == "match":
            pairs = [(item["id"], place) for place, item in enumerate(question["items"], 1)]
            lines.append(" ".join(f"{place}{letters[answer[item]]}" for item, place in pairs if item in answer))
        elif question["type"] == "multiple":
            lines.append(" ".join(sorted(letters[option] for option in answer)))
        else:
            lines.append(" ".join(letters[option] for option in answer))
    return lines


def type_in(terminal: Terminal, *lines: str) -> None:
    for line in lines:
        terminal.expect(PROMPT)
        terminal.sendline(line)


def test_a_person_answers_every_type(api: LocalApi, client: TerminalClient) -> None:
    lines = lines_of(client, ANSWERS)
    terminal = client.open(*TEST, columns=120)
    type_in(terminal, *lines)
    terminal.expect(CONFIRM)
    summary = terminal.before.replace("\r", "").split("SUMMARY")[1]
    assert re.findall(r"^\d: (.*)", summary, re.M) == lines
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert stored(api) == [ANSWERS]


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_one_line_for_each_question_is_uploaded(api: LocalApi, client: TerminalClient, locale: str) -> None:
    environment = {"LC_ALL": locale, "LANG": locale}
    done = client.run(*TEST, stdin="\n".join(lines_of(client, ANSWERS)), environment=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert stored(api) == [ANSWERS]


def test_a_text_by_pipe_may_begin_as_json_or_be_the_name_of_a_command(api: LocalApi, client: TerminalClient) -> None:
    api.publish_test(SUBJECT, NAME, texts(6), attempts="last")
    done = client.run(*TEST, stdin="{a..z}\nskip\n:skip\n::skip\n?\n\ta\t b \n")
    assert (done.returncode, done.stderr) == (0, "")
    assert stored(api)[-1] == {"1": "{a..z}", "2": "skip", "4": ":skip", "5": "?", "6": "a  b"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("b\na\nx\n", "question 3: This is not a number. Type one such as 62 or 3.5. Nothing was uploaded"),
        ("b\na\n1\n" + "x" * 501, "question 4: This is too long: type at most 500 characters. Nothing was uploaded"),
        ("b\na\n1\n\n", "question 4: no answer given: type :skip to leave the question for later. Nothing"),
        ("b\na\n1\nx\nab\n", "question 5: type every letter once. Missing: c, d. Nothing was uploaded"),
        ("b\na\n1\nx\nabcd\n9a\n", "question 6: 9 is not one of the numbers 1 to 3. Nothing was uploaded"),
    ],
)
def test_a_wrong_line_by_pipe_uploads_nothing(api: LocalApi, client: TerminalClient, line: str, told: str) -> None:
    done = client.run(*TEST, stdin=line)
    assert done.returncode == 2
    assert told in done.stderr
    assert stored(api) == []


def test_answers_from_a_file_and_what_a_dry_run_prints_are_the_same(client: TerminalClient) -> None:
    done = client.run(*TEST, "--answers", "-", "--dry-run", "--json", stdin=json.dumps(ANSWERS))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["answers"] == ANSWERS


def test_every_error_of_a_file_is_told_at_once(api: LocalApi, client: TerminalClient) -> None:
    wrong = {"1": ["a", "b"], "2": ["q"], "3": 62, "4": "a\u0007", "5": ["a", "b"], "6": {"9": "a"}}
    done = client.run(*TEST, "--answers", "-", stdin=json.dumps(wrong))
    assert done.returncode == 2
    for told in [
        "question 1: takes only one answer",
        "question 2: q is not an option; the options are a, b, c, d",
        'question 3: 62 is not a number in quotation marks, such as "62" or "3.5"',
        "question 4: takes a text of 1 to 500 characters without control characters, in quotation marks",
        "question 5: takes a list of all options in the right order, each once; the options are ",
        'question 6: takes an option for each item, such as {"1": ',
    ]:
        assert told in done.stderr
    assert stored(api) == []


@pytest.mark.parametrize(
    ("number", "value"),
    [
        *[("3", value) for value in ["", " 1", "x", None, ["1"], "9" * 51]],
        *[("4", value) for value in ["", "  ", "\u3000", 1, None, ["a"], "x" * 501]],
        *[("5", value) for value in ["a", ["a"], list("abca"), list("abcde"), {"a": 1}, None]],
        *[("6", value) for value in ["a", {"1": "z"}, {"1": None}, {"1": ["a"]}, {"1": "a", "9": "a"}, None]],
    ],
)
def test_a_file_with_an_answer_that_does_not_fit_is_refused(
    api: LocalApi, client: TerminalClient, number: str, value: Any
) -> None:
    done = client.run(*TEST, "--answers", "-", "--dry-run", stdin=json.dumps({"1": "a", number: value}))
    assert done.returncode == 2
    assert f"question {number}: " in done.stderr


def test_what_is_wrong_is_told_and_asked_again(api: LocalApi, client: TerminalClient) -> None:
    terminal = client.open(*TEST, columns=120)
    type_in(terminal, "b", "a", "many")
    terminal.expect(phrase("This is not a number. Type one such as 62 or 3.5. (? for help)"))
    type_in(terminal, "62")
    terminal.expect(phrase("(type your answer; commands begin with a colon, such as :back)"))
    type_in(terminal, "x\x16\x1b[A")
    terminal.expect(phrase("This contains a character that cannot be sent"))
    terminal.expect(phrase("(:? for help)"))
    type_in(terminal, "")
    terminal.expect(phrase("no answer given: type :skip to leave the question for later (:? for help)"))
    type_in(terminal, ":?")
    terminal.expect(phrase("To answer with the name of a command, type a second colon: ::quit."))
    terminal.close()


def test_commands_at_a_text_begin_with_a_colon(api: LocalApi, client: TerminalClient) -> None:
    terminal = client.open(*TEST, columns=120)
    type_in(terminal, "skip", ":skip", "Skip", ":back", "back", "b", "62", "back")
    terminal.expect(phrase('Your answer is "back". The command is :back'))
    type_in(terminal, ":back")
    terminal.expect(r"Your answer \[back\]: ")
    terminal.sendline(":list")
    terminal.expect(CONFIRM)
    assert "4: back\r\n" in terminal.before
    terminal.sendline("4")
    type_in(terminal, ":quit")
    assert finish(terminal)[0] == 9
    assert json.loads(client.kept()[0].read_text())["answers"] == {
        "2": draft(client)["answers"]["2"],
        "3": "62",
        "4": "back",
    }


def test_some_pairs_are_an_answer_and_it_is_said_how_many(api: LocalApi, client: TerminalClient) -> None:
    terminal = client.open(*TEST)
    type_in(terminal, "a", "a", "1", "x", "abcd", "3a,1b")
    terminal.expect("2 of 3 answered")
    terminal.expect(phrase("Partly answered: 6 (2 of 3)"))
    terminal.expect(CONFIRM)
    terminal.sendline("6")
    terminal.expect(r"Your answer \[1b 3a\]: ")
    terminal.sendline("1b 2b 3a")
    terminal.expect(CONFIRM)
    assert "Partly answered" not in terminal.before
    terminal.close()


def test_a_killed_client_has_every_answer_that_was_typed(api: LocalApi, client: TerminalClient) -> None:
    lines = lines_of(client, ANSWERS)
    terminal = client.open(*TEST, columns=120)
    type_in(terminal, *lines)
    terminal.expect(CONFIRM)
    terminal.kill(signal.SIGKILL)
    terminal.wait()
    assert json.loads(client.kept()[0].read_text())["answers"] == ANSWERS
    terminal = client.open(*TEST, columns=120)
    terminal.expect("You have answered 6 of 6 questions so far.")
    terminal.sendline("yes")
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert stored(api) == [ANSWERS]


def test_answers_of_another_device_are_filled_in_and_uploaded(api: LocalApi, client: TerminalClient) -> None:
    save_elsewhere(client, ANSWERS)
    terminal = client.open(*TEST, columns=120)
    terminal.expect(r"start again \(no\)\? ")
    terminal.sendline("yes")
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert stored(api) == [ANSWERS]


def test_a_text_of_another_device_is_shown_without_what_hides_or_reorders_it_and_sent_with_it(
    api: LocalApi, client: TerminalClient
) -> None:
    answers = {"1": "a", "4": "a\u202eb\u200bc\u2066"}
    save_elsewhere(client, answers)
    terminal = client.open(*TEST, columns=120)
    terminal.expect(r"start again \(no\)\? ")
    terminal.sendline("yes")
    type_in(terminal, ":list")
    terminal.expect(CONFIRM)
    assert "4: abc\r\n" in terminal.before
    terminal.sendline("4")
    terminal.expect(r"Your answer \[abc\]: ")
    terminal.sendline("")
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert stored(api) == [answers]


def test_answers_typed_here_reach_other_devices(client: TerminalClient) -> None:
    client.save_at_once()
    terminal = client.open(*TEST, columns=120)
    type_in(terminal, *lines_of(client, ANSWERS))
    terminal.expect(CONFIRM)
    terminal.sendline("no")
    assert finish(terminal)[0] == 9
    assert draft(client)["answers"] == ANSWERS


def test_a_conflict_shows_what_was_typed_on_both(api: LocalApi, client: TerminalClient) -> None:
    there: dict[str, Any] = {**ANSWERS, "3": "62", "4": "ls", "6": {"2": "b"}}
    assert client.run(*TEST, stdin="\n".join([*lines_of(client, ANSWERS), "no"])).returncode == 9
    save_elsewhere(client, there)
    terminal = client.open(*TEST, columns=120)
    terminal.expect(r"Which one \(1-2, or quit\)\? ")
    shown = re.findall(r"(this device|the server): (.*)\r\n", terminal.before)
    pairs = [lines_of(client, answers)[5] for answers in (ANSWERS, there)]
    assert shown == [
        *[("this device", "-3,5"), ("the server", "62"), ("this device", CODE), ("the server", "ls")],
        *[("this device", pairs[0]), ("the server", pairs[1])],
    ]
    terminal.sendline("2")
    terminal.expect(r"start again \(no\)\? ")
    terminal.sendline("yes")
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert stored(api) == [there]


def test_an_answer_whose_items_have_changed_is_asked_again(api: LocalApi, client: TerminalClient) -> None:
    assert client.run(*TEST, stdin="\n".join([*lines_of(client, ANSWERS), "no"])).returncode == 9
    questions = [dict(question) for question in every_type()]
    questions[5]["items"] = [{"id": str(number), "text": f"another {number}"} for number in (1, 2, 3)]
    api.publish_test(SUBJECT, NAME, questions)
    terminal = client.open(*TEST, columns=120)
    terminal.expect("question 6: it has changed since you answered it")
    terminal.expect("You have answered 5 of 6 questions so far.")
    terminal.close()


def test_a_draft_as_large_as_it_can_be_is_kept_and_uploaded(api: LocalApi, client: TerminalClient) -> None:
    """A hundred of the longest texts are more than a line for curl takes, several times over than an environment."""
    api.publish_test(SUBJECT, NAME, texts(100), attempts="last")
    answers = {str(number): "😀" * 490 + '\\"ż' for number in range(1, 101)}
    assert client.run(*TEST, "--answers", "-", "--dry-run", stdin=json.dumps(answers)).returncode == 0
    kept = client.kept()[0]
    kept.write_text(json.dumps(json.loads(kept.read_text()) | {"sent": [answers] * 5}))
    terminal = client.open(*TEST)
    terminal.timeout = 60
    terminal.expect("You have answered 100 of 100 questions so far.")
    terminal.sendline("yes")
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert stored(api) == [answers]
    assert client.kept("*.tmp") == []


def reviewed(number: int, answer: Any, right: Any, feedback: list[str]) -> dict[str, Any]:
    question = every_type()[number - 1]
    marks = {"points": 0, "maxPoints": 1, "dropped": False, "explanation": None, "correction": None, "leftOut": False}
    return {**question, "answer": answer, "right": right, "feedback": feedback, **marks}


def put_review(api: LocalApi, questions: list[dict[str, Any]]) -> None:
    """Leave the review that a run writes."""
    facts = {"subjectName": SUBJECT, "testId": NAME, "title": "Kernels", "studentId": "s001"}
    receipt = {"receiptId": api.receipt_of(SUBJECT, NAME, "s001"), "submittedAt": "2026-11-23T20:00:00Z"}
    released = {"lastDeadline": api.bucket.get_json(f"releases/{SUBJECT}/{NAME}.json")["lastDeadline"]}
    marks = {"points": 0, "maxPoints": 6, "late": False, "credit": 1, "handedIn": False}
    review = {**facts, **receipt, **released, **marks, "questions": questions}
    api.bucket.put_json(review_key(SUBJECT, NAME, "s001"), review)


def test_a_review_shows_each_type_in_letters_and_as_typed(api: LocalApi, client: TerminalClient) -> None:
    assert client.run(*TEST, "--answers", "-", stdin=json.dumps(ANSWERS)).returncode == 0
    api.now += timedelta(days=3)
    api.release(SUBJECT, NAME)
    questions = [
        reviewed(1, ["b"], ["a"], ["Not b."]),
        reviewed(2, ["a", "c"], ["a", "b"], ["Half.", "No."]),
        reviewed(3, ["-3,5"], ["128", "9.7 to 9.9"], []),
        reviewed(4, [CODE], ["ls", "```"], ["`ls`"]),
        reviewed(5, ["d", "b", "a", "c"], ["a", "b", "c", "d"], []),
        reviewed(6, {"1": "d", "2": "a", "3": "d"}, {"1": "a", "2": "b", "3": "c"}, []),
    ]
    put_review(api, questions)
    done = client.run("--review", f"{SUBJECT}/{NAME}")
    assert (done.returncode, done.stderr) == (0, "")
    shown = re.findall(r"^((?:Your answer|Right answer|Feedback): .*)", done.stdout, re.M)
    assert shown == [
        *["Your answer: b", "Feedback: Not b.", "Right answer: a"],
        *["Your answer: a c", "Feedback: Half.", "Feedback: No.", "Right answer: a b"],
        *["Your answer: -3,5", "Right answer: 128 or 9.7 to 9.9"],
        *[f"Your answer: {CODE}", "Feedback: `ls`", "Right answer: ls or ```"],
        *["Your answer: d b a c", "Right answer: a b c d"],
        *["Your answer: 1d 2a 3d", "Right answer: 1a 2b 3c"],
    ]
    assert "\n1: item 1\n2: item 2\n3: item 3\na: option a\n" in done.stdout
    for number, changed in [(4, ["ls"]), (5, ["b", "d", "a", "c"]), (6, {"1": "d", "2": "a"}), (3, [])]:
        questions[number - 1]["answer"] = changed
        put_review(api, questions)
    done = client.run("--review", f"{SUBJECT}/{NAME}")
    assert "uploaded from this computer, to these questions: 3, 4, 5, 6." in done.stderr


@pytest.mark.parametrize("typed", ["```", "~~~ x", "a  b   c " * 30 + "d"])
def test_a_review_shows_a_text_with_every_space_and_mark_of_it(
    api: LocalApi, client: TerminalClient, typed: str
) -> None:
    assert client.run(*TEST, "--answers", "-", stdin=json.dumps({"4": typed})).returncode == 0
    api.now += timedelta(days=3)
    api.release(SUBJECT, NAME)
    put_review(api, [reviewed(4, [typed], [typed], [])])
    shown = client.run("--review", f"{SUBJECT}/{NAME}").stdout
    found = re.search(r"^Your answer: (.*)^Right answer: (.*)^Points: ", shown, re.DOTALL | re.MULTILINE)
    assert found
    assert [part.removesuffix("\n").replace("\n  ", " ") for part in found.groups()] == [typed, typed]
