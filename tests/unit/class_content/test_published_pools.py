"""What is published of pools: the secret is kept, and what is drawn stays as it is once the test has opened."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.publishing import InvalidClass

from common.drawn import drawn
from support.class_cloud import NOW, Cloud
from support.class_files import WriteClass, of_kind, question

OPENS = "2026-11-20 12:00"
BEFORE, AFTER = datetime(2026, 11, 20, 10, 59, tzinfo=NOW.tzinfo), datetime(2026, 11, 20, 11, 0, tzinfo=NOW.tzinfo)
KEY = "subjects/os/test01/questions.json"


def pool(name: str = "p", size: int = 4, **fields: Any) -> dict[str, Any]:
    return {"pool": name, "pick": 2, "questions": [of_kind(number=number) for number in range(size)], **fields}


SUMS = {
    "pool": "sums",
    "question": {"text": "What is {a} + {b}?", "number": "{sum}"},
    "values": [{"a": 1, "b": 2, "sum": 3}, {"a": 20, "b": 4, "sum": 24}],
}


def of(*questions: Any, **fields: Any) -> dict[str, Any]:
    """A class with this test."""
    return {"os/test01": {"title": "T", "closes": "2026-11-23 23:00", **fields, "questions": list(questions)}}


def published(cloud: Cloud) -> Any:
    return json.loads(cloud.objects()[KEY])


def entry(cloud: Cloud) -> Any:
    return json.loads(cloud.objects()["subjects/os/index.json"])["tests"][0]


def refused(cloud: Cloud, write_class: WriteClass, tests: Any, now: datetime = AFTER) -> list[str]:
    """What is wrong with a publication; nothing is written then."""
    before = cloud.objects()
    with pytest.raises(InvalidClass) as raised:
        cloud.publish(write_class(tests=tests), now)
    assert cloud.objects() == before
    return [str(problem) for problem in raised.value.problems]


def test_pools_are_published_flat_with_a_secret(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(tests=of(question(), pool(), SUMS)))
    found = published(cloud)
    assert [(each["number"], each.get("pool")) for each in found["questions"]] == [
        (1, None),
        *((number, "p") for number in (2, 3, 4, 5)),
        *((number, "sums") for number in (6, 7)),
    ]
    assert found["pools"] == {"p": 2, "sums": 1}
    assert re.fullmatch(r"[0-9a-f]{32}", found["salt"])
    assert found["questions"][6]["text"] == "What is 20 + 4?"
    key = json.loads(cloud.objects()["answer-keys/os/test01.json"])["questions"]
    assert key["7"]["numbers"] == [{"low": "24", "high": "24", "value": "24"}]
    assert entry(cloud)["questionCount"] == 4
    assert entry(cloud)["drawsSince"] == entry(cloud)["publishedAt"]
    assert len(drawn("s001", found)) == 4


def test_a_test_without_pools_has_no_secret(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(tests=of(question())))
    assert published(cloud).keys() == {"subjectName", "testId", "title", "shuffle", "questions"}
    assert "drawsSince" not in entry(cloud)


def test_the_secret_is_only_in_the_questions(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(tests=of(pool())))
    salt = published(cloud)["salt"].encode()
    assert [key for key, body in cloud.objects().items() if salt in body] == [KEY]


def test_the_secret_is_kept(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(tests=of(pool())))
    salt = published(cloud)["salt"]
    assert cloud.publish(write_class(tests=of(pool()))) == []
    corrected = pool()
    corrected["questions"][0]["text"] = "Corrected"
    assert cloud.publish(write_class(tests=of(corrected)), AFTER) == ["~ test01 in os (questions)"]
    assert published(cloud)["salt"] == salt


def test_two_tests_draw_by_different_secrets_if_they_are_published_apart(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(tests=of(pool())))
    cloud.publish(write_class(tests=of(pool()) | {"os/test02": [pool()]}))
    second = json.loads(cloud.objects()["subjects/os/test02/questions.json"])
    assert second["salt"] != published(cloud)["salt"]


def test_a_publication_that_was_cut_off_has_made_the_secret(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(tests=of(pool())))
    salt = published(cloud)["salt"]
    cloud.clients.s3.delete_object(Bucket="data", Key="subjects/os/index.json")
    cloud.publish(write_class(tests=of(pool())))
    assert published(cloud)["salt"] == salt


def test_another_class_gets_a_secret_of_its_own(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(tests=of(pool())))
    salt = published(cloud)["salt"]
    cloud.publish(write_class(tests=of(pool(size=3))), AFTER, name="class-evening")
    assert published(cloud)["salt"] != salt


CHANGES: dict[str, tuple[list[Any], str]] = {
    "pick": ([pool(pick=1)], "questions[1].pick: was published as 2; the test has opened"),
    "a question more": (
        [pool(size=5)],
        "questions[1].questions[5]: question 5 was published in no place, and is now in the pool p",
    ),
    "a question less": (
        [pool(size=3)],
        "questions[1].questions[3]: question 4 was published in the pool p, and is now in no place",
    ),
    "another name": (
        [pool("q")],
        "questions[1].questions[1]: question 1 was published in the pool p, and is now in the pool q",
    ),
    "no pool": (
        [of_kind(number=number) for number in range(4)],
        "questions[1]: question 1 was published in the pool p, and is now outside every pool",
    ),
    "a question before": (
        [question(), pool()],
        "questions[1]: question 1 was published in the pool p, and is now outside every pool",
    ),
    "a question after": (
        [pool(), question()],
        "questions[2]: question 5 was published in no place, and is now outside every pool",
    ),
    "two pools": (
        [pool(size=2, pick=1), pool("q", size=2, pick=1)],
        "questions[2].questions[1]: question 3 was published in the pool p, and is now in the pool q",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
class TestOnceTheTestHasOpened:
    """Nothing may change what is drawn."""

    def test_a_change_is_refused(self, cloud: Cloud, write_class: WriteClass, change: str) -> None:
        changed, problem = CHANGES[change]
        cloud.publish(write_class(tests=of(pool(), opens=OPENS)))
        [found] = refused(cloud, write_class, of(*changed, opens=OPENS))
        assert re.match(r"class/subjects/os/test01\.yml:\d+: ", found)
        assert problem in found
        assert "opened" in found

    def test_the_same_change_is_made_a_minute_before(self, cloud: Cloud, write_class: WriteClass, change: str) -> None:
        cloud.publish(write_class(tests=of(pool(), opens=OPENS)))
        assert cloud.publish(write_class(tests=of(*CHANGES[change][0], opens=OPENS)), BEFORE) != []

    def test_a_test_without_opens_is_open_since_its_publication(
        self, cloud: Cloud, write_class: WriteClass, change: str
    ) -> None:
        cloud.publish(write_class(tests=of(pool())))
        refused(cloud, write_class, of(*CHANGES[change][0]), NOW)

    def test_a_test_that_is_to_open_again_later_has_opened(
        self, cloud: Cloud, write_class: WriteClass, change: str
    ) -> None:
        cloud.publish(write_class(tests=of(pool(), opens=OPENS)))
        cloud.publish(write_class(tests=of(pool(), opens="2026-11-22 12:00")), AFTER)
        refused(cloud, write_class, of(*CHANGES[change][0], opens="2026-11-22 12:00"), AFTER + timedelta(hours=1))


def test_a_test_that_has_opened_without_pools_gets_none(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(tests=of(*(of_kind(number=number) for number in range(4)))))
    [found] = refused(cloud, write_class, of(pool()))
    assert "question 1 was published outside every pool, and is now in the pool p" in found


def test_questions_of_a_test_without_pools_may_still_come_and_go(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(tests=of(question())))
    assert cloud.publish(write_class(tests=of(question(), question(text="Two?"))), AFTER) != []


def test_a_correction_is_published_at_any_time(cloud: Cloud, write_class: WriteClass) -> None:
    cloud.publish(write_class(tests=of(pool(), SUMS)))
    corrected = pool()
    corrected["questions"][1]["correction"] = {"reason": "slip", "drop": True}
    for_all = {**SUMS, "question": {**SUMS["question"], "correction": {"reason": "see {a}", "also_accept": ["{b}"]}}}  # type: ignore[dict-item]
    assert cloud.publish(write_class(tests=of(corrected, for_all)), AFTER) == ["~ test01 in os (answer key)"]
    key = json.loads(cloud.objects()["answer-keys/os/test01.json"])["questions"]
    assert key["2"]["correction"] == {"reason": "slip", "drop": True}
    assert [key[number]["correction"]["reason"] for number in ("5", "6")] == ["see 1", "see 20"]
    assert key["6"]["correction"]["numbers"] == [{"low": "4", "high": "4", "value": "4"}]


@pytest.mark.parametrize("left", [None, {"salt": None}])
def test_a_lost_secret_is_not_replaced_once_the_test_has_opened(
    cloud: Cloud, write_class: WriteClass, left: Any
) -> None:
    """Everybody would be asked something else: what they have answered would be worth nothing."""
    cloud.publish(write_class(tests=of(pool(), opens=OPENS)))
    damaged = {name: value for name, value in published(cloud).items() if name != "salt"}
    cloud.clients.s3.delete_object(Bucket="data", Key=KEY)
    if left:
        cloud.put(KEY, json.dumps(damaged).encode())
    [found] = refused(cloud, write_class, of(pool(), opens=OPENS))
    assert KEY in found
    assert "Restore an older version" in found
    cloud.publish(write_class(tests=of(pool(), opens=OPENS)), BEFORE)
    assert re.fullmatch(r"[0-9a-f]{32}", published(cloud)["salt"])


def test_the_questions_of_tests_with_pools_are_read_and_no_others(cloud: Cloud, write_class: WriteClass) -> None:
    tests = of(pool()) | {"os/test02": [question()], "os/test03": {"title": "T", "opens": OPENS, "questions": [pool()]}}
    cloud.publish(write_class(tests=tests))
    read: list[str] = []
    cloud.clients.s3.meta.events.register(
        "before-call.s3.GetObject", lambda params, **_: read.append(params["url_path"])
    )
    cloud.plan_of(write_class(tests=tests | {"os/test03": [question()]}))
    assert sorted(path for path in read if "questions" in path) == [
        "/subjects/os/test01/questions.json",
        "/subjects/os/test03/questions.json",
    ]
