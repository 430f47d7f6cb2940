"""Each route of the API's definition is for students or for the trainer, and refuses the key of the other."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from common.shared.object_keys import draft_key, image_key, questions_key, report_page_key, report_prefix
from support.student_api import HANDLERS, TRAINER, Api
from support.templates import template

WITHOUT_KEY = ("POST /v1/pick-up", "GET /install", "GET /test-time.sh", "GET /calendar/{feed}")
NAMES = {"subjectName": "operating-systems", "testId": "test01", "studentId": "s001"}
IDS = {**NAMES, "digest": "1a2b", "image": "0123456789abcdef"}
BODY = {**NAMES, "answers": {"1": "a"}, "version": None}
FIELDS = {
    "POST /v1/tests": ("studentId", "subjectName"),
    "POST /v1/test": ("subjectName", "testId", "studentId", "answers"),
    "PUT /v1/draft": ("subjectName", "testId", "answers", "version"),
}


def routes() -> list[str]:
    """Every route that needs a key."""
    return [
        f"{method.upper()} {path}"
        for path, operations in template("openapi")["paths"].items()
        for method, operation in operations.items()
        if "security" in operation
    ]


def sent_with_the_key_of(api: Api, owner: str, route: str) -> tuple[int, Any]:
    """A request that would be right if the key were."""
    method, path = route.split(" ")
    operation = template("openapi")["paths"][path][method.lower()]
    names = [each["name"] for each in operation.get("parameters", []) if each["required"]]
    body = {name: BODY[name] for name in FIELDS[route]} if route in FIELDS else None
    return api.call(route, owner, body, {name: IDS[name] for name in names} or None)


def test_every_route_with_a_key_is_tried_here_with_the_function_that_the_api_calls() -> None:
    functions = {}
    for route in routes():
        method, path = route.split(" ")
        uri = template("openapi")["paths"][path][method.lower()]["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
        name = re.findall(r"\$\{(\w+)FunctionArn\}", uri)[0]
        functions[route] = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    assert functions == {
        route: module.__name__.split(".")[0] for route, module in HANDLERS.items() if route not in WITHOUT_KEY
    }


@pytest.mark.parametrize("route", routes())
def test_a_route_is_for_students_or_for_the_trainer(api: Api, route: str) -> None:
    is_trainers = route.split(" ")[1].startswith("/v1/class")
    api.bucket.put(report_page_key(report_prefix("operating-systems", "test01", "1a2b")), b"<p>Report</p>", "text/html")
    if "image" in route:
        place = ("operating-systems", "test01")
        api.bucket.put_json(image_key(*place, IDS["image"]), {"type": "image/png", "data": ""})
        asked = api.bucket.get_json(questions_key(*place))
        asked["questions"][0]["nodes"] = [{"type": "image", "image": IDS["image"], "text": "a tree"}]
        api.bucket.put_json(questions_key(*place), {**asked, "images": [IDS["image"]]})
    if route == "GET /v1/review":
        api.release("test01", "s001")
        api.now += timedelta(hours=1)
    api.bucket.put_json(draft_key("operating-systems", "s001", "test01"), {"answers": {"1": "a"}, "savedAt": "-"})
    owner, other = (TRAINER, "s001") if is_trainers else ("s001", TRAINER)
    assert sent_with_the_key_of(api, owner, route)[0] < 300
    stored = dict(api.s3.objects)
    status, refusal = sent_with_the_key_of(api, other, route)
    assert (status, refusal["code"]) == (403, "TrainerOnly" if is_trainers else "StudentsOnly")
    assert ("GET /v1/student" if is_trainers else "GET /v1/class") in refusal["message"]
    assert api.s3.objects == stored


@pytest.mark.parametrize("route", routes())
def test_no_route_serves_a_request_of_which_the_authorizer_has_said_nothing(api: Api, route: str) -> None:
    event = api.event(route, "s001", BODY if route in FIELDS else None)
    event["requestContext"]["authorizer"] = None
    answer = HANDLERS[route].lambda_handler(event, None)
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (403, "Forbidden")


@pytest.mark.parametrize("route", ["GET /v1/classes", "GET /v1/Class", "GET /v1/student"])
def test_only_the_routes_of_the_class_are_the_trainers(api: Api, route: str) -> None:
    """A route is told by the API's own name of it, not by what the client sent."""
    event = api.event("GET /v1/student", TRAINER)
    event["resource"] = route.split(" ")[1]
    event["path"] = "/v1/class"
    answer = HANDLERS["GET /v1/student"].lambda_handler(event, None)
    assert json.loads(answer["body"])["code"] == "StudentsOnly"
