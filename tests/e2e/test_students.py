"""From a list of participants to a student who takes a test, with the rights of a deployer."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.deployed_project import Project
from support.deployer_user import rights_over_people
from support.terminal_client import TerminalClient

LISTED = "First name;Last name;Email address;ID number\nAda;Lovelace;ada@example.org;\nBob;Bó;bob@example.org;77\n"


@pytest.fixture(scope="module")
def rights(project: Project) -> Iterator[None]:
    with rights_over_people(project):
        yield


@pytest.fixture(scope="module")
def links(project: Project, rights: None) -> dict[str, str]:
    """The link of each student. Ada and Bob are new."""
    (project.folder / "list.csv").write_bytes(LISTED.encode("utf-16"))
    shown = project.run("./bin/students.sh", "import", "list.csv", "--subjects", "operating-systems").stdout
    assert "Moodle, UTF-16, separated by semicolons, 2 students" in shown
    assert "+ s007 Ada Lovelace, ada@example.org" in shown
    published = project.run("./update-subjects-or-students.sh", "--local")
    assert "students have never been invited" in published.stdout
    project.run("./bin/students.sh", "invite", "--local", "--output", "links.csv")
    rows = csv.DictReader((project.folder / "links.csv").read_text(encoding="utf-8-sig").splitlines())
    return {row["studentId"]: row["link"] for row in rows}


@pytest.fixture
def computer(project: Project, tmp_path: Path) -> TerminalClient:
    client = TerminalClient(tmp_path, "", "")
    del client.environment["TEST_TIME_ENDPOINT"], client.environment["TEST_TIME_API_KEY"]
    client.environment["NO_PROXY"] = "127.0.0.1"
    return client


def stored(project: Project, prefix: str) -> list[str]:
    """Every version of the objects below a prefix."""
    s3, bucket = project.client("s3"), project.outputs()["DataBucketName"]
    found = s3.list_object_versions(Bucket=bucket, Prefix=prefix).get("Versions", [])
    return [
        s3.get_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])["Body"].read().decode()
        for item in found
    ]


def test_a_student_picks_up_their_key_and_takes_a_test(
    project: Project, links: dict[str, str], computer: TerminalClient
) -> None:
    done = computer.run("--setup", stdin=links["s007"])
    assert (done.returncode, done.stderr) == (0, "")
    key = project.student("s007")["TEST_TIME_API_KEY"]
    assert f"TEST_TIME_API_KEY={key}\n" in (computer.home / ".config/test-time/config").read_text()
    taken = computer.run("--subject", "operating-systems", "--test", "test01", "--json", stdin="a\n" * 6, timeout=120)
    assert json.loads(taken.stdout)["receiptId"].startswith("R-"), taken.stderr
    secrets = [key, re.split(r"[.]", links["s007"])[-1]]
    assert [secret for secret in secrets for body in stored(project, "") if secret in body] == []


def test_nobody_is_invited_twice_unless_asked_for_and_then_the_first_link_is_dead(
    project: Project, links: dict[str, str], computer: TerminalClient
) -> None:
    assert "Nobody to invite." in project.run("./bin/students.sh", "invite", "--local").stdout
    project.run("./bin/students.sh", "invite", "--local", "--student", "77", "--again", "--output", "again.csv")
    refused = computer.run("--setup", stdin=links["77"])
    assert refused.returncode == 6
    assert "ask your trainer for another link" in refused.stderr


def test_a_new_key_replaces_the_old_one_and_a_link_to_it_is_mailed(
    project: Project, links: dict[str, str], computer: TerminalClient
) -> None:
    old = project.student("s001")["TEST_TIME_API_KEY"]
    project.run("./bin/students.sh", "rotate-key", "s001", "--local")
    assert project.student("s001")["TEST_TIME_API_KEY"] != old
    assert computer.run("--setup", stdin=links["s001"]).returncode == 6
    assert project.run("./update-subjects-or-students.sh", "--local").stdout.startswith("Nothing changed.")
    assert "s001" in project.run("./bin/students.sh", "invite", "--local").stdout
    [mail] = [mail for mail in project.mails() if "get your key" in mail["subject"]]
    [link] = set(re.findall(r"http://\S+#pick-up=[0-9a-f]{64}[.][0-9a-f]{64}", json.dumps(mail)))
    assert computer.run("--setup", stdin=link).returncode == 0
    assert "operating-systems" in computer.run("--list").stdout


def test_the_function_removes_an_invitation_that_has_expired(project: Project, links: dict[str, str]) -> None:
    """With its own role. The rule calls it every hour; here it is asked about a link whose time is over."""
    id = "e" * 64
    s3, bucket = project.client("s3"), project.outputs()["DataBucketName"]
    for expires in ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"):
        body = json.dumps({"share": "f" * 64, "studentId": "s001", "expiresAt": expires}).encode()
        s3.put_object(Bucket=bucket, Key=f"invitations/{id}.json", Body=body, ServerSideEncryption="AES256")
    kept = len(stored(project, "invitations/"))
    client = project.client("lambda")
    assert json.loads(client.invoke(FunctionName="trainings-tests-pick-up", Payload=b"{}")["Payload"].read()) == {}
    event = json.loads((Path(__file__).parents[1] / "events/api_post_test.json").read_text())
    event |= {"resource": "/v1/pick-up", "path": "/v1/pick-up", "body": json.dumps({"id": id})}
    reply = client.invoke(FunctionName="trainings-tests-pick-up", Payload=json.dumps(event).encode())
    assert json.loads(reply["Payload"].read())["statusCode"] == 410
    assert len(stored(project, "invitations/")) == kept - 2
