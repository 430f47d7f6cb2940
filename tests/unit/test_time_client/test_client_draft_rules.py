"""When the terminal saves a draft: by the client's own functions."""

from __future__ import annotations

import json
from pathlib import Path

from support.client_functions import run_functions

# A test of three questions with two options each, shown in a terminal. `send` is the server, which notes what is sent.
BEGUN = r"""
set -f
exec 3>&1
endpoint=http://127.0.0.1 interactive=yes on_terminal='' resized='' json='' counts_characters=yes width=80 columns=80
server_epoch='' server_noted=0 mark_count=0 read_ahead='' sent='' replaces=''
locked=yes follows=yes unsettled='' version='' base='{}'
draft=$FOLDER/draft.json lock=$FOLDER/lock lock_mark=mine student=s001 subject=s test_id=t chosen_test=0
t_submitted=('') parsed='' retry_base_ms=1
printf 'mine\n' >"$lock"
q_count=3 q_json=('"1"' '"2"' '"3"') q_type=(single single multiple) q_hash=(x x x) q_text=(One? Two? Three?)
chosen=('' '' '')
send() {
  sends=$((${sends:-0} + 1)) http_status=200 trouble='' http_body="{\"version\":\"v$sends\"}"
  printf '%s %s %s\n' "$SECONDS" "$1" "$3"
}
"""


def test_a_change_is_saved_within_a_minute_and_at_most_once_a_minute(tmp_path: Path) -> None:
    """The client's clock is set; each second it is at a prompt, and answers at the times given."""
    answers = {0: "0 a", 10: "0 b", 59: "1 a", 61: "0 a", 62: "1 b", 200: "1 a", 259: "1 b", 260: "0 b"}
    at = "".join(f'{second}) set -- {change}; chosen[$1]="\\"$2\\"" ;;\n' for second, change in answers.items())
    driver = (
        BEGUN
        + "SECONDS=0; next_save=$SAVE_EVERY_SECONDS\nfor ((second = 0; second < 400; second++)); do SECONDS=$second\n"
        + f"case $second in\n{at}esac\nfollow_draft\ndone\n"
    )
    sent = [line.split(" ", 2) for line in run_functions(tmp_path, driver, FOLDER=str(tmp_path)).splitlines()]
    saves = [(int(second), json.loads(body)["answers"], json.loads(body)["version"]) for second, _, body in sent]
    assert saves == [
        (60, {"1": "b", "2": "a"}, None),
        (120, {"1": "a", "2": "b"}, "v1"),
        (200, {"1": "a", "2": "a"}, "v2"),
        (260, {"1": "b", "2": "b"}, "v3"),
    ]


def test_a_clock_that_is_set_back_does_not_end_the_saving(tmp_path: Path) -> None:
    driver = BEGUN + "SECONDS=9000; next_save=$((SECONDS + 30)); chosen=('\"b\"' '' ''); SECONDS=10; follow_draft\n"
    [sent] = run_functions(tmp_path, driver, FOLDER=str(tmp_path)).splitlines()
    assert sent.startswith("10 PUT ")


def test_what_may_have_arrived_is_kept_once_each_and_not_for_ever(tmp_path: Path) -> None:
    driver = BEGUN + (
        "note_sent 1; note_sent 2; note_sent 1; printf '%s' \"$sent\" | wc -l\n"
        'for ((i = 3; i < 50; i++)); do note_sent "$i"; done; printf \'%s\' "$sent"\n'
    )
    first, *others = run_functions(tmp_path, driver, FOLDER=str(tmp_path)).split()
    assert (first, others) == ("2", [str(number) for number in range(30, 50)])


def test_a_prompt_that_waits_saves_what_was_given_before_it(tmp_path: Path) -> None:
    """The server answers the save with the line that the prompt waits for."""
    driver = (
        BEGUN
        + r"""
mkfifo "$FOLDER/keys"
exec 0<>"$FOLDER/keys"
send() { http_status=200 trouble='' http_body='{"version":"v1"}'; printf '%s\n' "$3"; printf 'typed\n' >&0; }
chosen=('"b"' '' '') next_save=$((SECONDS + 1))
ask 'Your answer: '
printf '%s\n' "$REPLY"
"""
    )
    shown = run_functions(tmp_path, driver, FOLDER=str(tmp_path)).splitlines()
    assert shown == [
        'Your answer: {"subjectName":"s","testId":"t","answers":{"1":"b"},"version":null}',
        "typed",
    ]
