"""How long bin/results.sh takes for a class of 5,000 and of 50,000, apart from waiting for S3."""

from __future__ import annotations

import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "lambda_src"), str(ROOT / "tests"), str(ROOT / ".build/collections")]

from cli.results.__main__ import results  # noqa: E402

from support.weekly_class import SUBJECT, TEST, make_students, make_test  # noqa: E402
from support.weekly_run import World  # noqa: E402


def main() -> None:
    """Print a line for each size."""
    seconds = []
    for students in (5_000, 50_000):
        world = World()
        world.publish(SUBJECT, [make_test()], make_students(students))
        for number in range(1, students + 1):
            world.submit(SUBJECT, TEST, f"s{number}", {"1": "a"})
        began, before = time.perf_counter(), world.calls.count
        size = len(results(world.bucket, None, None, "csv"))
        seconds.append(time.perf_counter() - began)
        print(f"{students:,} students: {seconds[-1]:.1f} s, {world.calls.count - before:,} requests, {size:,} bytes")
    print(f"ratio: {seconds[1] / seconds[0]:.1f} for 10 times the students")


if __name__ == "__main__":
    main()
