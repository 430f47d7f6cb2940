"""What the client needs, what it says when that is missing, and where the API key may never be seen."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from support.local_api import LocalApi, sample_questions
from support.terminal_client import SCRIPT, TerminalClient

ANSWERS = "\n".join(["a", "a", "a b", "c", "d", "d"])
TEST = ("--subject", "operating-systems", "--test", "test01")
SOURCE = SCRIPT.read_text()


def path_without(folder: Path, *missing: str) -> str:
    """A PATH with all the client calls but these."""
    tools = {"bash", "env", "curl", "jq", "mv", "rm", "mkdir", "stty", "sync", "sleep", "date"}
    folder.mkdir()
    for tool in tools - set(missing):
        found = shutil.which(tool)
        if found:
            (folder / tool).symlink_to(found)
    return str(folder)


@pytest.mark.parametrize(
    ("tool", "status", "advice"),
    [("curl", 4, "sudo apt install curl"), ("jq", 5, "sudo apt install jq")],
)
def test_missing_program_is_told_with_the_command_that_installs_it(
    client: TerminalClient, tmp_path: Path, tool: str, status: int, advice: str
) -> None:
    done = client.run(environment={"PATH": path_without(tmp_path / "bin", tool)})
    assert done.returncode == status
    assert done.stderr.startswith(f"test-time: {tool} is missing. ")
    assert advice in done.stderr
    assert "brew install" in done.stderr


def test_nothing_else_than_bash_curl_and_jq_and_the_core_programs_is_called(
    client: TerminalClient, tmp_path: Path
) -> None:
    done = client.run(*TEST, stdin=ANSWERS, environment={"PATH": path_without(tmp_path / "bin")})
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("missing", ["TEST_TIME_ENDPOINT", "TEST_TIME_API_KEY"])
def test_missing_configuration_names_the_file_and_its_lines(client: TerminalClient, missing: str) -> None:
    del client.environment[missing]
    done = client.run()
    assert done.returncode == 3
    assert f"{client.home}/.config/test-time/config" in done.stderr
    assert "TEST_TIME_ENDPOINT=" in done.stderr
    assert "TEST_TIME_API_KEY=" in done.stderr


@pytest.mark.parametrize(
    "shape", ["{}\n", "export {}\n", '"{}"\n', "{}\r\n", "  {}  \n", "# a remark\n\n{}\n", "\ufeff{}\n", "{}"]
)
def test_configuration_is_read_from_the_file_and_never_run(client: TerminalClient, shape: str, tmp_path: Path) -> None:
    lines = [f"{name}={client.environment.pop(name)}" for name in ("TEST_TIME_ENDPOINT", "TEST_TIME_API_KEY")]
    if shape == '"{}"\n':
        lines = [line.replace("=", '="', 1) + '"' for line in lines]
        shape = "{}\n"
    folder = client.home / ".config" / "test-time"
    folder.mkdir(parents=True)
    text = f"{shape.format(lines[0])}\nEVIL=$(touch {tmp_path}/ran)\n{shape.format(lines[1])}"
    (folder / "config").write_text(text)
    done = client.run("--list")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("TEST_TIME_ENDPOINT", "http://example.org/api", "https://"),
        ("TEST_TIME_ENDPOINT", "http://127.0.0.1.example.org", "https://"),
        ("TEST_TIME_ENDPOINT", "ftp://example.org", "must begin with https://"),
        ("TEST_TIME_ENDPOINT", 'https://example.org/"\nproxy="http://x', "character that is not allowed in an address"),
        ("TEST_TIME_API_KEY", 'abc"\nurl = "http://x', "character that is not allowed in a key"),
        ("TEST_TIME_API_KEY", "schlüssel", "character that is not allowed in a key"),
    ],
)
def test_unusable_configuration_is_refused_before_anything_is_sent(
    api: LocalApi, client: TerminalClient, name: str, value: str, told: str
) -> None:
    done = client.run(environment={name: value})
    assert done.returncode == 3
    assert told in done.stderr
    assert client.environment["TEST_TIME_API_KEY"] not in done.stderr
    assert api.requests == []


def test_key_that_is_refused_is_told_as_such(client: TerminalClient) -> None:
    done = client.run(environment={"TEST_TIME_API_KEY": "x" * 40})
    assert done.returncode == 6
    assert "Check TEST_TIME_API_KEY" in done.stderr


def test_another_students_id_is_told_before_a_test_is_taken(client: TerminalClient) -> None:
    done = client.run(environment={"TEST_TIME_STUDENT_ID": "s002"})
    assert done.returncode == 3
    assert "the key belongs to s001" in done.stderr


def test_server_that_cannot_be_reached_is_told_as_such(client: TerminalClient) -> None:
    done = client.run("--list", environment={"TEST_TIME_ENDPOINT": "http://127.0.0.1:9"})
    assert done.returncode == 8
    assert "the server could not be reached (is this computer online?). Only the receipts" in done.stderr


def test_key_goes_through_no_proxy_where_the_endpoint_is_plain_http(client: TerminalClient) -> None:
    for name in ("http_proxy", "all_proxy", "ALL_PROXY"):
        assert client.run("--list", environment={name: "http://127.0.0.1:9"}).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--nonsense"], "unknown option --nonsense"),
        (["--subject"], "--subject needs a value"),
        (["--test", ""], "--test needs a value"),
        (["--test", "../x"], "the value of --test is not a valid test ID"),
        (["--subject", "a b"], "the value of --subject is not a valid subject name"),
        (["--answers", "/nowhere.json"], "cannot read /nowhere.json"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_reason(client: TerminalClient, arguments: list[str], told: str) -> None:
    done = client.run(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("test-time: ")
    assert told in done.stderr


def test_help_and_version_need_nothing_at_all(tmp_path: Path) -> None:
    bare = {"PATH": path_without(tmp_path / "bin", "curl", "jq")}
    for arguments, expected in [(["--help"], "usage: test-time.sh"), (["--version"], "test-time 1.")]:
        done = subprocess.run([str(SCRIPT), *arguments], env=bare, capture_output=True, text=True, check=True)
        assert expected in done.stdout


def test_help_names_every_option_exit_status_and_variable() -> None:
    text = subprocess.run([str(SCRIPT), "--help"], capture_output=True, text=True, check=True).stdout
    body = SOURCE.split("set -euo pipefail", 1)[1]
    options = set(re.findall(r"^ +(--[a-z-]+)(?: \| -h)?\)", body, re.M))
    assert len(options) >= 7
    assert all(option in text for option in options)
    assert all(name in text for name in set(re.findall(r"TEST_TIME_[A-Z_]+", body)))
    assert "\nExit codes:\n" in text
    statuses = set(re.findall(r"\bEXIT_[A-Z_]+=(\d)", body))
    assert all(re.search(rf"\b{status}  \S", text) for status in statuses)


def test_key_is_in_no_process_list_trace_or_file(api: LocalApi, client: TerminalClient) -> None:
    key = client.environment["TEST_TIME_API_KEY"]
    seen: list[str] = []
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    command = (process / "cmdline").read_bytes()
                    seen.append(command.decode(errors="replace"))
                    # Whatever the client starts must not inherit it either; bash itself was given it.
                    if command.startswith((b"curl", b"jq")):
                        seen.append((process / "environ").read_bytes().decode(errors="replace"))
                except OSError:
                    continue
            time.sleep(0.001)

    watcher = threading.Thread(target=watch)
    watcher.start()
    (client.home / ".curlrc").write_text(f"trace-ascii = {client.home}/curl.trace\n")
    try:
        done = subprocess.run(
            ["bash", "-xv", str(client.script), *TEST],
            input=ANSWERS,
            env=client.environment | {"SHELLOPTS": "xtrace", "CURL_HOME": str(client.home)},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        over.set()
        watcher.join()
    assert done.returncode == 0, done.stderr
    assert any("curl" in command and "--config" in command for command in seen), "no curl was seen: this proves nothing"
    assert not any(key in text for text in seen)
    assert key not in done.stdout + done.stderr
    for path in client.home.rglob("*"):
        assert path.is_dir() or key not in path.read_text(), path


def wrap(folder: Path, tool: str, command: str) -> None:
    """Put a program of that name into `folder`; `command` runs the real one, which is {real}."""
    real = shutil.which(tool)
    (folder / tool).unlink()
    (folder / tool).write_text(f"#!{shutil.which('bash')}\nset -o pipefail\n{command.format(real=real)}\n")
    (folder / tool).chmod(0o755)


def test_windows_programs_with_their_line_ends_do_as_well(
    api: LocalApi, client: TerminalClient, tmp_path: Path
) -> None:
    """Git Bash: jq ends lines with CR LF, bash takes CRs out of what curl says, stty and sync may be missing."""
    path = path_without(tmp_path / "bin", "stty", "sync")
    wrap(Path(path), "jq", f"{{real}} \"$@\" | {shutil.which('sed')} 's/$/\\r/'")
    wrap(Path(path), "curl", f"{{real}} \"$@\" | {shutil.which('tr')} -d '\\r'")
    first = client.run(*TEST, stdin="a\r\nb\r\n", environment={"PATH": path})
    assert first.returncode == 9
    assert json.loads(client.kept()[0].read_text())["answers"] == {"1": "a", "2": "b"}
    done = client.run(*TEST, stdin=ANSWERS.replace("\n", "\r\n"), environment={"PATH": path})
    assert (done.returncode, done.stderr) == (0, "")
    assert "\r" not in done.stdout
    submission = next(iter(api.objects("answers/").values()))
    assert submission["answers"] == {"1": "a", "2": "a", "3": ["a", "b"], "4": "c", "5": "d", "6": "d"}
    listed = client.run("--list", environment={"PATH": path})
    assert f"receipt {submission['receiptId']}\n" in listed.stdout
    again = client.run(*TEST, stdin=ANSWERS, environment={"PATH": path, "TEST_TIME_API_KEY": "x" * 30})
    assert again.returncode == 6
    assert "\r" not in again.stderr


@pytest.mark.parametrize(
    "head",
    [
        "HTTP/1.1 200 OK\r\nDate: {date}\r\n\r\n",
        "HTTP/2 200 \r\ndate: {date}\r\ncontent-type: application/json\r\n\r\n",
        "HTTP/1.1 200 Connection established\r\n\r\nHTTP/2 200 \r\ndate: {date}\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nDate: {date}\r\n\r\n",
        "HTTP/1.1 200 OK\nDate: {date}\n\n",
    ],
)
def test_reply_is_read_whatever_its_headers_look_like(client: TerminalClient, tmp_path: Path, head: str) -> None:
    """Without `serverTime` in the body, so that the Date header counts: it is two hours before the deadline."""
    test = {"subjectName": "networks", "testId": "t1", "title": "Packets", "questionCount": 1, "state": "open"}
    body = {"studentId": "s001", "name": "Ada", "tests": [test | {"closesAt": "2031-03-01T22:00:30Z"}]}
    # A blank line inside the body ends no headers.
    text = head.format(date="Sat, 01 Mar 2031 20:00:00 GMT") + "\n\n".join(json.dumps(body, indent=1).split("\n"))
    (tmp_path / "reply").write_bytes(text.encode())
    path = path_without(tmp_path / "bin")
    wrap(Path(path), "curl", f"{shutil.which('cat')} {tmp_path}/reply")
    listed = client.run("--list", environment={"PATH": path})
    assert "2 h 0 min left" in listed.stdout, listed.stderr


def test_local_time_is_the_same_without_bashs_own_formatting(
    api: LocalApi, client: TerminalClient, tmp_path: Path
) -> None:
    # Well off a whole hour: what is left is told in hours, and time goes on between the two runs.
    closes = api.now + timedelta(days=2, minutes=30)
    api.publish_test("operating-systems", "test01", sample_questions(), closes)
    old = tmp_path / "as-before-bash-4.2.sh"
    old.write_text(SOURCE.replace("((BASH_VERSINFO[0] > 4 ||", "((BASH_VERSINFO[0] > 99 ||"))
    old.chmod(0o755)
    assert old.read_text() != SOURCE
    expected = client.run("--list").stdout
    client.script = old
    assert client.run("--list").stdout == expected


# What bash 3.2, which macOS has, does not know, and how it looks in a script.
NEWER_THAN_BASH_3_2 = {
    "mapfile, readarray": r"\b(mapfile|readarray)\b",
    "associative array": r"\b(declare|local|typeset|readonly)\s+-[a-zA-Z]*A",
    "nameref": r"\b(declare|local|typeset)\s+-[a-zA-Z]*n\b",
    "global declare": r"\b(declare|typeset)\s+-[a-zA-Z]*g",
    "case change": r"\$\{[A-Za-z_0-9\[\]@]+(\^|,)",
    "transformation": r"\$\{[A-Za-z_0-9\[\]@*]+@[A-Za-z]\}",
    "append both streams": r"&>>",
    "pipe both streams": r"\|&",
    "negative subscript": r"\[-[0-9]",
    "negative length": r"\$\{[A-Za-z_0-9]+:[^-}][^}]*:\s*-",
    "EPOCHSECONDS": r"\bEPOCH(SECONDS|REALTIME)\b",
    "wait -n": r"\bwait\s+-[a-z]*n",
    "fractional read -t": r"\bread\b[^\n]*-t\s*[0-9]*\.",
    "read -N, -i": r"\bread\b[^\n]* -[a-z]*[Ni]\b",
    "coproc": r"\bcoproc\b",
    ";& in case": r";;?&",
    "BASHPID": r"\bBASHPID\b",
    "test -v": r"\[\[?\s+-v\b",
    "test -R": r"\[\[?\s+-R\b",
    "fd variable": r"\{[a-z_]+\}[<>]",
    "lastpipe, globstar": r"\b(lastpipe|globstar|inherit_errexit)\b",
    "Unicode escape": r"\$'[^']*\\[uU][0-9a-fA-F]",
    "$'' inside a quoted expansion": r"\"[^\"\n]*\$\{[^}\"]*\$'",
    "quoted replacement": r'"[^"\n]*\$\{[a-z_]+//?[^}]*/[^}]*"[^}]*\}',
}


@pytest.mark.parametrize("construct", NEWER_THAN_BASH_3_2)
def test_client_uses_nothing_newer_than_bash_3_2(construct: str) -> None:
    code = re.sub(r"(?m)^\s*#.*$", "", SOURCE)
    # jq's programs are no shell.
    code = re.sub(r"(?s)readonly JQ_[A-Z]+=(?:\$JQ_[A-Z]+)?'.*?'\n", "", code)
    found = re.search(NEWER_THAN_BASH_3_2[construct], code)
    assert found is None, found


def test_newer_printf_of_times_is_guarded() -> None:
    before = SOURCE.split("%($format)T", 1)[0].splitlines()[-2]
    assert "BASH_VERSINFO" in before


def test_empty_arrays_are_never_expanded_whole() -> None:
    """Under `set -u`, bash before 4.4 takes `"${empty[@]}"` for an unset variable."""
    guarded = r'\$\{(\w+)\[@\]\+"\$\{\1\[@\]\}"\}'
    whole = set(re.findall(r'"\$\{(\w+)\[@\]\}"', re.sub(guarded, "", SOURCE)))
    # `open` is expanded only after its length was tested; BASH_REMATCH is sliced after a match.
    assert whole <= {"open", "BASH_REMATCH"}
    assert "${#open[@]} == 0" in SOURCE


def test_script_is_executable() -> None:
    assert os.access(SCRIPT, os.X_OK)
