"""Whatever text comes from the server, the terminal obeys nobody but the client."""

from __future__ import annotations

import re
import unicodedata

import pytest

from support.local_api import LocalApi
from support.terminal_client import QUESTION, TerminalClient

HOSTILE = (
    "clear \x1b[2J\x1b]0;title\x07 eight-bit \x9b31m back\x08\x08 return\rtab\tnull\x00 del\x7f "
    "bidi \u202eevil\u2066\u2069\u200f\u200e\u061c hidden \u200b\u200c\u200d\u2060\ufeff\u00ad tags \U000e0041 "
    "<script>alert(1)</script> "
    "sep \x1f\x1e line\u2028two\u2029three"
)
HARMFUL = {"Cc", "Cf", "Cs", "Zl", "Zp"}
TEST = ("--subject", "operating-systems", "--test", "test01")


def harmful(screen: str) -> set[str]:
    return {character for character in screen if character != "\n" and unicodedata.category(character) in HARMFUL}


@pytest.fixture
def hostile(api: LocalApi, client: TerminalClient) -> TerminalClient:
    """A class in which every text is hostile."""
    question = {"text": HOSTILE, "options": [{"id": "a", "text": HOSTILE}, {"id": "b", "text": "a" + HOSTILE}]}
    api.publish_test("operating-systems", "test01", [question], title=HOSTILE)
    client.environment["TEST_TIME_API_KEY"] = api.add_student("s002", HOSTILE, ["operating-systems"])
    return client


def test_hostile_text_is_shown_without_its_controls(hostile: TerminalClient) -> None:
    for arguments in (["--list"], ["--scores"], [*TEST]):
        done = hostile.run(*arguments, stdin="a\n")
        assert done.returncode == 0, done.stderr
        assert harmful(done.stdout + done.stderr) == set()
        if arguments != ["--scores"]:
            assert "<script>alert(1)</script>" in done.stdout.replace("\n ", " ")


def test_hostile_menu_in_a_terminal(hostile: TerminalClient) -> None:
    terminal = hostile.open()
    terminal.expect("Take it now")
    shown = terminal.before
    terminal.sendline("y")
    terminal.expect(QUESTION)
    shown += terminal.before
    terminal.close()
    assert harmful(shown.replace("\r\n", "\n")) == set()


def test_hostile_error_message_is_harmless(api: LocalApi, client: TerminalClient) -> None:
    api.answer = lambda *_: (403, {"Content-Type": "application/json"}, b'{"message": "\\u001b[2J\\u202e\\u009b"}')  # type: ignore[method-assign]
    done = client.run("--list")
    assert done.returncode == 6
    assert harmful(done.stdout + done.stderr) == set()


def test_error_page_that_is_no_json_is_not_printed(api: LocalApi, client: TerminalClient) -> None:
    api.answer = lambda *_: (404, {"Content-Type": "text/html"}, b"<html>\x1b[2J nginx</html>")  # type: ignore[method-assign]
    done = client.run("--list")
    assert done.returncode == 7
    assert "HTTP 404" in done.stderr
    assert "html" not in done.stderr


def test_tests_with_impossible_ids_are_left_out(api: LocalApi, client: TerminalClient) -> None:
    for bad in ["../../x", "a b", "-x", "a\x1b", "x" * 65, "é"]:
        api.publish_test("operating-systems", bad, [{"text": "?", "options": [{"id": "a", "text": "a"}]}])
    listed = client.run("--list").stdout
    assert re.findall(r"^operating-systems (\S+):", listed, re.M) == ["test01"]


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_ten_thousand_characters_are_shown_whole(api: LocalApi, client: TerminalClient, locale: str) -> None:
    long = "żółw " * 1000 + "ż" * 5000
    api.publish_test(
        "operating-systems",
        "test01",
        [{"text": long, "options": [{"id": "a", "text": long}, {"id": "b", "text": "b"}]}],
    )
    done = client.run(*TEST, stdin="a\n", environment={"LC_ALL": locale, "LANG": locale})
    assert done.returncode == 0, done.stderr
    assert "�" not in done.stdout
    assert re.sub(r"\s", "", done.stdout).count(re.sub(r"\s", "", long)) == 2


def test_what_the_student_typed_comes_back_without_controls(client: TerminalClient) -> None:
    done = client.run(*TEST, stdin="\x1b[2J\x9b\n")
    assert done.returncode == 2
    assert harmful(done.stderr) == set()
