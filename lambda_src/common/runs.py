"""Where a weekly run keeps its files, and how its parts name an answer key."""

from __future__ import annotations

from hashlib import sha256


def plan_key(run_id: str) -> str:
    """What is due and why; written by plan_run."""
    return f"runs/{run_id}/plan.json"


def manifest_key(run_id: str) -> str:
    """The list the Distributed Map reads: `[{"runId": "...", "batch": 0}]`."""
    return f"runs/{run_id}/manifest.json"


def batch_key(run_id: str, batch: int) -> str:
    """The students of a batch, with their addresses; written by plan_run."""
    return f"runs/{run_id}/batches/{batch}.json"


def results_key(run_id: str, batch: int) -> str:
    """A row for each student of a batch; written by score_batch."""
    return f"runs/{run_id}/results/{batch}.json"


def mails_key(run_id: str, batch: int) -> str:
    """What became of each mail of a batch; written by mail_batch."""
    return f"runs/{run_id}/mails/{batch}.json"


def failure_keys(run_id: str, batch: int) -> tuple[str, str]:
    """Why scoring and why mailing a batch failed for good; written by the state machine."""
    return f"runs/{run_id}/failures/{batch}.json", f"runs/{run_id}/failures/mail-{batch}.json"


def summary_key(run_id: str) -> str:
    """What `run-scoring.sh` prints; written by report_run."""
    return f"runs/{run_id}/summary.json"


def state_key(subject: str, test_id: str) -> str:
    """What a test was last scored for. It never expires, as reports do: without it the test would be due again."""
    return f"states/{subject}/{test_id}.json"


def key_version(answer_key: bytes) -> str:
    """An answer key's name, by its bytes: the first 12 hex digits of their SHA-256 (docs/data-model.md)."""
    return sha256(answer_key).hexdigest()[:12]
