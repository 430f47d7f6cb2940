"""Questions with gaps: what a test's file may have of them, and what they are published as."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import class_document, load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.questions import (
    has_given_ids,
    published_questions,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import class_problems

from support.class_files import WEEKLY, WriteClass, of_kind

CHOICE = "{options: {a: x, b: y}, answer: a}"
ALL = f"1: {CHOICE}, 2: {{number: 1}}, 3: {{accept: a}}"
ONE_TO_THREE = "{{1}} {{2}} {{3}}"


def file_of(text: str, fields: str) -> str:
    return f"title: A test\nquestions:\n- {{text: '{text}', {fields}}}\n"


def told(write_class: WriteClass, text: str, fields: str) -> list[str]:
    files = load_class(write_class(tests={"os/test01": file_of(text, fields)}), "class")
    return [
        str(problem).removeprefix("class/subjects/os/test01.yml:3: questions[1]")
        for problem in class_problems(files, WEEKLY)
    ]


def published(text: str, fields: str) -> tuple[Any, Any]:
    [only] = published_questions(class_document(file_of(text, fields), "test01.yml").data, None)
    return only


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("{{1}}", "gaps: {1: {number: 4096}}"),
        ("{{1}}", 'gaps: {"1": {accept: [getconf, {text: "get*", share: 50}], case_matters: true}}'),
        ("{{1}}", "gaps: {1: {options: {a: x, b: y}, answer: b, feedback: {a: No.}}}"),
        ("`{{2}}` and {{1}}", "gaps: {2: {number: [1, {value: 4, share: 50}]}, 1: {accept: no, spaces_matter: true}}"),
        ("{{1}} {{x}} {1} {{}} {{ 2 }} {{-1}} {{1.5}} {{1a}}", "gaps: {1: {number: 1}}"),
        (
            " ".join(f"{{{{{n}}}}}" for n in range(1, 27)),
            f"gaps: {{{', '.join(f'{n}: {CHOICE}' for n in range(1, 27))}}}",
        ),
        (ONE_TO_THREE, f"gaps: {{{ALL}}}, points: 3, explanation: Because."),
        (ONE_TO_THREE, f"gaps: {{{ALL}}}, correction: {{reason: x, drop: true}}"),
        (ONE_TO_THREE, f"gaps: {{{ALL}}}, correction: {{reason: x, also_accept: {{1: [b]}}}}"),
        (
            ONE_TO_THREE,
            f"gaps: {{{ALL}}}, correction: {{reason: x, also_accept: "
            "{2: [1.50, {from: 2, to: 3, share: 50}], 3: [no, {text: b}]}}",
        ),
    ],
)
def test_good_gaps_pass(write_class: WriteClass, text: str, fields: str) -> None:
    assert told(write_class, text, fields) == []


NAME = "must be the number of a gap, 1 to 26, which text has as {{1}}"


@pytest.mark.parametrize(
    ("text", "fields", "problems"),
    [
        ("{{1}}", "gaps: {1: {number: 1}, 2: {number: 1}}", [".gaps.2: is not in `text`; write {{2}} in it where"]),
        ("{{1}} {{1}}", "gaps: {1: {number: 1}}", [".text: has {{1}} more than once; keep one of them"]),
        ("{{1}} `{{1}}`", "gaps: {1: {number: 1}}", [".text: has {{1}} more than once"]),
        ("{{1}} {{2}}", "gaps: {1: {number: 1}}", [".text: has {{2}}, which is not one of the gaps (1)"]),
        ("{{1}} {{01}} {{0}}", "gaps: {1: {number: 1}}", [".text: has {{0}}, which", ".text: has {{01}}, which"]),
        ("{{1}} {{3}}", "gaps: {1: {number: 1}, 3: {number: 1}}", [".gaps: has 1, 3; number the gaps 1, 2"]),
        ("{{2}}", "gaps: {2: {number: 1}}", [".gaps: has 2; number the gaps 1"]),
        ("{{x}}", "gaps: {x: {number: 1}}", [f".gaps.x: {NAME}", ".gaps.x: is not in `text`"]),
        ("{{27}}", "gaps: {27: {number: 1}}", [f".gaps.27: {NAME}"]),
        ("{{1}}", "gaps: {}", [".gaps: must have 1 entry or more", ".text: has {{1}}"]),
        ("{{1}}", "gaps: [1]", [".gaps: must be a mapping of fields, not a list"]),
        ("{{1}}", "gaps: {1: 4096}", [".gaps.1: must be a mapping of fields, not the number 4096"]),
        ("{{1}}", "gaps: {1: {}}", [".gaps.1: has no answer; add one of `options`, `number` or `accept`"]),
        ("{{1}}", "gaps: {1: {number: 1, accept: a}}", [".gaps.1: has `number` and `accept`, and can only have one"]),
        ("{{1}}", "gaps: {1: {order: [a, b]}}", [".gaps.1.order: is not a known field", ".gaps.1: has no answer"]),
        ("{{1}}", "gaps: {1: {options: {a: x, b: y}}}", [".gaps.1.answer: is missing; add `answer:` (letter of the"]),
        (
            "{{1}}",
            "gaps: {1: {options: {a: x, b: y}, answer: c}}",
            [".gaps.1.answer: 'c' is not one of the options (a, b)"],
        ),
        ("{{1}}", "gaps: {1: {options: {a: x, b: y}, answer: [a]}}", [".gaps.1.answer: must be one lower-case letter"]),
        (
            "{{1}}",
            "gaps: {1: {options: {a: x, b: x}, answer: a}}",
            [".gaps.1.options.b: has the same text as option a"],
        ),
        ("{{1}}", "gaps: {1: {options: {a: x}, answer: a}}", [".gaps.1.options: must have 2 entries or more"]),
        ("{{1}}", "gaps: {1: {number: many}}", [".gaps.1.number: must be a number such as 128"]),
        ("{{1}}", "gaps: {1: {number: {value: 1, share: 50}}}", [".gaps.1.number: no answer earns all points"]),
        (
            "{{1}}",
            "gaps: {1: {number: [1, 1.0]}}",
            [".gaps.1.number[2]: accepts the same as questions[1].gaps.1.number[1];"],
        ),
        ("{{1}}", "gaps: {1: {accept: '*'}}", [".gaps.1.accept: accepts every answer"]),
        (
            "{{1}}",
            "gaps: {1: {number: 1, case_matters: true}}",
            [".gaps.1.case_matters: is only for questions with `accept`"],
        ),
        ("{{1}}", "gaps: {1: {number: 1}}, number: 1", [": has `number` and `gaps`, and can only have one of them"]),
        ("{{1}}", "gaps: {1: {number: 1}}, answer: a", [".answer: is only for questions with `options`; remove it"]),
    ],
)
def test_bad_gaps_are_told(write_class: WriteClass, text: str, fields: str, problems: list[str]) -> None:
    found = told(write_class, text, fields)
    assert len(found) == len(problems), found
    for problem, words in zip(sorted(found), sorted(problems), strict=True):
        assert problem.startswith(words), found


ALSO = ".correction.also_accept"


@pytest.mark.parametrize(
    ("also", "problem"),
    [
        ("[4]", ": must be a mapping of fields, not a list"),
        ("{}", ": must have 1 entry or more"),
        ("{4: [1]}", ".4: is not one of the gaps (1, 2, 3)"),
        ("{x: [1]}", f".x: {NAME}"),
        ("{2: 4}", ".2: must be a list"),
        ("{2: []}", ".2: must have 1 entry or more"),
        ("{2: [[4]]}", ".2[1]: must be a letter, number or text, as the gap accepts it"),
        ("{2: [x]}", ".2[1]: must be a number such as 128"),
        ("{2: [{text: x}]}", ".2[1]: must be a number such as 128"),
        ("{2: [{from: 3, to: 2}]}", ".2[1].from: is more than `to` (2); exchange them"),
        ("{2: [2, 1.0]}", ".2[2]: accepts the same as questions[1].gaps.2.number; remove one of them"),
        ("{3: [{value: 1}]}", '.3[1]: must be a text, or {text: "dir*", share: 50}'),
        ("{3: ['*']}", ".3[1]: accepts every answer"),
        ("{3: [b, B]}", ".3[2]: accepts the same as questions[1].correction.also_accept.3[1]"),
        ("{1: [c]}", ".1[1]: 'c' is not one of the options (a, b)"),
        ("{1: [a]}", ".1[1]: 'a' is already the answer; remove it"),
        ("{1: [{text: b}]}", ".1[1]: must be the letter of an option"),
        ("{1: [b, b]}", ".1: has a duplicate entry; remove it"),
    ],
)
def test_a_bad_correction_of_gaps_is_told(write_class: WriteClass, also: str, problem: str) -> None:
    found = told(write_class, ONE_TO_THREE, f"gaps: {{{ALL}}}, correction: {{reason: x, also_accept: {also}}}")
    assert any(each.startswith(ALSO + problem) for each in found), found
    assert len(found) <= 2


def test_only_gaps_are_corrected_by_gap(write_class: WriteClass) -> None:
    [problem] = told(write_class, "One?", "number: 1, correction: {reason: x, also_accept: {1: [2]}}")
    assert problem == f"{ALSO}: must be a list, not a mapping of fields"


@pytest.mark.parametrize("value", [None, [], {}, {"1": None}, {"1": []}, {"1": [None]}, {"1": {"a": None}}, 1.5, "x"])
def test_no_shape_of_gaps_ends_the_check(write_class: WriteClass, value: Any) -> None:
    for gaps in (value, {"1": {"number": "1"}}):
        body: Any = [of_kind(gaps=gaps, correction={"reason": "x", "also_accept": value})]
        assert class_problems(load_class(write_class(tests={"os/test01": body}), "class"), WEEKLY)


@pytest.mark.parametrize(
    ("gaps", "others", "problems"),
    [
        (8 * 25, 0, []),
        (7 * 25, 25, []),
        (0, 200, []),
        (8 * 25, 1, ["questions: ask a student for 201 answers, with one for each gap, and a test can for 200"]),
        (7 * 25, 26, ["questions: ask a student for 201 answers, with one for each gap, and a test can for 200"]),
    ],
)
def test_a_test_asks_for_as_many_answers_as_an_upload_can_have(
    write_class: WriteClass, gaps: int, others: int, problems: list[str]
) -> None:
    text = " ".join(f"{{{{{n}}}}}" for n in range(1, 26))
    asked: Any = [of_kind(text=text, gaps={str(n): {"accept": "a"} for n in range(1, 26)}) for _ in range(gaps // 25)]
    files = load_class(
        write_class(tests={"os/test01": [*asked, *(of_kind(accept="a") for _ in range(others))]}), "class"
    )
    found = [str(problem).split(": ", 1)[1] for problem in class_problems(files, WEEKLY)]
    assert found == problems


@pytest.mark.parametrize(("pick", "problems"), [(8, 0), (9, 1)])
def test_gaps_of_a_pool_count_as_often_as_they_are_drawn(write_class: WriteClass, pick: int, problems: int) -> None:
    text = " ".join(f"{{{{{n}}}}}" for n in range(1, 26))
    gaps = [of_kind(text=f"{at} {text}", gaps={str(n): {"accept": "a"} for n in range(1, 26)}) for at in range(10)]
    body: Any = [{"pool": "gaps", "pick": pick, "questions": gaps}]
    found = class_problems(load_class(write_class(tests={"os/test01": body}), "class"), WEEKLY)
    assert len(found) == problems, found


def test_gaps_are_published_in_the_order_of_their_numbers_without_what_is_right() -> None:
    gaps = ", ".join(f"{n}: {{number: {n}}}" for n in range(11, 2, -1))
    text = " ".join(f"{{{{{n}}}}}" for n in range(1, 12))
    asked, answer = published(
        text,
        f"gaps: {{{gaps}, 2: {{accept: [no, {{text: get*, share: 50}}], case_matters: true}},"
        " 1: {options: {b: y, a: x}, answer: a, feedback: {b: no}}}, points: 2, explanation: Because.",
    )
    assert asked == {
        "number": 1,
        "text": text,
        "type": "gaps",
        "points": 2,
        "options": [],
        "gaps": [
            {"id": "1", "type": "single", "options": [{"id": "b", "text": "y"}, {"id": "a", "text": "x"}]},
            {"id": "2", "type": "text"},
            *({"id": str(n), "type": "number"} for n in range(3, 12)),
        ],
    }
    assert {name: part for name, part in answer.items() if name != "gaps"} == {
        "correct": [],
        "points": 2,
        "explanation": "Because.",
    }
    assert list(answer["gaps"]) == [gap["id"] for gap in asked["gaps"]]
    assert answer["gaps"]["1"] == {"correct": ["a"], "feedback": {"b": "no"}}
    assert answer["gaps"]["2"] == {"texts": [{"text": "no"}, {"text": "get*", "share": 50}], "caseMatters": True}
    assert answer["gaps"]["3"] == {"numbers": [{"low": "3", "high": "3", "value": "3"}]}


def test_a_correction_is_published_by_gap() -> None:
    _, answer = published(
        ONE_TO_THREE,
        f"gaps: {{{ALL}}}, correction: {{reason: x, also_accept: {{1: [b], 2: [1.50], 3: [no, 1.10, {{text: 2}}]}}}}",
    )
    assert answer["correction"] == {
        "reason": "x",
        "gaps": {
            "1": {"alsoAccept": ["b"]},
            "2": {"numbers": [{"low": "1.5", "high": "1.5", "value": "1.50"}]},
            "3": {"texts": [{"text": "no"}, {"text": "1.10"}, {"text": "2"}]},
        },
    }


def test_gaps_get_no_ids_when_they_are_published() -> None:
    asked: Any = of_kind(gaps={"1": {"number": "1"}})
    assert not has_given_ids({"title": "A test", "questions": [asked]})
