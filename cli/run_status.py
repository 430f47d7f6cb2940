"""The latest runs, for `run-scoring.sh --status`."""

from __future__ import annotations

from datetime import UTC

from ansible_collections.training.test_time.plugins.module_utils.class_content.probe import RUN_NAME
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import Summary
from ansible_collections.training.test_time.plugins.module_utils.shared.ids import test_name
from ansible_collections.training.test_time.plugins.module_utils.shared.report_links import LINK_LIFE
from cli.run_progress import in_words
from cli.table import as_table
from cli.weekly_run import WeeklyRun

SHOWN_RUNS = 10
HEAD = ["started", "run", "status", "scored", "failed", "uncertain", "rejected", "waiting"]


def status(runs: WeeklyRun) -> str:
    """The latest runs, newest first, and links to the reports of the newest run that has any.

    Those of bin/check-deployment.sh are left out.
    """
    found = runs.states.list_executions(stateMachineArn=runs.machine, maxResults=SHOWN_RUNS)
    executions = [each for each in found["executions"] if not each["name"].startswith(RUN_NAME)]
    if not executions:
        return "No run has started yet."
    rows = [HEAD]
    links: list[str] = []
    for execution in executions:
        summary = runs.summary(execution["name"])
        state = in_words(execution["status"])
        rows.append(
            [
                f"{execution['startDate'].astimezone(UTC):%Y-%m-%d %H:%M:%SZ}",
                execution["name"],
                "nothing due" if summary is None and state == "succeeded" else state,
                *_counts(summary),
            ]
        )
        if summary and not links:
            links = [
                f"{test_name(test['subject'], test['testId'])}: {runs.link(test['report'])}"
                for test in summary["tests"]
            ]
    hours = int(LINK_LIFE.total_seconds()) // 3600
    return "\n".join([as_table(rows), *(["", f"Reports (the links work for {hours} hours):"] if links else []), *links])


def _counts(summary: Summary | None) -> list[str]:
    if summary is None:
        return ["-"] * 5
    counts = (summary["scored"], summary["failed"], summary["uncertain"], summary["rejected"], summary["deferred"])
    return [str(count) for count in counts]
