"""The URL of a deployment's API."""

from __future__ import annotations

from collections.abc import Mapping


def api_endpoint(stack_outputs: Mapping[str, str], cloud: str | None = None) -> str:
    """The API's base URL. `cloud`: the URL of the emulator that the SDK uses instead of AWS, if any."""
    if cloud:
        return f"{cloud.rstrip('/')}/restapis/{stack_outputs['ApiId']}/api/_user_request_"
    return stack_outputs["ApiEndpoint"]
