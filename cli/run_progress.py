"""Follow a run until it ends, and show its progress."""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.deployment.progress import longest_silence
from ansible_collections.training.test_time.plugins.module_utils.shared.deadlines import format_time
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import Mails, ManifestItem, Plan
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import (
    failures_prefix,
    mails_prefix,
    manifest_key,
    plan_key,
    results_prefix,
    run_prefix,
)
from cli.weekly_run import WeeklyRun, run_id_of

POLL_SECONDS = 1.0


class Progress:
    """How far a run has got, from the files that its steps write."""

    def __init__(self, runs: WeeklyRun, run_id: str) -> None:
        self._runs = runs
        self._run_id = run_id
        self._batches: int | None = None  # None until the run is planned
        self._settle_until = ""  # when scoring begins
        self._sent: dict[str, int] = {}  # emails sent, by the batch's key

    def look(self) -> str:
        """The progress in words."""
        if self._batches is None:
            manifest: list[ManifestItem] | None = self._runs.bucket.get_json(manifest_key(self._run_id))
            if manifest is None:
                return "planning"
            plan: Plan = self._runs.bucket.get_json(plan_key(self._run_id))
            self._batches = len(manifest)
            self._settle_until = plan.get("settleUntil", "")  # absent if a stage has not been upgraded yet
        if format_time(datetime.now(UTC)) < self._settle_until:
            return f"waiting until {self._settle_until}: accepted uploads may still be arriving"
        keys = list(self._runs.bucket.keys(run_prefix(self._run_id)))
        scored = sum(key.startswith(results_prefix(self._run_id)) for key in keys)
        failures = sum(key.startswith(failures_prefix(self._run_id)) for key in keys)
        for key in keys:
            if key.startswith(mails_prefix(self._run_id)) and key not in self._sent:
                self._sent[key] = self._sent_of(key)
        return (
            f"batches: {self._batches}, scored: {scored}, mailed: {len(self._sent)}; "
            f"emails sent: {sum(self._sent.values())}, failures: {failures}"
        )

    def _sent_of(self, key: str) -> int:
        mails: Mails = self._runs.bucket.get_json(key)
        return sum(row["state"] == "sent" for row in mails["rows"])


def follow(
    runs: WeeklyRun,
    execution: str,
    show: Callable[[str], None],
    sleep: Callable[[float], None],
    within_seconds: float = math.inf,
) -> str | None:
    """Wait until the execution ends and show its progress. Returns why it failed, or None if it did not.

    One that has not ended `within_seconds` is a failure too.
    """
    run_id = run_id_of(execution)
    progress = Progress(runs, run_id)
    end = time.monotonic() + within_seconds
    try:
        while True:
            state = runs.states.describe_execution(executionArn=execution)
            show(progress.look())
            if state["status"] != "RUNNING":
                break
            if time.monotonic() >= end:
                return f"the run {run_id} has not ended after {within_seconds:.0f} seconds"
            sleep(POLL_SECONDS)
    finally:
        show("")
    if state["status"] == "SUCCEEDED":
        return None
    return f"the run {run_id} {in_words(state['status'])}: {_cause(state)}"


def in_words(status: str) -> str:
    """The status of an execution as people write it: `TIMED_OUT` is `timed out`."""
    return status.lower().replace("_", " ")


def _cause(state: Mapping[str, Any]) -> str:
    """Why an execution failed, as the function reported it or, if it did not, as Step Functions did."""
    try:
        return str(json.loads(state["cause"])["errorMessage"])
    except (KeyError, ValueError, TypeError):
        return " ".join(part for part in (state.get("error"), state.get("cause")) if part) or "no reason was given"


class ProgressLine:
    """Progress on stderr. In a terminal it is one line that counts seconds and disappears at the end.

    Elsewhere it is one line for each change and one after each `longest_silence`.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun = self._shown_at = clock()
        self._shown = ""

    def __call__(self, text: str) -> None:
        """Show how far the run has got. An empty text means that it has ended."""
        now = self._clock()
        if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            line = f"{text} ({now - self._begun:.0f} s)" if text else ""
            print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
        elif text and (text != self._shown or now - self._shown_at >= longest_silence(now - self._begun)):
            print(text if text != self._shown else f"{text} ({now - self._begun:.0f} s)", file=sys.stderr, flush=True)
            self._shown, self._shown_at = text, now
