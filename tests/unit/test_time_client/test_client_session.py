"""A whole test at a pseudo-terminal."""

from __future__ import annotations

import json
import re
import threading
import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from support.local_api import LocalApi, sample_questions
from support.terminal_client import CONFIRM, QUESTION, TerminalClient, finish, phrase

ANSWERS = ["a", "a", "a b", "c", "d", "d"]
SENT = {"1": "a", "2": "a", "3": ["a", "b"], "4": "c", "5": "d", "6": "d"}
TEST = ("--subject", "operating-systems", "--test", "test01")


def stored(api: LocalApi) -> list[dict[str, object]]:
    return [submission["answers"] for submission in api.objects("answers/").values()]


def test_session_reads_as_in_the_article_and_uploads_what_was_typed(api: LocalApi, client: TerminalClient) -> None:
    terminal = client.open()
    terminal.expect("Take it now")
    assert "|__   __|" in terminal.before
    terminal.sendline("yes")
    screen = ""
    for answer in ANSWERS:
        terminal.expect(QUESTION)
        screen += terminal.before + terminal.after
        terminal.sendline(answer)
    terminal.expect(CONFIRM)
    assert api.objects("answers/") == {}
    terminal.sendline("yes")
    status, end = finish(terminal)
    assert status == 0
    screen = screen.replace("\r", "")
    assert re.search(r"-{20,} \[TEST\] -{20,}\nSubject: operating-systems\nTest ID: test01\nTitle: Kernels\n", screen)
    for number in range(1, 7):
        assert f"Question {number} of 6, 1 point\n[{number}] " in screen
    assert "[1] What is kernel?\na: the core component of an operating system\nb: a web application\n" in screen
    assert "[6] Which desktop environment is not used in any linux distribution?\na: gnome\n" in screen
    receipt = next(iter(api.objects("answers/").values()))["receiptId"]
    assert re.search(
        rf"-{{20,}} \[TEST UPLOAD\] -{{20,}}\r\nTest test01 uploaded with success\r\nReceipt: {receipt}\r\n"
        r"Received: .*\r\nTitle: Kernels\r\n",
        end,
    )
    assert stored(api) == [SENT]
    assert client.kept() == []
    assert json.loads(client.kept("*.receipt.json")[0].read_text())["receiptId"] == receipt


def test_whole_session_takes_three_round_trips(api: LocalApi, client: TerminalClient) -> None:
    assert client.run(*TEST, stdin="\n".join(ANSWERS)).returncode == 0
    assert api.requests == ["GET /v1/student", "GET /v1/test", "POST /v1/test"]


def test_back_skip_list_and_change(api: LocalApi, client: TerminalClient) -> None:
    terminal = client.open(*TEST)
    for typed in ["b", "skip", "back", "back", "", "c", "a", "list"]:
        terminal.expect(QUESTION)
        terminal.sendline(typed)
    terminal.expect(CONFIRM)
    shown = terminal.before.replace("\r", "")
    assert (
        "Title: Kernels\n1: b\n2: c\n3: a\n4: not answered\n5: not answered\n6: not answered\nNot answered: 4, 5, 6\n"
        in shown
    )
    terminal.sendline("4")
    terminal.expect(r"\[4\]")
    terminal.expect(QUESTION)
    terminal.sendline("d")
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert stored(api) == [{"1": "b", "2": "c", "3": ["a"], "4": "d"}]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("z", "z is not one of: a, b, c, d"),
        ("a b", "this question takes only one answer"),
        ("", "no answer given"),
        ("a;rm", "a;rm is not one of"),
        ("*", r"\* is not one of"),
        ("$(id)", r"\$\(id\) is not one of"),
        ("ą" * 300, "is not one of"),
        ("\\", "is not one of"),
    ],
)
def test_wrong_answer_is_told_and_asked_again(client: TerminalClient, typed: str, told: str) -> None:
    terminal = client.open(*TEST)
    terminal.expect(QUESTION)
    terminal.sendline(typed)
    terminal.expect(told)
    terminal.expect(QUESTION)
    terminal.sendline(" A ")
    terminal.expect(r"\[2\]")
    terminal.close()
    assert json.loads(client.kept()[0].read_text())["answers"] == {"1": "a"}


def test_several_answers_are_taken_with_spaces_commas_or_nothing_between(api: LocalApi, client: TerminalClient) -> None:
    terminal = client.open(*TEST)
    for typed in ["skip", "skip", "c,a", "back", "back", "ca", "list"]:
        terminal.expect(QUESTION)
        terminal.sendline(typed)
        if typed == "ca":
            terminal.expect("ca is not one of")
            terminal.sendline("skip")
    terminal.expect(CONFIRM)
    assert "3: a c" in terminal.before
    terminal.close()


def test_end_of_input_keeps_the_answers_and_says_so(api: LocalApi, client: TerminalClient) -> None:
    terminal = client.open(*TEST)
    terminal.expect(QUESTION)
    terminal.sendline("b")
    terminal.expect(QUESTION)
    terminal.sendeof()
    status, end = finish(terminal)
    assert status == 9
    assert re.search(phrase("Your answers are kept"), end)
    assert json.loads(client.kept()[0].read_text())["answers"] == {"1": "b"}
    assert stored(api) == []


@pytest.mark.parametrize("columns", [40, 200])
def test_no_line_is_wider_than_the_terminal(api: LocalApi, client: TerminalClient, columns: int) -> None:
    questions = sample_questions()
    questions[0]["text"] = "A long question " * 30 + "x" * 450
    questions[1]["options"][0]["text"] = "A long option, with code:\n    int main() { return 0; }  // " + "y" * 300
    api.publish_test("operating-systems", "test01", questions, title="A title that is rather long " * 4)
    terminal = client.open(columns=columns)
    terminal.expect("Take it now.*")
    screen = terminal.before
    terminal.sendline("y")
    for answer in [*ANSWERS, "no"]:
        terminal.expect([QUESTION, CONFIRM])
        screen += terminal.before + terminal.after
        terminal.sendline(answer)
    status, end = finish(terminal)
    assert status == 9
    lines = (screen + end).replace("\r", "").split("\n")
    assert max(map(len, lines)) <= columns
    if columns == 200:
        assert max(map(len, lines)) > 80
    assert re.search(phrase("not uploaded"), end)
    # Nothing of a long text is lost where it is broken.
    assert "x" * 450 in re.sub(r"\n +", "", screen.replace("\r", ""))


def columns_of(line: str) -> int:
    """How wide a terminal shows a line: East Asian wide characters take two columns (Unicode TR 11)."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


@pytest.mark.parametrize("columns", [40, 41])
def test_characters_two_columns_wide_fit_the_terminal_too(api: LocalApi, client: TerminalClient, columns: int) -> None:
    text = "カーネルとは何ですか。" * 12 + "한국어 문장도 있습니다 " * 8 + "end"
    questions = [{"text": text, "options": [{"id": "a", "text": text}, {"id": "b", "text": "b"}]}]
    api.publish_test("operating-systems", "test01", questions, title=text)
    client.environment["TEST_TIME_API_KEY"] = api.add_student("s002", "山田太郎" * 12, ["operating-systems"])
    terminal = client.open(columns=columns)
    terminal.expect("Take it now")
    screen = terminal.before
    terminal.sendline("y")
    terminal.expect(QUESTION)
    screen += terminal.before
    terminal.close()
    lines = screen.replace("\r", "").split("\n")
    assert max(map(columns_of, lines)) <= columns
    # The room is used: a line ends at the edge, or one column before it where a wide character would not fit.
    assert max(map(columns_of, lines)) >= columns - 1
    shown = re.sub(r"\s", "", screen)
    assert shown.count(re.sub(r"\s", "", text)) == 4
    assert "山田太郎" * 12 in shown


def test_question_after_a_resize_fits_the_new_width(api: LocalApi, client: TerminalClient) -> None:
    questions = sample_questions()
    for question in questions:
        question["text"] = "A long question " * 12
    api.publish_test("operating-systems", "test01", questions)
    terminal = client.open(*TEST, columns=90)
    terminal.expect(QUESTION)
    assert 80 < max(map(len, terminal.before.split("\r\n"))) <= 90
    terminal.setwinsize(50, 45)
    terminal.sendline("a")
    terminal.expect(QUESTION)
    assert max(map(len, terminal.before.split("\r\n"))) <= 45
    terminal.close()


@pytest.mark.parametrize("term", ["dumb", ""])
def test_dumb_terminal_gets_plain_lines(client: TerminalClient, term: str) -> None:
    terminal = client.open(environment={"TERM": term})
    terminal.expect("Take it now")
    screen = terminal.before
    assert "___" not in screen
    terminal.sendline("y")
    for answer in [*ANSWERS, "yes"]:
        terminal.expect([QUESTION, CONFIRM])
        screen += terminal.before + terminal.after
        terminal.sendline(answer)
    status, end = finish(terminal)
    assert status == 0
    assert "\x1b" not in screen + end
    assert "\r" not in (screen + end).replace("\r\n", "")


def test_menu_has_the_nearest_deadline_first_in_local_time_with_the_time_left(
    api: LocalApi, client: TerminalClient
) -> None:
    api.publish_test("networks", "late", sample_questions(), api.now + timedelta(days=5, hours=3, minutes=30))
    api.publish_test("networks", "soon", sample_questions(), api.now + timedelta(hours=2, minutes=30, seconds=30))
    client.environment["TEST_TIME_API_KEY"] = api.add_student("s002", "Bob", ["networks", "operating-systems"])
    terminal = client.open(columns=100)
    terminal.expect(r"Which one \(1-3, or quit\)\? ")
    shown = terminal.before
    assert re.findall(r"(\d)\) (\S+ \S+):", shown) == [
        ("1", "networks soon"),
        ("2", "operating-systems test01"),
        ("3", "networks late"),
    ]
    assert "2 h 30 min left" in shown
    assert "5 d 3 h left" in shown
    terminal.sendline("7")
    terminal.expect("Type one of the choices shown")
    terminal.sendline("3")
    terminal.expect("Test ID: late")
    terminal.close()


def test_deadline_is_shown_in_the_students_time_zone(api: LocalApi, client: TerminalClient) -> None:
    api.now = api.now.replace(year=2026, month=7, day=1, hour=12)
    api.publish_test("operating-systems", "test01", sample_questions(), api.now.replace(day=6, hour=21, minute=0))
    for zone, local in [
        ("Europe/Warsaw", "Mon 6 Jul 2026, 23:00 (CEST)"),
        ("America/New_York", "Mon 6 Jul 2026, 17:00 (EDT)"),
        ("America/Sao_Paulo", "Mon 6 Jul 2026, 18:00 (UTC-03)"),
    ]:
        assert f"open until {local}" in client.run("--list", environment={"TZ": zone}).stdout


def test_time_left_goes_by_the_servers_clock(api: LocalApi, client: TerminalClient) -> None:
    api.now += timedelta(days=4000)
    api.publish_test("operating-systems", "test01", sample_questions(), api.now + timedelta(minutes=12, seconds=30))
    assert "12 min left" in client.run("--list").stdout


# Shuffled, the third question of the trainer's comes first, and its options in another order.
SHUFFLED: list[dict[str, Any]] = [
    {"number": 3, "text": "Third?", "type": "multiple", "points": 2, "options": "dbca"},
    {"number": 1, "text": "First?", "type": "single", "points": 0.5, "options": "cab"},
    {"number": 2, "text": "Second?", "type": "single", "options": "ba"},
]


def shuffled(api: LocalApi) -> None:
    """The API sends the test in that order."""
    answer = api.answer

    def reordered(
        method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        status, reply_headers, reply = answer(method, target, headers, body)
        if method == "GET" and target.startswith("/api/v1/test?"):
            test = json.loads(reply)
            test["questions"] = [
                {**question, "options": [{"id": option, "text": f"text {option}"} for option in question["options"]]}
                for question in SHUFFLED
            ]
            reply, reply_headers = json.dumps(test).encode(), {"Content-Type": "application/json"}
        return status, reply_headers, reply

    api.answer = reordered  # type: ignore[method-assign]


def test_numbers_and_letters_follow_the_order_in_which_the_student_sees_the_test(
    api: LocalApi, client: TerminalClient
) -> None:
    shuffled(api)
    terminal = client.open(*TEST)
    terminal.expect(QUESTION)
    first = terminal.before.replace("\r", "")
    assert "Question 1 of 3, 2 points\n[1] Third?\na: text d\nb: text b\nc: text c\nd: text a\n(one or" in first
    terminal.sendline("db")
    terminal.expect(QUESTION)
    assert "Question 2 of 3, 0.5 points\n[2] First?\na: text c\nb: text a\nc: text b\n" in terminal.before.replace(
        "\r", ""
    )
    terminal.sendline("d")
    terminal.expect("d is not one of: a, b, c ")
    terminal.expect(QUESTION)
    terminal.sendline("A")
    terminal.expect(QUESTION)
    assert "Question 3 of 3\n[3] Second?\na: text b\nb: text a\n" in terminal.before.replace("\r", "")
    terminal.sendline("skip")
    terminal.expect(CONFIRM)
    assert "1: b d\n2: a\n3: not answered\nNot answered: 3\n" in terminal.before.replace("\r", "")
    terminal.sendline("2")
    terminal.expect(r"\[2\] First\?")
    terminal.expect(r"Your answer \[a\]: ")
    terminal.sendline("b")
    terminal.expect(CONFIRM)
    terminal.sendline("no")
    assert finish(terminal)[0] == 9
    # What is kept has the trainer's numbers and the options' IDs, as an upload has.
    assert json.loads(client.kept()[0].read_text())["answers"] == {"3": ["b", "a"], "1": "a"}
    # So has a file, and a line means the number and letter that are shown.
    done = client.run(*TEST, "--answers", "-", "--dry-run", "--json", stdin='{"3": ["d"], "2": "a"}')
    assert json.loads(done.stdout)["answers"] == {"3": ["d"], "2": "a"}
    done = client.run(*TEST, "--answers", "-", stdin='{"3": ["e"]}')
    assert "question 3: e is not an option; the options are d, b, c, a" in done.stderr
    done = client.run(*TEST, "--dry-run", "--json", stdin="a\nc\nb\n")
    assert json.loads(done.stdout)["answers"] == {"3": ["d"], "1": "b", "2": "a"}
    done = client.run(*TEST, stdin="a\nx\nb\n")
    assert "question 2: x is not one of: a, b, c" in done.stderr


def test_a_command_is_never_taken_for_letters(api: LocalApi, client: TerminalClient) -> None:
    options = [{"id": letter, "text": letter} for letter in "abcdefghijklmnopqrstuvwxyz"]
    api.publish_test("operating-systems", "test01", [{"text": "Which?", "type": "multiple", "options": options}] * 2)
    terminal = client.open(*TEST)
    for typed in ["skip", ":back", "fed", "back", "", "list"]:
        terminal.expect(QUESTION)
        terminal.sendline(typed)
    terminal.expect(CONFIRM)
    assert "1: d e f\r\n2: not answered\r\n" in terminal.before
    terminal.close()


@pytest.mark.parametrize(
    ("attempts", "told"),
    [
        ("1", "This upload is final: you cannot change your answers afterwards."),
        ("last", "Until then you can upload again; the last upload counts."),
    ],
)
def test_whether_the_upload_is_final_is_told_before_it(
    api: LocalApi, client: TerminalClient, attempts: str, told: str
) -> None:
    api.publish_test("operating-systems", "test01", sample_questions(), attempts=attempts)
    terminal = client.open(*TEST)
    for typed in ["a", "list"]:
        terminal.expect(QUESTION)
        terminal.sendline(typed)
    terminal.expect(CONFIRM)
    assert re.search(rf"Open until .*{phrase(told)}", terminal.before, re.S)
    terminal.close()


def test_waiting_for_the_server_is_told(api: LocalApi, client: TerminalClient) -> None:
    go_on, answer = threading.Event(), api.answer

    def slow(method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        if "/draft" not in target:
            assert go_on.wait(30)
            go_on.clear()
        return answer(method, target, headers, body)

    api.answer = slow  # type: ignore[method-assign]
    terminal = client.open()
    terminal.expect_exact("Asking the server for your tests ...")
    go_on.set()
    terminal.expect("Take it now")
    terminal.sendline("y")
    terminal.expect_exact("Asking the server for the test ...")
    go_on.set()
    terminal.expect(QUESTION)
    terminal.close()


def test_late_work_is_offered_with_what_it_counts(api: LocalApi, client: TerminalClient) -> None:
    late = {"untilHours": 24, "credit": 0.8}
    api.publish_test("operating-systems", "test01", sample_questions(), api.now - timedelta(hours=1), late=late)
    listed = client.run("--list").stdout
    assert "time is up; late answers earn 0.8 of their points until" in listed.replace("\n  ", " ")
    done = client.run(*TEST, stdin="\n".join(ANSWERS))
    assert re.search(r"Received: .*, late\n", done.stdout)


def test_test_that_may_be_submitted_again_is_offered_again(api: LocalApi, client: TerminalClient) -> None:
    api.publish_test("operating-systems", "test01", sample_questions(), attempts="last")
    assert client.run(*TEST, stdin="\n".join(ANSWERS)).returncode == 0
    terminal = client.open(columns=100)
    terminal.expect("you may submit again")
    terminal.close()
    assert client.run(*TEST, stdin="\n".join(["b"] * 6)).returncode == 0
    assert [answers["1"] for answers in stored(api)] == ["a", "b"]
