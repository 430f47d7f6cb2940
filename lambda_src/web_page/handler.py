"""GET /: the web page for students, and with `?trainer` for the trainer. GET /sw.js: its service worker.

It does not require an API key: the page sends its reader's own key to the API.
"""

from __future__ import annotations

from common.api.compression import takes_gzip
from common.api.entity_tag import is_current
from common.api.http import Request, Response, lambda_handler_for
from common.settings import setting
from web_page.page import TRAINERS_ENTRY, WORKER_HEADERS, load_page, load_worker

_CLASS = setting("CLASS_NAME")
_STUDENTS, _TRAINERS = load_page(_CLASS), load_page(_CLASS, TRAINERS_ENTRY)
_WORKER = load_worker(_STUDENTS)


def page_response(request: Request) -> Response:
    """The page, or 304 for a browser that already has it; or its worker."""
    if request.event["resource"] == "/sw.js":
        return Response(200, _WORKER, WORKER_HEADERS)
    page = _TRAINERS if "trainer" in (request.event.get("queryStringParameters") or {}) else _STUDENTS
    if is_current(request, page.etag):
        return Response(304, "", page.headers)
    if takes_gzip(request):
        return Response(200, page.compressed, {**page.headers, "Content-Encoding": "gzip"})
    return Response(200, page.html, page.headers)


lambda_handler = lambda_handler_for(page_response)
