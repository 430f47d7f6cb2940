"""Numbers of the templates: where the docs quote one, it is the template's."""

from __future__ import annotations

import json
import re

import pytest

from common.api.receipt import MOST_ATTEMPTS
from common.parallel import MAX_PARALLEL
from common.shared.object_keys import RUNS
from score_batch.attempts import LONGEST_UPLOAD
from support.templates import ROOT, properties, template

STATES = template("weekly-run.asl")["States"]
SCORERS, MAILERS = (STATES[state]["MaxConcurrency"] for state in ("ScoreAll", "MailAll"))
PARAMETERS = template("trainings-tests")["Parameters"]
LIFECYCLE = properties("storage", "DataBucket")["LifecycleConfiguration"]["Rules"]


def quoted(page: str, around: str) -> set[int]:
    """Each number that `docs/<page>.md` has at the group of the pattern `around`. A space matches a line's end too."""
    text = (ROOT / f"docs/{page}.md").read_text()
    return {int(number.replace(",", "")) for number in re.findall(around.replace(" ", r"\s+"), text)}


def test_architecture_says_how_long_a_run_waits() -> None:
    assert quoted("architecture", r"waits until (\d+) seconds after") == {PARAMETERS["SettleSeconds"]["Default"]}


def test_a_draft_saved_each_minute_never_keeps_a_student_from_submitting() -> None:
    parameters = json.loads((ROOT / "schemas/parameters.schema.json").read_text())["properties"]
    smallest = parameters["quota_requests_per_day"]["minimum"]
    assert quoted("architecture", r"is at least ([\d,]+): a day and a night") == {smallest}
    [left] = quoted("architecture", r"saving leave (\d+) requests")
    assert left == smallest - 24 * 60 > 0
    assert quoted("architecture", r"save at most once in (\d+) seconds") == {60}


def test_scoring_begins_when_the_longest_upload_has_ended() -> None:
    """An upload takes as long as the authorizer, whose answer is cached, and the upload function."""
    longest = sum(properties("functions", f"{name}Function")["Timeout"] for name in ("Authorizer", "UploadTest"))
    assert longest < PARAMETERS["SettleSeconds"]["Default"]


def test_scaling_says_how_many_students_a_batch_has() -> None:
    batch = {PARAMETERS["BatchSize"]["Default"]}
    assert quoted("scaling", r"Batches have (\d+) students") == batch
    assert quoted("scaling", r"`BatchSize` of the root template \((\d+)\)") == batch


def test_scaling_and_operations_say_how_many_functions_work_at_a_time() -> None:
    assert quoted("scaling", r"Up to (\d+) scoring and") == {SCORERS}
    assert quoted("scaling", r"scoring and (\d+) mailing functions work") == {MAILERS}
    assert quoted("scaling", r"for each batch, (\d+) batches at a time") == {SCORERS}
    assert quoted("scaling", r"at a time; the run uses (\d+)\.") == {SCORERS}
    assert quoted("operations", r"scoring uses (\d+) and mailing") == {SCORERS}
    assert quoted("operations", r"scoring uses \d+ and mailing (\d+)\.") == {MAILERS}


def test_scaling_says_how_many_threads_a_function_has() -> None:
    assert quoted("scaling", r"a process with (\d+) threads") == {MAX_PARALLEL}


@pytest.mark.parametrize(
    ("row", "function"),
    [("longest scoring call", "ScoreBatch"), ("longest mailing call", "MailBatch"), ("the report", "ReportRun")],
)
def test_scaling_says_when_a_call_times_out(row: str, function: str) -> None:
    timeout = properties("functions", f"{function}Function")["Timeout"]
    assert quoted("scaling", rf"{row}, s \(timeout (\d+)\)") == {timeout}


def test_privacy_says_how_long_a_runs_files_are_kept() -> None:
    [days] = [rule["ExpirationInDays"] for rule in LIFECYCLE if rule.get("Prefix") == RUNS]
    assert quoted("privacy", rf"`{RUNS}` \| (\d+) days") == {days}
    assert quoted("privacy", rf"for (\d+) days, in `{RUNS}`") == {days}


def test_privacy_says_how_long_old_versions_are_kept() -> None:
    [days] = [
        rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
        for rule in LIFECYCLE
        if "NoncurrentVersionExpiration" in rule and "Prefix" not in rule
    ]
    assert quoted("privacy", r"restored for (\d+) days") == {days}
    assert quoted("privacy", r"also name them for (\d+) days") == {days}


def test_an_upload_is_stopped_before_scoring_takes_it_for_later() -> None:
    assert properties("functions", "UploadTestFunction")["Timeout"] * 2 <= LONGEST_UPLOAD.total_seconds()


def test_docs_say_how_often_a_test_may_be_submitted() -> None:
    assert quoted("authoring", r"submit up to (\d+) times") == {MOST_ATTEMPTS}
    assert quoted("data-model", r"at most (\d+) attempts") == {MOST_ATTEMPTS}
