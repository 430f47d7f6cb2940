"""Bundles are the same bytes for the same sources, and hold what a function needs and nothing else."""

from __future__ import annotations

import fcntl
import io
import os
import subprocess
import sys
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import pytest
from ansible_collections.training.test_time.plugins.module_utils.deployment import bundles
from ansible_collections.training.test_time.plugins.module_utils.deployment.packaging import bundle_key

LAMBDA_SRC = Path(__file__).parents[3] / "lambda_src"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "lambda_src"
    for name, text in {
        "common/clock.py": "NOW = 0\n",
        "get_test/handler.py": "import common.clock\n",
        "get_test/page/index.html": "<p>\n",
        "list_tests/handler.py": "\n",
        "requirements.txt": "jinja2==3.1.6\n",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def names(content: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(content)).namelist()


def linked(source: Path) -> dict[Path, Path]:
    return {bundles.SHARED: source.parent / "shared"}


def test_functions_are_the_folders_with_a_handler(source: Path) -> None:
    assert bundles.function_names(source) == ["get_test", "list_tests"]


def test_function_holds_its_folder_and_the_shared_ones(source: Path) -> None:
    (source.parent / "shared").mkdir()
    (source.parent / "shared" / "ids.py").touch()
    assert names(bundles.function_zip(source, linked(source), "get_test")) == [
        "common/clock.py",
        "common/shared/ids.py",
        "get_test/handler.py",
        "get_test/page/index.html",
    ]


def test_the_projects_own_functions_have_the_shared_code_whether_or_not_there_is_a_link(source: Path) -> None:
    """A built collection has no links."""
    shared = LAMBDA_SRC / "common" / "shared"
    assert shared.is_symlink()
    whole = bundles.function_zip(LAMBDA_SRC, {bundles.SHARED: shared.resolve()}, "get_test")
    assert {f"common/shared/{path.name}" for path in shared.glob("*.py")} <= set(names(whole))
    (source.parent / "shared").mkdir()
    (source.parent / "shared" / "ids.py").touch()
    before = bundles.function_zip(source, linked(source), "get_test")
    (source / "common" / "shared").symlink_to("../../shared")
    assert bundles.function_zip(source, linked(source), "get_test") == before


def test_the_terminal_client_is_in_the_bundle_of_the_function_that_serves_it_and_in_no_other(source: Path) -> None:
    client = LAMBDA_SRC.parent / "bin" / "test-time.sh"
    whole = bundles.function_zip(LAMBDA_SRC, {bundles.CLIENT: client}, "install")
    assert zipfile.ZipFile(io.BytesIO(whole)).read("install/test-time.sh") == client.read_bytes()
    assert "install/test-time.sh" not in names(bundles.function_zip(LAMBDA_SRC, {bundles.CLIENT: client}, "get_test"))
    (source / "install").mkdir()
    before = bundles.function_zip(source, {bundles.CLIENT: client}, "install")
    (source / "install" / "test-time.sh").symlink_to(client)
    assert bundles.function_zip(source, {bundles.CLIENT: client}, "install") == before


def test_caches_and_hidden_files_stay_out(source: Path) -> None:
    before = bundles.function_zip(source, linked(source), "get_test")
    for name in ("get_test/__pycache__/handler.cpython-313.pyc", "common/.DS_Store", "get_test/.mypy_cache/x.json"):
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text("x")
    assert bundles.function_zip(source, linked(source), "get_test") == before


def test_times_modes_and_order_of_the_disk_leave_no_trace(source: Path) -> None:
    before = bundles.function_zip(source, linked(source), "get_test")
    handler = source / "get_test" / "handler.py"
    text = handler.read_text()
    handler.unlink()
    handler.write_text(text)
    handler.chmod(0o600)
    os.utime(handler, (1, 1))
    assert bundles.function_zip(source, linked(source), "get_test") == before


def test_bytes_are_the_ones_of_every_machine(source: Path) -> None:
    """Pinned: a change of this digest means that every function is uploaded and updated once more."""
    bundle = bundles.build_function(source, linked(source), "list_tests", source.parent / "build")
    assert bundle.key == "code/list_tests-8f6c57ec168e7006c38bba68dfe4f5c630f8f443657a3aac9fcd112f4c441da3.zip"


def test_one_changed_line_changes_that_function_alone(source: Path, tmp_path: Path) -> None:
    before = {
        name: bundles.build_function(source, linked(source), name, tmp_path).key for name in ("get_test", "list_tests")
    }
    (source / "get_test" / "handler.py").write_text("import common.clock  # changed\n")
    after = {
        name: bundles.build_function(source, linked(source), name, tmp_path).key for name in ("get_test", "list_tests")
    }
    assert [name for name in after if after[name] != before[name]] == ["get_test"]


def test_bundle_on_disk_is_what_its_key_says(source: Path, tmp_path: Path) -> None:
    bundle = bundles.build_function(source, linked(source), "get_test", tmp_path / "build")
    assert bundle_key("get_test", bundle.path.read_bytes()) == bundle.key


def install(monkeypatch: pytest.MonkeyPatch, files: dict[str, str]) -> list[Path]:
    """Stand in for pip. Returns the list of what was installed."""
    installed: list[Path] = []

    def fake(requirements: Path, target: Path) -> None:
        installed.append(requirements)
        for name, text in files.items():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_text(text)

    monkeypatch.setattr(bundles, "_install", fake)
    return installed


INSTALLED = {
    "jinja2/__init__.py": "",
    "jinja2/bin/tool.py": "",
    "jinja2-3.1.6.dist-info/METADATA": "",
    "jinja2-3.1.6.dist-info/RECORD": "",
    "jinja2-3.1.6.dist-info/INSTALLER": "",
    "bin/jp.py": "",
}


def test_layer_holds_packages_without_the_traces_of_pip(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, INSTALLED)
    layer = bundles.build_layer(source / "requirements.txt", tmp_path / "build")
    assert names(layer.path.read_bytes()) == [
        "python/jinja2-3.1.6.dist-info/METADATA",
        "python/jinja2/__init__.py",
        "python/jinja2/bin/tool.py",
    ]


def test_layer_is_installed_once_for_the_same_requirements(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = install(monkeypatch, INSTALLED)
    first = bundles.build_layer(source / "requirements.txt", tmp_path)
    assert bundles.build_layer(source / "requirements.txt", tmp_path) == first
    assert len(installed) == 1
    (source / "requirements.txt").write_text("jinja2==3.1.7\n")
    bundles.build_layer(source / "requirements.txt", tmp_path)
    assert len(installed) == 2


def test_two_runs_at_once_install_once(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first installation ends only after the second run has come to the lock."""
    installed = install(monkeypatch, INSTALLED)
    quick, lock = bundles._install, fcntl.flock
    both_came = threading.Event()
    comers: list[int] = []

    def seen_lock(file: IO[str], operation: int) -> None:
        comers.append(operation)
        if len(comers) == 2:
            both_came.set()
        lock(file, operation)

    def waiting_install(requirements: Path, target: Path) -> None:
        assert both_came.wait(timeout=60)
        quick(requirements, target)

    monkeypatch.setattr(fcntl, "flock", seen_lock)
    monkeypatch.setattr(bundles, "_install", waiting_install)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: bundles.build_layer(source / "requirements.txt", tmp_path), range(2))
    assert first == second
    assert len(installed) == 1


def test_failed_installation_leaves_no_layer_and_says_what_pip_said(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "ERROR: no such version")

    monkeypatch.setattr(subprocess, "run", failing)
    with pytest.raises(bundles.BundleError, match="no such version"):
        bundles.build_layer(source / "requirements.txt", tmp_path / "build")
    assert not list(tmp_path.glob("build/*.zip"))


def test_markup_works_where_the_platforms_compiled_part_is_missing() -> None:
    """The layer's markupsafe is compiled for arm64; elsewhere (the local cloud) it has to do without."""
    code = (
        "import sys; sys.modules['markupsafe._speedups'] = None\n"
        "import markupsafe; assert markupsafe.escape('<') == '&lt;'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_function_of_the_project_gets_a_bundle() -> None:
    assert bundles.function_names(LAMBDA_SRC) == [
        "authorizer",
        "calendar_feed",
        "class_view",
        "draft",
        "get_test",
        "install",
        "list_tests",
        "mail_batch",
        "pick_up",
        "plan_run",
        "report_run",
        "review",
        "score_batch",
        "student",
        "upload_test",
        "web_page",
    ]
