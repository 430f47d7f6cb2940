"""What is published of questions whose answers are typed, ordered or matched, and of shares: docs/data-model.md."""

from __future__ import annotations

import itertools
import json
import time
from decimal import Decimal
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.accepted import published_number
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import class_document
from ansible_collections.training.test_time.plugins.module_utils.class_content.option_ids import item_ids, option_ids
from ansible_collections.training.test_time.plugins.module_utils.class_content.questions import (
    has_given_ids,
    published_questions,
)
from ansible_collections.training.test_time.plugins.module_utils.shared.documents import Option, Question, Questions

from support.class_cloud import Cloud
from support.class_files import WriteClass, of_kind, question

CALLS = ["fork", "exec", "wait"]
PAIRS = [{"item": "Poland", "option": "Warsaw"}, {"item": "Italy", "option": "Rome"}]


def published(*written: str, before: Questions | None = None) -> list[tuple[Any, Any]]:
    """The questions, given as YAML, and what is right in each."""
    text = "".join(f"- {{text: One?, {each}}}\n" for each in written)
    test = class_document(f"title: A test\nquestions:\n{text}", "test01.yml").data
    return [(each.question, each.answer) for each in published_questions(test, before)]


def whole(questions: list[tuple[Any, Any]]) -> Questions:
    asked = [question for question, _ in questions]
    return {"subjectName": "os", "testId": "test01", "title": "A test", "shuffle": False, "questions": asked}


@pytest.mark.parametrize(
    ("written", "low", "high", "value"),
    [
        ("128", "128", "128", "128"),
        ("9.810", "9.81", "9.81", "9.810"),
        ("010", "10", "10", "010"),
        ("-0.0", "0", "0", "-0.0"),
        ("1e-3", "0.001", "0.001", "1e-3"),
        ("100", "100", "100", "100"),
        ("6.02214076e23", "6.02214076E+23", "6.02214076E+23", "6.02214076e23"),
        ("1e999", "1E+999", "1E+999", "1e999"),
        ("0.1234567890123456789012345678901234567890", *["0.123456789012345678901234567890123456789"] * 2, ...),
        ("{value: 9.81, tolerance: 0.05}", "9.76", "9.86", "9.81"),
        ("{value: 9.81, tolerance: 1%}", "9.7119", "9.9081", "9.81"),
        ("{value: -50, tolerance: 10%}", "-55", "-45", "-50"),
        ("{value: 0, tolerance: 10%}", "0", "0", "0"),
        ("{value: 0.1, tolerance: 0.2}", "-0.1", "0.3", "0.1"),
        ("{value: 1, tolerance: 1e-30}", "0." + "9" * 30, "1." + "0" * 29 + "1", "1"),
        ("{from: -9.70, to: 9.9}", "-9.7", "9.9", None),
        ("{from: 1, to: 1e20}", "1", "1E+20", None),
    ],
)
def test_numbers_are_published_exactly(written: str, low: str, high: str, value: Any) -> None:
    [(asked, answer)] = published(f"number: {written}")
    expected = {"low": low, "high": high, "value": written if value is ... else value}
    assert answer["numbers"] == [{name: text for name, text in expected.items() if text is not None}]
    assert (asked["type"], asked["options"], answer["correct"]) == ("number", [], [])


def test_the_longest_numbers_are_published_exactly_and_at_once() -> None:
    began = time.perf_counter()
    number = published_number({"value": "1" * 44 + "e999", "tolerance": "1e-999"})
    assert time.perf_counter() - began < 1
    low, high = Decimal(number["low"]), Decimal(number["high"])
    assert low < Decimal(number["value"]) < high
    assert (low.as_tuple().digits[-1], high.as_tuple().digits[-1]) == (9, 1)


def test_what_an_accepted_answer_earns_and_is_told_is_published() -> None:
    [(_, number), (_, text)] = published(
        'number: [1, {value: 2, share: 33.33333, feedback: "Two.\\n"}, {from: 3, to: 4, share: 100}]',
        "accept: [ls, no, 1.10, {text: 'dir*', share: 50, feedback: no}], case_matters: true, spaces_matter: true",
    )
    assert number["numbers"] == [
        {"low": "1", "high": "1", "value": "1"},
        {"low": "2", "high": "2", "value": "2", "share": 33.33333, "feedback": "Two."},
        {"low": "3", "high": "4"},
    ]
    assert text == {
        "correct": [],
        "points": 1,
        "texts": [{"text": "ls"}, {"text": "no"}, {"text": "1.10"}, {"text": "dir*", "share": 50, "feedback": "no"}],
        "caseMatters": True,
        "spacesMatter": True,
    }


def test_a_text_whose_case_and_spaces_do_not_matter_says_nothing_of_them() -> None:
    [(asked, answer)] = published("accept: ls, case_matters: false")
    assert answer == {"correct": [], "points": 1, "texts": [{"text": "ls"}]}
    assert asked == {"number": 1, "text": "One?", "type": "text", "points": 1, "options": []}


def test_shares_and_feedback_of_options_are_published() -> None:
    [(asked, answer), (_, single)] = published(
        "options: {a: x, b: y, c: z, d: w}, answer: {b: 50, c: -50, a: 50, d: 0}, points: 2",
        "options: {a: x, b: y}, answer: a, feedback: {b: no}, explanation: Because.",
    )
    assert asked["type"] == "multiple"
    assert answer == {"correct": ["a", "b"], "points": 2, "shares": {"a": 50, "b": 50, "c": -50, "d": 0}}
    assert single == {"correct": ["a"], "points": 1, "feedback": {"b": "no"}, "explanation": "Because."}


def test_a_correction_accepts_further_numbers_and_texts() -> None:
    answers = [
        answer
        for _, answer in published(
            "number: 1, correction: {reason: x, also_accept: [1.50, {value: 2, share: 50}]}",
            "accept: a, correction: {reason: x, also_accept: [no, {text: b, feedback: c}]}",
            "options: {a: x, b: y}, answer: a, correction: {reason: x, also_accept: [b]}",
            "order: [a, b], correction: {reason: x, drop: true}",
        )
    ]
    assert [answer["correction"] for answer in answers] == [
        {
            "reason": "x",
            "numbers": [
                {"low": "1.5", "high": "1.5", "value": "1.50"},
                {"low": "2", "high": "2", "value": "2", "share": 50},
            ],
        },
        {"reason": "x", "texts": [{"text": "no"}, {"text": "b", "feedback": "c"}]},
        {"reason": "x", "alsoAccept": ["b"]},
        {"reason": "x", "drop": True},
    ]


def test_an_order_is_published_with_ids_that_do_not_say_what_is_right() -> None:
    for calls in itertools.permutations(CALLS):
        [(asked, answer)] = published(f"order: [{', '.join(calls)}]")
        assert asked["options"] == [
            {"id": "a", "text": "exec"},
            {"id": "b", "text": "wait"},
            {"id": "c", "text": "fork"},
        ]
        texts = {option["id"]: option["text"] for option in asked["options"]}
        assert [texts[id] for id in answer["correct"]] == list(calls)


def test_a_match_is_published_with_ids_that_do_not_say_what_is_right() -> None:
    [(asked, answer)] = published(
        "match: [{item: Poland, option: Warsaw}, {item: Italy, option: Rome}, {item: Vatican, option: ' Rome'}],"
        " other_options: [Berlin]"
    )
    assert asked["items"] == [
        {"id": "1", "text": "Poland"},
        {"id": "2", "text": "Italy"},
        {"id": "3", "text": "Vatican"},
    ]
    texts = {option["id"]: option["text"] for option in asked["options"]}
    assert list(texts) == ["a", "b", "c"]
    assert sorted(texts.values()) == ["Berlin", "Rome", "Warsaw"]
    assert {item: texts[option] for item, option in answer["pairs"].items()} == {
        "1": "Warsaw",
        "2": "Rome",
        "3": "Rome",
    }
    assert answer["correct"] == []
    assert "pairs" not in asked


def test_texts_stay_as_they_are_written() -> None:
    [(order, _), (match, _)] = published(
        "order: [no, 1.10, 0x10]", "match: [{item: 1.10, option: no}, {item: 010, option: 1e3}], other_options: [1_0]"
    )
    assert {option["text"] for option in order["options"]} == {"no", "1.10", "0x10"}
    assert [item["text"] for item in match["items"]] == ["1.10", "010"]
    assert {option["text"] for option in match["options"]} == {"no", "1e3", "1_0"}


def test_the_last_line_of_a_text_does_not_end() -> None:
    [(order, answer)] = published('order: ["first\\n", "second"]')
    assert {option["text"] for option in order["options"]} == {"first", "second"}
    assert len(answer["correct"]) == 2


class TestKeptIds:
    """What is stored as an answer keeps its meaning when a test is published again."""

    def test_the_right_order_is_corrected_and_every_option_keeps_its_id(self) -> None:
        first = published("order: [fork, exec, wait]")
        again = published("order: [exec, fork, wait]", before=whole(first))
        assert again[0][0] == first[0][0]
        assert again[0][1]["correct"] != first[0][1]["correct"]

    @pytest.mark.parametrize("corrected", ["Fork", "a fork", "zzz", "forc"])
    def test_a_corrected_text_keeps_its_id(self, corrected: str) -> None:
        before = option_ids(CALLS, ())
        after = option_ids([corrected, "exec", "wait"], before)
        expected = [{**option, "text": option["text"].replace("fork", corrected)} for option in before]
        assert after == expected

    def test_two_corrected_texts_get_the_ids_that_are_left(self) -> None:
        before: list[Option] = [{"id": id, "text": text} for id, text in zip("abcd", "wxyz", strict=True)]
        after = option_ids(["w", "new", "y", "newer"], before)
        assert [option["id"] for option in after] == list("abcd")
        assert [after[0]["text"], after[2]["text"]] == ["w", "y"]
        assert after == option_ids(["newer", "y", "new", "w"], before)

    def test_texts_that_change_places_keep_their_ids(self) -> None:
        assert option_ids(reversed(CALLS), option_ids(CALLS, ())) == option_ids(CALLS, ())
        assert item_ids(["b", "a"], item_ids(["a", "b"], ())) == [{"id": "2", "text": "b"}, {"id": "1", "text": "a"}]

    def test_a_corrected_item_keeps_its_id(self) -> None:
        assert item_ids(["c", "A"], item_ids(["a", "c"], ())) == [{"id": "2", "text": "c"}, {"id": "1", "text": "A"}]

    def test_each_of_several_corrected_texts_keeps_its_id(self) -> None:
        """Also if all of them are written as code from now on, and if two of them change places."""
        before = option_ids(["fork a process", "exec a program", "wait for an end"], ())
        after = option_ids(["`exec` a program", "`fork` a process", "`wait` for an  end"], before)
        ids = {option["text"].replace("`", "").replace("  ", " "): option["id"] for option in after}
        assert ids == {option["text"]: option["id"] for option in before}
        items = item_ids(["Polnd", "Itly", "Spain"], ())
        assert item_ids(["Italy", "Poland", "Spain"], items) == [
            {"id": "2", "text": "Italy"},
            {"id": "1", "text": "Poland"},
            {"id": "3", "text": "Spain"},
        ]

    def test_other_spaces_in_a_text_change_no_id(self) -> None:
        before = option_ids(["a b", "a  c", "zzz"], ())
        after = option_ids(["a  b", "a c", "a b c"], before)
        assert [option["id"] for option in after if option["text"] == "a b c"] == [
            option["id"] for option in before if option["text"] == "zzz"
        ]

    @pytest.mark.parametrize("added", [f"option {number}" for number in range(20)])
    def test_an_option_that_is_added_changes_no_other_id_and_has_a_new_one(self, added: str) -> None:
        before = option_ids(CALLS, ())
        after = option_ids([*CALLS, added], before)
        assert after == [*before, {"id": "d", "text": added}]
        assert item_ids([added, "a", "b"], item_ids(["a", "b"], ())) == [
            {"id": "3", "text": added},
            {"id": "1", "text": "a"},
            {"id": "2", "text": "b"},
        ]

    def test_no_option_gets_the_id_of_one_that_is_taken_away(self) -> None:
        before = option_ids(["v", "w", "x", "y", "z"], ())
        after = option_ids(["v", "w", "x", "new"], before)
        ids = {option["text"]: option["id"] for option in after}
        assert {text: ids[text] for text in "vwx"} == {o["text"]: o["id"] for o in before if o["text"] in "vwx"}
        assert ids["new"] == "f"
        assert item_ids(["a", "c"], item_ids(["a", "b", "d"], ())) == [
            {"id": "1", "text": "a"},
            {"id": "4", "text": "c"},
        ]

    def test_if_there_are_no_other_ids_left_those_of_removed_options_are_given_again(self) -> None:
        before = option_ids(map(str, range(26)), ())
        after = option_ids([f"new {number}" for number in range(25)], before)
        assert len({option["id"] for option in after}) == 25

    def test_an_option_that_is_added_changes_what_no_stored_answer_means(self) -> None:
        pairs = "match: [{item: a, option: zzz}, {item: b, option: exec}]"
        before = published(pairs)
        [(asked, answer)] = published(f"{pairs}, other_options: [fork, wait]", before=whole(before))
        assert asked["options"][:2] == before[0][0]["options"]
        assert answer["pairs"] == before[0][1]["pairs"]

    def test_a_class_full_of_long_texts_is_compared_at_once(self) -> None:
        before = option_ids([f"{'x' * 5_000}{number}{'y' * 4_990}" for number in range(26)], ())
        after = option_ids([f"{'x' * 5_000}{number}z{'y' * 4_990}" for number in range(26)], before)
        assert [option["text"].replace("z", "") for option in after] == [option["text"] for option in before]

    @pytest.mark.parametrize(
        "before",
        [
            "match: [{item: a, option: zzz}, {item: b, option: exec}], other_options: [wait]",
            "options: {a: zzz, b: exec, c: wait}, answer: a",
        ],
    )
    def test_nothing_is_kept_if_the_type_changes(self, before: str) -> None:
        now = "order: [fork, exec, wait]"
        assert published(now, before=whole(published(before))) == published(now)

    def test_a_question_that_was_not_there_gets_new_ids(self) -> None:
        before = whole(published("order: [zzz, exec, wait]"))
        [_, second] = published("order: [fork, exec, wait]", "order: [fork, exec, wait]", before=before)
        assert second[0]["options"] == published("order: [fork, exec, wait]")[0][0]["options"]


def test_only_tests_with_given_ids_are_asked_for() -> None:
    def asks(*questions: Any) -> bool:
        return has_given_ids({"title": "A test", "questions": list(questions)})

    assert not asks(question(), of_kind(number="1"), of_kind(accept="ls"))
    assert asks(question(), of_kind(order=CALLS))
    assert asks(of_kind(match=PAIRS))


class TestPublishing:
    """The published questions are read if they say which IDs to keep."""

    @staticmethod
    def asked(cloud: Cloud, test: str = "test01") -> Question:
        questions: list[Question] = json.loads(cloud.objects()[f"subjects/os/{test}/questions.json"])["questions"]
        return questions[0]

    def test_a_corrected_text_changes_no_id(self, cloud: Cloud, write_class: WriteClass) -> None:
        cloud.publish(write_class(tests={"os/test01": [of_kind(order=["zzz", "exec", "wait"])]}))
        before = self.asked(cloud)
        lines = cloud.publish(write_class(tests={"os/test01": [of_kind(order=CALLS)]}))
        assert lines == ["~ test01 in os (questions)"]
        ids = {option["text"].replace("zzz", "fork"): option["id"] for option in before["options"]}
        assert {option["text"]: option["id"] for option in self.asked(cloud)["options"]} == ids

    def test_a_corrected_order_is_an_answer_key_alone(self, cloud: Cloud, write_class: WriteClass) -> None:
        cloud.publish(write_class(tests={"os/test01": [of_kind(order=["zzz", "exec", "wait"])]}))
        cloud.publish(write_class(tests={"os/test01": [of_kind(order=CALLS)]}))
        lines = cloud.publish(write_class(tests={"os/test01": [of_kind(order=["exec", "fork", "wait"])]}))
        assert lines == ["~ test01 in os (answer key)"]

    def test_publishing_again_changes_nothing(self, cloud: Cloud, write_class: WriteClass) -> None:
        cloud.publish(
            write_class(tests={"os/test01": [of_kind(match=PAIRS)], "os/test02": [of_kind(order=["zzz", "b"])]})
        )
        folder = write_class(tests={"os/test01": [of_kind(match=PAIRS)], "os/test02": [of_kind(order=["fork", "b"])]})
        cloud.publish(folder)
        assert cloud.publish(folder) == []

    def test_a_publication_that_was_cut_off_has_given_its_ids(self, cloud: Cloud, write_class: WriteClass) -> None:
        cloud.publish(write_class(tests={"os/test01": [of_kind(order=["zzz", "exec", "wait"])]}))
        before = self.asked(cloud)
        cloud.clients.s3.delete_object(Bucket="data", Key="subjects/os/index.json")
        cloud.publish(write_class(tests={"os/test01": [of_kind(order=CALLS)]}))
        assert [option["id"] for option in self.asked(cloud)["options"] if option["text"] == "fork"] == [
            option["id"] for option in before["options"] if option["text"] == "zzz"
        ]

    def test_another_class_gets_ids_of_its_own(self, cloud: Cloud, write_class: WriteClass) -> None:
        cloud.publish(write_class(tests={"os/test01": [of_kind(order=["zzz", "exec", "wait"])]}))
        cloud.publish(write_class(tests={"os/test01": [of_kind(order=CALLS)]}), name="class-evening")
        assert self.asked(cloud) == published("order: [fork, exec, wait]")[0][0]

    def test_only_published_tests_with_such_questions_are_read(self, cloud: Cloud, write_class: WriteClass) -> None:
        tests = {
            "os/test01": [of_kind(order=CALLS)],
            "os/test02": [question()],
            "os/test03": [of_kind(accept="ls")],
            "os/test04": [of_kind(match=PAIRS)],
        }
        cloud.publish(write_class(tests=tests))
        read: list[str] = []
        cloud.clients.s3.meta.events.register(
            "before-call.s3.GetObject", lambda params, **_: read.append(params["url_path"])
        )
        cloud.plan_of(write_class(tests=tests | {"os/test05": [of_kind(order=CALLS)]}))
        assert sorted(path for path in read if "questions" in path) == [
            "/subjects/os/test01/questions.json",
            "/subjects/os/test04/questions.json",
        ]
