"""Whether a response may be sent compressed."""

from __future__ import annotations

from common.api.http import Request


def takes_gzip(request: Request, media_type: str = "text/html") -> bool:
    """Whether the client accepts gzip and API Gateway will pass on bytes.

    API Gateway decodes a base64 body only if the first media type of Accept matches the API's binaryMediaTypes, which
    have `media_type`. Any other client would get the base64 text.
    """
    first_media_type = (request.header("accept") or "").split(",")[0].split(";")[0].strip().lower()
    return first_media_type == media_type and _gzip_quality(request.header("accept-encoding") or "") > 0


def _gzip_quality(accept_encoding: str) -> float:
    """The quality value of gzip in an Accept-Encoding header (RFC 9110, 12.5.3); 0 if it is not accepted."""
    qualities = {}
    for part in accept_encoding.lower().split(","):
        coding, _, quality = part.partition(";")
        try:
            qualities[coding.strip()] = float(quality.strip().removeprefix("q=") or 1)
        except ValueError:
            qualities[coding.strip()] = 0.0
    return qualities.get("gzip", qualities.get("*", 0.0))
