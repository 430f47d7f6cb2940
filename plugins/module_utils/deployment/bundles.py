"""The zips that Lambda runs: one bundle for each function, and one layer with their dependencies.

The same sources always give the same bytes, on any machine: entries are sorted, have no time or owner, and are stored,
not deflated, because compressors differ between versions.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .packaging import bundle_key

LAYER = "dependencies"
COMMON = "common"
# Where bundles have what is elsewhere in the project: what the functions share with the trainer's side, and the
# terminal client, which one of them serves. In the project these are links, which a built collection does not have.
SHARED = Path(COMMON, "shared")
CLIENT = Path("install", "test-time.sh")
# The functions' platform. `--no-deps`: the requirements are pinned in full.
PIP_OPTIONS = (
    "--platform=manylinux2014_aarch64",
    "--implementation=cp",
    "--python-version=3.13",
    "--only-binary=:all:",
    "--no-deps",
    "--no-compile",
    "--disable-pip-version-check",
)
# What pip records about the machine and the time of the installation, and commands that no function calls.
_TRACES_OF_PIP = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}
_COMMANDS = "bin"
_EARLIEST_TIME_IN_A_ZIP = (1980, 1, 1, 0, 0, 0)
_REGULAR_FILE_READABLE_BY_ALL = 0o100644 << 16


class BundleError(Exception):
    """The bundles could not be built. If pip failed, the message contains its output."""


@dataclass(frozen=True)
class Bundle:
    """`name`: the function's folder, or `dependencies`. `key`: its key in the artifact bucket. `path`: the file."""

    name: str
    key: str
    path: Path


def function_names(source: Path) -> list[str]:
    """The folders of `lambda_src` that are functions, which have a `handler.py`, sorted."""
    return sorted(handler.parent.name for handler in source.glob("*/handler.py"))


def function_zip(source: Path, linked: Mapping[Path, Path], name: str) -> bytes:
    """The bundle of one function: its folder, the common one, and what is linked into them.

    `linked`: files and folders from elsewhere by their place in a bundle.
    """
    parts = (name, COMMON)
    files = {path.relative_to(source): path for part in parts for path in _files(source / part)}
    for place, target in linked.items():
        if place.parts[0] in parts:
            found = [target] if target.is_file() else _files(target)
            files |= {place / path.relative_to(target): path for path in found}
    return _zip({str(place): path.read_bytes() for place, path in files.items()})


def build_function(source: Path, linked: Mapping[Path, Path], name: str, build: Path) -> Bundle:
    """The function's bundle as a file in `build`, which is written if it does not exist yet. See `function_zip`."""
    content = function_zip(source, linked, name)
    return _stored(name, content, build / f"{name}-{hashlib.sha256(content).hexdigest()}.zip")


def build_layer(requirements: Path, build: Path) -> Bundle:
    """The layer (its files are below `python/`), built with pip unless `build` already has it for these requirements.

    Raises BundleError.
    """
    wanted = hashlib.sha256("\n".join(PIP_OPTIONS).encode() + requirements.read_bytes()).hexdigest()
    path = build / f"{LAYER}-for-{wanted}.zip"
    with _locked(path.with_suffix(".lock")):
        if path.exists():
            return Bundle(LAYER, bundle_key(LAYER, path.read_bytes()), path)
        with tempfile.TemporaryDirectory() as folder:
            _install(requirements, Path(folder))
            return _stored(LAYER, layer_zip(Path(folder)), path)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Of several processes at once, one is in the block and the others wait. A process that dies gives the lock up."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def layer_zip(installed: Path) -> bytes:
    """The layer with the files of an installation folder."""
    files = {path.relative_to(installed): path for path in _files(installed)}
    return _zip(
        {
            f"python/{name}": path.read_bytes()
            for name, path in files.items()
            if name.name not in _TRACES_OF_PIP and name.parts[0] != _COMMANDS
        }
    )


def _install(requirements: Path, target: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", *PIP_OPTIONS, f"--requirement={requirements}"]
    run = subprocess.run(  # noqa: S603  # fixed arguments and a path in the project
        [*command, f"--target={target}"], capture_output=True, text=True, check=False, timeout=600
    )
    if run.returncode != 0:
        raise BundleError(f"pip could not install {requirements} for the functions' platform:\n{run.stderr.strip()}")


def _files(folder: Path) -> Iterator[Path]:
    """The files below the folder, except Python's caches and hidden files."""
    for path in folder.rglob("*"):
        names = path.relative_to(folder).parts
        if path.is_file() and "__pycache__" not in names and not any(name.startswith(".") for name in names):
            yield path


def _zip(files: Mapping[str, bytes]) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EARLIEST_TIME_IN_A_ZIP)
            entry.create_system = 3  # Unix, on any machine
            entry.external_attr = _REGULAR_FILE_READABLE_BY_ALL
            archive.writestr(entry, files[name])
    return output.getvalue()


def _stored(name: str, content: bytes, path: Path) -> Bundle:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        partial.write_bytes(content)
        partial.replace(path)
    return Bundle(name, bundle_key(name, content), path)
