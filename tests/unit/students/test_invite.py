"""`students.sh invite`: who gets a link, once, and that nothing that is kept gives a key away."""

from __future__ import annotations

import csv
import re
from argparse import Namespace
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.shared.invitation import LIFE, xor
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import invitation_key
from cli.class_folder import ClassFolder
from cli.command import CommandError
from cli.students import inviting
from cli.students.invitations import Invitations, Way
from cli.students.inviting import carry_out
from cli.students.rotation import rotate
from cli.students.ways import ByMail, ToFile

from common.run.mail import Draft, Mailer, MailUncertain
from common.storage import Bucket
from support.aws_calls import Calls
from support.class_cloud import NOW, STACK, Cloud, Interruption
from support.memory_ses import MemorySes
from support.students import ENDPOINT, stage_of

LINK = re.compile(re.escape(ENDPOINT) + r"/#pick-up=([0-9a-f]{64})\.([0-9a-f]{64})")
ADDRESSES = {"s001": "zofia@example.org", "s004": "xiaolong@xn--bcher-kva.example"}


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch) -> MemorySes:
    monkeypatch.setattr("time.sleep", lambda _: None)
    seconds = count()
    return MemorySes(Calls(), clock=lambda: NOW + timedelta(seconds=next(seconds)))  # each command is a while later


def invitations_of(cloud: Cloud, now: datetime = NOW) -> Invitations:
    stage = stage_of(cloud)
    return Invitations(stage, lambda: now)


def by_mail(ses: MemorySes) -> ByMail:
    return ByMail("Operating systems", ENDPOINT, "class@example.org", "Europe/Warsaw", Mailer(ses))


def invite(cloud: Cloud, way: Way, *ids: str, again: bool = False, now: datetime = NOW) -> int:
    invitations = invitations_of(cloud, now)
    return carry_out(invitations, invitations.wanted(ids, again), again, way)


def links(ses: MemorySes, student: str) -> list[tuple[str, str]]:
    """The ID and the share in each link that a student was sent."""
    mails = ses.to(ADDRESSES[student])
    found = [LINK.findall(mail.get_body(("plain",)).get_content()) for mail in mails]  # type: ignore[union-attr]
    return [pair for [pair] in found]


def stored(cloud: Cloud, id: str) -> dict[str, Any]:
    found: dict[str, Any] = Bucket("data", cloud.clients.s3, lists=True).get_json(invitation_key(id))
    return found


def all_versions(cloud: Cloud, prefix: str = "") -> dict[tuple[str, str], bytes]:
    """Every version of every object."""
    s3 = cloud.clients.s3
    found = s3.list_object_versions(Bucket="data", Prefix=prefix).get("Versions", [])
    names = [(item["Key"], item["VersionId"]) for item in found]
    return {
        (key, version): s3.get_object(Bucket="data", Key=key, VersionId=version)["Body"].read()
        for key, version in names
    }


def rotate_key(cloud: Cloud, _: Way) -> None:
    rotate(stage_of(cloud), "s001")


def use_link(cloud: Cloud, id: str) -> None:
    """What a pick-up writes."""
    bucket = Bucket("data", cloud.clients.s3, lists=True)
    found = bucket.get_versioned(invitation_key(id))
    if found:
        bucket.swap_json(invitation_key(id), {**found[0], "usedAt": "2026-11-18T09:00:00Z"}, found[1])


def test_each_student_is_sent_one_link_that_gives_their_key(cloud: Cloud, ses: MemorySes) -> None:
    assert invite(cloud, by_mail(ses)) == 0
    assert invite(cloud, by_mail(ses)) == 0
    for student in ADDRESSES:
        [(id, share)] = links(ses, student)
        assert xor(stored(cloud, id)["share"], share) == cloud.api_keys()[f"{STACK}/{student}"]
        assert stored(cloud, id)["studentId"] == student
    assert stored(cloud, id)["expiresAt"] == f"{NOW + LIFE:%Y-%m-%dT%H:%M:%SZ}"


def test_nothing_in_the_bucket_gives_a_key_or_the_links_share(cloud: Cloud, ses: MemorySes) -> None:
    invite(cloud, by_mail(ses))
    invite(cloud, by_mail(ses), "s001", again=True)
    everything = b"\n".join(all_versions(cloud).values())
    for student in ADDRESSES:
        assert cloud.api_keys()[f"{STACK}/{student}"].encode() not in everything
        for _, share in links(ses, student):
            assert share.encode() not in everything


def test_the_shares_of_two_invitations_are_independent(cloud: Cloud, ses: MemorySes) -> None:
    for _ in range(2):
        invite(cloud, by_mail(ses), "s001", again=True)
    first, second = links(ses, "s001")
    assert first[0] != second[0] != second[1] != first[1]


def test_the_mail_says_what_it_is_and_when_the_first_test_closes(cloud: Cloud, ses: MemorySes) -> None:
    invite(cloud, by_mail(ses), "s004")
    [mail] = ses.to(ADDRESSES["s004"])
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    assert mail["Subject"] == "Operating systems: get your key for the tests"
    assert "Tue 24 Nov 2026, 23:00 (Europe/Warsaw)" in text  # a day later than others
    assert "until Wed 2 Dec 2026, 10:00 (Europe/Warsaw)" in text
    for part in (text, html):
        assert LINK.search(part)
        assert f"curl -fsS {ENDPOINT}/install | bash" in part
        assert re.search(rf"here: .*{re.escape(ENDPOINT)}/(?!#)", part)
        assert "李 小龙" in part


def test_another_link_replaces_the_first(cloud: Cloud, ses: MemorySes) -> None:
    invite(cloud, by_mail(ses), "s001")
    invite(cloud, by_mail(ses), "s001", again=True)
    first, second = links(ses, "s001")
    assert {key for key, _ in all_versions(cloud, "invitations/")} == {invitation_key(second[0])}
    assert first != second


@pytest.mark.parametrize("call", range(6))
@pytest.mark.parametrize("replace", [lambda cloud, way: invite(cloud, way, "s001", again=True), rotate_key])
def test_no_share_is_left_of_a_link_that_is_used_while_it_is_replaced(
    cloud: Cloud, ses: MemorySes, replace: Callable[[Cloud, Way], object], call: int
) -> None:
    """The use is one more version of the invitation."""
    invite(cloud, by_mail(ses), "s001")
    [(id, _)] = links(ses, "s001")
    seen = count()

    def use(params: dict[str, Any], **_: Any) -> None:
        if invitation_key(id) in str(params) and next(seen) == call:
            use_link(cloud, id)

    cloud.clients.s3.meta.events.register("before-call.s3", use)
    replace(cloud, by_mail(ses))
    cloud.clients.s3.meta.events.unregister("before-call.s3", use)
    assert invitation_key(id) not in {key for key, _ in all_versions(cloud, "invitations/")}


def test_a_new_key_makes_the_link_useless_and_the_student_is_invited_again(cloud: Cloud, ses: MemorySes) -> None:
    invite(cloud, by_mail(ses))
    rotate(stage_of(cloud), "s001")
    [(old, _)] = links(ses, "s001")
    assert old not in str(all_versions(cloud, "invitations/").keys())
    assert [student["studentId"] for student in invitations_of(cloud).wanted([], again=False)] == ["s001"]
    invite(cloud, by_mail(ses))
    id, share = links(ses, "s001")[1]
    assert xor(stored(cloud, id)["share"], share) == cloud.api_keys()[f"{STACK}/s001"]
    assert len(links(ses, "s004")) == 1


def test_whoever_has_another_key_since_the_invitation_is_invited_again(cloud: Cloud, ses: MemorySes) -> None:
    """A student who was removed and comes back, or the new owner of an ID, or one whose key was replaced meanwhile."""
    invite(cloud, by_mail(ses))
    entry = Bucket("data", cloud.clients.s3, lists=True).get_json("notifications/invitation/s001.json")
    rotate(stage_of(cloud), "s001")
    Bucket("data", cloud.clients.s3, lists=True).create_json("notifications/invitation/s001.json", entry)
    assert [student["studentId"] for student in invitations_of(cloud).wanted([], again=False)] == ["s001"]
    assert invite(cloud, by_mail(ses), now=NOW + timedelta(minutes=16)) == 0
    id, share = links(ses, "s001")[1]
    assert xor(stored(cloud, id)["share"], share) == cloud.api_keys()[f"{STACK}/s001"]
    assert len(links(ses, "s004")) == 1


def test_a_refused_address_stops_nobody_else_and_is_tried_again(
    cloud: Cloud, ses: MemorySes, capsys: pytest.CaptureFixture[str]
) -> None:
    ses.unverified = {ADDRESSES["s001"]}
    assert invite(cloud, by_mail(ses)) == 3
    said = capsys.readouterr()
    assert "s004 李 小龙: invited" in said.out
    assert "s001 Zofia Żak: rejected" in said.err
    assert "--output links.csv" in said.err
    ses.unverified = set()
    assert invite(cloud, by_mail(ses)) == 0
    assert (len(links(ses, "s001")), len(links(ses, "s004"))) == (1, 1)


def test_a_mail_that_may_have_gone_out_is_not_sent_again_by_itself(cloud: Cloud, ses: MemorySes) -> None:
    class Lost(ByMail):
        def send(self, letter: Draft) -> None:
            super().send(letter)
            raise MailUncertain("the connection to SES was lost")

    lost = Lost("Class", ENDPOINT, "class@example.org", "Europe/Warsaw", Mailer(ses))
    assert invite(cloud, lost, "s001") == 3
    assert invite(cloud, by_mail(ses), "s001") == 0
    assert len(links(ses, "s001")) == 1
    assert invite(cloud, by_mail(ses), "s001", again=True, now=NOW + timedelta(minutes=16)) == 0
    assert len(links(ses, "s001")) == 2


def test_the_quota_that_is_used_up_ends_it_and_the_next_call_goes_on(
    cloud: Cloud, ses: MemorySes, capsys: pytest.CaptureFixture[str]
) -> None:
    ses.daily = 1
    assert invite(cloud, by_mail(ses)) == 3
    assert "the daily quota is used up" in capsys.readouterr().err
    ses.daily = 100
    assert invite(cloud, by_mail(ses)) == 0
    assert [len(links(ses, student)) for student in ADDRESSES] == [1, 1]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("write", range(4))
def test_an_interrupted_invitation_leads_to_no_second_mail_and_its_link_works(
    cloud: Cloud, ses: MemorySes, write: int, after: bool
) -> None:
    undo = cloud.interrupt(write, after)
    with pytest.raises(Interruption):
        invite(cloud, by_mail(ses), "s001", "s004")
    undo()
    invite(cloud, by_mail(ses), now=NOW + timedelta(minutes=16))
    for student in ADDRESSES:
        sent = links(ses, student)
        assert len(sent) <= 1
        for id, share in sent:
            assert xor(stored(cloud, id)["share"], share) == cloud.api_keys()[f"{STACK}/{student}"]


def test_the_links_are_written_into_a_file_of_the_owner_alone(cloud: Cloud, ses: MemorySes, tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    with ToFile(path) as file:
        assert invite(cloud, file) == 0
    assert path.stat().st_mode & 0o777 == 0o600
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["studentId"] for row in rows] == ["s001", "s004"]
    id, share = LINK.findall(rows[0]["link"])[0]
    assert xor(stored(cloud, id)["share"], share) == cloud.api_keys()[f"{STACK}/s001"]
    assert invitations_of(cloud).wanted([], again=False) == []
    with pytest.raises(FileExistsError):
        ToFile(path)
    assert ses.sent == []


def test_a_name_is_no_formula(cloud: Cloud, folder: ClassFolder, tmp_path: Path) -> None:
    folder.students.write_text(folder.students.read_text(encoding="utf-8").replace('"Zofia Żak"', '"=1+1"'))
    cloud.publish(folder.path)
    with ToFile(tmp_path / "links.csv") as file:
        invite(cloud, file)
    assert ",'=1+1," in (tmp_path / "links.csv").read_text(encoding="utf-8-sig")


def test_a_key_of_an_earlier_version_has_to_be_replaced_first(
    cloud: Cloud, folder: ClassFolder, ses: MemorySes, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway = cloud.clients.apigateway
    [old] = [item for item in gateway.get_api_keys()["items"] if item["name"] == f"{STACK}/s001"]
    gateway.delete_api_key(apiKey=old["id"])
    key = gateway.create_api_key(name=f"{STACK}/s001", value="oldStyleKey0123456789oldStyleKey0123456789", enabled=True)
    gateway.create_usage_plan_key(usagePlanId=cloud.plan, keyId=key["id"], keyType="API_KEY")
    cloud.publish(folder.path)
    assert invite(cloud, by_mail(ses), "s001") == 3
    assert "./bin/students.sh rotate-key s001" in capsys.readouterr().err
    rotate(stage_of(cloud), "s001")
    assert invite(cloud, by_mail(ses), "s001") == 0


def test_who_was_never_invited_is_counted(cloud: Cloud, ses: MemorySes) -> None:
    assert invitations_of(cloud).never_invited() == 2
    invite(cloud, by_mail(ses), "s004")
    assert invitations_of(cloud).never_invited() == 1


def test_after_a_publication_the_hint_names_the_command_for_this_deployment(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(inviting, "deployed_stage", lambda _: stage_of(cloud))
    monkeypatch.setattr(inviting, "parameter", lambda name, _: {"invitations": "off", "stage": "evening"}[name])
    monkeypatch.setenv("TEST_TIME_OPTIONS", "--local --stage evening")
    inviting.after_publication(Namespace(stage="evening"))
    assert capsys.readouterr().out == (
        "2 students have never been invited. To send them links to their keys: ./bin/students.sh invite --local"
        " --stage evening\n"
    )


def test_a_student_who_is_not_published_is_reported(cloud: Cloud) -> None:
    with pytest.raises(CommandError, match=r"s002, x: no such student is published"):
        invitations_of(cloud).wanted(["s001", "s002", "x"], again=False)
