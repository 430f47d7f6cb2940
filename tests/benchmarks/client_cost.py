"""What the terminal client costs: a six-question test, against the bare curl calls it cannot do without.

Both run turn by turn against the same API on loopback, and their CPU time (user and system, children
included) is taken, so that whatever else the machine does falls on both. Prints medians, their ratio
and the number of round trips. The client's CPU time is to stay under 0.5 s, its round trips at three
plus the menu's one.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "lambda_src")]

from support.local_api import LocalApi, sample_questions  # noqa: E402 # found on the path above
from support.terminal_client import TerminalClient  # noqa: E402

ROUNDS = 15
ANSWERS = {"1": "a", "2": "a", "3": ["a", "b"], "4": "c", "5": "d", "6": "d"}
TEST = ("operating-systems", "test01")


def cpu_seconds(command: list[str], environment: dict[str, str], stdin: str = "") -> float:
    """CPU time of a command and all its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=stdin, text=True, env=environment, stdout=subprocess.PIPE, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def bare_calls(api: LocalApi, key: str, student: str) -> float:
    """The same three requests with nothing but curl."""
    body = {"subjectName": TEST[0], "testId": TEST[1], "studentId": student, "answers": ANSWERS}
    upload = ["--data", json.dumps(body), "--header", "content-type: application/json"]
    return sum(
        cpu_seconds(
            ["curl", "-q", "--silent", "--fail", "--header", f"x-api-key: {key}", f"{api.endpoint}/v1/{path}", *more],
            {"PATH": os.environ["PATH"]},
        )
        for path, more in [("student", []), (f"test?subjectName={TEST[0]}&testId={TEST[1]}", []), ("test", upload)]
    )


def main() -> None:
    """Measure and print."""
    lines = "".join(f"{' '.join(answer)}\n" for answer in ANSWERS.values())
    client_times, bare_times = [], []
    with LocalApi() as api, tempfile.TemporaryDirectory() as folder:
        api.publish_test(*TEST, sample_questions())
        for done in range(ROUNDS):
            print(f"round {done + 1} of {ROUNDS}", file=sys.stderr)
            key = api.add_student(f"c{done}", "Ada Example", [TEST[0]])
            client = TerminalClient(Path(folder), api.endpoint, key)
            api.requests.clear()
            command = [str(client.script), "--subject", TEST[0], "--test", TEST[1]]
            client_times.append(cpu_seconds(command, client.environment, lines))
            round_trips = len(api.requests)
            bare_times.append(bare_calls(api, api.add_student(f"b{done}", "Bob Example", [TEST[0]]), f"b{done}"))
    ratio = statistics.median(own / bare for own, bare in zip(client_times, bare_times, strict=True))
    print(f"test-time.sh     {statistics.median(client_times) * 1000:4.0f} ms of CPU, {round_trips} round trips")
    print(f"bare curl calls  {statistics.median(bare_times) * 1000:4.0f} ms of CPU, 3 round trips")
    print(f"ratio {ratio:.1f}")


if __name__ == "__main__":
    main()
