"""The answers of the API: `templates/openapi.json` has the fields of their types and of actual answers."""

from __future__ import annotations

import json
import types
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

import jsonschema
import pytest

import common.shared.documents
from class_view.one_student import OwnTestResult
from class_view.overview import CountedTest
from class_view.reports import Report
from class_view.test_results import StudentResult
from common.shared.documents import AnswerParts
from common.shared.object_keys import invitation_key
from get_test.presentation import PreviewedTest, ShownTest
from review.released import ReleasedReview
from student.states import Standing
from support.student_api import HANDLERS, TRAINER, Api
from support.templates import TEMPLATES

SCHEMAS = json.loads((TEMPLATES / "openapi.json").read_text())["components"]["schemas"]
KINDS = {str: "string", int: "integer", bool: "boolean", float: "number"}
LIST = {"studentId": "s001", "subjectName": "operating-systems"}
UPLOAD = {**LIST, "testId": "test01", "answers": {"1": "a"}}
DRAFT = {"subjectName": "operating-systems", "testId": "test01", "answers": {"1": "a"}, "version": None}
Schema = dict[str, Any]


def of_type(described: Any) -> Schema:
    """What the document has to say of a type.

    What may be null has no kind there, because OpenAPI 3.0 has no null, nor has an answer, which is of several kinds:
    API Gateway does not support oneOf.
    """
    if described is common.shared.documents.Node:
        return {"type": "object"}  # it contains itself
    if is_typeddict(described):
        # The type itself does not see NotRequired in annotations that are text.
        hints = get_type_hints(described, localns=vars(common.shared.documents), include_extras=True)
        required = sorted(name for name in described.__required_keys__ if get_origin(hints[name]) is not NotRequired)
        return {"type": "object", "required": required, "properties": {name: of_type(hints[name]) for name in hints}}
    origin, arguments = get_origin(described), get_args(described)
    if origin is NotRequired:
        return of_type(arguments[0])
    if origin is list:
        return {"type": "array", "items": of_type(arguments[0])}
    if origin is dict:
        return {"type": "object"}
    if origin is Literal:
        return {"type": "string", "enum": sorted(arguments)}
    if origin in (Union, types.UnionType):
        assert type(None) in arguments or set(arguments) == {int, float} or described == AnswerParts, described
        return {"type": "number"} if set(arguments) == {int, float} else {}
    return {"type": KINDS[described]}


def of_document(schema: Schema) -> Schema:
    """The same of a schema: without descriptions, patterns and formats."""
    kept = {"type": schema["type"]} if "type" in schema else {}
    kept |= {name: sorted(schema[name]) for name in ("required", "enum") if name in schema}
    if "items" in schema:
        kept["items"] = of_document(schema["items"])
    if "properties" in schema:
        kept["properties"] = {name: of_document(value) for name, value in schema["properties"].items()}
    return kept


@pytest.mark.parametrize(
    ("described", "schema"),
    [
        (ShownTest, SCHEMAS["Test"]),
        (PreviewedTest, SCHEMAS["Preview"]),
        (HANDLERS["POST /v1/tests"].ListedTest, SCHEMAS["ListTestsResponse"]["properties"]["tests"]["items"]),
        (CountedTest, SCHEMAS["Class"]["properties"]["tests"]["items"]),
        (StudentResult, SCHEMAS["Results"]["properties"]["students"]["items"]),
        (Report, SCHEMAS["Results"]["properties"]["reports"]["items"]),
        (OwnTestResult, SCHEMAS["StudentOfClass"]["properties"]["tests"]["items"]),
        (ReleasedReview, SCHEMAS["Review"]),
        (common.shared.documents.PublishedImage, SCHEMAS["Image"]),
        (Standing, SCHEMAS["Student"]["properties"]["tests"]["items"]),
    ],
    ids=[
        "ShownTest",
        "PreviewedTest",
        "ListedTest",
        "CountedTest",
        "StudentResult",
        "Report",
        "OwnTestResult",
        "ReleasedReview",
        "PublishedImage",
        "Standing",
    ],
)
def test_a_type_and_its_schema_have_the_same_fields(described: type, schema: Schema) -> None:
    assert of_type(described) == of_document(schema)


@pytest.mark.parametrize(
    ("route", "body", "status", "schema"),
    [
        ("GET /v1/class/results", {"subjectName": "operating-systems", "testId": "test01"}, 200, "Results"),
        ("GET /v1/class/student", {"studentId": "s001"}, 200, "StudentOfClass"),
        ("POST /v1/tests", LIST, 200, "ListTestsResponse"),
        ("POST /v1/test", UPLOAD, 201, "Receipt"),
        ("GET /v1/draft", {"subjectName": "operating-systems", "testId": "test01"}, 200, "Draft"),
        ("PUT /v1/draft", DRAFT, 200, "Draft"),
        ("PUT /v1/draft", {**DRAFT, "answers": {}}, 409, "DraftConflict"),
        ("GET /v1/student", None, 200, "Student"),
        ("GET /v1/class", None, 200, "Class"),
        ("POST /v1/pick-up", {"id": "a" * 64}, 200, "PickUpResponse"),
        ("POST /v1/test", {}, 400, "Error"),
    ],
)
def test_an_answer_without_a_type_has_the_fields_of_its_schema(
    api: Api, route: str, body: Any, status: int, schema: str
) -> None:
    invitation = {"share": "b" * 64, "studentId": "s001", "expiresAt": "2026-12-01T00:00:00Z"}
    api.bucket.put_json(invitation_key("a" * 64), invitation)
    api.save({"1": "a"}, None)
    owner = TRAINER if route.startswith("GET /v1/class") else "s001"
    answered, reply = api.call(route, owner, query=body) if route[:3] == "GET" else api.call(route, owner, body)
    assert answered == status
    assert sorted(reply) == sorted(SCHEMAS[schema]["properties"]) == sorted(SCHEMAS[schema]["required"])
    assert jsonschema.Draft4Validator(SCHEMAS[schema]).is_valid(reply)


def test_every_schema_of_an_answer_is_compared() -> None:
    trainers = {"Class", "Results", "StudentOfClass", "Preview"}
    requests = {"ListTestsRequest", "UploadTestRequest", "SaveDraftRequest", "PickUpRequest"}
    assert set(SCHEMAS) - requests == {
        "Test",
        "ListTestsResponse",
        "Student",
        "Review",
        "Image",
        "Receipt",
        "Draft",
        "DraftConflict",
        "PickUpResponse",
        "Error",
        *trainers,
    }
