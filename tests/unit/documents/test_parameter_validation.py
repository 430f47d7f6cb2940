"""What group_vars/all.yml and host_vars/<stage>.yml may hold."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import yaml
from ansible_collections.training.test_time.plugins.module_utils.class_content.written import Parameters
from ansible_collections.training.test_time.plugins.module_utils.documents.parameter_validation import load_parameters
from ansible_collections.training.test_time.plugins.module_utils.documents.yaml_lines import Document
from botocore.session import get_session

SHIPPED = Path(__file__).parents[3] / "group_vars" / "all.yml"


def write(folder: Path, text: str) -> Path:
    """Write group_vars/all.yml in a folder."""
    path = folder / "group_vars" / "all.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def write_own(folder: Path, text: str, stage: str = "main") -> None:
    """Write the file of one stage."""
    (folder / "host_vars").mkdir(exist_ok=True)
    (folder / "host_vars" / f"{stage}.yml").write_text(text)


def load(folder: Path, stage: str = "main") -> Document:
    return load_parameters(folder, stage)


def problems(tmp_path: Path, **changes: Any) -> list[str]:
    """What is told of the shipped parameters with these changes; `None` written out takes a parameter away."""
    parameters = yaml.safe_load(SHIPPED.read_text()) | changes
    write(tmp_path, yaml.safe_dump({name: value for name, value in parameters.items() if value != "absent"}))
    return [f"{item.field}: {item.message}" for item in load(tmp_path).problems]


def test_the_type_of_the_parameters_has_what_the_schema_allows() -> None:
    schema = json.loads((SHIPPED.parents[1] / "schemas/parameters.schema.json").read_text())
    types = get_type_hints(Parameters)
    assert set(types) == set(schema["properties"]) == set(schema["required"])
    names = {"string": str, "integer": int, "number": float, "boolean": bool}
    for name, described in schema["properties"].items():
        if "type" in described:
            kind = described["type"]
            assert types[name] == (names[kind] if isinstance(kind, str) else names[kind[0]] | None), name


def test_shipped_parameters_are_right() -> None:
    assert [load(SHIPPED.parents[1], stage).problems for stage in ("main", "evening")] == [[], []]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("region", ["us-east-1", "ap-southeast-7", "us-gov-west-1", "eusc-de-east-1"]),
        ("class_name", ["a", "a" * 100, "Systemy operacyjne, jesień 2026", 'O\'Brien & Żak "2"']),
        ("timezone", ["UTC", "Australia/Lord_Howe", "America/Argentina/Buenos_Aires"]),
        ("trainer_email", ["jozef@example.org", "a+b@sub.example.org", "a@bücher.example"]),
        ("deadline_time", ["00:00", "23:59"]),
        ("attempts", [1, "1", "last"]),
        ("late", [None, False, "none", {"until_hours": 1, "credit": 0}, {"until_hours": 24, "credit": 0.8}]),
        ("partial_credit", ["off", False, "net-correct", "each-answer"]),
        ("authorizer_ttl_seconds", [0, 3600]),
        ("reminder_hours", [0, 24]),
        ("throttle_rate_per_second", [1, 5, 10000]),
    ],
)
def test_good_values_pass(tmp_path: Path, name: str, values: list[Any]) -> None:
    for value in values:
        assert problems(tmp_path, **{name: value}) == [], value


def test_a_region_is_admitted_if_its_partition_has_ses() -> None:
    pattern = json.loads((SHIPPED.parents[1] / "schemas/parameters.schema.json").read_text())["properties"]["region"]
    session = get_session()
    for partition in session.get_available_partitions():
        has_ses = bool(session.get_available_regions("ses", partition))
        for region in session.get_available_regions("cloudformation", partition):
            assert bool(re.match(pattern["pattern"], region)) == has_ses, region


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("region", "eu-cental-1", "must be an AWS Region"),
        ("region", "Frankfurt", "must be an AWS Region"),
        ("region", None, "must be an AWS Region"),
        ("region", "cn-north-1", "Amazon SES, which sends the emails, does not exist"),
        ("region", "us-iso-east-1", "Amazon SES, which sends the emails, does not exist"),
        ("region", "absent", "is missing; add `region:` (AWS Region in which everything is deployed)"),
        ("class_name", "", "1 to 100 characters"),
        ("class_name", " ", "1 to 100 characters"),
        ("class_name", "a" * 101, "1 to 100 characters"),
        ("class_name", "two\nlines", "on one line"),
        ("class_name", "a \u202e b", "without braces and hidden characters"),
        ("class_name", "a \U000e0041 b", "without braces and hidden characters"),
        ("class_dir", "", "must be the path of a folder"),
        ("class_dir", "$HOME/class", "without `$`"),  # Ansible would replace both of these
        ("class_dir", "~/class", "not begin with `~`"),
        ("class_dir", "{{ stage }}", "braces"),
        ("class_name", "{{ lookup('env', 'HOME') }}", "without braces"),  # Ansible would run it
        ("trainer_email", "trainer", "is not a valid email address"),
        ("trainer_email", "a@b@c", "is not a valid email address"),
        ("sender_email", "x@", "is not a valid email address"),
        ("sender_email", "józef@example.org", "letters a to z"),
        ("trainer_email", "=?utf-8?q?eve?=@example.org", "`=?`"),
        ("sender_domain", "Example.org", "must be a domain in lower case"),
        ("sender_domain", "example", "must be a domain"),
        ("sender_domain", "test-time@example.org", "must be a domain"),
        ("sender_domain", "", "must be a domain"),
        ("sender_domain", "ample.org", "is not the domain of sender_email"),
        ("sender_domain", "sub.example.org", "is not the domain of sender_email"),
        ("sender_email", 5, "must be text, not the number 5; put it in quotes"),
        ("timezone", "Europe/Warsav", "did you mean Europe/Warsaw?"),
        ("timezone", "europe/warsaw", "did you mean Europe/Warsaw?"),
        ("timezone", "CEST+2", "is not an IANA time zone"),
        ("timezone", "../etc/passwd", "is not an IANA time zone"),
        ("timezone", "localtime", "is not an IANA time zone"),  # each computer's own
        ("timezone", "Factory", "is not an IANA time zone"),  # what an unset clock shows
        ("timezone", "posixrules", "is not an IANA time zone"),
        ("timezone", "posix/Europe/Warsaw", "is not an IANA time zone"),
        ("timezone", "right/Europe/Warsaw", "is not an IANA time zone"),
        ("deadline_weekday", "Mon", "must be one of: monday"),
        ("deadline_time", "24:00", "must be a time of day"),
        ("deadline_time", 1380, "in quotes"),  # what an unquoted 23:00 is to YAML
        ("retention_days", 37, "38 or more"),
        ("retention_days", 40.5, "must be a whole number"),
        ("retention_days", True, "must be a whole number"),
        ("log_retention_days", 31, "must be one of: 1, 3, 5"),
        ("throttle_rate_per_second", 0, "more"),
        ("throttle_burst", -1, "1 or more"),
        ("quota_requests_per_day", 1499, "1500 or more"),
        ("quota_requests_per_day", "many", "must be a whole number, not text"),
        ("authorizer_ttl_seconds", 3601, "3600 or less"),
        ("lambda_memory_mb", 64, "128 or more"),
        ("reminder_hours", -1, "0 or more"),
        ("attempts", 2, "must be 1 or last"),
        ("attempts", True, "must be 1 or last"),
        ("late", {"until_hours": 24}, "must be null, or hours"),
        ("late", {"until_hours": 24, "credit": 1.1}, "must be null, or hours"),
        ("unsubmitted_drafts", "hand-in", "must be ignore or submit"),
        ("partial_credit", "some", "off, net-correct, each-answer"),
        ("grace_minutes", 1441, "1440 or less"),
        ("throttle_bursts", 3, "did you mean `throttle_burst`?"),
    ],
)
def test_bad_value_is_told(tmp_path: Path, name: str, value: Any, words: str) -> None:
    [problem] = problems(tmp_path, **{name: value})
    assert problem.startswith(f"{name}: ")
    assert words in problem


NUMBERS = ("reminder_hours", "grace_minutes", "attempts", "retention_days", "log_retention_days", "throttle_burst")


@pytest.mark.parametrize("name", (*NUMBERS, "throttle_rate_per_second", "quota_requests_per_day", "lambda_memory_mb"))
@pytest.mark.parametrize("written", ["1:30", "010", "0x1e", "1_000", ".nan", ".inf"])
def test_number_that_is_not_written_as_a_decimal_number_is_told(tmp_path: Path, name: str, written: str) -> None:
    text, changed = re.subn(rf"(?m)^{name}:.*$", f"{name}: {written}", SHIPPED.read_text())
    assert changed == 1
    write(tmp_path, text)
    [problem] = load(tmp_path).problems
    line = text[: text.index(f"\n{name}:") + 1].count("\n") + 1
    assert str(problem).startswith(f"group_vars/all.yml:{line}: {name}: YAML reads {written} as ")


SCHEMA = json.loads((SHIPPED.parents[1] / "schemas/parameters.schema.json").read_text())["properties"]
WHOLE = [name for name, allowed in SCHEMA.items() if allowed.get("type") == "integer"]
WHOLE_IN_LISTS = [name for name, allowed in SCHEMA.items() if any(type(x) is int for x in allowed.get("enum", []))]


def problem_with(tmp_path: Path, name: str, written: str) -> str:
    """The only problem of the shipped parameters with one of them written like this, which its line must be in."""
    text, changed = re.subn(rf"(?m)^{name}:.*$", f"{name}: {written}", SHIPPED.read_text())
    assert changed == 1
    write(tmp_path, text)
    [problem] = load(tmp_path).problems
    assert problem.line == text[: text.index(f"\n{name}:") + 1].count("\n") + 1
    return f"{problem.field}: {problem.message}"


@pytest.mark.parametrize("name", WHOLE)
def test_whole_number_with_a_decimal_point_is_told_with_what_to_write(tmp_path: Path, name: str) -> None:
    value = SCHEMA[name]["examples"][0]
    problem = problem_with(tmp_path, name, f"{value}.0")
    assert problem == f"{name}: must be a whole number, not the number {value}.0; write {value}"


@pytest.mark.parametrize("name", WHOLE_IN_LISTS)
def test_listed_whole_number_with_a_decimal_point_is_told(tmp_path: Path, name: str) -> None:
    problem = problem_with(tmp_path, name, "1.0")
    assert "must be 1 or last" in problem or "must be one of: 1, 3, 5" in problem


def test_hours_of_late_work_with_a_decimal_point_are_told_with_what_to_write(tmp_path: Path) -> None:
    problem = problem_with(tmp_path, "late", "{until_hours: 24.0, credit: 0.8}")
    assert problem == "late.until_hours: must be a whole number, not the number 24.0; write 24"


@pytest.mark.parametrize("digits", [251, 309, 310, 400, 5000])
@pytest.mark.parametrize("name", [*WHOLE, "throttle_rate_per_second"])
def test_number_that_is_too_long_is_told_by_its_length(tmp_path: Path, name: str, digits: int) -> None:
    problem = problem_with(tmp_path, name, "1" * digits)
    assert problem.startswith(f"{name}: must be a")
    assert problem.endswith(f" number, not one with {digits:,} digits")


@pytest.mark.parametrize("written", ["0x" + "f" * 5000, "1" + ":59" * 500, "1" + ":59" * 500 + ".5", "0b" + "1" * 5000])
@pytest.mark.parametrize("name", ["reminder_hours", "throttle_rate_per_second", "attempts", "late", "class_name"])
def test_long_number_in_another_notation_is_told(tmp_path: Path, name: str, written: str) -> None:
    assert problem_with(tmp_path, name, written).startswith(f"{name}: must be")


def test_deadline_without_quotes_is_told_as_a_missing_quote(tmp_path: Path) -> None:
    write(tmp_path, SHIPPED.read_text().replace('deadline_time: "23:00"', "deadline_time: 23:00"))
    [problem] = load(tmp_path).problems
    assert "in quotes" in problem.message


def test_all_errors_come_at_once_in_order_of_lines(tmp_path: Path) -> None:
    text = SHIPPED.read_text()
    write(tmp_path, text.replace("eu-central-1", "nowhere").replace("Europe/Warsaw", "Mars/Base").replace("365", "x"))
    lines = [problem.line for problem in load(tmp_path).problems]
    assert len(lines) == 3
    assert lines == sorted(lines)


def test_address_is_in_no_message(tmp_path: Path) -> None:
    assert "secret-person" not in "".join(problems(tmp_path, trainer_email="secret-person@@example.org"))


def test_addresses_are_deployed_in_their_ascii_form(tmp_path: Path) -> None:
    write(tmp_path, re.sub(r"(?m)^(trainer|sender)_email:.*$", r"\1_email: \1@bücher.example", SHIPPED.read_text()))
    parameters = load(tmp_path).data
    assert parameters["trainer_email"] == "trainer@xn--bcher-kva.example"
    assert parameters["sender_email"] == "sender@xn--bcher-kva.example"


def test_a_stages_own_values_replace_the_common_ones(tmp_path: Path) -> None:
    write(tmp_path, SHIPPED.read_text())
    write_own(tmp_path, "timezone: Asia/Tokyo\nlate: {until_hours: 1, credit: 0.5}\n", "tokyo")
    own, other = load(tmp_path, "tokyo"), load(tmp_path, "other")
    assert (own.problems, other.problems) == ([], [])
    assert other.data == yaml.safe_load(SHIPPED.read_text())
    assert own.data == other.data | {"timezone": "Asia/Tokyo", "late": {"until_hours": 1, "credit": 0.5}}


def test_a_problem_names_the_file_and_the_line_of_the_value(tmp_path: Path) -> None:
    write(tmp_path, SHIPPED.read_text().replace("Europe/Warsaw", "Mars/Base").replace("365", "x"))
    write_own(tmp_path, "---\n# Own\ntimezone: Moon/Base\nlate: {until_hours: 24.0, credit: 1}\nretention_dayz: 40\n")
    line = SHIPPED.read_text()[: SHIPPED.read_text().index("retention_days:")].count("\n") + 1
    assert [
        str(problem).split("; ")[0].removesuffix(" is not an IANA time zone") for problem in load(tmp_path).problems
    ] == [
        f"group_vars/all.yml:{line}: retention_days: must be a whole number, not text",
        "host_vars/main.yml:3: timezone: 'Moon/Base'",
        "host_vars/main.yml:4: late.until_hours: must be a whole number, not the number 24.0",
        "host_vars/main.yml:5: retention_dayz: is not a known field",
    ]


def test_a_common_value_that_a_stage_replaces_is_not_its_problem(tmp_path: Path) -> None:
    write(tmp_path, SHIPPED.read_text().replace("Europe/Warsaw", "Mars/Base"))
    write_own(tmp_path, "timezone: UTC\n")
    assert load(tmp_path).problems == []
    assert load(tmp_path, "other").problems


@pytest.mark.parametrize("text", ["", "---\n", "# Nothing yet.\n"])
def test_a_stages_file_may_be_empty(tmp_path: Path, text: str) -> None:
    write(tmp_path, SHIPPED.read_text())
    write_own(tmp_path, text)
    assert load(tmp_path).problems == []


@pytest.mark.parametrize(("text", "line"), [("- 1\n", 1), ("just text\n", 1), ("\na: [\n", 3), ("a: 1\na: 2\n", 2)])
def test_a_stages_file_that_cannot_be_read_is_told_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    write(tmp_path, SHIPPED.read_text())
    write_own(tmp_path, text)
    [problem] = load(tmp_path).problems
    assert (problem.file, problem.line) == ("host_vars/main.yml", line)


def test_stage_of_an_earlier_version_is_ignored_if_it_is_this_one_and_explained_otherwise(tmp_path: Path) -> None:
    write(tmp_path, SHIPPED.read_text().replace("---\n", "stage: main\n", 1))
    assert load(tmp_path, "main").problems == []
    assert "stage" not in load(tmp_path, "main").data
    [problem] = load(tmp_path, "localhost").problems
    assert str(problem).startswith("group_vars/all.yml:1: stage: is no longer a parameter")
    assert "write it into inventory.yml in place of 'localhost'" in problem.message


def test_missing_file_is_told_with_its_remedy(tmp_path: Path) -> None:
    [problem] = load(tmp_path).problems
    assert str(problem).startswith("group_vars/all.yml:1: does not exist; ")
    assert "git checkout group_vars/all.yml" in problem.message


@pytest.mark.parametrize("text", ["", "- 1\n", "just text\n", "{", "a: 1\n  b: 2\n"])
def test_what_is_no_mapping_is_told(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    assert load(tmp_path).problems


@pytest.mark.parametrize(
    ("parameter", "template_parameter"),
    [
        ("reminder_hours", "ReminderHours"),
        ("throttle_rate_per_second", "ThrottleRatePerSecond"),
        ("throttle_burst", "ThrottleBurst"),
        ("quota_requests_per_day", "QuotaRequestsPerDay"),
        ("authorizer_ttl_seconds", "AuthorizerTtlSeconds"),
        ("log_retention_days", "LogRetentionDays"),
        ("lambda_memory_mb", "LambdaMemoryMb"),
    ],
)
def test_what_passes_here_is_not_refused_by_cloudformation(parameter: str, template_parameter: str) -> None:
    root = SHIPPED.parents[1]
    allowed = json.loads((root / "schemas/parameters.schema.json").read_text())["properties"][parameter]
    taken = json.loads((root / "templates/trainings-tests.json").read_text())["Parameters"][template_parameter]
    values = allowed["enum"] if "enum" in allowed else [allowed["minimum"], allowed["maximum"]]
    for value in values:
        assert taken.get("MinValue", value) <= value <= taken.get("MaxValue", value)
        assert value in taken.get("AllowedValues", [value])
