"""S3 and SES for benchmarks: objects are files, which several processes share and which fill no process's memory; every
call takes as long as the real one usually does.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

from support.aws_calls import Calls, Real, aws_error
from support.aws_limits import LIMITS, Level, spend
from support.memory_s3 import MemoryS3

# Seconds of one call from a function in the same Region: what S3 and SES usually take for small objects and mails.
LATENCY = {
    "s3:GetObject": 0.020,
    "s3:HeadObject": 0.020,
    "s3:PutObject": 0.035,
    "s3:ListObjectsV2": 0.030,
    "ses:SendRawEmail": 0.060,
    "ses:GetSendQuota": 0.060,
}


class FileCloud:
    """The S3 and the SES that the run uses. `calls` counts their calls.

    Conditional writes are right for one writer a key, which is all that a run without faults has.
    """

    def __init__(self, root: Path, ses_per_second: float) -> None:
        calls = _SlowCalls()
        self.calls = calls.taken
        self.s3 = MemoryS3(calls, objects=Files(root))
        self.ses = _Ses(calls, root, ses_per_second)


class _SlowCalls(Calls):
    """Takes its time for each call, and counts the calls instead of keeping them."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: Counter[str] = Counter()

    def make(self, name: str, parameters: dict[str, Any], real: Real) -> Any:
        with self._lock:
            self.taken[name] += 1
        time.sleep(LATENCY[name])
        return real()


class Files(MutableMapping[str, bytes]):
    """A folder as a mapping: keys are paths in it, values are the files' contents."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __getitem__(self, key: str) -> bytes:
        try:
            return (self._root / key).read_bytes()
        except FileNotFoundError:
            raise KeyError(key) from None

    def __setitem__(self, key: str, body: bytes) -> None:
        """Write a file whole or not at all."""
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
        part.write_bytes(body)
        part.replace(path)

    def __delitem__(self, key: str) -> None:
        (self._root / key).unlink()

    def __iter__(self) -> Iterator[str]:
        return (str(path.relative_to(self._root)) for path in self._root.rglob("*") if path.is_file())

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Ses:
    """Takes mails at SES's rate and keeps none, so that neither their number nor their parsing is measured."""

    def __init__(self, calls: Calls, root: Path, per_second: float) -> None:
        self._calls = calls
        self._per_second = per_second
        self._asking = _SharedRate(root / "ses-quota-calls", LIMITS["ses:GetSendQuota"].value)
        self._sending = _SharedRate(root / "ses-mails", per_second)

    def get_send_quota(self) -> Any:
        def quota() -> Any:
            self._asking.take("GetSendQuota", "Rate exceeded")
            return {"MaxSendRate": self._per_second, "Max24HourSend": -1.0, "SentLast24Hours": 0.0}

        return self._calls.make("ses:GetSendQuota", {}, quota)

    def send_raw_email(self, **parameters: Any) -> Any:
        def send() -> Any:
            self._sending.take("SendRawEmail", "Maximum sending rate exceeded.")
            return {"MessageId": "m"}

        return self._calls.make("ses:SendRawEmail", parameters, send)


class _SharedRate:
    """A rate limit of all processes together, whose level is in a file."""

    def __init__(self, path: Path, per_second: float) -> None:
        self._path = path
        self._per_second = per_second

    def take(self, operation: str, message: str) -> None:
        """Count one more call. Raises what SES answers to a call that comes too fast."""
        with self._path.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            text = file.read()
            after = spend(Level(*json.loads(text)) if text else None, time.time(), self._per_second)
            if after is None:
                raise aws_error("Throttling", 400, operation, message)
            file.truncate(0)
            file.write(json.dumps(after))
