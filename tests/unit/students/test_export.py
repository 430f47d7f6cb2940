"""What is exported of a student: everything that is stored about them, and nothing about anybody else."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cli.students.export import NothingStored, export
from cli.students.person_file import PersonFile
from cli.students.search import Found

from support.class_life import DEADLINE, ClassLife, class_life, students
from support.documents import questions, submission
from support.every_type import QUESTIONS
from support.gap_questions import gap_question

ID, OTHER = "s1", "s10"
NAME = 'Żółta <b>Ada</b> & "Co"'


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClassLife]:
    """Two students who have taken a test, of whom one was renamed and has an extension of another test."""
    with class_life(tmp_path / "class", students(ID, OTHER), monkeypatch) as life:
        life.students[OTHER]["name"] = "Somebody Else"
        life.publish()
        life.students[ID]["name"] = NAME
        life.tests["os/test02"]["extensions"] = {ID: "2026-11-25 23:00"}
        life.tests["os/test01"]["questions"][1]["text"] = "Is `1 < 2`?"
        life.publish()
        life.submit("os/test01", ID, {"1": "a", "2": "b", "3": ["a", "c"]})
        life.submit("os/test01", OTHER, {"1": "b"})
        life.run_at(DEADLINE + timedelta(seconds=5))
        yield life


def exported(life: ClassLife, who: str = ID) -> dict[str, bytes]:
    """The files in the ZIP file."""
    content = export(life.stage.store, who).as_zip("Europe/Warsaw", "Demo")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_object_is_there_as_it_is_stored(life: ClassLife) -> None:
    files = exported(life)
    stored = life.world.s3.objects
    for key in ("answers/os/s1/test01.json", "scores/os/test01/s1.json", "notifications/score/os/test01/s1.json"):
        assert files[f"stored/{key}"] == stored[key]
    [record] = [body for name, body in files.items() if name.startswith("stored/students/")]
    assert json.loads(record)["name"] == NAME
    assert json.loads(files["stored/roster.jsonl.json"])["email"] == "student1@example.org"


def test_of_what_is_also_about_others_only_the_own_rows_are_there(life: ClassLife) -> None:
    files = exported(life)
    names = set(files)
    [gradebook, *_] = [
        json.loads(body) for name, body in sorted(files.items()) if "os/test01" in name and "csv" in name
    ]
    assert gradebook["studentId"] == ID
    assert any(re.fullmatch(r"stored/reports/os/test01/\w+/report.html.json", name) for name in names)
    assert {"stored/runs/run-1/batches/0.json", "stored/runs/run-1/results/0.json"} < names
    for name, body in files.items():
        assert not any(trace in body for trace in (b"s10", b"Somebody Else", b"student2@")), name
        assert OTHER not in name


def test_no_share_of_a_key_is_there_however_often_the_invitation_was_written(life: ClassLife) -> None:
    """A student's mailbox may have the ZIP file beside the link, which has the other share."""
    key, share = f"invitations/{'1' * 64}.json", "5" * 64
    invitation = {"share": share, "studentId": ID, "expiresAt": "2026-12-02T09:00:00Z"}
    for used in ({}, {"usedAt": "2026-11-18T10:12:00Z"}):
        life.stage.store.write(key, json.dumps({**invitation, **used}).encode(), "application/json")
    files = exported(life)
    assert json.loads(files[f"stored/{key}"])["expiresAt"] == invitation["expiresAt"]
    assert f"older-versions/invitations/{'1' * 64}/1.json" in files
    for name, body in files.items():
        assert share.encode() not in body, name


def test_the_page_says_which_score_is_of_a_draft_that_was_handed_in(life: ClassLife) -> None:
    key = "scores/os/test01/s1.json"
    assert "handed in" not in exported(life)["index.html"].decode()
    score = json.loads(life.world.s3.objects[key])
    life.world.s3.objects[key] = json.dumps({**score, "draft": {"leftOut": []}}).encode()
    assert "test01 in os (handed in automatically)" in exported(life)["index.html"].decode()


def test_the_summary_is_for_programs(life: ClassLife) -> None:
    summary = json.loads(exported(life)["summary.json"])
    assert summary["studentId"] == ID
    assert summary["exportedAt"] == "2026-11-23T22:00:40Z"
    assert summary["enrolment"]["deadlines"] == {"os/test02": "2026-11-25T22:00:00Z"}
    [submission] = summary["submissions"]
    assert (submission["receiptId"], submission["answers"]["3"]) == ("R-s1-1", ["a", "c"])
    [score] = summary["scores"]
    assert (score["testId"], score["points"]) == ("test01", 2)
    assert {mail["about"] for mail in summary["mails"]} == {"score/os/test01", "extension/os/test02"}
    assert summary["olderVersions"]["roster.jsonl"] >= 1


def test_the_page_is_for_people(life: ClassLife) -> None:
    page = exported(life)["index.html"].decode()
    assert "Żółta &lt;b&gt;Ada&lt;/b&gt; &amp; &#34;Co&#34;" in page
    assert "<b>Ada" not in page
    assert "test01 in os" in page
    assert "R-s1-1" in page
    assert "a: first" in page
    assert "1 &lt; 2" in page
    assert "2 of 3" in page
    assert "Wed 25 Nov 2026, 23:00 (Europe/Warsaw)" in page
    assert not re.search(r'(src|href)="?http', page)


def test_what_was_replaced_within_the_last_days_is_there_too(life: ClassLife) -> None:
    files = exported(life)
    older = [json.loads(body) for name, body in files.items() if name.startswith("older-versions/roster.jsonl/")]
    assert {each["content"]["name"] for each in older} == {"Student 1"}


def test_a_former_student_is_exported_from_what_is_left(life: ClassLife) -> None:
    life.remove(ID)
    files = exported(life)
    summary = json.loads(files["summary.json"])
    assert summary["enrolment"] is None
    assert summary["submissions"]
    assert "not enrolled any more" in files["index.html"].decode()
    assert any(name.startswith("older-versions/students/") for name in files)


def test_a_test_that_is_not_published_any_more_is_shown_without_its_words(life: ClassLife) -> None:
    before = exported(life)["index.html"].decode()
    for key in [key for key in life.world.s3.objects if key.endswith("test01/questions.json")]:
        del life.world.s3.objects[key]
    page = exported(life)["index.html"].decode()
    assert ("a: first" in before, "a: first" in page) == (True, False)
    assert "R-s1-1" in page


def test_nothing_is_written(life: ClassLife) -> None:
    before = life.world.s3.versions
    exported(life)
    assert life.world.s3.versions == before


def test_an_unknown_id_is_an_error(life: ClassLife) -> None:
    with pytest.raises(NothingStored, match="nothing is stored about a student with the ID s2"):
        export(life.stage.store, "s2")


@pytest.mark.parametrize(
    ("number", "answer", "shown"),
    [
        (1, "a", ["a: option a"]),
        (2, ["a", "c"], ["a: option a", "c: option c"]),
        (3, "3,50", ["3,50"]),
        (4, "`ls` a", ["`ls` a"]),
        (5, ["b", "c", "a"], ["b: fork", "c: exec", "a: wait"]),
        (6, {"1": "b", "2": "x"}, ["Poland: b: Warsaw", "Italy: x"]),
    ],
)
def test_answers_of_every_type_are_in_words(number: int, answer: Any, shown: list[str]) -> None:
    asked = {("os", "test01"): questions("os", "test01", QUESTIONS)}
    submitted = submission("os", "test01", ID, {str(number): answer})
    [answered] = PersonFile(ID, "2026-11-28T10:00:00Z", [], asked).words_of(submitted)
    assert (answered.parts, answered.is_as_given) == (shown, number in (3, 4))
    [unknown] = PersonFile(ID, "2026-11-28T10:00:00Z", []).words_of(submitted)
    assert unknown.is_as_given


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ({"1": "b", "2": "4,0", "3": "`ls`"}, ["Gap 1: b: prints", "Gap 2: 4,0", "Gap 3: `ls`"]),
        ({"2": "a", "1": "x", "7": "a"}, ["Gap 2: a", "Gap 1: x", "Gap 7: a"]),
        ("a", ["a"]),
    ],
)
def test_answers_in_gaps_are_in_words(answer: Any, shown: list[str]) -> None:
    asked = {("os", "test01"): questions("os", "test01", [gap_question()])}
    [answered] = PersonFile(ID, "2026-11-28T10:00:00Z", [], asked).words_of(
        submission("os", "test01", ID, {"1": answer})
    )
    assert answered.parts == shown
    assert answered.is_as_given == isinstance(answer, dict)
    assert not isinstance(answer, dict) or answered.question.startswith("1. The kernel [gap 1] processes.")


def test_what_was_typed_is_on_the_page_as_it_was_typed() -> None:
    answers = submission("os", "test01", ID, {"4": "`ls` <b>"})
    stored = [Found("answers/os/s1/test01.json", own=[answers])]
    person = PersonFile(ID, "2026-11-28T10:00:00Z", stored, {("os", "test01"): questions("os", "test01", QUESTIONS)})
    with zipfile.ZipFile(io.BytesIO(person.as_zip("Europe/Warsaw", "Demo"))) as archive:
        assert '<span dir="auto">`ls` &lt;b&gt;</span>' in archive.read("index.html").decode()
