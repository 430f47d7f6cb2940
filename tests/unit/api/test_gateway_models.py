"""On AWS the gateway looks at a request first: it refuses nothing that a function would take."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.student_api import Api
from support.templates import TEMPLATES

SETTINGS = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
DOCUMENT = json.loads((TEMPLATES / "openapi.json").read_text())
LIST: dict[str, Any] = {"studentId": "s001", "subjectName": "operating-systems"}
UPLOAD: dict[str, Any] = {**LIST, "testId": "test01", "answers": {"1": "a", "2": ["b", "c"]}}
# What a function looks at before the field that the gateway refuses.
REFUSALS = {
    (400, "InvalidRequest"),
    (403, "NotYourStudentId"),
    (403, "NotEnrolled"),
    (404, "TestNotFound"),
}
DRAFT: dict[str, Any] = {"subjectName": "operating-systems", "testId": "test01", "answers": {"1": "a"}, "version": None}
MODELS = {
    "POST /v1/tests": ("ListTestsRequest", LIST),
    "POST /v1/test": ("UploadTestRequest", {**UPLOAD, "replaces": None}),
    "PUT /v1/draft": ("SaveDraftRequest", DRAFT),
}
# Each a value of some field, most of them wrong for most.
values = st.sampled_from(
    [
        None,
        True,
        1,
        1.5,
        "",
        "s001",
        "a" * 64,
        "a" * 65,
        "s001\n",
        "../s001",
        "A.b_c-9",
        "\u00e4",
        [],
        ["a"],
        {},
        {"1": "a"},
    ]
)
answers = st.dictionaries(
    st.sampled_from(["1", "2", "3", "4", "x"]), st.sampled_from("abcde") | st.lists(st.sampled_from("abcd"), max_size=3)
)


@pytest.mark.parametrize("route", MODELS)
def test_what_the_gateway_refuses_the_function_refuses_too(api: Api, route: str) -> None:
    name, good = MODELS[route]
    model = jsonschema.Draft4Validator(DOCUMENT["components"]["schemas"][name])
    changes = st.dictionaries(st.sampled_from([*good, "surplus"]), values, max_size=2)
    seen = set()

    @SETTINGS
    @given(changes, st.sets(st.sampled_from(list(good)), max_size=1), answers | st.none())
    def check(changed: dict[str, Any], missing: set[str], answered: Any) -> None:
        body = {**good, **({"answers": answered} if answered and "answers" in good else {}), **changed}
        body = {field: value for field, value in body.items() if field not in missing}
        status, reply = api.call(route, "s001", body)
        taken = model.is_valid(body)
        seen.add((taken, status < 300))
        assert taken or (status, reply["code"]) in REFUSALS

    check()
    assert seen >= {(True, True), (False, False), (True, False)}


def test_a_parameter_that_the_gateway_wants_the_function_wants_too(api: Api) -> None:
    wanted = {p["name"] for p in DOCUMENT["paths"]["/v1/test"]["get"]["parameters"] if p["required"]}
    query = {"subjectName": "operating-systems", "testId": "test01"}
    assert wanted == set(query)
    assert api.call("GET /v1/test", query=query)[0] == 200
    for name in wanted:
        status, reply = api.call("GET /v1/test", query={**query, name: ""})
        assert (status, reply["code"]) == (400, "InvalidRequest")
        assert name in reply["message"]
