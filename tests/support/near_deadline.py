"""A stage whose weekly deadline is minutes away, so that its rule can be seen to fire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from support.api_calls import call
from support.deployed_project import Project

# Half an hour off the full hours of UTC, and without changes of clocks.
ZONE = ZoneInfo("Asia/Kolkata")


@dataclass(frozen=True)
class NearDeadline:
    """The stage `rule`: `on_time` and `extended` have submitted, `late` has not. Nobody else has more time."""

    closes_at: datetime
    extended_until: datetime
    stack: str = "trainings-tests-rule"
    options: tuple[str, ...] = ("--stage", "rule")
    sender: str = "rule@example.org"
    subject: str = "operating-systems"
    test: str = "test01"
    on_time: str = "s001"
    extended: str = "s002"
    late: str = "s003"

    def review(self, project: Project, student: str) -> tuple[int, Any]:
        """What the API says of a student's review."""
        path = f"/v1/review?subjectName={self.subject}&testId={self.test}"
        return call(project.student(student, *self.options), "GET", path)


def deploy_near_deadline(project: Project) -> NearDeadline:
    """Deploy and publish the stage, and submit. Takes half a minute."""
    closes_at = (datetime.now(UTC) + timedelta(seconds=150)).replace(second=0, microsecond=0)
    near = NearDeadline(closes_at, closes_at + timedelta(minutes=2))
    local = closes_at.astimezone(ZONE)
    students = project.folder / "class" / "students.yml"
    test = project.folder / "class" / "subjects" / near.subject / f"{near.test}.yml"
    before = {file: file.read_text() for file in (students, test)}
    project.add_stage(
        "rule",
        timezone=str(ZONE),
        deadline_weekday=f"{local:%A}".lower(),
        deadline_time=f"{local:%H:%M}",
        reminder_hours=0,
        sender_email=near.sender,
    )
    extension = f"{near.extended_until.astimezone(ZONE):%Y-%m-%dT%H:%M}"
    students.write_text(before[students].replace("    extra_hours: 24\n", ""))
    extensions = f"extensions: {{{near.extended}: '{extension}'}}"
    test.write_text(before[test].replace("questions:\n", f"{extensions}\nquestions:\n", 1))
    try:
        project.run("./deploy-api-gateway.sh", "--local", *near.options)
    finally:
        for file, text in before.items():
            file.write_text(text)
    for student in (near.on_time, near.extended):
        body = {"subjectName": near.subject, "testId": near.test, "studentId": student, "answers": {"1": "a"}}
        status, reply = call(project.student(student, *near.options), "POST", "/v1/test", body)
        assert status == 201, reply
    status, refused = near.review(project, near.on_time)
    assert (status, refused["code"]) == (403, "NotYetReleased")
    return near
