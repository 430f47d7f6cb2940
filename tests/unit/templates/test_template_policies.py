"""Who may do what: roles against the table of docs/data-model.md.

There is no wildcard but where AWS leaves no choice.
"""

from __future__ import annotations

import re

import pytest

from support.templates import (
    FUNCTIONS,
    NAMES,
    ROOT,
    arn_text,
    as_list,
    may,
    of_type,
    pascal,
    role_statements,
    statements,
    template,
)

# As docs/data-model.md names them.
SHORT_NAMES = {
    **{"authorizer": "authorizer", "list": "list_tests", "get": "get_test", "upload": "upload_test"},
    **{
        "draft": "draft",
        "student": "student",
        "review": "review",
        "class": "class_view",
        "plan": "plan_run",
        "score": "score_batch",
        "mail": "mail_batch",
        "report": "report_run",
        "pick": "pick_up",
        "calendar": "calendar_feed",
        "install": "install",
    },
}
STUDENT_FACING = (
    *("authorizer", "list_tests", "get_test", "upload_test", "draft", "student", "review"),
    *("pick_up", "calendar_feed", "install", "web_page"),
)
# The service that takes on a role that is not a function's.
SERVICES = {
    **{"StateMachineRole": "states", "WeeklyRuleRole": "events", "SchedulerRole": "scheduler"},
    **{"ApiGatewayLogRole": "apigateway"},
}
# AWS grants these on every resource or none: they have no resource to name.
WITHOUT_RESOURCE = {
    ("functions", "TracingPolicy", "xray:PutTraceSegments"),
    ("functions", "TracingPolicy", "xray:PutTelemetryRecords"),
    ("functions", "MailBatchRole", "ses:GetSendQuota"),
    *(
        ("weekly-run", "StateMachineRole", f"xray:{action}")
        for action in ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets")
    ),
    *(
        ("weekly-run", "StateMachineRole", f"logs:{action}")
        for action in (
            *("CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "ListLogDeliveries"),
            *("PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups"),
        )
    ),
}


def table() -> list[tuple[str, set[str], set[str]]]:
    """Each row of the table: a sample key, the functions that write it, those that read it."""
    rows = []
    for line in (ROOT / "docs/data-model.md").read_text().splitlines():
        if match := re.fullmatch(r"\| `([a-z][^`]*)`[^|]*\| ([^|]+) \| ([^|]+) \|", line):
            key = re.sub(r"<[^>]*>", "x", match[1]).replace("...", "x/x.json")
            readers = match[2] if match[3] == "the same" else match[3]
            rows.append((key, functions_in(match[2]), functions_in(readers)))
    assert len(rows) >= 10, "the table of docs/data-model.md was not found"
    return rows


def functions_in(cell: str) -> set[str]:
    return {SHORT_NAMES[word] for word in re.findall(r"[a-z]+", cell) if word in SHORT_NAMES}


def role(function: str) -> list[dict[str, object]]:
    return role_statements("functions", f"{pascal(function)}Role")


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(("key", "writers", "readers"), table())
def test_a_function_reads_and_writes_what_the_data_model_says_and_no_more(
    function: str, key: str, writers: set[str], readers: set[str]
) -> None:
    assert may(role(function), "s3:GetObject", key) == (function in readers)
    assert may(role(function), "s3:PutObject", key) == (function in writers)


@pytest.mark.parametrize("function", STUDENT_FACING)
def test_no_function_that_serves_students_reads_answer_keys_or_answers(function: str) -> None:
    for key in ("answer-keys/os/test01.json", "answers/os/s001/test01.json", "roster.jsonl"):
        assert not may(role(function), "s3:GetObject", key)
        assert not may(role(function), "s3:GetObjectVersion", key)


def test_what_shows_reviews_reads_them_and_the_index_and_writes_nothing() -> None:
    [own] = [statement for statement in role("review") if statement["Sid"] != "Log"]
    keys = ("subjects/*/index.json", "reviews/*", "releases/*")
    assert own["Action"] == "s3:GetObject"
    assert [arn_text(each) for each in as_list(own["Resource"])] == [
        f"arn:${{AWS::Partition}}:s3:::${{DataBucketName}}/{key}" for key in keys
    ]


def test_what_shows_the_class_reads_nobodys_answers() -> None:
    keys = ("answer-keys/os/test01.json", "answers/os/s001/test01.json", "drafts/os/s001/test01.json")
    for key in (*keys, "subjects/os/test01/questions.json", "students/1a2b.json", "trainers/1a2b.json"):
        for action in ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"):
            assert not may(role("class_view"), action, key)


def test_what_shows_the_class_lists_names_of_work_reports_and_subjects_alone() -> None:
    [listing] = [statement for statement in role("class_view") if statement["Action"] == "s3:ListBucket"]
    assert listing["Condition"] == {"StringLike": {"s3:prefix": ["answers/*", "drafts/*", "reports/*", "subjects/*"]}}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_nobody_may_delete_an_object_but_invitations_that_are_picked_up(function: str) -> None:
    for statement in role(function):
        if any("Delete" in action for action in as_list(statement["Action"])):
            assert function == "pick_up"
            assert arn_text(statement["Resource"]) == "arn:${AWS::Partition}:s3:::${DataBucketName}/invitations/*"


def test_a_picked_up_key_leads_to_nothing_but_invitations() -> None:
    """Whoever breaks this function, which anybody may call, gets no student's record, and no names of objects."""
    own = [statement for statement in role("pick_up") if statement["Sid"] != "Log"]
    assert [arn_text(statement["Resource"]) for statement in own] == [
        "arn:${AWS::Partition}:s3:::${DataBucketName}/invitations/*",
        "arn:${AWS::Partition}:s3:::${DataBucketName}",
    ]
    assert own[1]["Action"] == "s3:ListBucketVersions"
    assert own[1]["Condition"] == {"StringLike": {"s3:prefix": "invitations/*"}}


def test_a_calendars_address_leads_to_calendars_alone() -> None:
    [own] = [statement for statement in role("calendar_feed") if statement["Sid"] != "Log"]
    assert own["Action"] == "s3:GetObject"
    assert arn_text(own["Resource"]) == "arn:${AWS::Partition}:s3:::${DataBucketName}/calendars/*"


def test_the_upload_role_may_put_answers_and_tag_them_and_nothing_else_with_answers() -> None:
    every = {action for statement in role("upload_test") for action in as_list(statement["Action"])}
    allowed = {action for action in every if may(role("upload_test"), action, "answers/os/s001/test01.json")}
    assert allowed == {"s3:PutObject", "s3:PutObjectTagging", "s3:GetObjectTagging"}


def test_the_draft_role_reads_and_writes_drafts_and_reads_what_is_published_and_nothing_else() -> None:
    own = {statement["Sid"]: statement for statement in role("draft") if statement["Sid"] != "Log"}
    assert set(own) == {"Read", "ReadAndWriteDrafts"}
    assert own["Read"]["Action"] == "s3:GetObject"
    assert [arn_text(each).split("/", 1)[1] for each in as_list(own["Read"]["Resource"])] == [
        "subjects/*/index.json",
        "subjects/*/questions.json",
    ]
    assert own["ReadAndWriteDrafts"]["Action"] == ["s3:GetObject", "s3:PutObject"]
    assert arn_text(own["ReadAndWriteDrafts"]["Resource"]).endswith(":::${DataBucketName}/drafts/*")


@pytest.mark.parametrize(
    "function",
    ["authorizer", "list_tests", "get_test", "draft", "review", "pick_up", "calendar_feed", "install", "web_page"],
)
def test_functions_that_read_single_objects_may_not_list(function: str) -> None:
    actions = {action for statement in role(function) for action in as_list(statement["Action"])}
    assert "s3:ListBucket" not in actions


@pytest.mark.parametrize("function", ["upload_test", "student"])
def test_functions_that_serve_students_list_below_answers_alone(function: str) -> None:
    [listing] = [statement for statement in role(function) if statement["Action"] == "s3:ListBucket"]
    assert listing["Condition"] == {"StringLike": {"s3:prefix": "answers/*"}}


@pytest.mark.parametrize("function", ["plan_run", "score_batch", "mail_batch", "report_run"])
def test_functions_of_the_run_may_list_so_a_denied_read_is_an_error_to_them(function: str) -> None:
    [listing] = [statement for statement in role(function) if statement["Action"] == "s3:ListBucket"]
    assert "Condition" not in listing
    assert arn_text(listing["Resource"]) == "arn:${AWS::Partition}:s3:::${DataBucketName}"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_logs_to_its_own_log_group(function: str) -> None:
    [logging] = [statement for statement in role(function) if statement["Sid"] == "Log"]
    assert arn_text(logging["Resource"]).endswith(f":log-group:${{{pascal(function)}LogGroup}}:*")


@pytest.mark.parametrize("function", ["mail_batch", "report_run"])
def test_mail_is_sent_from_the_senders_identity_or_address_alone(function: str) -> None:
    own, also = [statement for statement in role(function) if "ses:SendRawEmail" in as_list(statement["Action"])]
    place = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:"
    assert arn_text(own["Resource"]) == f"{place}identity/${{SenderEmail}}"
    # SES also asks about a recipient that is a verified identity, and about the sender's default configuration set.
    assert [arn_text(one) for one in as_list(also["Resource"])] == [f"{place}identity/*", f"{place}configuration-set/*"]
    assert also["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "SenderEmail"}}}


def test_other_functions_send_no_mail() -> None:
    for function in set(FUNCTIONS) - {"mail_batch", "report_run"}:
        assert "ses:" not in str(role(function))


def test_the_only_resource_wildcards_are_those_aws_leaves_no_choice_about() -> None:
    found = {
        (name, logical_id, action)
        for name in NAMES
        for logical_id, statement in statements(name)
        for action in as_list(statement["Action"])
        if statement["Effect"] == "Allow" and "*" in map(arn_text, as_list(statement.get("Resource", [])))
    }
    assert found == WITHOUT_RESOURCE


@pytest.mark.parametrize("name", NAMES)
def test_no_action_that_is_allowed_has_a_wildcard(name: str) -> None:
    allowed = [statement for _, statement in statements(name) if statement["Effect"] == "Allow"]
    assert all("*" not in action for statement in allowed for action in as_list(statement["Action"]))


@pytest.mark.parametrize("name", NAMES)
def test_every_resource_that_is_allowed_begins_with_a_service_and_a_place(name: str) -> None:
    for logical_id, statement in statements(name):
        for resource in as_list(statement.get("Resource", [])):
            before = arn_text(resource).split("*")[0]
            if statement["Effect"] == "Allow" and before:
                assert before.startswith("${") or before.count(":") >= 5, f"{logical_id}: {arn_text(resource)}"


@pytest.mark.parametrize("name", NAMES)
def test_only_a_named_service_may_use_what_is_allowed(name: str) -> None:
    for logical_id, statement in statements(name):
        if statement["Effect"] == "Allow" and "Principal" in statement:
            assert set(statement["Principal"]) == {"Service"}, logical_id


@pytest.mark.parametrize("name", NAMES)
def test_a_role_is_for_one_service(name: str) -> None:
    for logical_id, role in of_type(name, "AWS::IAM::Role").items():
        [trust] = role["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Action"] == "sts:AssumeRole"
        assert trust["Principal"] == {"Service": f"{SERVICES.get(logical_id, 'lambda')}.amazonaws.com"}, logical_id


@pytest.mark.parametrize("name", NAMES)
def test_every_role_has_the_permissions_boundary_if_there_is_one(name: str) -> None:
    boundary = "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${PermissionsBoundary}"
    roles = of_type(name, "AWS::IAM::Role")
    for logical_id, role in roles.items():
        expected = {"Fn::If": ["HasBoundary", {"Fn::Sub": boundary}, {"Ref": "AWS::NoValue"}]}
        assert role.get("PermissionsBoundary") == expected, logical_id
    has_boundary = {"Fn::Not": [{"Fn::Equals": [{"Ref": "PermissionsBoundary"}, ""]}]}
    assert template(name).get("Conditions", {}) == ({"HasBoundary": has_boundary} if roles else {})


def test_roles_that_services_take_on_are_bound_to_this_account_and_one_resource() -> None:
    for logical_id in ("StateMachineRole", "WeeklyRuleRole", "SchedulerRole"):
        [trust] = [s for i, s in statements("weekly-run") if i == logical_id and s["Action"] == "sts:AssumeRole"]
        assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        [sources] = [condition for operator, condition in trust["Condition"].items() if operator.startswith("Arn")]
        for source in as_list(sources["aws:SourceArn"]):
            # The children of a Distributed Map have the state machine's name and the map's label, `/Score`.
            assert "*" not in arn_text(source).removesuffix("-weekly-run/*")
