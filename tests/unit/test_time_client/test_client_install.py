"""The line that installs the client, `--setup` with an API key, and `--version` with another one on the server."""

from __future__ import annotations

import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import pexpect
import pytest

from common.shared.object_keys import CLASS
from support.local_api import LocalApi
from support.terminal_client import QUESTION, SCRIPT, Terminal, TerminalClient, finish, phrase

KEY = "89abcdef01234567" * 4
NEWER = SCRIPT.read_bytes().replace(b"\nreadonly VERSION=", b"\nreadonly VERSION=9")


@pytest.fixture
def clean(api: LocalApi, tmp_path: Path) -> TerminalClient:
    """A clean account of a student whose class is published."""
    api.add_student("s001", "Ada Example", ["operating-systems"], key=KEY)
    api.bucket.put_json(CLASS, {"endpoint": api.endpoint, "className": "Demo class", "classDir": "class"})
    client = TerminalClient(tmp_path, api.endpoint, "")
    for name in ("TEST_TIME_ENDPOINT", "TEST_TIME_API_KEY"):
        del client.environment[name]
    return client


def installed(client: TerminalClient) -> Path:
    return client.home / ".local" / "bin" / "test-time.sh"


def line(api: LocalApi) -> str:
    return f"curl -fsS {api.endpoint}/install | bash"


def open_line(client: TerminalClient, api: LocalApi, **environment: str) -> Terminal:
    """A terminal in which the line was typed."""
    terminal: Any = pexpect.spawn(
        "bash", ["-c", line(api)], env=client.environment | environment, encoding="utf-8", timeout=20
    )
    terminal.delaybeforesend = None
    return terminal


def run_line(client: TerminalClient, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The script through a pipe where there is no terminal."""
    return subprocess.run(
        ["setsid", "bash"],
        input=script,
        env=client.environment | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def script_of(api: LocalApi) -> str:
    return api.answer("GET", "/api/install", {}, b"")[2].decode()


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_from_the_line_in_a_mail_to_the_first_question(clean: TerminalClient, api: LocalApi) -> None:
    terminal = open_line(clean, api)
    terminal.expect("Installing test-time.sh .* of Demo class")
    terminal.expect("not shown[)]: ")
    assert terminal.waitnoecho()
    terminal.sendline(KEY)
    terminal.expect("You are set up as s001")
    terminal.expect(phrase(f"start it with: bash {installed(clean)}"))
    terminal.expect("Take it now")
    assert KEY not in terminal.before
    terminal.sendline("yes")
    terminal.expect(QUESTION)
    terminal.sendline("quit")
    finish(terminal)
    assert installed(clean).read_bytes() == SCRIPT.read_bytes()
    assert installed(clean).stat().st_mode & 0o777 == 0o755
    assert f"TEST_TIME_API_KEY={KEY}\n" in (clean.home / ".config" / "test-time" / "config").read_text()


def test_who_is_set_up_is_not_asked_again(clean: TerminalClient, api: LocalApi) -> None:
    config = clean.home / ".config" / "test-time" / "config"
    config.parent.mkdir(parents=True)
    config.write_text(f"TEST_TIME_ENDPOINT={api.endpoint}\nTEST_TIME_API_KEY={KEY}\n")
    installed(clean).parent.mkdir(parents=True)
    installed(clean).write_text("an old one")
    terminal = open_line(clean, api, PATH=f"{installed(clean).parent}:{os.environ['PATH']}")
    terminal.expect("Take it now")
    terminal.sendeof()
    finish(terminal)
    assert installed(clean).read_bytes() == SCRIPT.read_bytes()


def test_who_was_given_another_key_is_asked_for_it(clean: TerminalClient, api: LocalApi) -> None:
    config = clean.home / ".config" / "test-time" / "config"
    config.parent.mkdir(parents=True)
    config.write_text(f"TEST_TIME_ENDPOINT={api.endpoint}\nTEST_TIME_API_KEY={'0' * 64}\n")
    terminal = open_line(clean, api, PATH=f"{installed(clean).parent}:{os.environ['PATH']}")
    terminal.expect(phrase("the server refused the request"))
    terminal.expect("not shown[)]: ")
    assert terminal.waitnoecho()
    terminal.sendline(KEY)
    terminal.expect("start it with: test-time.sh\r")
    terminal.expect("Take it now")
    terminal.sendeof()
    finish(terminal)


def test_who_is_set_up_for_another_class_is_asked_for_the_key_of_this_one(clean: TerminalClient, api: LocalApi) -> None:
    config = clean.home / ".config" / "test-time" / "config"
    config.parent.mkdir(parents=True)
    config.write_text(f"TEST_TIME_ENDPOINT=http://127.0.0.1:9/api\nTEST_TIME_API_KEY={KEY}\n")
    terminal = open_line(clean, api)
    terminal.expect("not shown[)]: ")
    terminal.sendeof()
    finish(terminal)


def test_a_folder_of_that_name_stays_as_it_is(clean: TerminalClient, api: LocalApi) -> None:
    installed(clean).mkdir(parents=True)
    done = run_line(clean, script_of(api))
    assert (done.returncode, f"{installed(clean)} is a folder" in done.stderr) == (1, True)
    assert files(clean.home) == []


@pytest.mark.parametrize("mode", ["--posix", "+o"])
def test_the_mode_of_the_shell_does_not_matter(clean: TerminalClient, api: LocalApi, mode: str) -> None:
    done = subprocess.run(
        ["setsid", "bash", *([mode] if mode == "--posix" else ["+o", "posix"])],
        input=script_of(api),
        env=clean.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "To set it up" in done.stdout) == (0, True), done.stderr


def test_without_a_home_it_says_what_to_do(clean: TerminalClient, api: LocalApi) -> None:
    done = run_line(clean, script_of(api), HOME="")
    assert (done.returncode, "HOME is not set" in done.stderr) == (1, True)
    folder = clean.home / "a place"
    assert run_line(clean, script_of(api), HOME="", TEST_TIME_INSTALL_FOLDER=str(folder)).returncode == 0
    assert files(clean.home) == ["a place/test-time.sh"]


def test_a_link_that_does_not_work_leaves_the_client_and_says_how_to_go_on(
    clean: TerminalClient, api: LocalApi
) -> None:
    terminal = open_line(clean, api)
    terminal.expect("not shown[)]: ")
    assert terminal.waitnoecho()
    terminal.sendline(f"{api.endpoint}/#pick-up={'0' * 64}.{'1' * 64}")
    terminal.expect("ask your trainer for another link")
    status, shown = finish(terminal)
    assert status == 6
    assert f"To try again: TEST_TIME_ENDPOINT={api.endpoint} bash {installed(clean)} --setup" in " ".join(shown.split())
    assert installed(clean).exists()


def test_without_a_terminal_it_is_installed_and_says_how_to_set_it_up(clean: TerminalClient, api: LocalApi) -> None:
    done = run_line(clean, script_of(api))
    assert done.returncode == 0, done.stderr
    assert f"TEST_TIME_ENDPOINT={api.endpoint} bash {installed(clean)} --setup" in done.stdout
    assert files(clean.home) == [".local/bin/test-time.sh"]


@pytest.mark.parametrize("name", ["my 'own' tools", "C:\\tools"])
def test_another_folder_can_be_named_whatever_is_in_its_name(clean: TerminalClient, api: LocalApi, name: str) -> None:
    """Programs that tell a digest write a backslash before it if there is one in the file's name."""
    done = run_line(clean, script_of(api), TEST_TIME_INSTALL_FOLDER=str(clean.home / name))
    assert done.returncode == 0, done.stderr
    assert files(clean.home) == [f"{name}/test-time.sh"]


def test_neither_a_proxy_nor_curls_own_configuration_is_in_the_way(clean: TerminalClient, api: LocalApi) -> None:
    """A server without TLS is on this computer. `include` would put headers into the file."""
    (clean.home / ".curlrc").write_text("include\n")
    done = run_line(clean, script_of(api), http_proxy="http://127.0.0.1:9")
    assert done.returncode == 0, done.stderr
    assert installed(clean).read_bytes() == SCRIPT.read_bytes()


def test_half_a_script_does_nothing(clean: TerminalClient, api: LocalApi) -> None:
    script = script_of(api)
    api.requests.clear()
    for share in range(1, 20):
        run_line(clean, script[: len(script) * share // 20])
    run_line(clean, script.rstrip()[: -len("install_test_time")])
    assert api.requests == []
    assert files(clean.home) == []


def test_a_client_that_is_not_the_classs_is_not_installed(
    clean: TerminalClient, api: LocalApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = script_of(api)
    installed(clean).parent.mkdir(parents=True)
    installed(clean).write_text("mine")
    monkeypatch.setattr("install.handler.CLIENT", NEWER)
    done = run_line(clean, script)
    assert done.returncode == 1
    assert "its SHA-256 differs" in done.stderr
    assert (files(clean.home), installed(clean).read_text()) == ([".local/bin/test-time.sh"], "mine")


def test_a_server_that_does_not_answer_changes_nothing(clean: TerminalClient, api: LocalApi) -> None:
    done = run_line(clean, script_of(api).replace(api.endpoint, "http://127.0.0.1:9/api"))
    assert done.returncode == 1
    assert "could not be downloaded" in done.stderr
    assert files(clean.home) == []


def test_a_server_that_refuses_is_not_taken_for_one_that_sends_another_file(
    clean: TerminalClient, api: LocalApi
) -> None:
    done = run_line(clean, script_of(api).replace(api.endpoint, f"{api.endpoint}/v1"))
    assert done.returncode == 1
    assert "could not be downloaded" in done.stderr
    assert "SHA-256" not in done.stderr
    assert files(clean.home) == []


@pytest.mark.parametrize("missing", ["jq", "curl"])
def test_missing_programs_are_named_and_nothing_is_installed(
    clean: TerminalClient, api: LocalApi, tmp_path: Path, missing: str
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in {"bash", "setsid", "curl", "jq", "mkdir", "mktemp", "cat", "chmod", "mv", "rm", "grep"} - {missing}:
        (tools / tool).symlink_to(str(shutil.which(tool)))
    done = run_line(clean, script_of(api), PATH=str(tools))
    assert done.returncode == 1
    assert f"please install these first: {missing}\n" in done.stderr
    assert not installed(clean).exists()


@pytest.mark.parametrize("hashes", ["sha256sum", "shasum", "openssl", None])
def test_any_program_that_can_tell_the_digest_will_do(
    clean: TerminalClient, api: LocalApi, tmp_path: Path, hashes: str | None
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("bash", "setsid", "curl", "jq", "mkdir", "mktemp", "cat", "chmod", "mv", "rm", "grep", "perl"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    if hashes:
        (tools / hashes).symlink_to(str(shutil.which(hashes)))
    done = run_line(clean, script_of(api), PATH=str(tools))
    assert (done.returncode, installed(clean).exists()) == ((0, True) if hashes else (1, False)), done.stderr
    if not hashes:
        needed = "sha256sum, shasum or openssl is needed to check the download. Nothing was changed"
        assert done.stderr == f"install: {needed}\n"


def test_another_shell_says_that_it_is_not_bash(clean: TerminalClient, api: LocalApi) -> None:
    done = subprocess.run(
        ["sh"], input=script_of(api), env=clean.environment, capture_output=True, text=True, check=False
    )
    assert "needs bash" in done.stderr
    assert files(clean.home) == []


# --- setup with a key ---


def test_a_key_is_taken_where_the_server_is_known(clean: TerminalClient, api: LocalApi) -> None:
    done = clean.run("--setup", stdin=KEY, environment={"TEST_TIME_ENDPOINT": api.endpoint})
    assert done.returncode == 0, done.stderr
    assert api.requests == ["GET /v1/student"]
    assert (clean.home / ".config" / "test-time" / "config").read_text().splitlines() == [
        f"TEST_TIME_ENDPOINT={api.endpoint}",
        f"TEST_TIME_API_KEY={KEY}",
        "TEST_TIME_STUDENT_ID=s001",
    ]


def test_a_key_that_nobody_has_is_not_written(clean: TerminalClient, api: LocalApi) -> None:
    done = clean.run("--setup", stdin="0" * 64, environment={"TEST_TIME_ENDPOINT": api.endpoint})
    assert done.returncode == 6
    assert files(clean.home) == []


def test_a_key_without_a_server_is_refused(clean: TerminalClient) -> None:
    done = clean.run("--setup", stdin=KEY)
    assert done.returncode == 2
    assert "neither a complete link nor a key" in done.stderr


def test_a_slip_can_be_mended_at_the_prompt(clean: TerminalClient, api: LocalApi) -> None:
    terminal = clean.open("--setup", environment={"TEST_TIME_ENDPOINT": api.endpoint})
    terminal.expect("not shown[)]: ")
    assert terminal.waitnoecho()
    terminal.sendline("hello")
    terminal.expect("copy it again")
    terminal.expect("not shown[)]: ")
    assert terminal.waitnoecho()
    terminal.sendline(f"TEST_TIME_API_KEY={KEY}")
    status, shown = finish(terminal)
    assert status == 0
    assert "You are set up as s001" in shown


# --- another version ---


@pytest.fixture
def own(clean: TerminalClient, api: LocalApi, monkeypatch: pytest.MonkeyPatch) -> TerminalClient:
    """A student whose client is a copy of their own."""
    clean.script = clean.home / "test-time.sh"
    clean.script.write_bytes(SCRIPT.read_bytes())
    clean.script.chmod(0o700)
    clean.environment |= {"TEST_TIME_ENDPOINT": api.endpoint, "TEST_TIME_API_KEY": KEY}
    return clean


@pytest.fixture
def newer(api: LocalApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server has another client."""
    digest = sha256(NEWER).hexdigest()
    monkeypatch.setattr("install.handler.CLIENT", NEWER)
    monkeypatch.setattr("install.handler._CLIENT_HEADERS", {"Content-Type": "text/plain", "ETag": f'"{digest}"'})


def test_the_same_version_is_said_to_be_that(own: TerminalClient, api: LocalApi) -> None:
    done = own.run("--version")
    assert done.stdout.splitlines()[1:] == ["It is the version of your class."]
    assert api.requests == ["GET /test-time.sh"]


@pytest.mark.usefixtures("newer")
def test_another_version_is_taken_only_after_a_yes(own: TerminalClient) -> None:
    before = own.script.read_bytes()
    for answer in ("no", ""):
        terminal = own.open("--version")
        terminal.expect("has another version, 9")
        terminal.expect("Update now")
        terminal.sendline(answer)
        assert finish(terminal)[0] == 0
        assert own.script.read_bytes() == before
    terminal = own.open("--version")
    terminal.expect("Update now")
    terminal.sendline("yes")
    status, shown = finish(terminal)
    assert (status, f"Updated: {own.script}" in " ".join(shown.split())) == (0, True)
    assert own.script.read_bytes() == NEWER
    assert own.script.stat().st_mode & 0o100
    assert own.run("--version").stdout.splitlines()[1:] == ["It is the version of your class."]


@pytest.mark.usefixtures("newer")
def test_through_a_pipe_it_only_says_so(own: TerminalClient, api: LocalApi) -> None:
    before = own.script.read_bytes()
    done = own.run("--version")
    assert (done.returncode, f"curl -fsS {api.endpoint}/install | bash" in done.stdout) == (0, True)
    assert own.script.read_bytes() == before


@pytest.mark.usefixtures("newer")
@pytest.mark.parametrize(
    "body",
    [NEWER.replace(b"umask 077", b"umask 000"), NEWER[:-20], NEWER[: len(NEWER) // 2], b"<html>Please log in</html>"],
)
def test_what_is_no_whole_client_is_never_taken(
    own: TerminalClient, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    before = own.script.read_bytes()
    monkeypatch.setattr("install.handler.CLIENT", body)
    terminal = own.open("--version")
    terminal.expect(phrase("not a complete test-time.sh"))
    assert finish(terminal)[0] == 0
    assert own.script.read_bytes() == before


@pytest.mark.usefixtures("newer")
def test_a_link_to_the_client_is_not_replaced(own: TerminalClient, api: LocalApi) -> None:
    link = own.home / "link.sh"
    link.symlink_to(own.script)
    own.script = link
    terminal = own.open("--version")
    terminal.expect("To take it: curl")
    assert finish(terminal)[0] == 0
    assert link.is_symlink()


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"TEST_TIME_ENDPOINT": "http://example.org/api"}, "begins with http://"),
        ({"TEST_TIME_ENDPOINT": "{}/nothing"}, "does not offer this program"),
        ({"TMPDIR": "/nonexistent"}, "nonexistent"),
        ({"TEST_TIME_TIMEOUT_SECONDS": "soon"}, "must be a number of seconds"),
    ],
)
def test_what_fails_after_the_version_is_a_warning(
    own: TerminalClient, api: LocalApi, environment: dict[str, str], told: str
) -> None:
    given = {name: value.format(api.endpoint) for name, value in environment.items()}
    done = own.run("--version", environment=given)
    assert (done.returncode, done.stdout.splitlines()[0].startswith("test-time 1.")) == (0, True)
    assert told in done.stderr


def test_a_server_that_is_not_there_costs_a_warning_alone(own: TerminalClient) -> None:
    done = own.run("--version", environment={"TEST_TIME_ENDPOINT": "http://127.0.0.1:9/api"})
    assert (done.returncode, done.stdout.startswith("test-time 1.")) == (0, True)
    assert "could not be asked" in done.stderr
