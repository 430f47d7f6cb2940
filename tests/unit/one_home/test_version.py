"""The version: what repeats it says what `galaxy.yml` says."""

from __future__ import annotations

import re

import yaml

from support.templates import ROOT

VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"]


def test_the_terminal_client_has_it() -> None:
    assert re.findall(r"^readonly VERSION=(.*)$", (ROOT / "bin/test-time.sh").read_text(), re.M) == [VERSION]


def test_the_newest_release_in_the_changelog_has_it() -> None:
    assert re.findall(r"^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text(), re.M)[0] == VERSION


def test_the_readmes_sample_session_has_it() -> None:
    assert set(re.findall(r"\bv(\d+\.\d+\.\d+)\b", (ROOT / "README.md").read_text())) == {VERSION}
