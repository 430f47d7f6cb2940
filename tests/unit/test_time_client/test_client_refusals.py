"""What the server refuses for good: told once, in words, and the answers are kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from common.api.receipt import MOST_ATTEMPTS
from common.shared.object_keys import answers_key
from support.local_api import LocalApi, sample_questions
from support.terminal_client import CONFIRM, QUESTION, TerminalClient, finish, phrase

LINES = "a\na\na b\nc\nd\nd\n"
SUBJECT = "operating-systems"


def before_the_upload(api: LocalApi, happens: Any) -> None:
    """Something happens after the test was shown and before the answers arrive."""
    answer = api.answer

    def answer_after(method: str, target: str, headers: Any, body: bytes) -> Any:
        if method == "POST":
            happens()
        return answer(method, target, headers, body)

    api.answer = answer_after  # type: ignore[method-assign]


def leave_attempts(api: LocalApi, *numbers: int) -> None:
    for n in numbers:
        tag = f"R-{n} 2026-11-23T20:00:00Z x"
        api.bucket.create_json(answers_key(SUBJECT, "s001", "test01", n), {"number": n}, tag)


def test_one_attempt_too_many_is_told_once_and_the_answers_are_kept(api: LocalApi, client: TerminalClient) -> None:
    api.publish_test(SUBJECT, "test01", sample_questions(), attempts="last")
    before_the_upload(api, lambda: leave_attempts(api, *range(1, MOST_ATTEMPTS + 1)))
    terminal = client.open("--test", "test01", "--json")
    for typed in LINES.splitlines():
        terminal.expect(QUESTION)
        terminal.sendline(typed)
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    # The newest of them was uploaded while these answers were given.
    terminal.expect(phrase("Replace that upload with these answers"))
    terminal.sendline("yes")
    status, end = finish(terminal)
    assert status == 7
    assert api.requests.count("POST /v1/test") == 2
    told = " ".join(end.split())
    assert "accepts at most 100 submissions from each student" in told
    assert "your last submission at Mon 23 Nov 2026, 21:00 (CET) (receipt R-100) still stands" in told
    assert '"code":"TooManyAttempts"' in told
    [draft] = client.kept()
    assert str(draft) in told.replace(" ", "")
    assert '"6"' in draft.read_text()
    assert len(api.objects("answers/")) == MOST_ATTEMPTS


def test_a_test_with_all_its_attempts_is_not_offered_again(api: LocalApi, client: TerminalClient) -> None:
    api.publish_test(SUBJECT, "test01", sample_questions(), attempts="last")
    leave_attempts(api, 1, MOST_ATTEMPTS)
    done = client.run("--test", "test01", stdin=LINES)
    assert done.returncode == 7
    assert "has already been submitted" in done.stderr
    assert "POST /v1/test" not in api.requests


def test_a_student_taken_out_of_the_subject_is_not_sent_for_a_new_key(api: LocalApi, client: TerminalClient) -> None:
    key = client.environment["TEST_TIME_API_KEY"]
    before_the_upload(api, lambda: api.add_student("s001", "Ada Example", ["networks"], key=key))
    done = client.run("--test", "test01", stdin=LINES)
    assert done.returncode == 7
    assert "You are not enrolled in a subject operating-systems. Your subjects: networks." in done.stderr
    assert "TEST_TIME_API_KEY" not in done.stderr
    [draft] = client.kept()
    assert str(draft) in done.stderr


OPENS_AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def open_later(api: LocalApi) -> None:
    api.now = OPENS_AT.replace(hour=7)
    opens_at = OPENS_AT.isoformat().replace("+00:00", "Z")
    api.publish_test(SUBJECT, "test01", sample_questions(), OPENS_AT.replace(hour=22), opensAt=opens_at)


def test_a_test_that_opens_later_is_listed_with_its_times(api: LocalApi, client: TerminalClient) -> None:
    open_later(api)
    done = client.run("--list")
    assert done.returncode == 0
    shown = "opens on Mon 23 Nov 2026, 09:00 (CET), closes on Mon 23 Nov 2026, 23:00 (CET)"
    assert shown in " ".join(done.stdout.split())


def test_a_test_that_opens_later_cannot_be_taken_and_the_student_is_told_when(
    api: LocalApi, client: TerminalClient
) -> None:
    open_later(api)
    done = client.run("--test", "test01", stdin=LINES)
    assert done.returncode == 7
    assert "is not open yet: it opens on Mon 23 Nov 2026, 09:00 (CET)" in " ".join(done.stderr.split())
    assert api.requests == ["GET /v1/student"]
    assert "No test is open for you right now" in client.run(stdin=LINES).stdout


def test_an_opening_that_is_postponed_keeps_the_answers_and_the_key(api: LocalApi, client: TerminalClient) -> None:
    before_the_upload(api, lambda: open_later(api))
    done = client.run("--test", "test01", "--json", stdin=LINES)
    assert done.returncode == 7
    assert "Test test01 opens at Mon 23 Nov 2026, 09:00 (CET)" in done.stderr
    assert '"code":"TestNotOpen"' in done.stdout
    assert "TEST_TIME_API_KEY" not in done.stderr
    [draft] = client.kept()
    assert str(draft) in done.stderr


def test_the_trainers_key_is_told_where_to_see_the_class(api: LocalApi, client: TerminalClient) -> None:
    client.environment["TEST_TIME_API_KEY"] = api.add_trainer()
    done = client.run("--list", "--json")
    assert done.returncode == 6
    assert "this is the trainer's key, which cannot take tests" in done.stderr
    assert f"{api.endpoint}/" in done.stderr
    assert '"code":"StudentsOnly"' in done.stdout
    assert api.requests == ["GET /v1/student"]
