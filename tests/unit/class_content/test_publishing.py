"""Publishing against a cloud: what is written, in which order, and what an interruption leaves."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.publishing import (
    InvalidClass,
)

from support.class_cloud import NOW, STACK, Cloud, Interruption
from support.class_files import WriteClass, question, student


def index(cloud: Cloud, subject: str = "os") -> dict[str, Any]:
    entries = json.loads(cloud.objects()[f"subjects/{subject}/index.json"])["tests"]
    return {entry["testId"]: entry for entry in entries}


def test_first_publication_writes_everything_the_data_model_has(cloud: Cloud, write_class: WriteClass) -> None:
    assert cloud.publish(write_class()) == ["+ test01 in os", "+ student s001", "+ student s002"]
    state = cloud.state()
    assert sorted(state["objects"]) == [
        "answer-keys/os/test01.json",
        "calendars/subjects/os.json",
        "class.json",
        "roster.jsonl",
        "subjects/os/index.json",
        "subjects/os/test01/questions.json",
    ]
    assert {name: json.loads(body)["studentId"] for name, body in state["access"].items()} == {
        "trainings-tests/s001": "s001",
        "trainings-tests/s002": "s002",
    }
    assert {name: json.loads(body)["studentId"] for name, body in state["calendars"].items()} == {
        "trainings-tests/s001": "s001",
        "trainings-tests/s002": "s002",
    }
    assert state["in plan"] == ["trainings-tests/s001", "trainings-tests/s002"]


def test_every_object_is_stored_encrypted(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    for key in cloud.objects():
        assert cloud.clients.s3.head_object(Bucket="data", Key=key)["ServerSideEncryption"] == "AES256"


def test_unchanged_class_changes_nothing(cloud: Cloud, write_class: WriteClass) -> None:
    folder = write_class()
    cloud.publish(folder)
    before = cloud.state()
    cloud.writes = 0
    assert cloud.publish(folder, datetime(2026, 12, 30, tzinfo=UTC)) == []
    assert cloud.writes == 0
    assert cloud.state() == before


def test_the_time_of_a_publication_is_s3s(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    cloud.publish(write_class(students=[student(1), student(3)]), datetime(2026, 11, 19, 9, tzinfo=UTC))
    roster = [json.loads(line) for line in cloud.objects()["roster.jsonl"].splitlines()]
    assert [entry["since"]["os"] for entry in roster] == ["2026-11-18T09:00:00Z", "2026-11-19T09:00:00Z"]
    assert index(cloud)["test01"]["revisedAt"] == "2026-11-18T09:00:00Z"


def test_order_of_students_is_no_change(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    assert cloud.publish(write_class(students=[student(2), student(1)])) == []


def test_check_tells_the_difference_and_writes_nothing(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.writes = 0
    assert "+ test01 in os" in cloud.publish(write_class(), check=True)
    assert cloud.writes == 0


def test_only_what_changed_is_written(cloud: Cloud, write_class: WriteClass) -> None:
    tests = {"os/test01": [question()], "os/test02": [question()], "git/test01": [question()]}
    cloud.publish(write_class(tests=tests))
    written: list[str] = []
    cloud.clients.s3.meta.events.register(
        "before-call.s3.PutObject", lambda params, **_: written.append(params["url_path"])
    )
    tests["os/test02"] = [question(text="Changed?")]
    assert cloud.publish(write_class(tests=tests)) == ["~ test02 in os (questions)"]
    assert written == ["/subjects/os/test02/questions.json"]


def test_changed_answer_is_an_answer_key_alone(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    assert cloud.publish(write_class(tests={"os/test01": [question(answer="b")]})) == ["~ test01 in os (answer key)"]


def test_deadline_without_a_session_stays_put_when_published_again(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    changed = write_class(tests={"os/test01": [question(text="New?")], "os/test02": [question()]})
    cloud.publish(changed, datetime(2026, 11, 25, tzinfo=UTC))
    assert index(cloud)["test01"]["closesAt"] == "2026-11-23T22:00:00Z"
    assert index(cloud)["test02"]["closesAt"] == "2026-11-30T22:00:00Z"


def test_removed_test_is_seen_no_more_and_its_answers_and_scores_stay(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(tests={"os/test01": [question()], "os/test02": [question()]}))
    kept = ["answers/os/s001/test02.json", "scores/os/test02/s001.json", "states/os/test02.json"]
    for key in kept:
        cloud.put(key, b"{}")
    assert cloud.publish(write_class()) == ["- test02 in os"]
    assert list(index(cloud)) == ["test01"]
    assert set(kept) <= cloud.objects().keys()
    assert "answer-keys/os/test02.json" not in cloud.objects()


def test_removed_subject_is_seen_no_more(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(tests={"os/test01": [question()], "git/test01": [question()]}))
    assert cloud.publish(write_class()) == ["- test01 in git"]
    assert not [key for key in cloud.objects() if "git" in key]


def test_removed_student_loses_object_and_key_and_others_keep_theirs(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    kept = cloud.api_keys()["trainings-tests/s001"]
    assert cloud.publish(write_class(students=[student(1), student(3)])) == ["- student s002", "+ student s003"]
    assert sorted(cloud.api_keys()) == ["trainings-tests/s001", "trainings-tests/s003"]
    assert cloud.api_keys()["trainings-tests/s001"] == kept
    assert cloud.state()["student objects"] == cloud.state()["calendar objects"] == 2


def test_access_of_a_removed_student_ends_before_anything_is_written(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    calls: list[str] = []
    for client in (cloud.clients.s3, cloud.clients.apigateway):
        client.meta.events.register("before-call", lambda model, **_: calls.append(model.name))
    cloud.publish(write_class(students=[student(1)], tests={"os/test01": [question(text="New?")]}))
    writes = [name for name in calls if not name.startswith(("Get", "List"))]
    assert (writes[0], writes[-1]) == ("DeleteObject", "DeleteApiKey")


def test_changed_student_is_told_and_rewritten(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    folder = write_class(students=[student(1, name="Ada", extra_hours=24), student(2, subjects=[])])
    assert cloud.publish(folder) == [
        "~ test01 in os (deadline)",
        "~ student s001 (name, deadlines)",
        "~ student s002 (subjects)",
    ]
    assert json.loads(cloud.state()["access"]["trainings-tests/s001"]) == {
        "studentId": "s001",
        "name": "Ada",
        "subjects": ["os"],
        "deadlines": {"os/test01": "2026-11-24T22:00:00Z"},
    }


def test_keys_of_other_stages_and_of_others_are_left_alone(cloud: Cloud, write_class: WriteClass) -> None:
    for name in ("trainings-tests-rehearsal/s001", "somebody", "trainings-tests"):
        cloud.clients.apigateway.create_api_key(name=name, enabled=True)
    cloud.publish(write_class())
    cloud.publish(write_class(students=[student(1)]))
    assert {"trainings-tests-rehearsal/s001", "somebody", "trainings-tests"} <= cloud.api_keys().keys()


def test_key_that_was_made_twice_is_deleted_and_the_students_own_stays(cloud: Cloud, write_class: WriteClass) -> None:
    folder = write_class()
    cloud.publish(folder)
    own = cloud.api_keys()["trainings-tests/s001"]
    cloud.clients.apigateway.create_api_key(name="trainings-tests/s001", enabled=True)
    assert cloud.publish(folder) == ["~ API keys (1 removed)"]
    assert cloud.api_keys()["trainings-tests/s001"] == own
    assert cloud.publish(folder) == []


def test_key_deleted_by_hand_is_replaced_and_the_old_one_refused(cloud: Cloud, write_class: WriteClass) -> None:
    folder = write_class()
    cloud.publish(folder)
    [key] = cloud.clients.apigateway.get_api_keys(nameQuery="trainings-tests/s002")["items"]
    cloud.clients.apigateway.delete_api_key(apiKey=key["id"])
    assert cloud.publish(folder) == ["~ student s002 (API key)"]
    assert cloud.state()["student objects"] == 2
    assert None not in cloud.state()["access"].values()


def test_schedules_follow_the_class(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(students=[student(1, extra_hours=24), student(2)]))
    [name] = cloud.schedules()
    schedule = cloud.clients.scheduler.get_schedule(GroupName=STACK, Name=name)
    assert schedule["ScheduleExpression"] == "at(2026-11-24T22:00:00)"
    assert schedule["ScheduleExpressionTimezone"] == "UTC"
    assert schedule["ActionAfterCompletion"] == "DELETE"
    assert schedule["Target"]["Input"] == "{}"
    cloud.publish(write_class())
    assert cloud.schedules() == []


def test_extension_before_the_deadline_that_publishing_gave_is_refused(cloud: Cloud, write_class: WriteClass) -> None:
    test = {"title": "T", "questions": [question()], "extensions": {"s001": "2026-11-20 12:00"}}
    cloud.writes = 0
    with pytest.raises(InvalidClass, match=r"extensions\.s001: is before the test closes"):
        cloud.publish(write_class(tests={"os/test01": test}))
    assert cloud.writes == 0


def test_a_test_that_outlasts_its_answers_is_refused(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class())
    cloud.writes = 0
    test = {"title": "T", "closes": "2027-11-01 23:00", "questions": [question()]}
    with pytest.raises(
        InvalidClass, match=r"^class/subjects/os/test01\.yml:2: closes: students have time until 2027-11-01"
    ):
        cloud.publish(write_class(tests={"os/test01": test}))
    assert cloud.writes == 0


def test_how_long_answers_are_needed_counts_from_the_first_publication(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(
        write_class(tests={"os/test01": {"title": "T", "closes": "2027-10-01 23:00", "questions": [question()]}})
    )
    longer = write_class(tests={"os/test01": {"title": "T", "closes": "2027-11-01 23:00", "questions": [question()]}})
    with pytest.raises(InvalidClass, match=r"set retention_days to 379 or more and deploy$"):
        cloud.publish(longer, now=NOW + timedelta(days=200))
    another = write_class(tests={"os/test02": {"title": "T", "closes": "2027-11-01 23:00", "questions": [question()]}})
    assert cloud.publish(another, now=NOW + timedelta(days=200))


def old_test(**changes: Any) -> dict[str, Any]:
    return {"title": "T", "closes": "2026-11-23 23:00", "questions": [question(**changes)]}


def opening_test(opens: str, closes: str = "2026-11-23 23:00") -> dict[str, Any]:
    return {"title": "T", "opens": opens, "closes": closes, "questions": [question()]}


def test_an_opening_is_published_in_utc_and_only_if_a_test_has_one(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(tests={"os/test01": opening_test("2026-11-20 08:00"), "os/test02": [question()]}))
    assert index(cloud)["test01"]["opensAt"] == "2026-11-20T07:00:00Z"
    assert "opensAt" not in index(cloud)["test02"]


def test_an_opening_that_moves_is_told_and_is_not_a_revision(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(tests={"os/test01": opening_test("2026-11-20 08:00")}))
    before = index(cloud)["test01"]
    moved = write_class(tests={"os/test01": opening_test("2026-11-20 09:00")})
    assert cloud.publish(moved, NOW + timedelta(hours=1)) == ["~ test01 in os (opening)"]
    assert index(cloud)["test01"] == {**before, "opensAt": "2026-11-20T08:00:00Z"}


@pytest.mark.parametrize("was", ["2026-11-17 08:00", None], ids=["that had opened", "without an opening"])
def test_the_trainer_is_told_what_happens_if_an_open_test_is_to_open_later(
    cloud: Cloud, write_class: WriteClass, was: str | None
) -> None:
    cloud.publish(write_class(tests={"os/test01": opening_test(was) if was else old_test()}))
    cloud.put("answers/os/s001/test01.json", b"{}")
    postponed = write_class(tests={"os/test01": opening_test("2026-11-20 08:00")})
    told = (
        "~ test01 in os (opening, was open already: nobody can take it until it opens again;"
        " what was submitted is kept and counts)"
    )
    assert cloud.publish(postponed) == [told]
    assert "answers/os/s001/test01.json" in cloud.objects()
    assert cloud.publish(postponed) == []


def test_a_run_is_scheduled_soon_after_a_student_is_given_time_and_once(cloud: Cloud, write_class: WriteClass) -> None:
    test = {"title": "T", "closes": "2026-11-23 23:00", "questions": [question()]}
    cloud.publish(write_class(tests={"os/test01": test}))
    assert cloud.schedules() == []
    given = write_class(tests={"os/test01": {**test, "extensions": {"s001": "2026-11-25 23:00"}}})
    cloud.publish(given, NOW + timedelta(hours=1))
    starts = sorted(name.split("-")[1] for name in cloud.schedules())
    assert starts == ["20261118T100500Z", "20261125T220000Z"]
    [granted] = [json.loads(line) for line in cloud.objects()["roster.jsonl"].splitlines() if b"extended" in line]
    assert granted["extended"] == {
        "os/test01": {"before": "2026-11-23T22:00:00Z", "grantedAt": "2026-11-18T10:00:00Z"},
    }
    for hours in (1, 2, 48):
        assert cloud.publish(given, NOW + timedelta(hours=hours)) == []
    cloud.publish(write_class(tests={"os/test01": test}), NOW + timedelta(hours=1, minutes=1))
    assert cloud.schedules() == []


def test_a_run_is_scheduled_when_a_test_opens_only_if_it_is_announced(cloud: Cloud, write_class: WriteClass) -> None:
    tests = {"os/test01": opening_test("2026-11-20 08:00"), "os/test02": opening_test("2026-11-21 08:00")}
    cloud.publish(write_class(tests=tests))
    assert cloud.schedules() == []
    tests["os/test02"] |= {"announce": True}
    assert cloud.publish(write_class(tests=tests)) == ["~ test02 in os (announcement)"]
    assert [name.split("-")[1] for name in cloud.schedules()] == ["20261121T070000Z"]


def test_a_test_that_is_open_at_once_is_announced_soon_after_its_publication(
    cloud: Cloud, write_class: WriteClass
) -> None:
    announced = {**old_test(), "announce": True}
    cloud.publish(write_class(tests={"os/test01": announced}))
    assert [name.split("-")[1] for name in cloud.schedules()] == ["20261118T090500Z"]


def test_a_correction_that_comes_too_late_for_the_answers_is_told(cloud: Cloud, write_class: WriteClass) -> None:
    tests = {"os/test01": old_test(), "os/test02": old_test()}
    cloud.publish(write_class(tests=tests))
    tests["os/test01"] = old_test(correction={"reason": "slip", "drop": True})
    folder = write_class(tests=tests)
    last = NOW + timedelta(days=365) - timedelta(seconds=1)
    assert cloud.publish(folder, now=last, check=True) == ["~ test01 in os (answer key)"]
    assert cloud.publish(folder, now=NOW + timedelta(days=365)) == [
        "~ test01 in os (answer key, not scored again because answers may have been deleted)"
    ]
    assert cloud.publish(folder, now=NOW + timedelta(days=365)) == []


def test_a_test_that_comes_back_after_its_answers_may_have_been_deleted_is_told(
    cloud: Cloud, write_class: WriteClass
) -> None:
    both = {"os/test01": old_test(), "os/test02": old_test()}
    cloud.publish(write_class(tests=both))
    cloud.publish(write_class(tests={"os/test02": old_test()}))
    assert cloud.publish(write_class(tests=both), now=NOW + timedelta(days=380)) == [
        "+ test01 in os (not scored again because answers may have been deleted)"
    ]


def test_an_extension_of_a_test_whose_answers_may_have_been_deleted_is_refused(
    cloud: Cloud, write_class: WriteClass
) -> None:
    """However late the test's file came back."""
    cloud.publish(write_class())
    extended = {**old_test(), "extensions": {"s001": "2027-11-29 23:00"}}
    with pytest.raises(InvalidClass, match=r"from 2027-11-23 on they may be deleted"):
        cloud.publish(write_class(tests={"os/test02": extended}), now=NOW + timedelta(days=370))


BEFORE = ([student(1), student(2)], {"os/test01": [question()], "git/test01": [question()]})
AFTER = (
    [student(1, extra_hours=24), student(3)],
    {"os/test01": [question(text="New?"), question()], "os/test02": [question()]},
)


def test_interrupted_anywhere_and_run_again_it_ends_in_the_same_state(cloud: Cloud, write_class: WriteClass) -> None:
    """Before and after each of the writes; nothing is ever half-visible in between."""
    cloud.publish(write_class(*BEFORE))
    cloud.publish(write_class(*AFTER))
    wanted = cloud.state()
    interruptions = 0
    for after in (False, True):
        at = 0
        while True:
            cloud.publish(write_class(*BEFORE))
            folder = write_class(*AFTER)
            undo = cloud.interrupt(at, after)
            try:
                cloud.publish(folder)
                finished = True
            except Interruption:
                finished = False
            undo()
            cloud.assert_nothing_is_half_visible()
            if finished:
                break
            cloud.publish(folder)
            assert cloud.state() == wanted, (at, after)
            assert cloud.publish(folder) == []
            interruptions += 1
            at += 1
    assert interruptions > 30
