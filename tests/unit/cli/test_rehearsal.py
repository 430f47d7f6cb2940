"""A rehearsal shows what the run then does, and changes nothing: no version of an object, no email."""

from __future__ import annotations

import email
import email.policy
import re
import stat
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cli.command import CommandError
from cli.rehearsal.overlay import Overlay
from cli.rehearsal.run import shown
from cli.rehearsal.steps import Stage, stage_of

from common.shared.deadlines import format_time, parse_time
from common.shared.object_keys import draft_key
from support.run_handlers import ENVIRONMENT
from support.trainer import client_of_trainer
from support.weekly_class import SUBJECT, TEST, make_students, make_test, make_world, submit_all
from support.weekly_run import TRAINER, World

OVER = "2026-11-23T22:00:05Z"
AFTER = {"asOf": "2026-11-23T22:00:05Z"}


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def stage(world: World) -> Stage:
    return Stage(world.settings, "Demo", "sender@example.org", TRAINER, "Europe/Warsaw")


def rehearsed(world: World, stage: Stage, folder: Path, given: Any = None, at: str = OVER) -> int:
    """Rehearse with the rights to deploy and no others. Nothing may have changed."""
    before = (dict(world.s3.objects), dict(world.s3.writes), list(world.ses.sent), dict(world.s3.written))
    request: Any = {} if given is None else given
    code = shown(client_of_trainer(world.s3), "class-data", stage, parse_time(at), request, folder)
    assert (dict(world.s3.objects), dict(world.s3.writes), list(world.ses.sent), dict(world.s3.written)) == before
    assert {call.name for call in world.calls.made} & {"s3:PutObject", "s3:DeleteObject", "ses:SendRawEmail"} == set()
    return code


def saved(folder: Path) -> list[EmailMessage]:
    """The emails of the rehearsal."""
    return [
        email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=email.policy.default)
        for path in sorted(folder.glob("*/emails/*.eml"))
    ]


def told(mails: list[EmailMessage]) -> list[tuple[str, str, str, str]]:
    """What each recipient reads, and the attachments. The link to a report differs."""
    found = []
    for mail in mails:
        text, html = (str(part.get_content()) if (part := mail.get_body((kind,))) else "" for kind in ("plain", "html"))
        attached = "".join(str(part.get_content()) for part in mail.iter_attachments())
        same = [re.sub(r'(https|file)://[^"\s]+', "", each.replace("\r\n", "\n")) for each in (text, html)]
        found.append((str(mail["To"]), str(mail["Subject"]), "\n".join(same), attached))
    return sorted(found)


@pytest.mark.parametrize("as_of", [None, AFTER])
def test_what_it_shows_is_what_the_run_then_does(world: World, stage: Stage, tmp_path: Path, as_of: Any) -> None:
    """Also of a run in the future, to which nothing is added until then."""
    assert rehearsed(world, stage, tmp_path, as_of, OVER if as_of is None else "2026-11-23T21:00:00Z") == 0
    world.run()
    assert len(saved(tmp_path)) == 5
    assert told(saved(tmp_path)) == told(world.ses.sent)
    [csv] = tmp_path.glob(f"*/reports/{SUBJECT}/{TEST}/gradebook.csv")
    [stored] = [body for key, body in world.s3.objects.items() if key.endswith("gradebook.csv")]
    assert csv.read_bytes() == stored
    [page] = tmp_path.glob(f"*/reports/{SUBJECT}/{TEST}/report.html")
    [stored] = [body for key, body in world.s3.objects.items() if key.endswith("report.html")]
    assert page.read_bytes() == stored


def test_after_a_correction_it_shows_who_would_be_told(world: World, stage: Stage, tmp_path: Path) -> None:
    world.run()
    test = make_test()
    test["key"]["questions"]["1"]["correction"] = {"reason": "slip", "alsoAccept": ["b"]}
    world.publish(SUBJECT, [test], make_students())
    sent = len(world.ses.sent)
    world.calls.made.clear()
    rehearsed(world, stage, tmp_path, at=format_time(world.now))
    world.run()
    assert told(saved(tmp_path)) == told(world.ses.sent[sent:])
    assert {mail["To"] for mail in saved(tmp_path)} == {"s2@example.org", TRAINER}


def test_reminders_are_rehearsed_too(stage: Stage, tmp_path: Path) -> None:
    world = World(reminder_hours=24)
    world.publish(SUBJECT, [make_test()], make_students())
    submit_all(world)
    reminding = Stage(world.settings, "Demo", "sender@example.org", TRAINER, "Europe/Warsaw")
    rehearsed(world, reminding, tmp_path, at="2026-11-23T01:00:00Z")
    assert [str(mail["Subject"])[:8] for mail in saved(tmp_path)] == ["Reminder"]


def test_nothing_due_says_so_and_saves_nothing(
    world: World, stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rehearsed(world, stage, tmp_path, at="2026-11-23T21:00:00Z") == 0
    assert capsys.readouterr().out == "Nothing would be due.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_would_fail_says_why(world: World, stage: Stage, tmp_path: Path) -> None:
    world.s3.objects.pop("roster.jsonl")
    with pytest.raises(CommandError, match=r"^the run would fail: roster.jsonl is missing"):
        rehearsed(world, stage, tmp_path)


def test_a_failed_result_ends_with_3_as_the_run_does(world: World, stage: Stage, tmp_path: Path) -> None:
    world.s3.objects[f"answers/{SUBJECT}/s2/{TEST}.json"] = b"{"
    assert rehearsed(world, stage, tmp_path) == 3


def test_the_index_leads_to_everything_and_only_the_trainer_may_read_it(
    world: World, stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rehearsed(world, stage, tmp_path)
    [folder] = tmp_path.iterdir()
    assert folder.name == "20261123T220005Z"
    index = folder / "index.html"
    assert capsys.readouterr().out.endswith(f"{index}\n")
    links = re.findall(r'href="([^"]+)"', index.read_text())
    assert len(links) == 8
    assert all((folder / link).is_file() for link in links)
    assert "4 of 5 students graded" in index.read_text()
    [report] = folder.glob(f"emails/*-{TRAINER}.txt")
    [linked] = re.findall(r"file://\S+", report.read_text())
    assert Path(linked.removeprefix("file://")).is_file()
    for path in [folder, *folder.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_an_address_cannot_leave_the_folder(stage: Stage, tmp_path: Path) -> None:
    world = World()
    students = make_students(1)
    students[0]["email"] = "x/../../y@example.org"
    world.publish(SUBJECT, [make_test()], students)
    world.submit(SUBJECT, TEST, "s1", {"1": "a"})
    rehearsed(world, stage, tmp_path / "a" / "b" / "c")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert not list(tmp_path.glob("a/*.eml"))


def test_the_settings_are_those_of_the_deployed_functions() -> None:
    parameters = {
        name.title().replace("_", ""): ENVIRONMENT[name]
        for name in (
            *("REMINDER_HOURS", "RETENTION_DAYS", "BATCH_SIZE", "AUTHORIZER_TTL_SECONDS", "SETTLE_SECONDS"),
            *("CLASS_NAME", "SENDER_EMAIL", "TRAINER_EMAIL", "TIMEZONE"),
        )
    }
    stage = stage_of(parameters)
    assert (stage.plan.reminder_hours, stage.plan.batch_size, stage.plan.settle_seconds) == (24, 3, 40)
    assert (stage.class_name, stage.trainer, stage.timezone) == ("Demo", TRAINER, "Europe/Warsaw")


class TestOverlay:
    """It answers as S3 does, also about what is written only in memory."""

    @pytest.fixture
    def overlay(self, world: World) -> Overlay:
        return Overlay(world.s3, datetime.fromisoformat(OVER))

    def put(self, overlay: Overlay, key: str, body: bytes, **condition: str) -> Any:
        return overlay.put_object(Bucket="class-data", Key=key, Body=body, **condition)

    @pytest.mark.parametrize("key", ["roster.jsonl", "new.json", "runs/r/new.json"])
    def test_what_was_written_is_read(self, overlay: Overlay, world: World, key: str) -> None:
        before = dict(world.s3.objects)
        etag = self.put(overlay, key, b"mine")["ETag"]
        found = overlay.get_object(Bucket="class-data", Key=key)
        assert (found["Body"].read(), found["ETag"]) == (b"mine", etag)
        assert overlay.head_object(Bucket="class-data", Key=key)["ETag"] == etag
        assert world.s3.objects == before

    @pytest.mark.parametrize("key", ["roster.jsonl", "new.json"])
    def test_conditions_look_at_s3_and_at_what_was_written(self, overlay: Overlay, key: str) -> None:
        if key == "new.json":
            self.put(overlay, key, b"mine", IfNoneMatch="*")
        etag = overlay.head_object(Bucket="class-data", Key=key)["ETag"]
        with pytest.raises(ClientError, match="PreconditionFailed"):
            self.put(overlay, key, b"x", IfNoneMatch="*")
        with pytest.raises(ClientError, match="PreconditionFailed"):
            self.put(overlay, key, b"x", IfMatch='"other"')
        self.put(overlay, key, b"x", IfMatch=etag)
        with pytest.raises(ClientError, match="PreconditionFailed"):
            self.put(overlay, key, b"y", IfMatch=etag)

    @pytest.mark.parametrize("key", ["nothing.json", "runs/r/nothing.json"])
    def test_what_is_missing_is_missing(self, overlay: Overlay, key: str) -> None:
        with pytest.raises(ClientError, match="NoSuchKey"):
            overlay.get_object(Bucket="class-data", Key=key)
        with pytest.raises(ClientError, match="404"):
            overlay.head_object(Bucket="class-data", Key=key)
        with pytest.raises(ClientError, match="PreconditionFailed"):
            self.put(overlay, key, b"x", IfMatch='"e"')


def test_a_draft_that_the_run_would_hand_in_is_rehearsed(world: World, stage: Stage, tmp_path: Path) -> None:
    world.publish(SUBJECT, [make_test(unsubmittedDrafts="submit")], make_students())
    world.put(draft_key(SUBJECT, "s5", TEST), {"answers": {"1": "a"}, "savedAt": "2026-11-23T20:00:00Z"})
    rehearsed(world, stage, tmp_path)
    [mail] = [mail for mail in saved(tmp_path) if mail["To"] == "s5@example.org"]
    assert "handed in automatically" in " ".join(str(mail).split())
