"""Files that only the trainer may read, because they are about people."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cli.command import CommandError


def write_private(path: Path, content: bytes) -> None:
    """Write a file with mode 0600, whole or not at all. Raises CommandError if it cannot be written."""
    if path.exists() and not path.is_file():
        raise CommandError(f"{path} is not a file: choose another name")
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}") from error
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        unfinished.replace(path)
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)
