"""Pools in a test's file: what they may have, and which questions they are."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import class_document, load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.pools import (
    asked,
    filled,
    picks,
    question_count,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import class_problems

from support.class_files import WEEKLY, WriteClass

CHOICE = "{text: One?, options: {a: x, b: y}, answer: a}"
NUMBER = "{text: Two?, number: 2}"
SUMS = "values: [{a: 1, b: 2, sum: 3}, {a: 20, b: 4, sum: 24}]"
MADE = '{text: "What is {a} + {b}?", number: "{sum}"}'


def told(write_class: WriteClass, *entries: str) -> list[str]:
    """What is wrong with a test's questions and pools, each on a line of its own from line 3."""
    text = "title: A test\nquestions:\n" + "".join(f"- {{{entry}}}\n" for entry in entries)
    files = load_class(write_class(tests={"os/test01": text}), "class")
    return [str(problem).removeprefix("class/subjects/os/test01.yml:") for problem in class_problems(files, WEEKLY)]


def test_data(*entries: str) -> Any:
    text = "title: A test\nquestions:\n" + "".join(f"- {{{entry}}}\n" for entry in entries)
    return class_document(text, "test01.yml").data


test_data.__test__ = False  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "entry",
    [
        f"pool: p, pick: 1, questions: [{CHOICE}, {NUMBER}]",
        f"pool: p, questions: [{CHOICE}, {NUMBER}]",
        f"pool: Any name, pick: 2, questions: [{CHOICE}, {NUMBER}, {NUMBER}]",
        f"pool: 1, questions: [{CHOICE}, {NUMBER}]",
        "pool: p, questions: [{text: One?, points: 2, number: 1}, {text: Two?, points: 2, number: 1}]",
        f"pool: p, questions: [{CHOICE}, {{text: Two?, points: 1, number: 1}}]",
        f"pool: p, question: {MADE}, {SUMS}",
        f"pool: p, pick: 1, question: {MADE}, {SUMS}",
        'pool: p, question: {text: "Is {x}?", options: {a: "{y}", b: z}, answer: a}, values: [{x: no, y: 1.10},'
        " {x: a, y: b}]",
        'pool: p, question: {text: "awk { print } ${HOME} {1..3} {A} {a,b} {x}", accept: "{x}*"}, values: [{x:'
        " a}, {x: b}]",
        'pool: p, question: {text: One?, number: {value: "{x}", tolerance: 1%}}, values: [{x: 1}, {x: 2}]',
        'pool: p, question: {text: One?, number: 1, correction: {reason: x, also_accept: ["{x}"]}}, values: [{x:'
        " 2}, {x: 3}]",
        'pool: p, question: {text: One?, order: [a, "{x}"], explanation: "{y}"}, values: [{x: b, y: c}, {x: c, y: c}]',
        'pool: p, question: {text: "{x}", points: 3, match: [{item: "{x}", option: a}, {item: b, option: c}]},'
        " values: [{x: 1}, {x: 2}]",
    ],
)
def test_a_right_pool_passes(write_class: WriteClass, entry: str) -> None:
    assert told(write_class, entry) == []


@pytest.mark.parametrize(
    ("entry", "problems"),
    [
        (
            f"pool: p, pick: 2, questions: [{CHOICE}, {NUMBER}]",
            "questions[1].pick: is 2, and the pool has 2 questions; pick fewer of them, or write them outside a pool",
        ),
        (
            f"pool: p, pick: 3, question: {MADE}, {SUMS}",
            "questions[1].pick: is 3, and the pool has 2 questions; pick fewer of them, or write them outside a pool",
        ),
        (f"pool: p, pick: 0, questions: [{CHOICE}, {NUMBER}]", "questions[1].pick: must be 1 or more, not 0"),
        (
            f"pool: p, pick: 1.0, questions: [{CHOICE}, {NUMBER}]",
            "questions[1].pick: must be a whole number, not the number 1.0; write 1",
        ),
        (f"pool: p, questions: [{CHOICE}]", "questions[1].questions: must have 2 entries or more; it has 1"),
        ("pool: p", "questions[1]: has no questions; add `questions:`, or `question:` and `values:`"),
        (
            f"pool: p, question: {MADE}",
            "questions[1]: has no questions; add `questions:`, or `question:` and `values:`",
        ),
        (
            f"questions: [{CHOICE}, {NUMBER}]",
            "questions[1].pool: is missing; add `pool:` (name of the pool, which students do not see)",
        ),
        (
            f"pool: p, questions: [{CHOICE}, {NUMBER}], {SUMS}",
            "questions[1].values: is not for a pool with `questions`; remove one of them",
        ),
        (
            f"pool: p, questions: [{CHOICE}, {{text: Two?, points: 2, number: 2}}]",
            "questions[1].questions[2].points: is worth 2, and another question of the pool 1; make their points equal",
        ),
        (
            f"pool: p, questions: [{{text: Two?, points: 2, number: 2}}, {CHOICE}]",
            "questions[1].questions[2]: is worth 1, and another question of the pool 2; make their points equal",
        ),
        (
            f"pool: p, questions: [{CHOICE}, {{text: Two?, options: {{a: x, b: y}}, answer: c}}]",
            "questions[1].questions[2].answer: 'c' is not one of the options (a, b)",
        ),
        (
            f"pool: p, questions: [{CHOICE}, {{pool: q, questions: [{CHOICE}, {NUMBER}]}}]",
            "questions[1].questions[2].pool: is not a known field",
        ),
        (
            f"pool: p, question: {MADE}, values: [{{a: 1, b: 2, sum: 3}}, {{a: 20, b: 4, c: 24}}]",
            "questions[1].values[2]: lacks sum and adds c; give each row the columns of the first one (a, b, sum)",
        ),
        (
            f"pool: p, question: {MADE}, values: [{{a: 1, b: 2, sum: 3}}, {{b: 2, a: 1, sum: 3}}]",
            "questions[1].values[2]: is the same as row 1; change or remove one of them",
        ),
        (
            'pool: p, question: {text: "{a} {c}?", number: 1}, values: [{a: 1}, {a: 2}]',
            "questions[1].question.text: {c} is not a column of `values` (a); add it there, or write { c } if"
            " the braces"
            " are to be shown",
        ),
        (
            'pool: p, question: {text: "{a}?", number: 1}, values: [{a: 1, b: 1}, {a: 2, b: 1}]',
            "questions[1].values[1].b: is a column that `question` does not use; write {b} there, or remove the column",
        ),
        (
            'pool: p, question: {text: "{a}?", number: "{b}"}, values: [{a: 1, b: 1}, {a: 2, b: x}, {a: 3, b: y}]',
            "questions[1].question.number: must be a number such as 128, -9.81 or 1e-3, with a decimal point and"
            " without"
            " spaces or commas (with row 2 of `values`, on line 3)",
        ),
        (
            'pool: p, question: {text: "{a}?", options: {a: x, b: "{b}"}, answer: a}, values: [{a: 1, b: y}, {a:'
            " 2, b: x}]",
            "questions[1].question.options.b: has the same text as option a; change one of them (with row 2 of"
            " `values`,"
            " on line 3)",
        ),
        (
            'pool: p, question: {text: "{a}?"}, values: [{a: 1}, {a: 2}]',
            "questions[1].question: has no answer; add one of `options`, `number`, `accept`, `order`, `match` or `gaps`"
            " (with row"
            " 1 of `values`, on line 3)",
        ),
        (
            'pool: p, question: {text: "{a}?", numbr: 1}, values: [{a: 1}, {a: 2}]',
            "questions[1].question.numbr: is not a known field; did you mean `number`? (with row 1 of `values`,"
            " on line 3)",
        ),
        (
            'pool: p, question: {text: "{a}?", number: 1}, values: [{a: 1, B: 2}, {a: 2, B: 3}]',
            "questions[1].values[1].B: must be a name of lower-case letters, digits and underscores that begins with a"
            " letter",
        ),
        (
            'pool: p, question: {text: "{a}?", number: 1}, values: [{a: 1}, {a: [2]}]',
            "questions[1].values[2].a: must be text of 1 to 10,000 characters",
        ),
        (f'pool: "", questions: [{CHOICE}, {NUMBER}]', "questions[1].pool: must be 1 to 100 characters on one line"),
        (f"pool: p, pik: 1, questions: [{CHOICE}, {NUMBER}]", "questions[1].pik: is not a known field; did you mean"),
        ("pool: p, questions: 3", "questions[1].questions: must be a list, not the number 3"),
        ("pool: p, question: 3, values: 4", "questions[1].question: must be a mapping of fields, not the number 3"),
    ],
)
def test_each_problem_is_named(write_class: WriteClass, entry: str, problems: str) -> None:
    found = told(write_class, entry)
    assert any(each.startswith(f"3: {problems}") for each in found), found
    assert all(each.startswith("3: ") for each in found)


def test_problems_of_all_kinds_are_found_at_once(write_class: WriteClass) -> None:
    pools = (
        f"pool: p, questions: [{CHOICE}, {{text: Two?, points: 2, number: 2}}]",
        f"pool: p, pick: 2, question: {MADE}, {SUMS}",
        'pool: q, question: {text: "{x} {y}", number: 1}, values: [{x: 1, z: 1}, {x: 1, z: 1}]',
    )
    found = told(write_class, *pools)
    assert [each.partition(": ")[0] for each in found] == ["3", "4", "4", "5", "5", "5"]
    assert "4: questions[2].pool: is already the name of questions[1]; give each pool its own" in found


def test_the_questions_of_pools_count(write_class: WriteClass) -> None:
    rows = ", ".join(f"{{a: {number}}}" for number in range(200))
    pool = f'pool: p, question: {{text: "{{a}}?", number: 1}}, values: [{rows}]'
    assert told(write_class, pool) == []
    assert told(write_class, pool, NUMBER[1:-1]) == [
        "2: questions: has 201 questions, those of pools included, and a test can have 200"
    ]


def test_a_long_table_is_checked_at_once(write_class: WriteClass) -> None:
    rows = ", ".join(f"{{a: {number}}}" for number in range(200))
    began = time.perf_counter()
    [found] = told(write_class, f'pool: p, question: {{text: "{{a}}?", number: x}}, values: [{rows}]')
    assert "(with row 1 of `values`" in found
    assert time.perf_counter() - began < 5


def test_questions_are_numbered_through_the_pools_in_the_order_of_the_file() -> None:
    test = test_data(
        CHOICE[1:-1],
        f"pool: one, pick: 2, questions: [{CHOICE}, {NUMBER}, {NUMBER}]",
        f"pool: two, question: {MADE}, {SUMS}",
        NUMBER[1:-1],
    )
    found = asked(test)
    assert [(each.number, each.pool) for each in found] == [
        (1, None),
        *((number, "one") for number in (2, 3, 4)),
        *((number, "two") for number in (5, 6)),
        (7, None),
    ]
    assert found[5].question == {"text": "What is 20 + 4?", "number": "24"}
    assert found[5].place == ("questions", 2, "values", 1)
    assert picks(test) == {"one": 2, "two": 1}
    assert question_count(test) == 5


@pytest.mark.parametrize(
    ("template", "row", "expected"),
    [
        ("{a}", {"a": "1"}, "1"),
        ("{a}{b}{a}", {"a": "{b}", "b": "2"}, "{b}2{b}"),
        ("{{a}}", {"a": "1"}, "{1}"),
        ("{ a } {A} ${a} {1a}", {"a": "1"}, "{ a } {A} $1 {1a}"),
        ("\\1 {a}", {"a": "\\1\\g<0>"}, "\\1 \\1\\g<0>"),
        (
            {"x": ["{a}", {"y": "{a}"}], "points": 2, "z": True},
            {"a": "1"},
            {"x": ["1", {"y": "1"}], "points": 2, "z": True},
        ),
        ({"{a}": "b"}, {"a": "1"}, {"{a}": "b"}),
    ],
)
def test_only_the_names_of_columns_are_replaced(template: Any, row: dict[str, str], expected: Any) -> None:
    assert filled(template, row) == expected


def test_values_stay_as_they_are_written() -> None:
    test = test_data('pool: p, question: {text: "{x}", accept: "{y}"}, values: [{x: 1.10, y: no}, {x: 010, y: 1e3}]')
    assert [(each.question["text"], each.question["accept"]) for each in asked(test)] == [
        ("1.10", "no"),
        ("010", "1e3"),
    ]
