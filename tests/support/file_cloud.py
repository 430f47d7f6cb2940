"""S3 and SES for benchmarks: objects are files, which several processes share and which fill no process's memory; every
call takes as long as the real one usually does.
"""

from __future__ import annotations

import hashlib
import io
import os
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from support.weekly_run import aws_error

# Seconds of one call from a function in the same Region: what S3 and SES usually take for small objects and mails.
LATENCY = {"s3:GetObject": 0.020, "s3:PutObject": 0.035, "s3:ListObjectsV2": 0.030, "ses:SendRawEmail": 0.060}


class FileCloud:
    """The parts of boto3's S3 and SES clients that the run uses. `calls` counts them.

    Conditional writes are right for one writer a key, which is all that a run without faults has.
    """

    def __init__(self, root: Path, ses_per_second: float) -> None:
        self.calls: Counter[str] = Counter()
        self._root = root
        self._per_second = ses_per_second
        self._lock = threading.Lock()

    def get_object(self, **parameters: Any) -> Any:
        self._take("s3:GetObject")
        try:
            body = (self._root / parameters["Key"]).read_bytes()
        except FileNotFoundError:
            raise aws_error("NoSuchKey", 404, "GetObject") from None
        return {"Body": io.BytesIO(body), "ETag": hashlib.md5(body).hexdigest()}

    def put_object(self, **parameters: Any) -> Any:
        self._take("s3:PutObject")
        path = self._root / parameters["Key"]
        if parameters.get("IfNoneMatch") and path.exists():
            raise aws_error("PreconditionFailed", 412, "PutObject")
        write(path, parameters["Body"])
        return {"ETag": hashlib.md5(parameters["Body"]).hexdigest()}

    def get_send_quota(self) -> Any:
        return {"MaxSendRate": self._per_second, "Max24HourSend": -1.0, "SentLast24Hours": 0.0}

    def send_raw_email(self, **_parameters: Any) -> Any:
        self._take("ses:SendRawEmail")
        return {"MessageId": "m"}

    def generate_presigned_url(self, _operation: str, Params: dict[str, str], ExpiresIn: int) -> str:
        return f"https://signed.example.org/{Params['Key']}?expires={ExpiresIn}"

    def _take(self, call: str) -> None:
        with self._lock:
            self.calls[call] += 1
        time.sleep(LATENCY[call])


def write(path: Path, body: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    part.write_bytes(body)
    part.replace(path)
