"""The functions of bin/test-time.sh in one process, for tests that show hundreds of questions."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from support.terminal_client import SCRIPT

LAST_LINE = 'main "$@"\n'
# In place of `main`: a server that answers with a test's file, a terminal as wide as each question asks for, and a
# student who types a line for each, or for each of its gaps.
DRIVER = r"""
set -f
exec 3>&1
on_terminal='' resized='' json='' interactive='' counts_characters=yes server_epoch='' server_noted=0
endpoint=http://127.0.0.1 chosen_test=0
t_subject=(s) t_test=(t) t_title=('') t_closes=('') t_late_until=('') t_attempts=('')
send() { http_status=200 http_body=$(<"$file") trouble=''; }
for file in $FILES; do
  load_test 0 lenient ''
  number=0
  while IFS=$US read -r width line; do
    columns=$((width < 100 ? width : 100))
    show_question "$number"
    printf '\f\n'
    place=$number
    if [[ ${q_type[number]} == gaps ]]; then place=${q_gap[number]}; fi
    IFS=$RS read -r -a parts <<<"$line"
    for part in ${parts[@]+"${parts[@]}"}; do
      if [[ -n $part ]] && read_answer "$place" "$part"; then give "$number" "$place" "$REPLY" "$answer_words"; fi
      place=$((place + 1))
    done
    number=$((number + 1))
  done <"$file.student"
  width=80 columns=80
  show_summary
  answers_json
  printf '\f\n%s\f\f\n' "$REPLY"
done
"""


# In place of `main`: a student who types a line at a question for each line of a file. What comes of it is a row.
ANSWERING = r"""
set -f
exec 3>&1
on_terminal='' resized='' json='' interactive='' counts_characters=yes server_epoch='' server_noted=0
endpoint=http://127.0.0.1 t_subject=(s) t_test=(t)
send() { http_status=200 http_body=$(<"$FOLDER/test.json") trouble=''; }
load_test 0 lenient ''
while IFS=$US read -r number line; do
  if read_answer "$number" "$line"; then choose "$number" "$REPLY" "$answer_words"; else answer_words=refused; fi
  printf '%s\n' "$REPLY$US$answer_words"
done <"$FOLDER/typed"
"""


class Taken(NamedTuple):
    """A test as the terminal showed it, a screen for each question, then the summary and what it would upload."""

    screens: list[str]
    summary: str
    answers: dict[str, Any]


class Student(NamedTuple):
    """How wide the terminal is at each question of a test, and what is typed there; an empty text leaves it out.

    What is typed in the gaps of a question is separated by U+001E.
    """

    widths: Sequence[int]
    typed: Sequence[str]


def run_functions(folder: Path, driver: str, **environment: str) -> str:
    """What the client's functions print, with `driver` in place of `main`."""
    script = SCRIPT.read_text()
    assert script.endswith(LAST_LINE)
    program = folder / "client.sh"
    program.write_text(script.removesuffix(LAST_LINE) + driver)
    done = subprocess.run(
        ["bash", str(program)],
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def answers_typed(
    folder: Path, questions: Sequence[Mapping[str, Any]], typed: Sequence[tuple[int, str | bytes]], **environment: str
) -> list[Any]:
    """What comes of each line that is typed at a question, named by its place from 0.

    The answer as it is uploaded and the words that show it; or, as a text, why it is refused.
    """
    lines = [(place, line.encode() if isinstance(line, str) else line) for place, line in typed]
    (folder / "test.json").write_text(json.dumps({"questions": questions}))
    (folder / "typed").write_bytes(b"".join(b"%d\x1f%s\n" % line for line in lines))
    rows = run_functions(folder, ANSWERING, FOLDER=str(folder), **environment).removesuffix("\n").split("\n")
    assert len(rows) == len(lines)
    found = [row.split("\x1f") for row in rows]
    return [said if words == "refused" else (json.loads(said), words) for said, words in found]


def take(folder: Path, tests: Sequence[tuple[Mapping[str, Any], Student]]) -> list[Taken]:
    """Take each test, an answer of `GET /v1/test`."""
    files = [folder / str(number) for number in range(len(tests))]
    for file, (test, student) in zip(files, tests, strict=True):
        lines = zip(student.widths, student.typed, strict=True)
        file.write_text(json.dumps(test))
        file.with_name(f"{file.name}.student").write_text("".join(f"{width}\x1f{line}\n" for width, line in lines))
    found = []
    for screen in run_functions(folder, DRIVER, FILES=" ".join(map(str, files))).split("\f\f\n")[:-1]:
        *screens, summary, answers = screen.split("\f\n")
        found.append(Taken(screens, summary, json.loads(answers)))
    assert len(found) == len(tests)
    return found
