"""GET /: what is served, how it is compressed and revalidated, and what its headers allow."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
from hashlib import sha256
from typing import Any

import pytest

import support.student_api  # noqa: F401  # sets the functions' environment
from web_page.handler import lambda_handler
from web_page.page import TRAINERS_ENTRY, load_page

CHROMIUM_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
COMPRESSED_LIMIT_BYTES = 40 * 1024
CLASS = os.environ["CLASS_NAME"]


def get(**headers: str) -> dict[str, Any]:
    """The proxy answer to GET / with these headers, `_` for `-` in their names."""
    event = {
        "httpMethod": "GET",
        "resource": "/",
        "path": "/",
        "headers": {name.replace("_", "-"): value for name, value in headers.items()},
        "requestContext": {"requestId": "r-1"},
    }
    return lambda_handler(event, None)


def html_of(answer: dict[str, Any]) -> str:
    if answer["isBase64Encoded"]:
        return gzip.decompress(base64.b64decode(answer["body"])).decode()
    return str(answer["body"])


def policy() -> dict[str, str]:
    directives = get()["headers"]["Content-Security-Policy"].split("; ")
    return {name: value for name, _, value in (directive.partition(" ") for directive in directives)}


def test_the_page_needs_no_key_and_is_html() -> None:
    answer = get()
    assert answer["statusCode"] == 200
    assert answer["headers"]["Content-Type"] == "text/html; charset=utf-8"
    assert html_of(answer).startswith("<!doctype html>")


def test_a_browser_gets_gzip() -> None:
    answer = get(accept=CHROMIUM_ACCEPT, accept_encoding="gzip, deflate, br, zstd")
    assert answer["isBase64Encoded"] is True
    assert answer["headers"]["Content-Encoding"] == "gzip"
    assert html_of(answer) == load_page(CLASS).html


@pytest.mark.parametrize(
    ("accept", "accept_encoding"),
    [
        (CHROMIUM_ACCEPT, None),
        (CHROMIUM_ACCEPT, "br"),
        (CHROMIUM_ACCEPT, "gzip;q=0, identity"),
        (CHROMIUM_ACCEPT, "gzip;q=none"),
        # API Gateway would hand these the base64 text: their first media type is none of its binary ones.
        ("*/*", "gzip"),
        ("application/xml, text/html", "gzip"),
        ("text/*", "gzip"),
        ("text/plain", "gzip"),
        (None, "gzip"),
    ],
)
def test_who_cannot_be_given_bytes_gets_text(accept: str | None, accept_encoding: str | None) -> None:
    headers = {"accept": accept, "accept_encoding": accept_encoding}
    answer = get(**{name: value for name, value in headers.items() if value is not None})
    assert answer["isBase64Encoded"] is False
    assert "Content-Encoding" not in answer["headers"]


@pytest.mark.parametrize("accept_encoding", ["*", "GZIP;q=0.5", "br;q=1.0, gzip;q=0.8, *;q=0.1"])
def test_gzip_is_found_in_every_way_of_asking_for_it(accept_encoding: str) -> None:
    assert get(Accept="text/html", Accept_Encoding=accept_encoding)["isBase64Encoded"] is True


@pytest.mark.parametrize("form", ["{etag}", '"other", {etag}', "*", "{strong}"])
def test_a_browser_that_has_the_page_gets_304_without_a_body(form: str) -> None:
    etag = get()["headers"]["ETag"]
    answer = get(if_none_match=form.format(etag=etag, strong=etag.removeprefix("W/")))
    assert (answer["statusCode"], answer["body"]) == (304, "")
    assert answer["headers"]["ETag"] == etag
    # A 304's headers replace those of the stored page: the gateway's own default would make it JSON.
    assert answer["headers"]["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("form", ['"other"', "", "W/"])
def test_a_browser_with_another_page_gets_this_one(form: str) -> None:
    assert get(if_none_match=form)["statusCode"] == 200


@pytest.mark.parametrize("element", ["script", "style"])
def test_the_policy_names_the_hash_of_exactly_what_is_inlined(element: str) -> None:
    sources = re.findall(rf"<{element}[^>]*>(.*?)</{element}>", html_of(get()), re.DOTALL)
    assert len(sources) == 1
    digest = base64.b64encode(sha256(sources[0].encode()).digest()).decode()
    assert policy()[f"{element}-src"] == f"'sha256-{digest}'"


def test_the_policy_allows_nothing_else() -> None:
    closed = ("default-src", "base-uri", "form-action", "frame-ancestors")
    assert {policy()[directive] for directive in closed} == {"'none'"}
    assert policy()["connect-src"] == "'self'"
    assert "unsafe" not in get()["headers"]["Content-Security-Policy"]


def test_one_script_may_be_named_and_it_is_the_worker_that_is_served() -> None:
    assert (policy()["worker-src"], policy()["trusted-types"]) == ("'self'", "test-time-worker")
    assert policy()["require-trusted-types-for"] == "'script'"
    assert load_page(CLASS).script.count("createPolicy(") == 1
    assert "createPolicy(" not in load_page(CLASS, TRAINERS_ENTRY).script
    event = {"httpMethod": "GET", "resource": "/sw.js", "path": "/sw.js", "requestContext": {"requestId": "r-1"}}
    answer = lambda_handler(event, None)
    assert answer["headers"]["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["headers"]["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
    assert answer["headers"]["Cache-Control"] == "no-cache"
    version = json.loads(answer["body"].splitlines()[0].removeprefix("const VERSION = ").removesuffix(";"))
    assert version == load_page(CLASS).etag


def test_the_other_headers_are_strict() -> None:
    headers = get()["headers"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "no-cache" in headers["Cache-Control"]
    assert "geolocation=()" in headers["Permissions-Policy"]


def test_nothing_in_the_page_needs_what_the_policy_forbids() -> None:
    html = html_of(get())
    assert not re.search(r"\son\w+=\"|\sstyle=\"", html)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", html)
    assert not re.search(r"(?:src|href)=\"https?:", html)


def test_the_class_is_named_and_its_name_is_nothing_but_text() -> None:
    assert f'<span id="class-name">{CLASS}</span>' in html_of(get())
    hostile = load_page("<script>x</script>&\u202e")
    assert '<span id="class-name">&lt;script&gt;x&lt;/script&gt;&amp;</span>' in hostile.html
    assert (hostile.script, hostile.style) == (load_page(CLASS).script, load_page(CLASS).style)


def test_comments_of_the_script_stay_here() -> None:
    assert re.findall(r"^\s*//.*", load_page(CLASS).script, re.M) == []


def test_the_page_is_small_on_the_wire() -> None:
    for page in (load_page(CLASS), load_page(CLASS, TRAINERS_ENTRY)):
        assert len(page.compressed) < COMPRESSED_LIMIT_BYTES


def test_the_trainers_page_is_a_document_of_its_own_that_students_do_not_load() -> None:
    request = {"httpMethod": "GET", "resource": "/", "path": "/", "requestContext": {"requestId": "r-1"}}
    trainers = html_of(lambda_handler({**request, "queryStringParameters": {"trainer": ""}}, None))
    assert html_of(lambda_handler({**request, "queryStringParameters": {"other": ""}}, None)) == load_page(CLASS).html
    assert trainers == load_page(CLASS, TRAINERS_ENTRY).html
    assert "/class/results" in trainers
    assert "/class/results" not in load_page(CLASS).html
    assert re.findall(r"^\s*//.*", load_page(CLASS, TRAINERS_ENTRY).script, re.M) == []
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", trainers)
