"""The benchmark of cold starts can import every function that it measures."""

from benchmarks.cold_start import seconds
from support.templates import BEHIND_THE_API


def test_each_function_starts_in_the_environment_of_the_benchmark() -> None:
    assert seconds("\n".join(f"import {name}.handler" for name in BEHIND_THE_API)) > 0
