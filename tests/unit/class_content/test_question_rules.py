"""Questions whose answers are typed, ordered or matched, and shares: what a test's file may have of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import class_problems

from support.class_files import WEEKLY, WriteClass, of_kind, question

PAIRS = [{"item": "Poland", "option": "Warsaw"}, {"item": "Italy", "option": "Rome"}]


def told(write_class: WriteClass, *questions: Any) -> list[str]:
    """What is wrong with a test's questions: `number: 9` as text, or as data."""
    text = "title: A test\nquestions:\n"
    if all(isinstance(each, str) for each in questions):
        body: Any = text + "".join(f"- {{text: One?, {each}}}\n" for each in questions)
    else:
        body = list(questions)
    files = load_class(write_class(tests={"os/test01": body}), "class")
    return [str(problem).removeprefix("class/subjects/os/test01.yml:") for problem in class_problems(files, WEEKLY)]


@pytest.mark.parametrize(
    "written",
    [
        "number: 128",
        "number: -0",
        "number: 9.810",
        "number: +.5",
        "number: 5.",
        "number: 1e-3",
        "number: 1.5E+300",
        'number: "62"',
        "number: 010",  # for students it is ten
        "number: [9.81, {value: 9.81, tolerance: 0.05}]",
        "number: {value: 9.81, tolerance: 1%}",
        "number: {value: 0, tolerance: 0}",
        "number: {from: 9.7, to: 9.9}",
        "number: {from: 9.7, to: 9.70}",
        "number: {from: -1e999, to: 1e999}",
        'number: [1, {from: 9.7, to: 9.9, share: 33.33333, feedback: "Give two decimals."}, {value: 2, share: 50}]',
        "number: [{value: 1, share: 100}]",
        "accept: ls",
        "accept: no",
        "accept: 1.10",
        "accept: [ls, dir, 1, true]",
        'accept: [ls, {text: "dir*", share: 50, feedback: no}]',
        "accept: '\\*'",
        "accept: '\\* *'",
        "accept: [ls, LS], case_matters: true",
        "accept: [a b, a  b], spaces_matter: true",
        "accept: ls, case_matters: false, spaces_matter: false",
        "order: [fork, exec, wait]",
        "order: [1, 1.0, no]",
        "match: [{item: Poland, option: Warsaw}, {item: Italy, option: Rome}]",
        "match: [{item: Poland, option: Warsaw}, {item: Italy, option: Rome}], other_options: [Berlin, no]",
        "match: [{item: a, option: x}, {item: b, option: x}], other_options: [y]",
        "options: {a: x, b: y, c: z}, answer: {a: 100}",
        "options: {a: x, b: y, c: z}, answer: {a: 50, b: 50, c: -50}",
        "options: {a: x, b: y, c: z}, answer: {a: 33.33333, b: 33.33333, c: 33.33333}",
        "options: {a: x, b: y, c: z}, answer: {a: 66.67, b: 33.33, c: -100}",
        "options: {a: x, b: y}, answer: {a: 100, b: 0}",
        "options: {a: x, b: y}, answer: a, feedback: {a: Yes., b: no}",
        "options: {a: x, b: y}, answer: [a], feedback: {b: No.}",
        "number: 1, correction: {reason: x, also_accept: [1.0001, {value: 2, tolerance: 5%}]}",
        "number: [1, {value: 2, share: 50}], correction: {reason: x, also_accept: [2]}",
        "accept: a, correction: {reason: x, also_accept: [no, {text: b, share: 50}]}",
        "order: [a, b], correction: {reason: x, drop: true}",
        "accept: a, correction: {reason: x, all_credit: true}",
    ],
)
def test_good_question_passes(write_class: WriteClass, written: str) -> None:
    assert told(write_class, written) == []


NUMBER = "must be a number such as 128, -9.81 or 1e-3, with a decimal point and without spaces or commas"
TYPED = "must be text of 1 to 500 characters on one line"
CHOICE = "is only for questions with one answer; correct the answer itself, or use drop or all_credit"


@pytest.mark.parametrize(
    ("written", "field", "words"),
    [
        ("points: 1", "", "has no answer; add one of `options`, `number`, `accept`, `order`, `match` or `gaps`"),
        ("number: 1, accept: a", "", "has `number` and `accept`, and can only have one of them; remove the others"),
        ("number: 1, options: {a: x, b: y}, answer: a", "", "has `options` and `number`"),
        ("options: {a: x, b: y}", ".answer", "is missing; add `answer:`"),
        ("answer: a", ".options", "is missing; add `options:`"),
        ("number: 1, answer: a", ".answer", "is only for questions with `options`; remove it"),
        ("number: 1, feedback: {a: x}", ".feedback", "is only for questions with `options`; remove it"),
        ("number: 1, case_matters: true", ".case_matters", "is only for questions with `accept`; remove it"),
        ("order: [a, b], spaces_matter: true", ".spaces_matter", "is only for questions with `accept`"),
        ("order: [a, b], other_options: [c]", ".other_options", "is only for questions with `match`"),
        ("number: 1, numbers: 1", ".numbers", "is not a known field; did you mean `number`?"),
        ("number: many", ".number", NUMBER),
        ('number: "3,5"', ".number", NUMBER),
        ("number: 1_000", ".number", NUMBER),
        ("number: 0x10", ".number", NUMBER),
        ("number: 1:30", ".number", NUMBER),
        ("number: .inf", ".number", NUMBER),
        ("number: 1e1000", ".number", NUMBER),
        ("number: yes", ".number", NUMBER),
        ("number: 5 %", ".number", NUMBER),
        ("number: '62 '", ".number", NUMBER),
        ("number: " + "1" * 51, ".number", NUMBER),
        ("number: null", ".number", NUMBER),
        ("number: []", ".number", "must have 1 entry or more"),
        ("number: [1, x]", ".number[2]", NUMBER),
        ("number: [[1]]", ".number[1]", NUMBER),
        ("number: {value: x}", ".number.value", NUMBER),
        ("number: {value: 1, tolerence: 2}", ".number.tolerence", "is not a known field; did you mean `tolerance`?"),
        (
            "number: {value: 1, tolerance: -1}",
            ".number.tolerance",
            "must be a number, 0 or more, such as 0.05",
        ),
        ("number: {value: 1, tolerance: 1 %}", ".number.tolerance", "or a percentage of the value such as 1%"),
        ("number: {}", ".number", "needs either `value:`, or `from:` and `to:`"),
        ("number: {from: 1}", ".number", "needs either `value:`, or `from:` and `to:`"),
        ("number: {value: 1, to: 2}", ".number", "needs either `value:`, or `from:` and `to:`"),
        ("number: {value: 1, from: 1, to: 2}", ".number", "needs either `value:`, or `from:` and `to:`"),
        ("number: {from: 1, to: 2, tolerance: 1}", ".number.tolerance", "is only for a `value`; remove it"),
        ("number: [1, {from: 9.9, to: 9.7}]", ".number[2].from", "is more than `to` (9.7); exchange them"),
        ("number: {value: 1, share: 0}", ".number.share", "must be more than 0, not 0"),
        ("number: [1, {value: 2, share: -50}]", ".number[2].share", "must be more than 0, not -50"),
        ("number: [1, {value: 2, share: 101}]", ".number[2].share", "must be 100 or less, not 101"),
        ("number: [1, {value: 2, share: .nan}]", ".number[2].share", "write a decimal number"),
        ("number: [1, {value: 2, share: 50%}]", ".number[2].share", "must be a number, not text"),
        ("number: [1, {value: 2, feedback: [x]}]", ".number[2].feedback", "must be text"),
        ("number: {value: 2, share: 50}", ".number", "no answer earns all points; leave out `share`"),
        ("number: [{value: 2, share: 99.9}]", ".number", "no answer earns all points"),
        ("number: [1, {value: 1.0}]", ".number[2]", "accepts the same as questions[1].number[1]; remove one of them"),
        ("number: [{value: 0, tolerance: 1}, {from: -1, to: 1.0}]", ".number[2]", "accepts the same as"),
        ("accept: null", ".accept", TYPED),
        ('accept: ""', ".accept", TYPED),
        ('accept: " "', ".accept", TYPED),
        ('accept: "a\\nb"', ".accept", TYPED),
        ('accept: ["a", "b\\t"]', ".accept[2]", TYPED),
        ("accept: " + "x" * 501, ".accept", TYPED),
        ("accept: []", ".accept", "must have 1 entry or more"),
        ("accept: [[a]]", ".accept[1]", TYPED),
        ("accept: {text: ''}", ".accept.text", TYPED),
        ("accept: {share: 50}", ".accept.text", "is missing; add `text:`"),
        ("accept: {text: a, shares: 50}", ".accept.shares", "did you mean `share`?"),
        ("accept: {text: a, share: 50}", ".accept", "no answer earns all points"),
        ("accept: '*'", ".accept", "accepts every answer; write what a right answer has besides `*`"),
        ("accept: [a, {text: ' ** *', share: 50}]", ".accept[2]", "accepts every answer"),
        ("accept: [ls, ' LS']", ".accept[2]", "accepts the same as questions[1].accept[1]"),
        ('accept: [ls, "l\\u200Bs"]', ".accept[2]", "accepts the same as questions[1].accept[1]"),
        ("accept: [a b, {text: a  b}], case_matters: true", ".accept[2]", "accepts the same as"),
        ("accept: a, case_matters: maybe", ".case_matters", "must be true or false"),
        ("order: [a]", ".order", "must have 2 entries or more"),
        ("order: [" + ", ".join(f"x{n}" for n in range(27)) + "]", ".order", "must have 26 entries or fewer"),
        ("order: {a: b}", ".order", "must be a list"),
        ("order: [a, '']", ".order[2]", "must be text"),
        ("order: [a, [b]]", ".order[2]", "must be text"),
        ("order: [a, b, ' a']", ".order[3]", "has the same text as entry 1; change one of them"),
        ("match: [{item: a, option: x}]", ".match", "must have 2 entries or more"),
        (
            "match: [{item: a}, {item: b, option: y}]",
            ".match[1].option",
            "is missing; add `option:`",
        ),
        ("match: [{item: a, option: x}, {item: b, options: y}]", ".match[2].options", "did you mean `option`?"),
        ("match: [{item: a, option: x}, {item: a, option: y}]", ".match[2].item", "has the same text as entry 1"),
        (
            "match: [{item: a, option: x}, {item: b, option: x}]",
            ".match",
            "has only one option; add others",
        ),
        (
            "match: [{item: a, option: x}, {item: b, option: y}], other_options: [z, ' y']",
            ".other_options[2]",
            "is already an option (match[2]); remove it",
        ),
        (
            "match: [{item: a, option: x}, {item: b, option: y}], other_options: [z, z]",
            ".other_options[2]",
            "is already an option (other_options[1]); remove it",
        ),
        (
            "match: [{item: a, option: x}, {item: b, option: y}], other_options: ["
            + ", ".join(f"z{n}" for n in range(25))
            + "]",
            ".match",
            "has 27 options with `other_options`; a question can have 26",
        ),
        ("options: {a: x, b: y}, answer: {a: 50, b: 40}", ".answer", "add up to 90; make them add up to 100"),
        ("options: {a: x, b: y}, answer: {a: 99.9}", ".answer", "add up to 99.9; make them add up to 100"),
        ("options: {a: x, b: y}, answer: {a: -50, b: 0}", ".answer", "add up to 0; make them add up to 100"),
        ("options: {a: x, b: y}, answer: {}", ".answer", "must have 1 entry or more"),
        ("options: {a: x, b: y}, answer: {a: 50, c: 50}", ".answer.c", "'c' is not one of the options (a, b)"),
        ("options: {a: x, b: y}, answer: {a: 50, AB: 50}", ".answer.AB", "AB' is not one of the options"),
        ("options: {a: x, b: y}, answer: {a: half, b: 50}", ".answer.a", "must be a number, not text"),
        ("options: {a: x, b: y}, answer: {a: 101}", ".answer.a", "must be 100 or less"),
        ("options: {a: x, b: y}, answer: {a: 100, b: -101}", ".answer.b", "must be -100 or more"),
        ("options: {a: x, b: y}, answer: {a: .inf}", ".answer.a", "write a decimal number"),
        ("options: {a: x, b: y}, answer: a, feedback: {c: x}", ".feedback.c", "'c' is not one of the options (a, b)"),
        ("options: {a: x, b: y}, answer: a, feedback: x", ".feedback", "must be a mapping"),
        ("options: {a: x, b: y}, answer: {a: 100}, correction: {reason: x, also_accept: [b]}", "", CHOICE),
        ("order: [a, b], correction: {reason: x, also_accept: [b]}", ".correction.also_accept", CHOICE),
        ("match: [{item: a, option: x}, {item: b, option: y}], correction: {reason: x, also_accept: [a]}", "", CHOICE),
        ("number: 1, correction: {reason: x, also_accept: [b]}", ".correction.also_accept[1]", NUMBER),
        (
            "number: 1, correction: {reason: x, also_accept: [{from: 2, to: 1}]}",
            ".correction.also_accept[1].from",
            "more",
        ),
        ("number: 1, correction: {reason: x, also_accept: [1.0]}", ".correction.also_accept[1]", "accepts the same as"),
        ("accept: a, correction: {reason: x, also_accept: ['']}", ".correction.also_accept[1]", TYPED),
        ("accept: a, correction: {reason: x, also_accept: [A]}", ".correction.also_accept[1]", "accepts the same as"),
        (
            "accept: a, correction: {reason: x, also_accept: ['*']}",
            ".correction.also_accept[1]",
            "accepts every answer",
        ),
        ("accept: a, correction: {reason: x, also_accept: []}", ".correction.also_accept", "must have 1 entry or more"),
    ],
)
def test_bad_question_is_told(write_class: WriteClass, written: str, field: str, words: str) -> None:
    found = told(write_class, written)
    assert len(found) == (2 if ".AB" in field or "options: y" in written else 1), found
    assert any(problem.startswith(f"3: questions[1]{field}") and words in problem for problem in found), found


def test_all_problems_of_a_file_are_told_at_once(write_class: WriteClass) -> None:
    found = told(
        write_class, "number: x", "accept: '*'", "order: [a, a]", "points: 1", "options: {a: x, b: y}, answer: z"
    )
    assert [problem.split(": ")[1] for problem in found] == [
        "questions[1].number",
        "questions[2].accept",
        "questions[3].order[2]",
        "questions[4]",
        "questions[5].answer",
    ]


@pytest.mark.parametrize(
    "kind", ["options", "answer", "number", "accept", "order", "match", "other_options", "feedback"]
)
@pytest.mark.parametrize("value", [None, [], {}, [None], [{}], [[]], {"a": None}, 1.5, True, "x", [{"item": None}] * 2])
def test_no_shape_of_a_field_ends_the_check(write_class: WriteClass, kind: str, value: Any) -> None:
    for other in ({}, {"correction": {"reason": "x", "also_accept": value}}, {"answer": value}, {"match": PAIRS}):
        told(write_class, of_kind(**{kind: value}) | other)
        told(write_class, question(**{kind: value}) | other)
