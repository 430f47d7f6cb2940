"""The client in a script: answers by pipe or file, JSON out."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from support.local_api import LocalApi, sample_questions
from support.terminal_client import TerminalClient, phrase

LINES = "a\na\na b\nc\nd\nd\n"
SENT = {"1": "a", "2": "a", "3": ["a", "b"], "4": "c", "5": "d", "6": "d"}
TEST = ("--subject", "operating-systems", "--test", "test01")


def stored(api: LocalApi) -> list[Any]:
    return [submission["answers"] for submission in api.objects("answers/").values()]


@pytest.mark.parametrize("lines", [LINES, LINES.rstrip(), LINES + "yes\n", LINES.replace("\n", "\r\n")])
def test_one_answer_a_line_is_uploaded(api: LocalApi, client: TerminalClient, lines: str) -> None:
    done = client.run(*TEST, stdin=lines)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Test test01 uploaded with success" in done.stdout
    assert "___" not in done.stdout, "a banner, and output is no terminal"
    assert stored(api) == [SENT]


def test_only_open_test_needs_no_name(api: LocalApi, client: TerminalClient) -> None:
    assert client.run(stdin=LINES).returncode == 0
    assert stored(api) == [SENT]


def test_several_open_tests_need_a_name(api: LocalApi, client: TerminalClient) -> None:
    api.publish_test("operating-systems", "test02", sample_questions())
    done = client.run(stdin=LINES)
    assert done.returncode == 2
    assert "choose one with --subject and --test" in done.stderr
    assert stored(api) == []


def test_too_few_lines_upload_nothing_and_keep_what_was_given(api: LocalApi, client: TerminalClient) -> None:
    done = client.run(*TEST, stdin="a\nb\n")
    assert done.returncode == 9
    assert "not uploaded" in done.stderr
    assert stored(api) == []
    assert json.loads(client.kept()[0].read_text())["answers"] == {"1": "a", "2": "b"}


def test_wrong_line_names_its_question_and_uploads_nothing(api: LocalApi, client: TerminalClient) -> None:
    done = client.run(*TEST, stdin="a\nz\na\na\na\na\n")
    assert done.returncode == 2
    assert "question 2: z is not one of: a, b, c, d" in done.stderr
    assert stored(api) == []


def test_declining_line_after_the_answers_uploads_nothing(api: LocalApi, client: TerminalClient) -> None:
    assert client.run(*TEST, stdin=LINES + "no\n").returncode == 9
    assert stored(api) == []


def test_script_that_answers_nothing_is_told(api: LocalApi, client: TerminalClient) -> None:
    done = client.run(*TEST, stdin="skip\n" * 6)
    assert done.returncode == 2
    assert "no question was answered" in done.stderr


@pytest.mark.parametrize("by", ["file", "stdin", "dash"])
def test_answers_as_json(api: LocalApi, client: TerminalClient, tmp_path: Path, by: str) -> None:
    text = json.dumps({"1": "a", "3": ["b", "a"]}, indent=2)
    (tmp_path / "answers.json").write_text(text)
    arguments = {"file": ["--answers", str(tmp_path / "answers.json")], "stdin": [], "dash": ["--answers", "-"]}[by]
    done = client.run(*TEST, *arguments, stdin="" if by == "file" else text)
    assert done.returncode == 0, done.stderr
    assert stored(api) == [{"1": "a", "3": ["a", "b"]}]


def test_kept_answers_can_be_given_as_the_file(api: LocalApi, client: TerminalClient, tmp_path: Path) -> None:
    client.run(*TEST, stdin="a\nb\n")
    saved = client.kept()[0].rename(tmp_path / "saved.json")
    assert client.run(*TEST, "--answers", str(saved)).returncode == 0
    assert stored(api) == [{"1": "a", "2": "b"}]


def test_every_error_of_a_file_is_told_at_once(api: LocalApi, client: TerminalClient) -> None:
    wrong = {"1": "z", "2": ["a", "b"], "3": ["a", "q"], "4": {"x": 1}, "7": "a", "x" * 60: "a", "5": "d"}
    done = client.run(*TEST, "--answers", "-", stdin=json.dumps(wrong))
    assert done.returncode == 2
    for told in [
        "question 1: z is not an option; the options are a, b, c, d",
        "question 2: takes only one answer",
        "question 3: q is not an option",
        'question 4: {"x":1} is not an option',
        "question 7: there is no such question",
        f"question {'x' * 40}...: there is no such question",
    ]:
        assert told in done.stderr
    assert "question 5" not in done.stderr
    assert stored(api) == []


@pytest.mark.parametrize("text", ["{", "[]", '"a"', "12", "{}{", ""])
def test_answers_that_are_no_json_object_are_told(api: LocalApi, client: TerminalClient, text: str) -> None:
    done = client.run(*TEST, "--answers", "-", stdin=text)
    assert done.returncode == 2
    assert "the answers are not a JSON object" in done.stderr
    assert stored(api) == []


def test_json_output_is_one_document_and_words_go_to_standard_error(api: LocalApi, client: TerminalClient) -> None:
    done = client.run(*TEST, "--json", stdin=LINES)
    receipt = json.loads(done.stdout)
    assert receipt["answers"] == SENT
    assert receipt["receiptId"] == next(iter(api.objects("answers/").values()))["receiptId"]
    assert "What is kernel?" in done.stderr

    refused = client.run(*TEST, "--json", stdin=LINES)
    assert refused.returncode == 7
    assert set(json.loads(refused.stdout)) == {"code", "message"}


def test_list_and_scores_as_json(api: LocalApi, client: TerminalClient) -> None:
    api.publish_test("networks", "test09", sample_questions())
    client.environment["TEST_TIME_API_KEY"] = api.add_student("s002", "Bob", ["networks", "operating-systems"])
    listed = json.loads(client.run("--list", "--json").stdout)
    assert listed["studentId"] == "s002"
    assert {test["testId"] for test in listed["tests"]} == {"test01", "test09"}
    listed = json.loads(client.run("--list", "--json", "--subject", "networks").stdout)
    assert [test["testId"] for test in listed["tests"]] == ["test09"]
    assert json.loads(client.run("--scores", "--json").stdout)["tests"] == []


def test_scores_are_shown_once_there_are_any(api: LocalApi, client: TerminalClient) -> None:
    assert "none yet" in client.run("--scores").stdout
    client.run(*TEST, stdin=LINES)
    submission = next(iter(api.objects("answers/").values()))
    score = {"points": 4.5, "maxPoints": 6, "late": False, "credit": 1, "attempt": 1}
    score |= {name: submission[name] for name in ("submittedAt", "receiptId")}
    api.bucket.put_json("scores/operating-systems/test01/s001.json", score)
    api.now += timedelta(days=3)
    assert "operating-systems test01: 4.5 of 6 points (Kernels)" in client.run("--scores").stdout
    assert "scored: 4.5 of 6 points" in client.run("--list").stdout


def test_dry_run_shows_what_would_go_out_and_sends_nothing(api: LocalApi, client: TerminalClient) -> None:
    done = client.run(*TEST, "--dry-run", stdin=LINES)
    assert done.returncode == 0
    assert json.dumps(SENT, separators=(",", ":")) in done.stdout
    assert "POST /v1/test" not in api.requests
    document = json.loads(client.run(*TEST, "--dry-run", "--json", stdin=LINES).stdout)
    assert document == {
        "subjectName": "operating-systems",
        "testId": "test01",
        "studentId": "s001",
        "answers": SENT,
    }


def test_closed_test_is_told_with_its_time(api: LocalApi, client: TerminalClient) -> None:
    api.publish_test("operating-systems", "test01", sample_questions(), api.now - timedelta(hours=1))
    done = client.run(*TEST, stdin=LINES)
    assert done.returncode == 7
    assert "is not open: closed on" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--test", "test77"], "you have no test test77"),
        (["--subject", "cooking"], "no test in cooking is open"),
        (["--subject", "cooking", "--test", "test01"], "you have no test test01 in cooking"),
    ],
)
def test_unknown_subject_or_test_is_told(client: TerminalClient, arguments: list[str], told: str) -> None:
    done = client.run(*arguments, stdin=LINES)
    assert done.returncode == 7
    assert told in done.stderr


def test_test_that_closes_while_it_is_taken_is_refused_and_the_answers_kept(
    api: LocalApi, client: TerminalClient
) -> None:
    terminal = client.open(*TEST)
    for typed in LINES.split("\n")[:6]:
        terminal.expect("Your answer: ")
        terminal.sendline(typed)
    terminal.expect("Upload")
    api.now += timedelta(days=3)
    terminal.sendline("yes")
    terminal.expect(phrase("closed at"))
    terminal.expect(phrase("Your answers are kept in"))
    terminal.wait()
    assert terminal.exitstatus == 7
    assert json.loads(client.kept()[0].read_text())["answers"] == SENT
