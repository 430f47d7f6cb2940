"""The latest runs, for `run-scoring.sh --status`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from ansible_collections.training.test_time.plugins.module_utils.class_content.probe import RUN_NAME
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import Summary
from ansible_collections.training.test_time.plugins.module_utils.shared.ids import test_name
from ansible_collections.training.test_time.plugins.module_utils.shared.report_address import report_address
from cli.next_command import next_command
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
    summaries = {each["name"]: runs.summary(each["name"]) for each in executions}
    lines = [as_table([HEAD, *(_row(each, summaries[each["name"]]) for each in executions)])]
    for name, summary in summaries.items():
        if summary and summary["trainerMailFailure"]:
            lines.append(f"{name}: the trainer's email {summary['trainerMailFailure']}")
    newest = next((summary for summary in summaries.values() if summary and summary["tests"]), None)
    if newest:
        command = next_command("./bin/pull-api-config.sh --trainer --show")
        lines += ["", f"Reports (the page asks for your key, which {command} prints):"]
        lines += [
            f"{test_name(test['subject'], test['testId'])}: {report_address(runs.endpoint, test['report'])}"
            for test in newest["tests"]
        ]
    return "\n".join(lines)


def _row(execution: Mapping[str, Any], summary: Summary | None) -> list[str]:
    state = in_words(execution["status"])
    return [
        f"{execution['startDate'].astimezone(UTC):%Y-%m-%d %H:%M:%SZ}",
        execution["name"],
        "nothing due" if summary is None and state == "succeeded" else state,
        *_counts(summary),
    ]


def _counts(summary: Summary | None) -> list[str]:
    if summary is None:
        return ["-"] * 5
    counts = (summary["scored"], summary["failed"], summary["uncertain"], summary["rejected"], summary["deferred"])
    return [str(count) for count in counts]
