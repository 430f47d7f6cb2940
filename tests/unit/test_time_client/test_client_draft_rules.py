"""When the terminal saves a draft, and what a draft of another device means: by the client's own functions."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from support.client_functions import run_functions

# A test of three questions with two options each, shown in a terminal. `send` is the server, which notes what is sent.
BEGUN = r"""
set -f
exec 3>&1
endpoint=http://127.0.0.1 interactive=yes on_terminal='' resized='' json='' counts_characters=yes width=80 columns=80
server_epoch='' server_noted=0 mark_count=0 read_ahead='' sent=''
locked=yes follows=yes unsettled='' version='' base='{}'
draft=$FOLDER/draft.json lock=$FOLDER/lock lock_mark=mine student=s001 subject=s test_id=t chosen_test=0
t_submitted=('') parsed='' retry_base_ms=1
printf 'mine\n' >"$lock"
q_count=3 q_json=('"1"' '"2"' '"3"') q_type=(single single multiple) q_hash=(x x x) q_first=(0 2 4) q_options=(2 2 2)
q_text=(One? Two? Three?)
o_json=('"a"' '"b"' '"a"' '"b"' '"a"' '"b"')
chosen=('' '' '')
send() {
  sends=$((${sends:-0} + 1)) http_status=200 trouble='' http_body="{\"version\":\"v$sends\"}"
  printf '%s %s %s\n' "$SECONDS" "$1" "$3"
}
"""


def test_a_change_is_saved_within_a_minute_and_at_most_once_a_minute(tmp_path: Path) -> None:
    """The client's clock is set; each second it is at a prompt, and answers at the times given."""
    answers = {0: "0 0", 10: "0 1", 59: "1 2", 61: "0 0", 62: "1 3", 200: "1 2", 259: "1 3", 260: "0 1"}
    at = "".join(f"{second}) set -- {change}; chosen[$1]=$2 ;;\n" for second, change in answers.items())
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


def test_a_prompt_that_waits_saves_what_was_given_before_it(tmp_path: Path) -> None:
    """The server answers the save with the line that the prompt waits for."""
    driver = (
        BEGUN
        + r"""
mkfifo "$FOLDER/keys"
exec 0<>"$FOLDER/keys"
send() { http_status=200 trouble='' http_body='{"version":"v1"}'; printf '%s\n' "$3"; printf 'typed\n' >&0; }
chosen=(1 '' '') next_save=$((SECONDS + 1))
ask 'Your answer: '
printf '%s\n' "$REPLY"
"""
    )
    shown = run_functions(tmp_path, driver, FOLDER=str(tmp_path)).splitlines()
    assert shown == [
        'Your answer: {"subjectName":"s","testId":"t","answers":{"1":"b"},"version":null}',
        "typed",
    ]


Answers = Sequence[str]


class Case(NamedTuple):
    """Three questions' answers here, in the draft last seen here (None: none was), and in the server's draft."""

    here: Answers
    seen: Answers | None
    there: Answers
    same_version: bool
    submitted_later: bool


def cases() -> list[Case]:
    rng = random.Random(11)
    options = [["", "0", "1"], ["", "2", "3"], ["", "4", "4 5"]]

    def some(of: Answers | None = None) -> Answers:
        return [
            one if of and rng.random() < 0.6 else rng.choice(own)
            for own, one in zip(options, of or [""] * 3, strict=True)
        ]

    found = []
    for _ in range(600):
        here = some()
        seen = rng.choice([None, here, some(here)])
        found.append(Case(here, seen, some(here), seen is not None and rng.random() < 0.2, rng.random() < 0.1))
    return found


def expected(case: Case) -> str:
    """What becomes of the answers here, by the rules that the page and the terminal have in common."""
    here = {question: option for question, option in enumerate(case.here) if option}
    there = {question: option for question, option in enumerate(case.there) if option}
    if case.same_version or case.submitted_later or here == there:
        return "here"
    if case.here == (case.seen or ["", "", ""]) or here.items() <= there.items():
        return "there"
    return "here" if there.items() <= here.items() else "asked"


def as_json(answers: Answers) -> str:
    letters: list[Any] = [["ab"[int(option) % 2] for option in chosen.split()] for chosen in answers]
    given = {str(number): chosen for number, chosen in enumerate(letters, 1) if chosen}
    return json.dumps(
        {number: chosen if number == "3" else chosen[0] for number, chosen in given.items()}, separators=(",", ":")
    )


def bash_array(answers: Answers) -> str:
    return "(" + " ".join(f"'{chosen}'" for chosen in answers) + ")"


def test_random_drafts_meet_by_the_rules(tmp_path: Path) -> None:
    every = cases()
    lines = [BEGUN, "ask_which() { printf 'asked'; }\nwrap() { :; }\n"]
    for case in every:
        version = "" if case.seen is None else "new" if case.same_version else "old"
        base = "{}" if case.seen is None else as_json(case.seen)
        lines.append(
            f"chosen={bash_array(case.here)} theirs={bash_array(case.there)} version={version} base='{base}'\n"
            "their_version=new their_time=2026-11-23T20:00:00Z unsettled=yes\n"
            f"t_submitted=('{'2026-11-23T20:00:00Z' if case.submitted_later else '2026-11-23T19:59:59Z'}')\n"
            'settle; answers_json; printf \' %s %s\\n\' "$version" "$REPLY"\n'
        )
    shown = run_functions(tmp_path, "".join(lines), FOLDER=str(tmp_path)).splitlines()
    outcomes = [expected(case) for case in every]
    assert set(outcomes) == {"here", "there", "asked"}
    for case, outcome, line in zip(every, outcomes, shown, strict=True):
        asked, version, answers = line.split(" ")
        assert asked == ("asked" if outcome == "asked" else ""), case
        assert answers == as_json(case.there if outcome == "there" else case.here), case
        if outcome != "asked":
            assert version == "new", case
