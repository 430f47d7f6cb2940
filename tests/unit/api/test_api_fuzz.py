"""Nothing that a client sends makes a 5xx, or shows a right answer or another student."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.student_api import HANDLERS, KEYS, SECRET, Api

SETTINGS = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# Texts near what the API knows, so that examples get past the first check.
words = st.sampled_from(
    [
        "operating-systems",
        "computer-networks",
        "test01",
        "s001",
        "s002",
        "1",
        "2",
        "3",
        "a",
        "b",
        "studentId",
        "answers",
    ]
)
texts = words | st.text(alphabet=st.characters(), max_size=20) | st.sampled_from(["\ud800", "\x00", "../", "\u202e"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
answers = st.dictionaries(
    st.sampled_from("1234"), st.sampled_from("abce") | st.lists(st.sampled_from("abce"), max_size=3)
)
uploads = st.fixed_dictionaries(
    {},
    optional={
        "subjectName": words | values,
        "testId": words | values,
        "studentId": words | values,
        "answers": answers | values,
        "surplus": values,
    },
)
bodies = st.none() | texts | st.builds(json.dumps, values | uploads)
queries = st.none() | st.dictionaries(
    st.sampled_from(["subjectName", "testId", "studentId"]) | texts, st.lists(texts, max_size=3), max_size=4
)
headers = st.dictionaries(
    st.sampled_from(["content-type", "Content-Type", "X-API-KEY", "x"]) | texts, texts, max_size=4
)


@pytest.mark.parametrize("route", [route for route in HANDLERS if "/v1/" in route])
def test_no_request_makes_a_server_error_or_shows_a_secret(api: Api, route: str) -> None:
    api.upload({"1": "d"}, student_id="s002")
    api.score("test01", "s002", 2.125)
    event = api.event(route, "s001")

    @SETTINGS
    @given(body=bodies, query=queries, extra=headers, encoded=st.booleans() | st.just(False))
    def check(body: str | None, query: Any, extra: dict[str, str], encoded: bool) -> None:
        sent = event | {"body": body, "isBase64Encoded": encoded}
        sent["headers"] = event["headers"] | extra
        sent["queryStringParameters"] = query and {name: several[-1] for name, several in query.items() if several}
        sent["multiValueQueryStringParameters"] = query
        answer = HANDLERS[route].lambda_handler(sent, None)
        assert answer["statusCode"] < 500
        json.loads(answer["body"])
        answer["body"].encode()
        for secret in (SECRET, "Name of s002", KEYS["s002"], "2.125", "correct"):
            assert secret not in answer["body"]

    check()
