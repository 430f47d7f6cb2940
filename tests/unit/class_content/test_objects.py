"""The objects that a class is published as: docs/data-model.md."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import ApiKey
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.history import History
from ansible_collections.training.test_time.plugins.module_utils.class_content.objects import (
    Policies,
    PublishedClass,
    build_class,
    closing_times,
    subject_title,
)
from ansible_collections.training.test_time.plugins.module_utils.shared.calendar_secret import calendar_secret
from ansible_collections.training.test_time.plugins.module_utils.shared.canonical_json import canonical_json
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import IndexEntry
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import calendar_key, student_key

from support import documents
from support.class_files import WEEKLY, WriteClass, question, student

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
POLICIES = Policies(attempts=1, late=None, partial_credit="off", grace_minutes=0, announce=False)
SAMPLE = Path(__file__).parents[3] / "class"


def built(folder: Path, policies: Policies = POLICIES) -> PublishedClass:
    files = load_class(folder, "class")
    return build_class(files, policies, WEEKLY.timezone, closing_times(files, WEEKLY, {}, NOW), History(NOW))


def entry(published: PublishedClass, subject: str = "os") -> IndexEntry:
    return published.indexes[subject]["tests"][0]


def test_index_entry_has_what_the_data_model_says(write_class: WriteClass) -> None:
    assert built(write_class()).indexes == {
        "os": {
            "subjectName": "os",
            "title": "Os",
            "tests": [
                {
                    "testId": "test01",
                    "title": "A test",
                    "questionCount": 1,
                    "closesAt": "2026-11-23T22:00:00Z",
                    "graceMinutes": 0,
                    "attempts": "1",
                    "late": None,
                    "lastDeadline": "2026-11-23T22:00:00Z",
                    "revisedAt": "2026-11-18T09:00:00Z",
                    "publishedAt": "2026-11-18T09:00:00Z",
                }
            ],
        }
    }


def test_questions_have_no_answer_and_answer_keys_have_all(write_class: WriteClass) -> None:
    questions = [
        question(explanation="Because.\n"),
        question(answer=["a", "c"], points=2, correction={"reason": "Typing error", "all_credit": True}),
        question(answer="b", correction={"reason": "Ambiguous", "also_accept": ["c"]}),
    ]
    published = built(write_class(tests={"os/test01": questions}))
    options = [{"id": "a", "text": "first"}, {"id": "b", "text": "second"}, {"id": "c", "text": "third"}]
    assert published.questions["os", "test01"] == {
        "subjectName": "os",
        "testId": "test01",
        "title": "A test",
        "shuffle": False,
        "questions": [
            {"number": 1, "text": "One?", "type": "single", "points": 1, "options": options},
            {"number": 2, "text": "One?", "type": "multiple", "points": 2, "options": options},
            {"number": 3, "text": "One?", "type": "single", "points": 1, "options": options},
        ],
    }
    assert published.answer_keys["os", "test01"] == {
        "subjectName": "os",
        "testId": "test01",
        "partialCredit": "off",
        "questions": {
            "1": {"correct": ["a"], "points": 1, "explanation": "Because."},
            "2": {
                "correct": ["a", "c"],
                "points": 2,
                "correction": {"reason": "Typing error", "allCredit": True},
            },
            "3": {"correct": ["b"], "points": 1, "correction": {"reason": "Ambiguous", "alsoAccept": ["c"]}},
        },
    }


def test_only_answer_keys_hold_right_answers() -> None:
    published = built(SAMPLE)
    for key, body in published.content().items():
        text = body.decode()
        assert ('"correct"' in text or '"explanation"' in text) == key.startswith("answer-keys/"), key


def test_class_policies_hold_where_a_test_does_not_say(write_class: WriteClass) -> None:
    policies = Policies(
        "last", {"until_hours": 24, "credit": 0.8}, "each-answer", 5, announce=True, unsubmitted_drafts="submit"
    )
    folder = write_class()
    assert entry(built(folder, policies)) == documents.index_entry(
        title="A test",
        questionCount=1,
        graceMinutes=5,
        attempts="last",
        late={"untilHours": 24, "credit": 0.8},
        lastDeadline="2026-11-24T22:05:00Z",
        announce=True,
        unsubmittedDrafts="submit",
    )
    assert built(folder, policies).answer_keys["os", "test01"]["partialCredit"] == "each-answer"


def test_a_test_overrides_every_policy(write_class: WriteClass) -> None:
    policies = Policies(
        "last", {"until_hours": 24, "credit": 0.8}, "each-answer", 5, announce=True, unsubmitted_drafts="submit"
    )
    own = "title: T\nattempts: 1\nlate: none\npartial_credit: off\ngrace_minutes: 0\nannounce: false\n"
    own += "unsubmitted_drafts: ignore\nquestions:\n"
    own += "  - {text: One?, options: {a: x, b: y}, answer: a}\n"
    published = built(write_class(tests={"os/test01": own}), policies)
    own_entry = entry(published)
    assert (own_entry["attempts"], own_entry["late"], own_entry["graceMinutes"]) == ("1", None, 0)
    assert "announce" not in own_entry
    assert "unsubmittedDrafts" not in own_entry
    assert published.answer_keys["os", "test01"]["partialCredit"] == "off"


def test_own_deadlines_are_worked_out_for_those_who_have_them_alone(write_class: WriteClass) -> None:
    extended = {"title": "T", "questions": [question()], "extensions": {"s003": "2026-11-25 23:00"}}
    folder = write_class(
        students=[
            student(1),
            student(2, extra_hours=24),
            student(3, extra_hours=24),
            student(4, subjects=["git"], extra_hours=1),
        ],
        tests={"os/test01": extended, "os/test02": [question()], "git/test01": [question()]},
    )
    published = built(folder)
    assert {name: entry["deadlines"] for name, entry in published.roster.items()} == {
        "s001": {},
        "s002": {"os/test01": "2026-11-24T22:00:00Z", "os/test02": "2026-11-24T22:00:00Z"},
        "s003": {"os/test01": "2026-11-25T22:00:00Z", "os/test02": "2026-11-24T22:00:00Z"},
        "s004": {"git/test01": "2026-11-23T23:00:00Z"},
    }
    assert [item["lastDeadline"] for item in published.indexes["os"]["tests"]] == [
        "2026-11-25T22:00:00Z",
        "2026-11-24T22:00:00Z",
    ]


def test_only_the_roster_has_addresses_and_only_the_hash_of_a_key_is_kept(write_class: WriteClass) -> None:
    published = built(write_class())
    values = {"s001": "the-secret-key", "s002": "another"}
    students = published.students({id: ApiKey("k", id, value, 0, True) for id, value in values.items()})
    name = f"students/{hashlib.sha256(b'the-secret-key').hexdigest()}.json"
    assert students[name] == canonical_json(
        {"studentId": "s001", "name": "Student 1", "subjects": ["os"], "deadlines": {}}
    )
    assert b"example.org" not in b"".join(students.values())
    everything = students | published.content()
    assert b"the-secret-key" not in b"".join([*everything.values(), *(key.encode() for key in everything)])
    assert published.content()["roster.jsonl"].count(b"@example.org") == 2


def test_roster_has_the_ascii_form_of_an_address(write_class: WriteClass) -> None:
    students = [student(1, email="info@b\u00fccher.example"), student(2, email="Ada@Example.org")]
    roster = built(write_class(students=students)).roster
    assert [roster[id]["email"] for id in ("s001", "s002")] == ["info@xn--bcher-kva.example", "Ada@Example.org"]


def test_roster_has_the_external_id_as_written(write_class: WriteClass) -> None:
    roster = built(write_class(students=[student(1, external_id=48213), student(2)])).roster
    assert (roster["s001"]["externalId"], "externalId" in roster["s002"]) == ("48213", False)


def test_options_are_text_as_written(write_class: WriteClass) -> None:
    text = "title: T\nquestions:\n  - text: 007?\n    options: {a: 1.10, b: no, c: 0x10}\n    answer: a\n"
    [asked] = built(write_class(tests={"os/test01": text})).questions["os", "test01"]["questions"]
    assert [option["text"] for option in asked["options"]] == ["1.10", "no", "0x10"]


def test_the_same_class_gives_the_same_bytes() -> None:
    assert built(SAMPLE).content() == built(SAMPLE).content()


def test_sample_test_begins_and_ends_as_the_article_does() -> None:
    published = built(SAMPLE)
    questions = published.questions["operating-systems", "test01"]["questions"]
    answers = published.answer_keys["operating-systems", "test01"]["questions"]
    assert len(questions) == 6
    assert {asked["type"] for asked in questions} == {"single"}
    assert questions[0]["text"] == "What is kernel?"
    assert [option["text"] for option in questions[0]["options"]] == [
        "kernel is the core component of an operating system",
        "kernel is an web application",
        "kernel is a web browser",
        "none of the mentioned",
    ]
    assert questions[5]["text"] == "Which desktop environment is not used in any linux distribution?"
    assert [option["text"] for option in questions[5]["options"]] == ["gnome", "kde", "unity", "none of the mentioned"]
    assert (answers["1"]["correct"], answers["6"]["correct"]) == (["a"], ["d"])


def test_subject_titles_are_their_names_for_people() -> None:
    assert subject_title("operating-systems") == "Operating systems"
    assert subject_title("git") == "Git"
    assert subject_title("a_b") == "A b"


def test_the_documents_that_other_tests_use_are_those_that_are_published(write_class: WriteClass) -> None:
    def asking(number: int, **changes: Any) -> dict[str, Any]:
        options = {letter: f"option {letter}" for letter in "abcd"}
        return question(text=f"Question {number}?", options=options, **changes)

    asked = [
        asking(1, answer="a", explanation="Because of a."),
        asking(2, answer=["b", "c"], points=2),
        asking(3, answer="b"),
    ]
    test: dict[str, Any] = {"title": "Title of test01", "questions": asked}
    test["extensions"] = {"s1": "2026-11-24 23:00"}
    enrolled = student(1, id="s1", email="s1@example.org", subjects=["computer-networks"])
    published = built(write_class([enrolled], {"computer-networks/test01": test}))

    own, last = {"computer-networks/test01": "2026-11-24T22:00:00Z"}, "2026-11-24T22:00:00Z"
    roster = documents.roster_entry(1, ["computer-networks"], own)
    answers = documents.answer_key(
        "computer-networks",
        "test01",
        documents.right("a", explanation="Because of a."),
        documents.right("bc", points=2),
        documents.right("b"),
    )
    options = [documents.question(1), documents.question(2, "multiple", points=2), documents.question(3)]
    whole = {**documents.index_entry(lastDeadline=last), "questions": options, "key": answers}
    expected = documents.published_subject("computer-networks", [cast(documents.WholeTest, whole)])
    record = documents.student_record("s1", "Student 1", ["computer-networks"], own)
    keys = {"s1": ApiKey("k", "s1", "key", 0, True)}
    calendar = {calendar_key(calendar_secret("key")): canonical_json(documents.student_calendar(record))}
    everything = published.content() | published.calendars(keys, documents.PAGE.rstrip("/"))
    assert everything == expected | documents.published_roster([roster]) | calendar
    assert published.students(keys) == {student_key("key"): canonical_json(record)}
