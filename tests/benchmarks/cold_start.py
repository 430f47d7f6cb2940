"""How long a cold start takes: each function's import, against the least a boto3 function can do.

Prints the median of each and its ratio to `import boto3; boto3.client("s3")`, taken turn by turn in
fresh interpreters, so that whatever else the machine does falls on both.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.templates import BEHIND_THE_API  # found on the path above

ROUNDS = 15
BARE = 'import boto3; boto3.client("s3")'
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": str(Path(__file__).parents[2] / "lambda_src"),
    "DATA_BUCKET": "data",
    "CLASS_NAME": "Class",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "POWERTOOLS_SERVICE_NAME": "bench",
    "POWERTOOLS_METRICS_NAMESPACE": "Bench",
}


def seconds(code: str) -> float:
    """How long a fresh interpreter takes to run `code`, its own start included."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, check=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    codes = {"bare boto3": BARE, **{name: f"import {name}.handler" for name in BEHIND_THE_API}}
    for code in codes.values():
        seconds(code)
    taken: dict[str, list[float]] = {name: [] for name in codes}
    for done in range(ROUNDS):
        print(f"round {done + 1} of {ROUNDS}", file=sys.stderr)
        for name, code in codes.items():
            taken[name].append(seconds(code))
    for name, times in taken.items():
        ratios = [own / bare for own, bare in zip(times, taken["bare boto3"], strict=True)]
        print(f"{name:12} {statistics.median(times) * 1000:4.0f} ms  ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
