"""What the local cloud does not check of the API: permissions, validators, gateway responses, the Deployment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from common.api.errors import ApiError
from support.templates import arn_text, of_type, properties, template

ROUTES = {
    ("GET", "/"): "WebPage",
    ("GET", "/sw.js"): "WebPage",
    ("GET", "/install"): "Install",
    ("GET", "/test-time.sh"): "Install",
    ("POST", "/v1/tests"): "ListTests",
    ("GET", "/v1/test"): "GetTest",
    ("GET", "/v1/image"): "GetTest",
    ("POST", "/v1/test"): "UploadTest",
    ("GET", "/v1/draft"): "Draft",
    ("PUT", "/v1/draft"): "Draft",
    ("POST", "/v1/pick-up"): "PickUp",
    ("GET", "/calendar/{feed}"): "CalendarFeed",
    ("GET", "/v1/student"): "Student",
    ("GET", "/v1/review"): "Review",
    ("GET", "/v1/class"): "ClassView",
    ("GET", "/v1/class/test"): "GetTest",
    ("GET", "/v1/class/image"): "GetTest",
    ("GET", "/v1/class/results"): "ClassView",
    ("GET", "/v1/class/student"): "ClassView",
    ("GET", "/v1/class/report"): "ClassView",
}
# Each parameter of a query, and whether a request without it is refused.
PARAMETERS = {
    "/v1/test": {"subjectName": True, "testId": True},
    "/v1/image": {"subjectName": True, "testId": True, "image": True},
    "/v1/review": {"subjectName": True, "testId": True},
    "/calendar/{feed}": {"feed": True},
    "/v1/draft": {"subjectName": True, "testId": True},
    "/v1/class": {"after": False},
    "/v1/class/test": {"subjectName": True, "testId": True},
    "/v1/class/image": {"subjectName": True, "testId": True, "image": True},
    "/v1/class/results": {"subjectName": True, "testId": True, "after": False},
    "/v1/class/student": {"studentId": True},
    "/v1/class/report": {"subjectName": True, "testId": True, "digest": True},
}
# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html, without those of
# features the API does not use (Cognito, SigV4, WAF): DEFAULT_4XX and DEFAULT_5XX answer for them.
RESPONSES = {
    "DEFAULT_4XX": (None, "InvalidRequest"),
    "DEFAULT_5XX": ("500", "InternalError"),
    "ACCESS_DENIED": ("403", "Forbidden"),
    "API_CONFIGURATION_ERROR": ("500", "InternalError"),
    "AUTHORIZER_CONFIGURATION_ERROR": ("500", "InternalError"),
    "AUTHORIZER_FAILURE": ("500", "InternalError"),
    "BAD_REQUEST_BODY": ("400", "InvalidRequest"),
    "BAD_REQUEST_PARAMETERS": ("400", "InvalidRequest"),
    "INTEGRATION_FAILURE": ("502", "InternalError"),
    "INTEGRATION_TIMEOUT": ("504", "InternalError"),
    "INVALID_API_KEY": ("403", "Forbidden"),
    "MISSING_AUTHENTICATION_TOKEN": ("404", "RouteNotFound"),
    "QUOTA_EXCEEDED": ("429", "TooManyRequests"),
    "REQUEST_TOO_LARGE": ("413", "PayloadTooLarge"),
    "RESOURCE_NOT_FOUND": ("404", "RouteNotFound"),
    "THROTTLED": ("429", "TooManyRequests"),
    "UNAUTHORIZED": ("401", "Forbidden"),
    "UNSUPPORTED_MEDIA_TYPE": ("415", "UnsupportedMediaType"),
}
# Besides the page, which has the limits of the stage.
CALENDAR = ("GET", "/calendar/{feed}")
WITHOUT_KEY = {("POST", "/v1/pick-up"), ("GET", "/sw.js"), ("GET", "/install"), ("GET", "/test-time.sh"), CALENDAR}
UPLOAD = {"subjectName": "os", "testId": "test01", "studentId": "s001", "answers": {"1": "a", "2": ["b", "c"]}}


def document() -> dict[str, Any]:
    return template("openapi")


def operations() -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            yield (method.upper(), path), operation


def codes_by_status(operation: dict[str, Any]) -> set[tuple[int, str]]:
    """The codes that the description of an operation's refusals names, each with its status."""
    return {
        (int(status), code)
        for status, response in operation["responses"].items()
        if int(status) >= 400
        for code in re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", response["description"])
    }


def test_the_document_names_every_code_of_the_functions_and_no_other() -> None:
    own = {(error.status, error.code) for error in ApiError.__subclasses__()} | {(500, "InternalError")}
    documented = {pair for _, operation in operations() for pair in codes_by_status(operation)}
    assert documented - {(429, "TooManyRequests")} == own - {(403, "Forbidden")}


def lambda_uri(function: str) -> str:
    return (
        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        f"${{{function}FunctionArn}}/invocations"
    )


def test_the_routes_are_those_of_the_design_each_on_its_function() -> None:
    found = {route: operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"] for route, operation in operations()}
    assert found == {route: lambda_uri(function) for route, function in ROUTES.items()}


def test_every_integration_hands_the_whole_request_to_lambda() -> None:
    for _, operation in operations():
        integration = operation["x-amazon-apigateway-integration"]
        assert (integration["type"], integration["httpMethod"]) == ("aws_proxy", "POST")
        assert integration["timeoutInMillis"] == 29_000


@pytest.mark.parametrize(("route", "function"), ROUTES.items())
def test_the_api_may_call_each_routes_function_for_that_route_alone(route: tuple[str, str], function: str) -> None:
    prefix = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${RestApi}/"
    source = f"{prefix}api/{route[0]}{route[1]}".replace("{feed}", "*")
    permissions = of_type("api", "AWS::Lambda::Permission").values()
    [permission] = [each for each in permissions if arn_text(each["SourceArn"]) == source]
    assert permission["FunctionName"] == {"Ref": f"{function}FunctionArn"}
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert permission["Action"] == "lambda:InvokeFunction"


def test_the_api_may_call_the_authorizer_and_nothing_else() -> None:
    permission = properties("api", "AuthorizerPermission")
    assert permission["FunctionName"] == {"Ref": "AuthorizerFunctionArn"}
    assert arn_text(permission["SourceArn"]).endswith(":${RestApi}/authorizers/*")
    permissions = of_type("api", "AWS::Lambda::Permission")
    assert len(permissions) == len(ROUTES) + 1
    assert {each["Action"] for each in permissions.values()} == {"lambda:InvokeFunction"}


def test_the_api_is_regional_so_it_is_called_without_a_detour() -> None:
    assert properties("api", "RestApi")["EndpointConfiguration"] == {"Types": ["REGIONAL"]}


def test_what_needs_no_key_is_throttled_apart_from_everything_else() -> None:
    everything, *routes = properties("api", "Stage")["MethodSettings"]
    assert {(each["HttpMethod"], each["ResourcePath"].replace("~1", "/")[1:]) for each in routes} == WITHOUT_KEY
    own = ("ThrottlingRateLimit", "ThrottlingBurstLimit", "ResourcePath", "HttpMethod", "LoggingLevel")
    for each in routes:
        assert {**each, **{name: everything[name] for name in own}} == everything
        assert all(0 < each[name] < everything[name] for name in own[:2])


def test_the_address_of_a_calendar_is_neither_logged_nor_traced() -> None:
    for each in properties("api", "Stage")["MethodSettings"]:
        is_calendar = (each["HttpMethod"], each["ResourcePath"]) == ("GET", "/~1calendar~1{feed}")
        assert each["LoggingLevel"] == ("OFF" if is_calendar else "ERROR")
    logged = set(re.findall(r"[$]context[.]([\w.]+)", properties("api", "Stage")["AccessLogSetting"]["Format"]))
    assert "resourcePath" in logged
    assert not logged & {"path", "requestOverride.path"}
    # X-Ray records the path, and can only be turned on for a whole stage.
    assert properties("api", "Stage")["TracingEnabled"] is False


def test_every_other_route_wants_an_api_key_and_a_student() -> None:
    for route, operation in operations():
        if route in {("GET", "/"), *WITHOUT_KEY}:
            assert "security" not in operation
        else:
            # One scheme an entry, as SAM writes it: AWS documents no other form, and demands all of them.
            assert operation["security"] == [{"apiKey": []}, {"student": []}], route
    assert properties("api", "RestApi").get("ApiKeySourceType", "HEADER") == "HEADER"
    assert document()["x-amazon-apigateway-api-key-source"] == "HEADER"


def test_the_authorizer_is_asked_by_key_and_remembered_for_the_parameters_time() -> None:
    scheme = document()["components"]["securitySchemes"]["student"]
    # With the header's name it would be another scheme of API keys to who reads the name first. AWS's word for none.
    assert scheme["name"] == "Unused"
    assert scheme["x-amazon-apigateway-authorizer"] == {
        "type": "request",
        "identitySource": "method.request.header.x-api-key",
        "authorizerResultTtlInSeconds": {"Ref": "AuthorizerTtlSeconds"},
        "authorizerUri": {"Fn::Sub": lambda_uri("Authorizer")},
    }


def test_routes_that_take_a_body_or_parameters_have_them_validated() -> None:
    validators = document()["x-amazon-apigateway-request-validators"]
    for route, operation in operations():
        assert operation.get("requestBody", {"required": True})["required"] is True
        if "requestBody" in operation or "parameters" in operation:
            assert validators[operation["x-amazon-apigateway-request-validator"]] == {
                "validateRequestBody": True,
                "validateRequestParameters": True,
            }, route
    required = {
        route[1]: {parameter["name"]: parameter["required"] for parameter in operation["parameters"]}
        for route, operation in operations()
        if "parameters" in operation
    }
    assert required == PARAMETERS


def test_every_model_is_a_schema_of_the_draft_api_gateway_knows() -> None:
    for schema in document()["components"]["schemas"].values():
        jsonschema.Draft4Validator.check_schema(schema)
    for path in ("/v1/tests", "/v1/test"):
        body = document()["paths"][path]["post"]["requestBody"]
        assert body["required"]
        reference = body["content"]["application/json"]["schema"]["$ref"]
        assert reference.split("/")[-1] in document()["components"]["schemas"]


def test_no_model_or_parameter_uses_what_api_gateway_does_not_support() -> None:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
    unsupported = {
        *("additionalProperties", "anyOf", "oneOf", "discriminator", "example", "exclusiveMinimum", "readOnly"),
        *("deprecated", "maxItems", "minItems"),
    }
    assert unsupported.isdisjoint(keywords(document()["components"]["schemas"]))
    assert all(name.isalnum() for name in document()["components"]["schemas"])
    for _, operation in operations():
        for parameter in operation.get("parameters", []):
            assert set(parameter) <= {"name", "in", "required", "description", "schema"}
            assert set(parameter["schema"]) == {"type"}


def keywords(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node
        for value in node.values():
            yield from keywords(value)
    elif isinstance(node, list):
        for item in node:
            yield from keywords(item)


@pytest.mark.parametrize(
    ("change", "valid"),
    [
        ({}, True),
        ({"answers": {}}, True),
        ({"answers": None}, False),
        ({"answers": []}, False),
        ({"studentId": "../s002"}, False),
        ({"testId": 1}, False),
        ({"another": "field"}, True),  # refused by the function: the gateway's models do not support it
    ],
)
def test_the_uploads_model_takes_what_the_route_takes(change: dict[str, Any], valid: bool) -> None:
    model = jsonschema.Draft4Validator(document()["components"]["schemas"]["UploadTestRequest"])
    assert model.is_valid(UPLOAD | change) == valid


@pytest.mark.parametrize("field", UPLOAD)
def test_the_uploads_model_misses_no_field(field: str) -> None:
    model = jsonschema.Draft4Validator(document()["components"]["schemas"]["UploadTestRequest"])
    assert not model.is_valid({name: value for name, value in UPLOAD.items() if name != field})


def test_every_error_of_the_gateway_has_the_shape_of_the_functions_errors() -> None:
    found = {}
    for kind, response in document()["x-amazon-apigateway-gateway-responses"].items():
        assert list(response["responseTemplates"]) == ["application/json"]
        # $context.error.messageString is the message as a JSON string, its quotes included.
        text = response["responseTemplates"]["application/json"].replace("$context.error.messageString", '"message"')
        body = json.loads(text)
        assert list(body) == ["code", "message"], kind
        assert all(body.values()), kind
        found[kind] = (response.get("statusCode"), body["code"])
    assert found == RESPONSES


@pytest.mark.parametrize("kind", ["THROTTLED", "QUOTA_EXCEEDED"])
def test_who_asks_too_often_is_told_when_to_come_back(kind: str) -> None:
    headers = document()["x-amazon-apigateway-gateway-responses"][kind]["responseParameters"]
    assert int(headers["gatewayresponse.header.Retry-After"].strip("'")) > 0


def test_every_answer_of_a_route_that_is_an_error_is_of_the_error_model() -> None:
    for route, operation in operations():
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                schema = response["content"]["application/json"]["schema"]
                model = "DraftConflict" if (*route, status) == ("PUT", "/v1/draft", "409") else "Error"
                assert schema == {"$ref": f"#/components/schemas/{model}"}, route


def test_the_conflict_of_drafts_is_an_error_with_the_stored_draft() -> None:
    schemas = document()["components"]["schemas"]
    error, draft, conflict = schemas["Error"], schemas["Draft"], schemas["DraftConflict"]
    assert conflict["required"] == [*error["required"], "draft"]
    assert {name: conflict["properties"][name] for name in error["properties"]} == error["properties"]
    assert conflict["properties"]["draft"]["required"] == draft["required"]
    assert set(conflict["properties"]["draft"]["properties"]) == set(draft["properties"])


def test_binary_types_are_the_same_in_the_document_and_the_template() -> None:
    types = document()["x-amazon-apigateway-binary-media-types"]
    assert types == properties("api", "RestApi")["BinaryMediaTypes"]
    # A body that is declared binary reaches a function in base64: requests are JSON and must not be.
    assert not any(kind.startswith(("application/", "*/")) for kind in types)


def test_the_api_has_the_name_that_its_alarm_looks_for_whichever_of_the_two_is_used() -> None:
    # An import names the API after its document's title.
    name = {"Ref": "RootStackName"}
    assert document()["info"]["title"] == properties("api", "RestApi")["Name"] == name
    [alarm] = [a for a in of_type("monitoring", "AWS::CloudWatch::Alarm").values() if a["MetricName"] == "5XXError"]
    assert {"Name": "ApiName", "Value": name} in alarm["Dimensions"]


def test_no_metric_is_paid_for_that_no_alarm_reads() -> None:
    # With MetricsEnabled each method gets metrics of its own, at the price of custom ones; the stage's own are free.
    assert all(settings["MetricsEnabled"] is False for settings in properties("api", "Stage")["MethodSettings"])
    alarms = of_type("monitoring", "AWS::CloudWatch::Alarm").values()
    read = [d["Name"] for a in alarms if a["Namespace"] == "AWS/ApiGateway" for d in a["Dimensions"]]
    assert set(read) == {"ApiName", "Stage"}


def test_the_stage_is_on_the_templates_deployment_and_both_on_its_api() -> None:
    assert properties("api", "Deployment")["RestApiId"] == {"Ref": "RestApi"}
    stage = properties("api", "Stage")
    assert (stage["RestApiId"], stage["DeploymentId"]) == ({"Ref": "RestApi"}, {"Ref": "Deployment"})
    assert stage["StageName"] == "api"


def test_the_access_log_tells_of_each_request_but_not_of_whom() -> None:
    setting = properties("api", "Stage")["AccessLogSetting"]
    assert arn_text(setting["DestinationArn"]).endswith(":log-group:${AccessLogGroup}")
    assert "AccessLogGroup" in of_type("api", "AWS::Logs::LogGroup")
    fields = json.loads(setting["Format"])
    assert {"requestId", "time", "method", "route", "status"} <= set(fields)
    variables = {str(value).removeprefix("$context.") for value in fields.values()}
    personal = (
        "identity.",
        "authorizer.principalId",
        "authorizer.studentId",
        "authorizer.name",
        "path",
        "requestOverride",
    )
    assert not [variable for variable in variables if variable.startswith(personal)]


def test_no_request_or_answer_is_written_to_the_execution_log() -> None:
    for settings in properties("api", "Stage")["MethodSettings"]:
        assert settings["DataTraceEnabled"] is False
        assert settings["LoggingLevel"] in ("ERROR", "OFF")
    group = properties("api", "ExecutionLogGroup")["LogGroupName"]
    assert group == {"Fn::Sub": "API-Gateway-Execution-Logs_${RestApi}/api"}
    assert template("api")["Resources"]["Stage"]["DependsOn"] == "ExecutionLogGroup"


def test_what_comes_without_a_key_is_throttled_too() -> None:
    settings = properties("api", "Stage")["MethodSettings"][0]
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert settings["ThrottlingRateLimit"] > 0
    assert settings["ThrottlingBurstLimit"] > 0


@pytest.mark.parametrize("plan", ["UsagePlan", "TrainerUsagePlan"])
def test_each_usage_plan_is_for_the_stage(plan: str) -> None:
    assert properties("api", plan)["ApiStages"] == [{"ApiId": {"Ref": "RestApi"}, "Stage": "api"}]
    assert template("api")["Resources"][plan]["DependsOn"] == "Stage"


def test_the_trainers_usage_plan_has_room_for_a_page_that_asks_every_few_seconds_and_no_more() -> None:
    plan = properties("api", "TrainerUsagePlan")
    assert plan["UsagePlanName"] != properties("api", "UsagePlan")["UsagePlanName"]
    assert plan["Throttle"] == {"RateLimit": 10, "BurstLimit": 50}
    assert plan["Quota"] == {"Limit": 100_000, "Period": "DAY"}


def test_the_usage_plan_throttles_and_caps_each_key() -> None:
    plan = properties("api", "UsagePlan")
    assert plan["Throttle"] == {"RateLimit": {"Ref": "ThrottleRatePerSecond"}, "BurstLimit": {"Ref": "ThrottleBurst"}}
    assert plan["Quota"] == {"Limit": {"Ref": "QuotaRequestsPerDay"}, "Period": "DAY"}
