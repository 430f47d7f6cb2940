"""A trainer's first week, from a list of participants to the next term, at a terminal and in a browser."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess

import openpyxl
import pexpect
import pytest
from ansible_collections.training.test_time.plugins.module_utils.shared.student_addresses import install_line
from playwright.sync_api import Browser, expect

from support.api_calls import call
from support.browser_student import Visitor
from support.chromium import running_chromium
from support.deployed_project import Project, wait_until
from support.deployer_user import rights_over_people
from support.terminal_client import CONFIRM, QUESTION, Terminal, TerminalClient

STAGE, SUBJECT, TEST = "first-week", "shell", "test01"
LOCAL = ("--local", "--stage", STAGE)
SENDER = "first-week@example.org"
TODAY = datetime.now(UTC)
CLOSES, CLOSES_NEXT_TERM = (f"{TODAY + timedelta(days=days):%Y-%m-%d} 23:00" for days in (14, 90))
AFTER_THE_DEADLINE = f"{TODAY + timedelta(days=20):%Y-%m-%dT%H:%M:%SZ}"
STUDENTS = 30
KEY = "    answer: "
QUESTIONS = f"""---
title: Pipes
opens: "2026-01-05 08:00"
closes: "{CLOSES}"
questions:
  - text: Which character joins two commands?
    options: {{a: "|", b: "&", c: "#"}}
{KEY}a
  - text: What does `wc -l` count?
    options: {{a: words, b: lines, c: letters}}
{KEY}a # wrong, as the trainer learns on Thursday
"""


class Week:
    """The trainer at the computer, and the links of the students."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.links: dict[str, str] = {}

    def at_the_terminal(self, *command: str, expecting: dict[str, str] | None = None, code: int = 0) -> str:
        """Run a command as at a terminal and answer what it asks. Returns the screen."""
        terminal: Terminal = pexpect.spawn(
            command[0],
            [*command[1:], *LOCAL],
            cwd=str(self.project.folder),
            env=self.project.environment | {"TERM": "xterm"},
            encoding="utf-8",
            timeout=300,
            dimensions=(50, 120),
        )
        screen = ""
        for question, answer in (expecting or {}).items():
            terminal.expect(question)
            screen += terminal.before + terminal.after
            terminal.sendline(answer)
        terminal.expect(pexpect.EOF)
        terminal.close()
        screen += str(terminal.before)
        assert terminal.exitstatus == code, screen
        return screen.replace("\r\n", "\n")

    def class_file(self, folder: str = "class-week") -> Path:
        return self.project.folder / folder / "subjects" / SUBJECT / f"{TEST}.yml"

    def student(self, student: str) -> dict[str, str]:
        return self.project.student(student, "--stage", STAGE)


@pytest.fixture(scope="module")
def week(local_project: Project, deployment: object) -> Iterator[Week]:
    """A new stage with a test, and a list of participants from Moodle."""
    week = Week(local_project)
    file = week.class_file()
    file.parent.mkdir(parents=True)
    file.write_text(QUESTIONS)
    rows = [["First name", "Last name", "ID number", "Email address"]]
    rows += [[f"Name{number}", "Żak", "", f"student{number}@example.org"] for number in range(1, STUDENTS + 1)]
    with (local_project.folder / "participants.csv").open("w", encoding="utf-8-sig", newline="") as sheet:
        csv.writer(sheet).writerows(rows)
    local_project.add_stage(
        STAGE, class_dir="class-week", class_name="Shell, evenings", sender_email=SENDER, authorizer_ttl_seconds=1
    )
    with rights_over_people(local_project):
        yield week
    local_project.run("./deploy-api-gateway.sh", *LOCAL, "--destroy", "--yes")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


def test_a_whole_first_week(week: Week, chromium: Browser, tmp_path: Path) -> None:
    get_the_class_in(week)
    first = take_the_test_on_the_page(week, chromium, "s001")
    second = take_the_test_in_the_terminal(week, tmp_path, "s002")
    see_both_before_the_deadline(week, chromium, [first, second])
    correct_a_key(week)
    score_and_export(week, tmp_path)
    export_and_erase(week, tmp_path, "s002")
    begin_a_new_term(week)


def get_the_class_in(week: Week) -> None:
    shown = week.at_the_terminal("./bin/students.sh", "import", "participants.csv")
    assert "+ s030 Name30 Żak, student30@example.org" in shown
    deployed = week.at_the_terminal("./deploy-api-gateway.sh")
    assert "30 of 30" in deployed
    assert len(deployed.splitlines()) <= 70, "a first deployment fits a large screen"
    week.at_the_terminal("./bin/students.sh", "invite", "--output", "first-week-links.csv")
    sheet = (week.project.folder / "first-week-links.csv").read_text(encoding="utf-8-sig")
    week.links = {row["studentId"]: row["link"] for row in csv.DictReader(sheet.splitlines())}
    assert len(week.links) == STUDENTS


def take_the_test_on_the_page(week: Week, chromium: Browser, student: str) -> str:
    """Returns the receipt."""
    link = week.links[student]
    visitor = Visitor(chromium.new_context(), link.split("/#")[0], "")
    page = visitor.page
    page.goto(link)
    page.get_by_role("button", name="Get my key").click()
    expect(page.get_by_label("Your key")).not_to_have_value("")
    assert "pick-up" not in page.url
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Start Pipes").click()
    visitor.choose(1, "a")
    visitor.choose(2, "b")
    visitor.upload()
    visitor.sees("Your answers are uploaded")
    receipt = page.locator(".receipt-id").inner_text()
    assert visitor.complaints == []
    visitor.context.close()
    return receipt


def take_the_test_in_the_terminal(week: Week, home: Path, student: str) -> str:
    """On a clean account, with the line from the invitation. Returns the receipt."""
    computer = TerminalClient(home / "computer", "", "")
    computer.home.mkdir()
    del computer.environment["TEST_TIME_ENDPOINT"], computer.environment["TEST_TIME_API_KEY"]
    endpoint = week.links[student].split("/#")[0]
    terminal: Terminal = pexpect.spawn(
        "bash", ["-c", install_line(endpoint)], env=computer.environment, encoding="utf-8", timeout=60
    )
    terminal.expect("The link or the API key that your trainer sent you")
    terminal.sendline(week.links[student])
    terminal.expect("You are set up as s002")
    terminal.expect("Take it now")
    assert week.links[student] not in terminal.before
    terminal.sendline("yes")
    for answer in ("a", "a"):
        terminal.expect(QUESTION)
        terminal.sendline(answer)
    terminal.expect(CONFIRM)
    terminal.sendline("yes")
    terminal.expect(r"R-[0-9a-f]+")
    receipt = str(terminal.after)
    terminal.expect(pexpect.EOF)
    return receipt


def see_both_before_the_deadline(week: Week, chromium: Browser, receipts: list[str]) -> None:
    printed = week.project.run("./bin/pull-api-config.sh", *LOCAL, "--trainer", "--format", "json").stdout
    [key] = re.findall(r'"apiKey": "([^"]+)"', printed)
    trainer = Visitor(chromium.new_context(), week.links["s001"].split("/#")[0], key)
    trainer.open()
    trainer.page.get_by_label("Your key").fill(key)
    trainer.page.get_by_role("button", name="Sign in").click()
    trainer.sees("Your class")
    expect(trainer.page.locator(".counts")).to_have_text("2 of 30 submitted.")
    trainer.context.close()
    shown = json.loads(week.project.run("./bin/results.sh", *LOCAL, "--format", "json").stdout)
    [test] = shown["tests"]
    submitted = [one["studentId"] for one in test["students"] if one["status"] == "submitted"]
    assert submitted == ["s001", "s002"]
    for student, receipt in zip(submitted, receipts, strict=True):
        assert student in week.at_the_terminal("./bin/verify-receipt.sh", receipt)


def correct_a_key(week: Week) -> None:
    file = week.class_file()
    file.write_text(file.read_text().replace(f"{KEY}a # wrong, as the trainer learns on Thursday", f"{KEY}b"))
    checked = week.at_the_terminal("./update-subjects-or-students.sh", "--check", "--verbose")
    assert "1 student gains, 1 lose" in checked
    assert "Name1 Żak" in checked
    week.at_the_terminal("./update-subjects-or-students.sh")


def score_and_export(week: Week, folder: Path) -> None:
    week.at_the_terminal("./bin/run-scoring.sh", "--as-of", AFTER_THE_DEADLINE)
    mails = week.project.mails(SENDER)
    scored = {mail["to"][0]: mail for mail in mails if "student" in mail["to"][0]}
    assert set(scored) == {f"student{number}@example.org" for number in (1, 2)}
    moodle, book = folder / "moodle.csv", folder / "results.xlsx"
    week.at_the_terminal("./bin/results.sh", "--format", "moodle", "--output", str(moodle))
    rows = list(csv.DictReader(io.StringIO(moodle.read_text(encoding="utf-8-sig"))))
    assert [row["Email address"] for row in rows] == ["student1@example.org", "student2@example.org"]
    points = [[value for value in row.values() if value in ("2", "1")] for row in rows[:2]]
    assert points == [["2"], ["1"]]
    week.at_the_terminal("./bin/results.sh", "--format", "xlsx", "--output", str(book))
    cells = [cell for sheet in openpyxl.load_workbook(book) for row in sheet.values for cell in row]
    assert "Name1 Żak" in cells
    assert 2 in cells


def export_and_erase(week: Week, folder: Path, student: str) -> None:
    file = folder / "person.zip"
    week.at_the_terminal("./bin/students.sh", "export", student, "--output", str(file))
    with zipfile.ZipFile(file) as exported:
        text = b"".join(exported.read(name) for name in exported.namelist()).decode()
    assert "Name2 Żak" in text
    assert "student1@example.org" not in text
    sheet = week.project.folder / "participants.csv"
    lines = [line for line in sheet.read_text(encoding="utf-8-sig").splitlines() if "student2@" not in line]
    sheet.write_text("\n".join(lines))
    assert "- s002" in week.at_the_terminal("./bin/students.sh", "import", "participants.csv", "--remove-missing")
    week.at_the_terminal("./update-subjects-or-students.sh")
    refused = week.at_the_terminal("./bin/students.sh", "erase", student, code=1)
    assert "API key may still be accepted: try again at" in refused

    def answered() -> CompletedProcess[str] | None:
        done = week.project.run("./bin/students.sh", "erase", student, *LOCAL, "--yes", check=False)
        return None if "may still be accepted" in done.stderr else done

    done = wait_until(answered, 120, "the removed student's key to be refused")
    assert f"Everything about student {student} was deleted" in done.stdout, done.stderr
    s3, bucket = week.project.client("s3"), week.project.outputs(f"trainings-tests-{STAGE}")["DataBucketName"]
    for version in s3.list_object_versions(Bucket=bucket)["Versions"]:
        body = s3.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])["Body"].read()
        assert b"student2@example.org" not in body, version["Key"]
        assert "s002" not in version["Key"]


def begin_a_new_term(week: Week) -> None:
    old = week.student("s001")
    folder = week.project.folder
    shutil.copytree(folder / "class-week", folder / "class-spring")
    test = week.class_file("class-spring")
    test.write_text(test.read_text().replace(CLOSES, CLOSES_NEXT_TERM))
    (folder / "class-spring" / "students.yml").write_text(
        f"students:\n  - id: n001\n    name: New\n    email: new@example.org\n    subjects: [{SUBJECT}]\n"
    )
    variables = folder / "host_vars" / f"{STAGE}.yml"
    variables.write_text(variables.read_text().replace("class-week", "class-spring"))
    asked = week.at_the_terminal("./update-subjects-or-students.sh", expecting={"type yes": "yes"})
    assert "class-week" in asked
    status, _ = call(old, "GET", "/v1/student")
    assert status == 403
    assert call(week.student("n001"), "GET", "/v1/student")[0] == 200
