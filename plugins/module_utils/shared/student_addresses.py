"""Where students find what they take tests with, as emails give it."""

from __future__ import annotations


def page_address(endpoint: str) -> str:
    """The web page."""
    return f"{endpoint}/"


def install_line(endpoint: str) -> str:
    """The line for a terminal that installs the client. The endpoint has no character that a shell would read."""
    return f"curl -fsS {endpoint}/install | bash"
