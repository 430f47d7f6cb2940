"""The weekly run with 1,000, 10,000 and 50,000 submissions, against the article's loop: one function, one student after
the other.

The run's own code works on an S3 and an SES whose calls take as long as the real ones (support/file_cloud.py). SES
throttles as AWS documents it (support/aws_limits.py): emails, by default at the usual rate of a new production account,
and the question for the quota. The benchmark fails if S3 is asked more often than AWS documents. As on AWS, each
function is a process of its own with its threads, and as many run at a time as the state machine allows. The SDK's own
CPU time, the start of functions and the pace of Step Functions are not in the figures. The loop is measured with fewer
students in the same run, without SES's limit, and extrapolated: it takes the same time for each.

Usage: python tests/benchmarks/weekly_run_scale.py [--emails-per-second N] [SUBMISSIONS ...]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "lambda_src")]

from common.run.ledger import Ledger, Owed  # noqa: E402
from common.run.mail import Mailer  # noqa: E402
from common.shared.canonical_json import canonical_json  # noqa: E402 # found on the path above
from common.shared.deadlines import format_time  # noqa: E402
from common.shared.documents import ScoredRow, ScoringStudent, Submission  # noqa: E402
from common.shared.object_keys import answers_key  # noqa: E402
from common.storage import Bucket  # noqa: E402
from mail_batch.allowance import ask_ses  # noqa: E402
from mail_batch.batch import mail_batch  # noqa: E402
from mail_batch.delivery import Delivery  # noqa: E402
from mail_batch.letters import Letters, RightAnswers  # noqa: E402
from plan_run.due import MOST_MAILERS  # noqa: E402
from plan_run.plan import Settings, plan  # noqa: E402
from report_run.links import published_link  # noqa: E402
from report_run.report import Reporter  # noqa: E402
from report_run.trainer_mail import TrainerMail  # noqa: E402
from score_batch.batch import score_batch  # noqa: E402
from score_batch.scoring import score  # noqa: E402
from support.aws_limits import LIMITS  # noqa: E402
from support.documents import (  # noqa: E402
    WholeTest,
    answer_key,
    published_roster,
    published_subject,
    question,
    questions,
    right,
    roster_entry,
    submission,
)
from support.file_cloud import FileCloud, Files  # noqa: E402
from support.permissions import SENDER  # noqa: E402
from support.templates import properties, template  # noqa: E402
from support.weekly_class import SUBJECT, TEST, make_test  # noqa: E402
from support.weekly_run import TIMEZONE, TRAINER  # noqa: E402

SIZES = (1_000, 10_000, 50_000)
SCORERS = template("weekly-run.asl")["States"]["ScoreAll"]["MaxConcurrency"]
BATCH_SIZE = template("trainings-tests")["Parameters"]["BatchSize"]["Default"]
QUESTIONS = 10
LOOP_STUDENTS = 100
# The loop does not keep to a rate.
LOOP_EMAILS_PER_SECOND = 1000.0
RUN = "bench"
SCORE_TIMEOUT_SECONDS, MAIL_TIMEOUT_SECONDS, REPORT_TIMEOUT_SECONDS = (
    properties("functions", f"{function}Function")["Timeout"] for function in ("ScoreBatch", "MailBatch", "ReportRun")
)
STARTED = datetime(2026, 11, 23, 22, 0, 5, tzinfo=UTC)
FIRST_EMAIL = Owed("", {}, None, None, None)


class Call(NamedTuple):
    """One function's call: how long it took, in wall and CPU seconds, what it asked for, its process's peak memory."""

    wall: float
    cpu: float
    calls: Counter[str]
    peak_mb: float
    answer_bytes: int


# --- in the functions' processes ---

_cloud: FileCloud
_bucket: Bucket
_letters: Letters


def start_function(root: Path, emails_per_second: float) -> None:
    """What happens at a cold start, the templates' compilation included."""
    global _cloud, _bucket, _letters  # noqa: PLW0603 - as a function's module has them
    _cloud = FileCloud(root, emails_per_second)
    _bucket = Bucket("data", _cloud.s3, lists=True)
    _letters = Letters("Bench", SENDER, TIMEZONE)
    test = bench_test()
    result = score(SUBJECT, test, test["questions"], test["key"], "v", bench_student(0), {1: submitted(0)})
    row: ScoredRow = {**result, "name": "Student 0", "status": "scored", "questionsTag": ""}
    answers = RightAnswers(questions(SUBJECT, TEST, test["questions"]), test["key"])
    _letters.score(test["title"], "s0@example.org", row, FIRST_EMAIL, answers, None)


def measured(step: Callable[[], Any]) -> Call:
    """Call one function here."""
    before, wall, cpu = _cloud.calls.copy(), time.perf_counter(), time.process_time()
    answer = step()
    return Call(
        time.perf_counter() - wall,
        time.process_time() - cpu,
        _cloud.calls - before,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        len(json.dumps(answer, default=str)),
    )


def do_plan() -> Call:
    settings = Settings(
        reminder_hours=0, retention_days=365, batch_size=BATCH_SIZE, authorizer_ttl_seconds=60, settle_seconds=40
    )
    return measured(lambda: plan(_bucket, settings, RUN, format_time(STARTED), {}))


def do_score(batch: int) -> Call:
    return measured(lambda: score_batch(_bucket, RUN, batch))


def do_ask_ses() -> Call:
    return measured(lambda: ask_ses(_bucket, Mailer(_cloud.ses), RUN))


def do_mail(batch: int) -> Call:
    def open_delivery(document: Any) -> Delivery:
        return Delivery(
            Ledger(_bucket, RUN, format_time(STARTED), now),
            Mailer(_cloud.ses),
            lambda: 900.0,
            mailers=document["mailers"],
            monotonic=time.monotonic,
            sleep=time.sleep,
            jitter=random.random,
        )

    return measured(lambda: mail_batch(_bucket, _letters, open_delivery, RUN, batch, time.monotonic))


def do_report() -> Call:
    trainer_mail = TrainerMail(
        _bucket,
        Mailer(_cloud.ses),
        now,
        time.sleep,
        link_of=partial(published_link, _bucket),
        class_name="Bench",
        sender=SENDER,
        trainer=TRAINER,
        timezone=TIMEZONE,
    )
    reporter = Reporter(_bucket, trainer_mail, now)

    def report() -> Any:
        summary = reporter.report(RUN)
        return {name: summary[name] for name in ("runId", "scored", "failed", "uncertain", "deferred")}

    return measured(report)


def do_loop(students: int) -> Call:
    """The article's way: one function reads, scores, writes and mails, one student after the other."""
    test, mailer = bench_test(), Mailer(_cloud.ses)

    def loop() -> None:
        for n in range(students):
            student = bench_student(n)
            attempt = _bucket.get_json(answers_key(SUBJECT, f"s{n}", TEST))
            result = score(SUBJECT, test, test["questions"], test["key"], "v", student, {1: attempt})
            _bucket.put_json(f"loop/{n}.json", result)
            row: ScoredRow = {**result, "name": student["name"], "status": "scored", "questionsTag": ""}
            mailer.send(_letters.score(test["title"], student["email"], row, FIRST_EMAIL, None, None))

    return measured(loop)


def now() -> datetime:
    return STARTED + timedelta(minutes=1)


# --- the benchmark ---


def bench_test() -> WholeTest:
    asked = [question(n, "multiple" if n % 3 == 0 else "single") for n in range(1, QUESTIONS + 1)]
    answers = [right("bc" if one["type"] == "multiple" else "a") for one in asked]
    key = answer_key(SUBJECT, TEST, *answers, partial_credit="net-correct")
    return make_test(questions=asked, key=key, questionCount=QUESTIONS)


def bench_student(n: int) -> ScoringStudent:
    closes_at = bench_test()["closesAt"]
    return {
        "studentId": f"s{n}",
        "name": f"Student {n}",
        "email": f"s{n}@example.org",
        "onTimeUntil": closes_at,
        "acceptedUntil": closes_at,
        "over": True,
    }


def submitted(n: int) -> Submission:
    answers = {str(q): "abcd"[(n * q) % 4] for q in range(1, QUESTIONS + 1)}
    return submission(SUBJECT, TEST, f"s{n}", answers, receipt=f"R-{n:016x}")


def publish(root: Path, submissions: int) -> None:
    """A class in which everybody submitted."""
    files = Files(root)
    files.update(published_subject(SUBJECT, [bench_test()]))
    files.update(published_roster(roster_entry(n, [SUBJECT]) for n in range(submissions)))
    for n in range(submissions):
        files[answers_key(SUBJECT, f"s{n}", TEST)] = canonical_json(submitted(n))


@contextmanager
def functions(root: Path, emails_per_second: float, count: int) -> Iterator[Executor]:
    """So many warm functions."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, context, initializer=start_function, initargs=(root, emails_per_second)) as pool:
        list(pool.map(time.sleep, [0.5] * count))
        yield pool


def phase(
    root: Path, emails_per_second: float, count: int, step: Callable[..., Call], *batches: range
) -> tuple[float, list[Call]]:
    """One step of the state machine: its wall time, without the functions' cold start, and its calls."""
    with functions(root, emails_per_second, count) as pool:
        start = time.perf_counter()
        calls = list(pool.map(step, *batches)) if batches else [pool.submit(step).result()]
        return time.perf_counter() - start, calls


def measure(submissions: int, emails_per_second: float) -> float:
    """Measure and print one size. The run's wall seconds for each submission."""
    root = Path(tempfile.mkdtemp(prefix="weekly-run-"))
    try:
        publish(root, submissions)
        batches = range(-(-submissions // BATCH_SIZE))
        step = partial(phase, root, emails_per_second)
        _, (loop,) = phase(root, LOOP_EMAILS_PER_SECOND, 1, partial(do_loop, LOOP_STUDENTS))
        phases = {
            "plan": step(1, do_plan),
            "score": step(SCORERS, do_score, batches),
            "ask SES": step(1, do_ask_ses),
            "mail": step(MOST_MAILERS, do_mail, batches),
            "report": step(1, do_report),
        }
        manifest = (root / f"runs/{RUN}/manifest.json").read_bytes()
        show(submissions, phases, loop, len(manifest))
        return sum(wall for wall, _ in phases.values()) / submissions
    finally:
        shutil.rmtree(root)


def show(submissions: int, phases: dict[str, tuple[float, list[Call]]], loop: Call, manifest_bytes: int) -> None:
    whole = sum(wall for wall, _ in phases.values())
    asked = sum((call.calls for _, calls in phases.values() for call in calls), Counter())
    loop_seconds = loop.wall / LOOP_STUDENTS * submissions
    print(f"\n{submissions:,} submissions: {whole:.1f} s, {submissions / whole:,.0f} a second")
    print(f"{'':8}{'wall s':>9}{'calls':>7}{'longest s':>11}{'CPU ms each':>13}{'peak MB':>9}")
    for name, (wall, calls) in phases.items():
        cpu = 1000 * sum(call.cpu for call in calls) / submissions
        longest, peak = max(call.wall for call in calls), max(call.peak_mb for call in calls)
        print(f"{name:8}{wall:9.1f}{len(calls):7}{longest:11.2f}{cpu:13.2f}{peak:9.0f}")
    print("calls a submission: " + ", ".join(f"{n / submissions:.3f} {name}" for name, n in sorted(asked.items())))
    print(
        f"the loop: {loop_seconds:,.0f} s ({LOOP_STUDENTS} students measured); "
        f"the run is {loop_seconds / whole:.1f} times as fast"
    )
    payload = max(call.answer_bytes for _, calls in phases.values() for call in calls)
    print(f"largest answer to Step Functions: {payload} bytes; manifest, read from S3: {manifest_bytes:,} bytes")
    for name, seconds in (
        ("score", SCORE_TIMEOUT_SECONDS),
        ("mail", MAIL_TIMEOUT_SECONDS),
        ("report", REPORT_TIMEOUT_SECONDS),
    ):
        share = max(call.wall for call in phases[name][1]) / seconds
        print(f"longest {name}: {share:.1%} of its timeout")
    assert payload < LIMITS["states:payload bytes"].value
    for name, (wall, calls) in phases.items():
        made = sum((call.calls for call in calls), Counter())
        assert made["s3:PutObject"] / wall < LIMITS["s3:writes"].value, name
        assert (made["s3:GetObject"] + made["s3:HeadObject"]) / wall < LIMITS["s3:reads"].value, name


def main() -> None:
    """Measure the sizes named on the command line, or all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--emails-per-second", type=float, default=LIMITS["ses:production rate"].value)
    parser.add_argument("sizes", type=int, nargs="*", default=SIZES)
    given = parser.parse_args()
    print(
        f"SES: {given.emails_per_second:g} mails a second; {SCORERS} scoring and {MOST_MAILERS} mailing functions, "
        f"{BATCH_SIZE} students a call"
    )
    each = {size: measure(size, given.emails_per_second) for size in given.sizes}
    first = next(iter(each.values()))
    print("\nwall time of a submission, against the smallest class:")
    for size, seconds in each.items():
        print(f"{size:>8,}: {1000 * seconds:.2f} ms, {seconds / first:.2f}")


if __name__ == "__main__":
    main()
