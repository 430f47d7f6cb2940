"""A student who is erased is in no version of any object, and nothing changes for the others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cli.students.certificate import Certificate
from cli.students.erase import NotErased, erase
from cli.students.own_parts import Parts, parts
from cli.students.search import Found, Person
from cli.students.versions import NotDeleted

from common.shared.object_keys import NOTIFICATIONS, REPORTS, RUNS, SCORES
from support.canaries import ascii_domain, forms
from support.class_life import DEADLINE, ClassLife, class_life, students
from support.memory_s3 import MemoryS3

ID = "kanarek"
# Names and addresses that have to be escaped wherever they are written.
NAMES = ('Żółta "Sikorka" O\'Ptak & <Syn>', "Sikorówna-Żółta")
MAILBOX = "kanar+ek"
DOMAIN = "kanarków.example"
CANARIES = (*NAMES, "Sikorka", "Sikorówna", "kanar+ek", DOMAIN)
# IDs that contain the student's, or begin or end with it.
OTHERS = ("kanarek2", "xkanarek", "kanarek.b", "s5", "s6")


def live(life: ClassLife) -> None:
    """All that can be stored of a student: old names, reminders, attempts, refusals, failures, corrections, reports."""
    world = life.world
    life.publish()
    own = life.students[ID]
    own |= {"name": NAMES[1], "email": f"kanarek@{DOMAIN}"}
    life.tests["os/test02"]["extensions"] = {ID: "2026-11-25 23:00"}
    life.publish()
    life.run_at(DEADLINE - timedelta(hours=23))
    own |= {"name": NAMES[0], "email": f"{MAILBOX}@{DOMAIN}"}
    life.publish()
    for test in ("os/test01", "git/test01"):
        for place, who in enumerate([ID, *OTHERS[:4]]):
            life.submit(test, who, {"1": "abc"[place % 3], "2": "b", "3": ["a"]})
    life.submit("os/test01", ID, {"1": "a", "2": "b"}, attempt=2)
    life.submit("os/test02", "s5", {"1": "a"})
    world.s3.objects[f"answers/git/{ID}/test01.json"] = b'{"answers": "broken"}'
    address = f"{MAILBOX}@{ascii_domain(DOMAIN)}"
    world.ses.unverified.add(address)
    life.run_at(DEADLINE + timedelta(seconds=5))
    world.ses.unverified.clear()
    life.run_at(DEADLINE + timedelta(hours=1), {"resendUncertain": True})
    correct(life, "os/test01", "b")
    life.run_at(DEADLINE + timedelta(days=2, hours=2))
    world.s3.objects["runs/run-1/failures/0.json"] = json.dumps(
        {"Error": "E", "Cause": json.dumps({"errorMessage": f"not sent to {address}"})}
    ).encode()
    world.s3.objects["drafts/os/kanarek/test02.json"] = b'{"answers": {"1": "a"}}'
    world.s3.objects["reviews/os/test01/kanarek.json"] = b'{"points": 1}'
    world.s3.objects["calendars/1a2b.json"] = json.dumps({"studentId": ID, "name": NAMES[0]}).encode()
    world.s3.objects["invitations/3c4d.json"] = json.dumps({"studentId": ID, "share": "00"}).encode()
    life.publish()


def correct(life: ClassLife, test: str, answer: str) -> None:
    """The trainer corrects the key of the first question."""
    life.tests[test]["questions"][0]["answer"] = answer
    life.publish()


def erased(life: ClassLife, who: str = ID) -> Certificate:
    """The student is removed, and a little later erased."""
    life.remove(who)
    life.world.now += timedelta(minutes=5)
    certificate = erase(life.stage, who, set(life.students), lambda _found, _person: True)
    assert certificate is not None
    return certificate


def traces(s3: MemoryS3, words: Sequence[str] = CANARIES, who: str = ID) -> list[str]:
    """The versions with a canary in any form, or under a key with the ID. Deleted objects have versions too."""
    written = {form.encode() for word in words for form in forms(word)}
    id = re.compile(rf"(?<![A-Za-z0-9._-]){who}(?!\.b|[A-Za-z0-9_-])")
    return [
        f"{key} {version.id}"
        for key, versions in s3.versions.items()
        for version in versions
        if id.search(key)
        or any(form.lower() in (version.body or b"").lower() for form in written)
        or id.search((version.body or b"").decode())
    ]


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClassLife]:
    everybody = students(ID, *OTHERS)
    everybody[0] |= {"name": NAMES[0], "email": f"{MAILBOX}@{DOMAIN}"}
    with class_life(tmp_path / "class", everybody, monkeypatch) as alive:
        yield alive


def test_no_version_of_any_object_has_a_trace(life: ClassLife) -> None:
    live(life)
    before = traces(life.world.s3)
    folders = {trace.split("/")[0] for trace in before if "/" in trace}
    assert folders == {
        *("answers", "calendars", "drafts", "invitations", "notifications", "reports", "reviews", "runs", "scores"),
        "students",
    }
    assert any(trace.startswith("roster.jsonl") for trace in before)
    erased(life)
    assert traces(life.world.s3) == []


def test_what_is_stored_about_the_others_stays(life: ClassLife) -> None:
    live(life)
    life.remove(ID)
    before = dict(life.world.s3.objects)
    life.world.now += timedelta(minutes=5)
    erase(life.stage, ID, set(life.students), lambda _found, _person: True)
    after = life.world.s3.objects
    for key, body in before.items():
        if re.search(rf"(/|^){ID}(/|\.json)", key):
            assert key not in after
        elif key.startswith((REPORTS, RUNS)):
            assert key in after or "/failures/" in key
            assert rows_of_others(key, after.get(key, b"{}")) == rows_of_others(key, body), key
        elif not key.startswith(("calendars/", "invitations/")):
            assert after[key] == body, key


def rows_of_others(key: str, body: bytes) -> list[Any]:
    """What a file says about each of the other students."""
    if key.endswith(".json"):
        return list(rows_of_json(json.loads(body)))
    lines = body.decode().replace("</tr>\n<tr>", "</tr><tr>").split("</tr>")
    return [line for part in lines for line in part.splitlines() if any(who in line for who in OTHERS)]


def rows_of_json(value: Any) -> Iterator[Any]:
    if isinstance(value, dict) and value.get("studentId") in OTHERS:
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from rows_of_json(each)


def test_later_runs_give_the_others_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = []
    for number, is_erased in enumerate([True, False]):
        everybody = students(ID, *OTHERS)
        with class_life(tmp_path / f"class{number}", everybody, monkeypatch) as life:
            live(life)
            if is_erased:
                erased(life)
            else:
                life.remove(ID)
                life.world.now += timedelta(minutes=5)
            sent = len(life.world.ses.sent)
            correct(life, "os/test01", "c")
            life.run_at(life.world.now)
            life.run_at(life.world.now + timedelta(hours=1), {"regrade": "git/test01"})
            outcomes.append(outcome(life, sent))
    assert outcomes[0] == outcomes[1]
    assert sum("changed" in subject for _, subject, _ in outcomes[0][2]) == 3


def outcome(life: ClassLife, sent: int) -> tuple[Any, ...]:
    """The others' scores, what the ledger says of their emails, and the emails since then."""
    stored = life.world.s3.objects
    scores = {key: body for key, body in stored.items() if key.startswith(SCORES) and ID not in re.split("[/.]", key)}
    ledger = {
        key: (entry["state"], entry["content"])
        for key, body in stored.items()
        if key.startswith(NOTIFICATIONS) and not key.endswith(f"/{ID}.json")
        for entry in [json.loads(body)]
    }
    mails = [
        (mail["To"], mail["Subject"], body.get_content() if (body := mail.get_body(("plain",))) else "")
        for mail in life.world.ses.sent[sent:]
    ]
    return scores, ledger, mails


def test_the_certificate_says_what_was_deleted(life: ClassLife) -> None:
    live(life)
    text = erased(life).as_text("main")
    assert ID in text
    assert not any(name in text for name in CANARIES)
    assert re.search(r"^scores/ +1 +[1-9]\d* +0$", text, re.M)
    assert re.search(r"^reports/ +\d+ +\d+ +[1-9]\d*$", text, re.M)
    assert "What remains, and why" in text


# --- who is not erased ---


def refused(life: ClassLife, who: str = ID, written: set[str] | None = None) -> str:
    """Why a student is not erased. Nothing is changed."""
    before = life.world.s3.versions
    with pytest.raises(NotErased) as error:
        erase(life.stage, who, set(life.students) if written is None else written, lambda _found, _person: True)
    assert life.world.s3.versions == before
    return str(error.value)


def test_who_is_in_the_file_is_not_erased(life: ClassLife) -> None:
    live(life)
    assert refused(life) == f"{ID} is in students.yml: remove the student, then publish the class"
    mentioned = life.students.copy()
    life.remove(ID)
    life.world.now += timedelta(minutes=5)
    assert "is in students.yml" in refused(life, written=set(mentioned))


def test_who_is_still_published_is_not_erased(life: ClassLife) -> None:
    live(life)
    assert refused(life, written=set()) == f"{ID} is still published: run ./update-subjects-or-students.sh first"


def test_who_is_in_the_roster_without_an_api_key_is_not_erased(life: ClassLife) -> None:
    """Somebody has deleted the key, or a publication that makes one was interrupted."""
    live(life)
    client = life.cloud.clients.apigateway
    for item in client.get_api_keys(nameQuery=f"trainings-tests/{ID}")["items"]:
        client.delete_api_key(apiKey=item["id"])
    assert "is still published" in refused(life, written=set())


def test_who_still_has_an_api_key_is_not_erased(life: ClassLife) -> None:
    live(life)
    life.remove(ID)
    life.world.now += timedelta(minutes=5)
    life.cloud.clients.apigateway.create_api_key(name=f"trainings-tests/{ID}2")
    life.cloud.clients.apigateway.create_api_key(name=f"trainings-tests/{ID}")
    assert "is still published" in refused(life)


def test_nobody_is_erased_whose_key_may_still_be_accepted(life: ClassLife) -> None:
    """API Gateway caches that it is valid, and an upload that it has let through takes its time."""
    live(life)
    life.remove(ID)
    life.world.now -= timedelta(minutes=4)
    assert "API key may still be accepted" in refused(life)
    life.world.now += timedelta(minutes=2)
    assert erase(life.stage, ID, set(), lambda _found, _person: True) is not None


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        ({"status": "RUNNING"}, "the run weekly-1 is at work"),
        ({"status": "ABORTED", "stopDate": datetime(2026, 11, 30, 11, 50, tzinfo=UTC)}, "the run weekly-1 failed just"),
    ],
)
def test_nobody_is_erased_during_a_run(life: ClassLife, run: dict[str, Any], reason: str) -> None:
    life.publish()
    life.remove(ID)
    life.world.now = datetime(2026, 11, 30, 12, tzinfo=UTC)
    life.executions = [{"name": "weekly-1", **run}]
    assert reason in refused(life)
    long_ago = {"status": "FAILED", "stopDate": datetime(2026, 11, 30, 11, tzinfo=UTC)}
    life.executions = [{"name": "weekly-1", "status": "SUCCEEDED"}, {"name": "weekly-0", **long_ago}]
    assert erase(life.stage, ID, set(), lambda _found, _person: True) is not None


def test_nothing_is_deleted_unless_it_is_confirmed(life: ClassLife) -> None:
    live(life)
    life.remove(ID)
    life.world.now += timedelta(minutes=5)
    before = life.world.s3.versions
    shown: list[tuple[Sequence[Found], Person]] = []

    def confirmed(found: Sequence[Found], person: Person) -> bool:
        shown.append((found, person))
        return False

    assert erase(life.stage, ID, set(), confirmed) is None
    assert life.world.s3.versions == before
    [(found, person)] = shown
    assert found
    assert set(NAMES) < person.words


def test_who_is_not_known_or_erased_already_is_reported_as_nothing(life: ClassLife) -> None:
    live(life)
    erased(life)
    for who in (ID, "nobody"):
        assert erase(life.stage, who, set(), lambda found, _person: bool(found)) is None


# --- interruptions, and those who come after ---


def test_an_erasure_that_is_interrupted_anywhere_can_be_repeated(life: ClassLife) -> None:
    live(life)
    life.remove(ID)
    life.world.now += timedelta(minutes=5)
    calls = life.world.calls
    done = False
    for allowed in range(0, 400, 3):
        changes = 0

        def fault(_number: int, name: str, _parameters: Any, real: Any, allowed: int = allowed) -> Any:
            nonlocal changes
            if name in ("s3:PutObject", "s3:DeleteObjects"):
                changes += 1
                if changes > allowed % 7:
                    raise KeyboardInterrupt
            return real()

        calls.fault = fault
        try:
            erase(life.stage, ID, set(), lambda found, _person: bool(found))
            done = True
            break
        except KeyboardInterrupt:
            continue
    calls.fault = None
    assert done
    assert traces(life.world.s3) == []


def test_a_version_that_s3_does_not_delete_is_named(life: ClassLife, monkeypatch: pytest.MonkeyPatch) -> None:
    live(life)
    life.remove(ID)
    life.world.now += timedelta(minutes=5)
    refusal = {"Errors": [{"Key": "answers/os/x", "Code": "AccessDenied"}]}
    monkeypatch.setattr(MemoryS3, "delete_objects", lambda *_, **__: refusal)
    with pytest.raises(NotDeleted, match=r"cannot delete answers/os/x \(AccessDenied\)"):
        erase(life.stage, ID, set(), lambda _found, _person: True)


def test_another_student_can_have_the_id_later(life: ClassLife) -> None:
    """They owe nothing that was due before, whatever their predecessor has submitted."""
    live(life)
    erased(life)
    [newcomer] = students(ID)
    life.students[ID] = newcomer | {"email": "new@example.org"}
    life.publish()
    roster = [json.loads(line) for line in life.world.s3.objects["roster.jsonl"].splitlines()]
    [entry] = [each for each in roster if each["studentId"] == ID]
    assert min(entry["since"].values()) > "2026-11-25T22:00:00Z"
    assert "owes" not in entry
    life.run_at(life.world.now, {"regrade": "os/test01"})
    assert f"scores/os/test01/{ID}.json" not in life.world.s3.objects


def test_a_student_of_the_same_name_keeps_what_is_stored(life: ClassLife) -> None:
    life.students["s5"]["name"] = NAMES[0]
    live(life)
    before = {key for key, body in life.world.s3.objects.items() if b'"s5"' in body and not key.startswith(RUNS)}
    erased(life)
    pages = {key for key in before if key.endswith(".html")}
    assert before - pages <= life.world.s3.objects.keys()
    gradebooks = [body.decode() for key, body in life.world.s3.objects.items() if key.endswith(".csv")]
    assert any(",s5," in gradebook for gradebook in gradebooks)


@pytest.mark.parametrize("who", ["git", "test01", "1", "a"])
def test_an_id_that_is_a_word_elsewhere_harms_nobody(life: ClassLife, who: str) -> None:
    """A subject, a test, a question and an option may have it. The pages of reports have it too, and are deleted."""
    [student] = students(who)
    life.students[who] = student | {"email": "odd@example.org"}
    live(life)
    life.remove(who)
    before = dict(life.world.s3.objects)
    life.world.now += timedelta(minutes=5)
    assert erase(life.stage, who, set(life.students), lambda _found, _person: True)
    after = life.world.s3.objects
    assert {key for key in before if not key.startswith((RUNS, "calendars/")) and not key.endswith(".html")} - set(
        after
    ) == {key for key in before if key.startswith(NOTIFICATIONS) and key.endswith(f"/{who}.json")}
    for key in [key for key in before if key.endswith(".csv")]:
        assert rows_of_others(key, before[key]) == rows_of_others(key, after[key])
        assert f",{who}," in before[key].decode() or before[key] == after[key]
        assert not re.search(rf"^\w+,\w+,{who},", after[key].decode(), re.M)


def test_a_name_that_was_typed_as_an_answer_is_not_left_in_the_figures(life: ClassLife) -> None:
    live(life)
    objects = life.world.s3.objects
    typed, *others = sorted(key for key in objects if key.endswith("/statistics.json"))
    assert others
    figures = json.loads(objects[typed])
    figures["questions"][0]["options"][0]["text"] = f"I am {NAMES[1]}"
    objects[typed] = json.dumps(figures).encode()
    erased(life)
    assert traces(life.world.s3) == []
    assert typed not in objects
    assert objects.keys() >= set(others)


def test_an_answer_that_is_the_id_is_not_taken_for_the_students_line(life: ClassLife) -> None:
    page = f"<table><tr><td>{ID} <b>(right)</b></td><td>3 + 1</td></tr></table>".encode()
    assert parts("reports/os/test01/x/report.html", page, ID) == Parts([], page)
