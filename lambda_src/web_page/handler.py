"""GET /: the web page for students. It does not require an API key: the page sends the student's own key to the API."""

from __future__ import annotations

from common.api.http import Request, Response, lambda_handler_for
from web_page.page import load_page

_PAGE = load_page()


def page_response(request: Request) -> Response:
    """The page, or 304 for a browser that already has it."""
    if _is_current(request.header("if-none-match")):
        return Response(304, "", _PAGE.headers)
    if _takes_gzip(request):
        return Response(200, _PAGE.compressed, {**_PAGE.headers, "Content-Encoding": "gzip"})
    return Response(200, _PAGE.html, _PAGE.headers)


def _is_current(if_none_match: str | None) -> bool:
    """RFC 9110, 13.1.2: a list of entity tags or `*`, compared weakly."""
    tags = [tag.strip() for tag in (if_none_match or "").split(",")]
    return "*" in tags or _PAGE.etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in tags]


def _takes_gzip(request: Request) -> bool:
    """Whether the client accepts gzip and API Gateway will pass on bytes.

    API Gateway decodes a base64 body only if the first media type of Accept matches the API's binaryMediaTypes,
    `text/html`. Any other client would get the base64 text.
    """
    first_media_type = (request.header("accept") or "").split(",")[0].split(";")[0].strip().lower()
    return first_media_type == "text/html" and _gzip_quality(request.header("accept-encoding") or "") > 0


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


lambda_handler = lambda_handler_for(page_response)
