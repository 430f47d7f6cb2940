"""test-time.sh --setup: the key is picked up with a link, once, and nobody else sees either."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from common.shared.deadlines import format_time
from common.shared.invitation import LIFE, REPEATED_FOR, link, xor
from common.shared.object_keys import invitation_key
from support.local_api import LocalApi
from support.terminal_client import TerminalClient, finish

ID, IN_LINK = "1f" * 32, "0fedcba987654321" * 4


@pytest.fixture
def invited(api: LocalApi, tmp_path: Path) -> TerminalClient:
    """A student without a key, on a computer on which nothing is set up."""
    key = api.add_student("s001", "Ada Example", ["operating-systems"], key="89abcdef01234567" * 4)
    invitation = {"share": xor(key, IN_LINK), "studentId": "s001", "expiresAt": format_time(api.now + LIFE)}
    api.bucket.put_json(invitation_key(ID), invitation)
    client = TerminalClient(tmp_path, api.endpoint, "")
    for name in ("TEST_TIME_ENDPOINT", "TEST_TIME_API_KEY"):
        del client.environment[name]
    return client


def config(client: TerminalClient) -> Path:
    return client.home / ".config" / "test-time" / "config"


def test_the_link_is_asked_for_without_showing_it_and_the_key_works(invited: TerminalClient, api: LocalApi) -> None:
    terminal = invited.open("--setup")
    terminal.expect("not shown[)]: ")
    assert terminal.waitnoecho()
    terminal.sendline(link(api.endpoint, ID, IN_LINK))
    status, shown = finish(terminal)
    assert status == 0
    assert "You are set up as s001" in shown
    for secret in (ID, IN_LINK, "89abcdef01234567"):
        assert secret not in shown
    assert config(invited).read_text().splitlines() == [
        f"TEST_TIME_ENDPOINT={api.endpoint}",
        f"TEST_TIME_API_KEY={'89abcdef01234567' * 4}",
        "TEST_TIME_STUDENT_ID=s001",
    ]
    assert config(invited).stat().st_mode & 0o777 == 0o600
    assert "test01" in invited.run("--list").stdout


def test_the_link_can_be_an_argument_or_come_through_a_pipe(invited: TerminalClient, api: LocalApi) -> None:
    assert invited.run("--setup", link(api.endpoint, ID, IN_LINK)).returncode == 0
    assert invited.run("--setup", stdin=link(api.endpoint, ID, IN_LINK)).returncode == 0
    assert api.requests == ["POST /v1/pick-up"] * 2


def test_only_the_id_is_sent(invited: TerminalClient, api: LocalApi, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    answer = api.answer

    def listen(method: str, target: str, headers: object, body: bytes) -> object:
        seen.append(f"{method} {target} {headers} {body!r}")
        return answer(method, target, headers, body)  # type: ignore[arg-type]

    monkeypatch.setattr(api, "answer", listen)
    invited.run("--setup", link(api.endpoint, ID, IN_LINK))
    assert ID in "".join(seen)
    assert IN_LINK not in "".join(seen)


def test_an_old_link_gives_nothing_and_says_what_to_do(invited: TerminalClient, api: LocalApi) -> None:
    invited.run("--setup", link(api.endpoint, ID, IN_LINK))
    api.now += REPEATED_FOR + timedelta(seconds=1)
    config(invited).write_text("TEST_TIME_API_KEY=mine\n")
    again = invited.run("--setup", link(api.endpoint, ID, IN_LINK))
    assert again.returncode == 6
    assert "ask your trainer for another link" in again.stderr
    assert config(invited).read_text() == "TEST_TIME_API_KEY=mine\n"
    assert [path.name for path in config(invited).parent.iterdir()] == ["config"]


@pytest.mark.parametrize("wrong", ["", "https://example.org/", "x#pick-up=1.2", "http://example.org/#pick-up={}.{}"])
def test_what_is_no_link_is_refused_before_anything_is_sent(invited: TerminalClient, api: LocalApi, wrong: str) -> None:
    refused = invited.run("--setup", stdin=wrong.format(ID, IN_LINK))
    assert refused.returncode in (2, 3)
    assert api.requests == []


def test_no_link_is_used_whose_key_could_not_be_saved(invited: TerminalClient, api: LocalApi) -> None:
    (invited.home / ".config").write_text("a file")
    refused = invited.run("--setup", link(api.endpoint, ID, IN_LINK))
    assert refused.returncode == 1
    assert "the link was not used" in refused.stderr
    assert api.requests == []


def test_a_configuration_that_was_there_is_kept_beside_it(invited: TerminalClient, api: LocalApi) -> None:
    config(invited).parent.mkdir(parents=True)
    config(invited).write_text("TEST_TIME_API_KEY=old\n")
    assert invited.run("--setup", link(api.endpoint, ID, IN_LINK)).returncode == 0
    assert config(invited).with_name("config.before").read_text() == "TEST_TIME_API_KEY=old\n"
    assert sorted(path.name for path in config(invited).parent.iterdir()) == ["config", "config.before"]
