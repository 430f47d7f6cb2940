"""A text with gaps: shown, filled in at a terminal, by pipe and from a file, kept, continued and reviewed."""

from __future__ import annotations

import json
import re
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from common.api.answers import answer_problem
from common.shared.object_keys import review_key
from support.api_calls import call
from support.client_functions import Student, take
from support.documents import question
from support.gap_questions import gap_question
from support.local_api import LocalApi
from support.terminal_client import CONFIRM, Terminal, TerminalClient, finish, phrase

ROOT = Path(__file__).parents[3]
SUBJECT, NAME = "operating-systems", "test01"
TEST = ("--subject", SUBJECT, "--test", NAME)
NOT_A_NUMBER = "This is not a number. Type one such as 62 or 3.5."
HOSTILE = "\"b\"   \\n $(x) `id` * {'z'} | 2: 😀 ż"
# The gaps between two other questions.
ANSWERS: dict[str, Any] = {"1": "b", "2": {"1": "a", "2": "-3,5", "3": HOSTILE}, "3": "c"}
LINES = ["b", "a", "-3,5", HOSTILE, "c"]
PROMPTS = [r"Gap 1(?: \[(.*)\])?: $", r"Gap 2 \(a number, such as 62 or 3.5\)(?: \[(.*)\])?: $"]
PROMPTS.append(r"Gap 3 \(type your answer\)(?: \[(.*)\])?: $")
GAPS: Any = gap_question()["gaps"]
OTHER = r"Your answer(?: \[.*\])?: $"


@pytest.fixture(autouse=True)
def gap_test(api: LocalApi) -> None:
    """In place of the test of letters."""
    publish(api)


def publish(api: LocalApi, **changes: Any) -> None:
    api.publish_test(SUBJECT, NAME, [dict(each) for each in questions(**changes)], attempts="last")


def questions(**changes: Any) -> list[Any]:
    return [question(1), gap_question(2, **changes), question(3)]


def stored(api: LocalApi) -> list[Any]:
    return [submission["answers"] for submission in api.objects("answers/").values()]


def kept(client: TerminalClient) -> Any:
    return json.loads(client.kept()[0].read_text())["answers"]


def type_in(terminal: Terminal, *typed: tuple[str, str]) -> None:
    for prompt, line in typed:
        terminal.expect(prompt)
        terminal.sendline(line)


def at_gaps(terminal: Terminal, *lines: str) -> None:
    """Types a line in each gap."""
    type_in(terminal, *zip(PROMPTS, lines, strict=False))


def save_elsewhere(client: TerminalClient, answers: dict[str, Any]) -> None:
    body = {"subjectName": SUBJECT, "testId": NAME, "answers": answers, "version": None}
    status, reply = call(client.environment, "PUT", "/v1/draft", body)
    assert status == 200, reply


def screen(tmp_path: Path, asked: Any, width: int = 80) -> list[str]:
    [taken] = take(tmp_path, [({"questions": [asked]}, Student([width], [""]))])
    return taken.screens[0].splitlines()


def test_a_gap_has_a_name_in_the_text_and_its_options_below(tmp_path: Path) -> None:
    assert screen(tmp_path, gap_question(1, points=2)) == [
        "Question 1 of 1, 2 points",
        "[1] The kernel [gap 1] processes. A page has [gap 2] bytes, and `[gap 3]` shows",
        "    it.",
        *["Gap 1:", "a: schedules", "b: prints", "c: draws"],
        "(one answer for each gap)",
    ]


def test_gaps_in_a_block_of_code_are_named_and_what_names_no_gap_stays(tmp_path: Path) -> None:
    text = "```\nprint({{2}})  # {{x}}\n```\n{{1}} {{3}} {{ 1 }}"
    assert screen(tmp_path, gap_question(1, text=text))[1:3] == [
        "[1] | print([gap 2])  # {{x}}",
        "    [gap 1] [gap 3] {{ 1 }}",
    ]


def test_braces_in_a_question_of_another_type_stay(tmp_path: Path) -> None:
    assert screen(tmp_path, {**question(1), "text": "{{1}}"})[1] == "[1] {{1}}"


def test_ten_gaps_and_more_are_named_in_order(tmp_path: Path) -> None:
    names = [str(number) for number in range(1, 27)]
    options = [{"id": "a", "text": "x"}]
    gaps = [{"id": name, "type": "single", "options": options} for name in names]
    shown = screen(tmp_path, gap_question(1, text=" ".join(f"{{{{{name}}}}}" for name in names), gaps=gaps))
    assert [line for line in shown if line.startswith("Gap")] == [f"Gap {name}:" for name in names]
    assert "[gap 1] [gap 2]" in shown[1]
    assert "[gap 26]" in " ".join(shown)


@pytest.mark.parametrize("width", [20, 33, 80, 200])
def test_a_text_with_gaps_fits_the_terminal(tmp_path: Path, width: int) -> None:
    assert max(map(len, screen(tmp_path, gap_question(), width))) <= width


def test_a_person_fills_in_each_gap_in_turn(api: LocalApi, client: TerminalClient) -> None:
    terminal = client.open(*TEST, columns=120)
    type_in(terminal, (OTHER, "b"))
    at_gaps(terminal, "A", "many")
    terminal.expect(re.escape(NOT_A_NUMBER))
    type_in(terminal, (PROMPTS[1], "-3,5"), (PROMPTS[2], HOSTILE), (OTHER, "c"))
    terminal.expect(CONFIRM)
    assert f"2: 1: a | 2: -3,5 | 3: {HOSTILE}\r\n" in terminal.before
    assert "Partly" not in terminal.before
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert stored(api) == [ANSWERS]


def test_enter_leaves_a_gap_out_and_it_is_said_how_many_are_filled_in(api: LocalApi, client: TerminalClient) -> None:
    terminal = client.open(*TEST, columns=120)
    type_in(terminal, (OTHER, "b"))
    at_gaps(terminal, "", "62", "")
    terminal.expect("1 of 3 answered")
    type_in(terminal, (OTHER, "c"))
    terminal.expect(phrase("Partly answered: 2 (1 of 3)"))
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert stored(api) == [{"1": "b", "2": {"2": "62"}, "3": "c"}]


def test_enter_at_every_gap_leaves_the_question_unanswered(api: LocalApi, client: TerminalClient) -> None:
    terminal = client.open(*TEST, columns=120)
    type_in(terminal, (OTHER, "b"))
    at_gaps(terminal, "", "", "")
    terminal.expect(phrase("no gap is filled in: the question is left for later"))
    type_in(terminal, (OTHER, "c"))
    terminal.expect("Not answered: 2\r\n")
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    assert finish(terminal)[0] == 0
    assert stored(api) == [{"1": "b", "3": "c"}]


def test_enter_keeps_what_is_in_a_gap(api: LocalApi, client: TerminalClient) -> None:
    terminal = client.open(*TEST, columns=120)
    type_in(terminal, (OTHER, "b"))
    at_gaps(terminal, "a", "62", "ls")
    type_in(terminal, (OTHER, "c"), (CONFIRM, "2"), (PROMPTS[0], ""))
    assert terminal.match[1] == "a"
    type_in(terminal, (PROMPTS[1], "63"))
    assert terminal.match[1] == "62"
    type_in(terminal, (PROMPTS[2], ""), (CONFIRM, "yes"))
    assert finish(terminal)[0] == 0
    assert stored(api) == [{"1": "b", "2": {"1": "a", "2": "63", "3": "ls"}, "3": "c"}]


def test_commands_at_gaps_are_those_of_their_types(client: TerminalClient) -> None:
    terminal = client.open(*TEST, columns=120)
    type_in(terminal, (OTHER, "b"))
    at_gaps(terminal, "back")
    type_in(terminal, (OTHER, ""))
    at_gaps(terminal, "a", "?")
    terminal.expect(phrase("Press Enter to leave this gap as it is."))
    terminal.expect(phrase("back: go to the previous gap or question."))
    type_in(terminal, (PROMPTS[1], "back"), (PROMPTS[0], ""), (PROMPTS[1], "62"), (PROMPTS[2], "back"))
    terminal.expect(phrase('Your answer is "back". The command is :back'))
    type_in(terminal, (OTHER, "back"))
    at_gaps(terminal, "", "", ":back")
    type_in(terminal, (PROMPTS[1], "skip"), (OTHER, "back"), (PROMPTS[0], "list"), (CONFIRM, "2"))
    at_gaps(terminal, "quit")
    assert finish(terminal)[0] == 9
    assert kept(client) == {"1": "b", "2": {"1": "a", "2": "62", "3": "back"}}


def test_what_is_wrong_in_a_gap_is_said_and_asked_again(client: TerminalClient) -> None:
    terminal = client.open(*TEST, columns=120)
    type_in(terminal, (OTHER, "b"), (PROMPTS[0], "z"))
    terminal.expect(phrase("z is not one of: a, b, c (? for help)"))
    type_in(terminal, (PROMPTS[0], "a b"))
    terminal.expect(phrase("this question takes only one answer (? for help)"))
    type_in(terminal, (PROMPTS[0], ""), (PROMPTS[1], "x"))
    terminal.expect(phrase(f"{NOT_A_NUMBER} (? for help)"))
    type_in(terminal, (PROMPTS[1], ""), (PROMPTS[2], "x" * 501))
    terminal.expect(phrase("This is too long: type at most 500 characters. (:? for help)"))
    terminal.close()


def test_a_killed_client_has_every_gap_that_was_filled_in(client: TerminalClient) -> None:
    terminal = client.open(*TEST, columns=120)
    type_in(terminal, (OTHER, "b"))
    at_gaps(terminal, "a", "-3,5")
    terminal.expect(PROMPTS[2])
    terminal.kill(signal.SIGKILL)
    terminal.wait()
    assert kept(client) == {"1": "b", "2": {"1": "a", "2": "-3,5"}}
    terminal = client.open(*TEST, columns=120)
    terminal.expect("You have answered 2 of 3 questions so far.")
    type_in(terminal, (r"start again \(no\)\? ", "yes"), (OTHER, "back"), (PROMPTS[0], ""))
    assert terminal.match[1] == "a"
    type_in(terminal, (PROMPTS[1], ""), (PROMPTS[2], "ls"))
    terminal.expect(OTHER)
    terminal.close()
    assert kept(client)["2"] == {"1": "a", "2": "-3,5", "3": "ls"}


def test_starting_again_empties_the_gaps(client: TerminalClient) -> None:
    assert client.run(*TEST, stdin="\n".join([*LINES, "no"])).returncode == 9
    terminal = client.open(*TEST, columns=120)
    type_in(terminal, (r"start again \(no\)\? ", "no"), (OTHER, "b"), (PROMPTS[0], ""))
    assert terminal.match[1] is None
    at_gaps_left = zip(PROMPTS[1:], ["1", ""], strict=True)
    type_in(terminal, *at_gaps_left)
    terminal.expect(OTHER)
    terminal.close()
    assert kept(client) == {"1": "b", "2": {"2": "1"}}


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_by_pipe_each_gap_has_a_line(api: LocalApi, client: TerminalClient, locale: str) -> None:
    done = client.run(*TEST, stdin="\n".join(LINES), environment={"LC_ALL": locale, "LANG": locale})
    assert (done.returncode, done.stderr) == (0, "")
    assert stored(api) == [ANSWERS]


@pytest.mark.parametrize("left_out", ["", ":skip"])
def test_a_gap_that_is_left_out_by_pipe_has_a_line_too(api: LocalApi, client: TerminalClient, left_out: str) -> None:
    """Also if an earlier session filled it in."""
    assert client.run(*TEST, stdin="\n".join([*LINES, "no"])).returncode == 9
    done = client.run(*TEST, stdin=f"b\n{left_out}\n{left_out}\nskip\nc\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert stored(api) == [{"1": "b", "2": {"3": "skip"}, "3": "c"}]


@pytest.mark.parametrize(
    ("lines", "status", "told"),
    [
        ("b\nz\n", 2, "question 2, gap 1: z is not one of: a, b, c. Nothing was uploaded"),
        ("b\na\nx\n", 2, f"question 2, gap 2: {NOT_A_NUMBER} Nothing was uploaded"),
        ("b\na\n1\n\u00a0\n", 2, "question 2, gap 3: This has only spaces. Type your answer. Nothing was uploaded"),
        ("b\na\n1\n", 9, "not uploaded"),
    ],
)
def test_a_wrong_line_by_pipe_uploads_nothing(
    api: LocalApi, client: TerminalClient, lines: str, status: int, told: str
) -> None:
    done = client.run(*TEST, stdin=lines)
    assert done.returncode == status
    assert told in done.stderr
    assert stored(api) == []


def test_answers_from_a_file_and_what_a_dry_run_prints_are_the_same(client: TerminalClient) -> None:
    done = client.run(*TEST, "--answers", "-", "--dry-run", "--json", stdin=json.dumps(ANSWERS))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["answers"] == ANSWERS


IN_FILES: list[tuple[Any, str]] = [
    ({"1": "a"}, ""),
    ({"3": "x", "1": "c"}, ""),
    ("a", 'takes an answer for each gap, such as {"1": ...}; the gaps are 1, 2, 3'),
    (["a"], "takes an answer for each gap"),
    (None, "takes an answer for each gap"),
    ({"9": "a", "1": "a"}, "9 is not a gap; the gaps are 1, 2, 3"),
    ({"1": "z"}, "gap 1: z is not an option; the options are a, b, c"),
    ({"1": ["a", "b"]}, "gap 1: takes only one answer"),
    ({"1": None}, "gap 1: null is not an option"),
    ({"1": "a", "2": 62}, 'gap 2: 62 is not a number in quotation marks, such as "62" or "3.5"'),
    ({"2": "x"}, 'gap 2: "x" is not a number'),
    ({"3": " "}, "gap 3: takes a text of 1 to 500 characters"),
    ({"3": {"a": 1}}, "gap 3: takes a text of 1 to 500 characters"),
]


@pytest.mark.parametrize(("answer", "told"), IN_FILES)
def test_a_file_is_checked_gap_by_gap(client: TerminalClient, answer: Any, told: str) -> None:
    done = client.run(*TEST, "--answers", "-", "--dry-run", stdin=json.dumps({"1": "a", "2": answer}))
    assert done.returncode == (2 if told else 0)
    assert (f"question 2: {told}" in done.stderr) == bool(told)
    assert (answer_problem(gap_question(), answer) is not None) == bool(told), "the server decides otherwise"


def test_gaps_filled_in_on_another_device_are_continued_here(api: LocalApi, client: TerminalClient) -> None:
    save_elsewhere(client, {**ANSWERS, "2": {"1": "a", "3": HOSTILE}})
    terminal = client.open(*TEST, columns=120)
    type_in(terminal, (r"start again \(no\)\? ", "yes"), (CONFIRM, "2"))
    at_gaps(terminal, "", "-3,5", "")
    type_in(terminal, (CONFIRM, "yes"))
    assert finish(terminal)[0] == 0
    assert stored(api) == [ANSWERS]


def test_gaps_filled_in_here_reach_other_devices(client: TerminalClient) -> None:
    client.save_at_once()
    terminal = client.open(*TEST, columns=120)
    type_in(terminal, (OTHER, "b"))
    at_gaps(terminal, "a", "-3,5", HOSTILE)
    type_in(terminal, (OTHER, "c"), (CONFIRM, "no"))
    assert finish(terminal)[0] == 9
    found = call(client.environment, "GET", f"/v1/draft?subjectName={SUBJECT}&testId={NAME}")[1]
    assert found["answers"] == ANSWERS


def test_a_conflict_shows_the_gaps_of_both_and_takes_all_of_one(api: LocalApi, client: TerminalClient) -> None:
    assert client.run(*TEST, stdin="\n".join([*LINES, "no"])).returncode == 9
    there: dict[str, Any] = {**ANSWERS, "2": {"2": "62"}}
    save_elsewhere(client, there)
    terminal = client.open(*TEST, columns=120)
    terminal.expect(r"Which one \(1-2, or quit\)\? ")
    shown = re.findall(r"(this device|the server): (.*)\r\n", terminal.before)
    assert shown == [("this device", f"1: a | 2: -3,5 | 3: {HOSTILE}"), ("the server", "2: 62")]
    assert "Question 2: The kernel [gap 1] processes." in terminal.before
    terminal.sendline("2")
    type_in(terminal, (r"start again \(no\)\? ", "yes"), (CONFIRM, "2"))
    at_gaps(terminal, "", "", "")
    type_in(terminal, (CONFIRM, "yes"))
    assert finish(terminal)[0] == 0
    assert stored(api) == [there]


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "{{1}} {{2}} {{3}}"},
        {"gaps": [{"id": "1", "type": "text"}, *GAPS[1:]]},
        {
            "gaps": [
                {**GAPS[0], "options": [{"id": "a", "text": "halts"}]},
                *GAPS[1:],
            ]
        },
    ],
)
def test_gaps_that_were_changed_are_asked_again(api: LocalApi, client: TerminalClient, changes: Any) -> None:
    assert client.run(*TEST, stdin="\n".join([*LINES, "no"])).returncode == 9
    publish(api, **changes)
    terminal = client.open(*TEST, columns=120)
    terminal.expect("question 2: it has changed since you answered it")
    terminal.expect("You have answered 2 of 3 questions so far.")
    type_in(terminal, (r"start again \(no\)\? ", "yes"), (r"Gap 1.*: $", ""))
    assert "[" not in terminal.after
    terminal.close()


def test_a_part_that_fits_no_longer_is_reported(client: TerminalClient) -> None:
    """A draft that another version of the client has written, without the marks of the questions."""
    assert client.run(*TEST, stdin="\n".join([*LINES, "no"])).returncode == 9
    [file] = client.kept()
    file.write_text(json.dumps({"answers": {"1": "b", "2": {"1": "z", "2": "62"}}}))
    terminal = client.open(*TEST, columns=120)
    terminal.expect("question 2: a part of your answer no longer fits")
    terminal.close()


def test_the_guide_shows_gaps_as_the_terminal_does(api: LocalApi, client: TerminalClient, tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "students.md").read_text()
    [block] = re.findall(r"^```\n(Question 5 of 6.*?)^```$", guide, re.DOTALL | re.MULTILINE)
    shown, *gaps = re.split(r"^(?=Gap \d.*: .)", block, flags=re.MULTILINE)
    options = [{"id": id, "text": text} for id, text in re.findall(r"^([a-z]): (.*)", shown, re.MULTILINE)]
    asked: Any = gap_question(5, points=3, gaps=[{"id": "1", "type": "single", "options": options}, *GAPS[1:]])
    others = [question(number) for number in range(1, 5)], [question(6)]
    [taken] = take(tmp_path, [({"questions": [*others[0], asked, *others[1]]}, Student([80] * 6, [""] * 6))])
    assert taken.screens[4] == shown
    typed = [line.rpartition(": ")[2].strip() for line in gaps]
    api.publish_test(SUBJECT, NAME, [dict(asked)])
    done = client.run(*TEST, "--dry-run", "--json", stdin="\n".join(typed))
    assert json.loads(done.stdout)["answers"] == {"5": {"1": "b", "2": "4096", "3": "getconf -a"}}
    assert all(line in done.stderr for line in "".join(gaps).splitlines())


def test_gaps_that_nobody_filled_in_are_no_difference_to_what_was_uploaded(
    api: LocalApi, client: TerminalClient
) -> None:
    assert client.run(*TEST, "--answers", "-", stdin='{"1": "a"}').returncode == 0
    api.now += timedelta(days=3)
    api.release(SUBJECT, NAME, "s001")
    done = client.run("--review", f"{SUBJECT}/{NAME}")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Right answer: 1: a | 2: -350 (-360 to -340) | 3: ls…\n" in done.stdout


def reviewed(answer: Any, feedback: list[str], **changes: Any) -> dict[str, Any]:
    marks = {"points": 0, "maxPoints": 1, "dropped": False, "explanation": None, "correction": None, "leftOut": False}
    right = {"1": "a or c", "2": "4096", "3": "getconf* or ```"}
    return {**gap_question(2), "answer": answer, "right": right, "feedback": feedback, **marks, **changes}


def test_a_review_shows_each_gap_in_letters_and_as_typed(api: LocalApi, client: TerminalClient) -> None:
    assert client.run(*TEST, "--answers", "-", stdin=json.dumps(ANSWERS)).returncode == 0
    api.now += timedelta(days=3)
    api.release(SUBJECT, NAME)
    facts = {"subjectName": SUBJECT, "testId": NAME, "title": "Kernels", "studentId": "s001"}
    times = {
        "submittedAt": "2026-11-23T20:00:00Z",
        "lastDeadline": api.bucket.get_json(f"releases/{SUBJECT}/{NAME}.json")["lastDeadline"],
    }
    marks = {"points": 0, "maxPoints": 6, "late": False, "credit": 1, "handedIn": False}
    review = {**facts, **times, **marks, "receiptId": api.receipt_of(SUBJECT, NAME, "s001")}
    own_order = [{**GAPS[0]}, *GAPS[1:]]
    own_order[0]["options"] = own_order[0]["options"][::-1]

    def shown(*questions: Any) -> Any:
        api.bucket.put_json(review_key(SUBJECT, NAME, "s001"), {**review, "questions": questions})
        return client.run("--review", f"{SUBJECT}/{NAME}")

    done = shown(reviewed(ANSWERS["2"], ["In bytes."], gaps=own_order))
    assert (done.returncode, done.stderr) == (0, "")
    asked = "[1] The kernel [gap 1] processes. A page has [gap 2] bytes, and `[gap 3]` shows\n    it.\n"
    assert f"{asked}Gap 1:\na: draws\nb: prints\nc: schedules\nYour answer: " in done.stdout
    assert re.findall(r"^((?:Your answer|Right answer|Feedback): .*)", done.stdout, re.M) == [
        f"Your answer: 1: c | 2: -3,5 | 3: {HOSTILE}",
        "Feedback: In bytes.",
        "Right answer: 1: c or a | 2: 4096 | 3: getconf* or ```",
    ]
    done = shown(reviewed({}, []))
    assert "Your answer: none\n" in done.stdout
    assert "uploaded from this computer, to these questions: 1." in done.stderr
    done = shown(reviewed({**ANSWERS["2"], "2": "3"}, []))
    assert "uploaded from this computer, to these questions: 1." in done.stderr
