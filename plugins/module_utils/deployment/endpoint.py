"""Where a deployment's API is."""

from __future__ import annotations

from collections.abc import Mapping


def api_endpoint(stack_outputs: Mapping[str, str], cloud: str | None = None) -> str:
    """The API's base URL. `cloud`: the URL at which the SDK finds AWS, where that is another than AWS's own."""
    if cloud:
        return f"{cloud.rstrip('/')}/restapis/{stack_outputs['ApiId']}/api/_user_request_"
    return stack_outputs["ApiEndpoint"]
