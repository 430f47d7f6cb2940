"""A parameter of group_vars/all.yml, as the scripts read it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.parameter import parameter


@pytest.mark.parametrize("text", ["region: [", "- region", "class_name: demo\n"])
def test_parameter_that_cannot_be_read_is_an_error_with_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "all.yml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"all\.yml"):
        parameter("region", path)
