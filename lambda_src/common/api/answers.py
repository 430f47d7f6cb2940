"""Checks that answers fit a test's questions. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from common.api.errors import InvalidRequest
from common.api.json_text import quoted
from common.shared.typed_answers import (
    MOST_NUMBER_CHARACTERS,
    MOST_TEXT_CHARACTERS,
    has_control_character,
    is_number,
)

if TYPE_CHECKING:
    from common.shared.documents import Answer, Answers, Gap, GapType, Option, Question, Questions

_MOST_PROBLEMS_SHOWN = 20
_LEAVE_OUT = "To give no answer, leave the question out."
_LEAVE_GAP_OUT = "To give no answer, leave the gap out."


def checked_answers(
    test: Questions, answers: Any, others: Sequence[str] = (), *, may_be_empty: bool = False
) -> Answers:
    """The answers in their canonical form, in which the options of a `multiple` are sorted.

    `{"1": "a", "2": ["b", "c"], "3": "62", "4": "ls -l", "5": ["c", "a", "b"], "6": {"1": "b"}, "7": {"2": "62"}}`

    Some questions may be left out; all of them only if `may_be_empty`. `others`: what else is wrong with the request.
    Raises InvalidRequest, whose message lists every problem.
    """
    problems = [*others, *_answers_problems(test, answers)]
    if answers == {} and not may_be_empty:
        problems.append("answers is empty: answer at least one question.")
    if problems:
        shown = problems[:_MOST_PROBLEMS_SHOWN]
        if len(problems) > len(shown):
            shown.append(f"{len(problems) - len(shown)} more problems are not shown.")
        raise InvalidRequest(" ".join(shown))
    return {number: _canonical(question, answers[number]) for number, question in _asked(test, answers).items()}


def _asked(test: Questions, answers: dict[str, Any]) -> dict[str, Question]:
    """The questions that are answered, by number, in the order of the answers; none that the test does not have."""
    questions = {str(question["number"]): question for question in test["questions"]}
    return {number: questions[number] for number in answers if number in questions}


def _canonical(question: Question, answer: Any) -> Answer:
    canonical: Answer = sorted(answer) if question["type"] == "multiple" else answer
    return canonical


def _answers_problems(test: Questions, answers: Any) -> list[str]:
    if not isinstance(answers, dict):
        return ['answers must be an object that maps question numbers to answers, such as {"1": "a", "2": ["b", "c"]}.']
    asked = _asked(test, answers)
    problems = []
    for number, answer in answers.items():
        if number not in asked:
            problems.append(f"The test has no question {quoted(number)}: remove that answer.")
            continue
        problem = answer_problem(asked[number], answer)
        if problem:
            problems.append(f"Question {number} {problem}")
    return problems


def answer_problem(question: Question, answer: Any) -> str | None:
    """What is wrong with an answer to a question, as the end of a sentence; None if it fits."""
    match question["type"]:
        case "single" | "number" | "text" as type:
            return _one_problem(type, _ids(question["options"]), answer, _LEAVE_OUT)
        case "multiple":
            return _multiple_problem(_ids(question["options"]), answer)
        case "order":
            return _order_problem(_ids(question["options"]), answer)
        case "match":
            return _match_problem(_ids(question["items"]), _ids(question["options"]), answer)
        case "gaps":
            return _gaps_problem(question["gaps"], answer)


def _one_problem(type: GapType, options: list[str], answer: Any, leave_out: str) -> str | None:
    """What is wrong with the answer to a question, or in a gap, that takes one option, number or text."""
    match type:
        case "single":
            return _single_problem(options, answer)
        case "number":
            return _number_problem(answer)
        case "text":
            return _text_problem(answer, leave_out)


def _ids(entries: Sequence[Option]) -> list[str]:
    return [entry["id"] for entry in entries]


def _single_problem(options: list[str], answer: Any) -> str | None:
    if isinstance(answer, str) and answer in options:
        return None
    return f"takes one of the options {', '.join(options)}, not {quoted(answer)}."


def _multiple_problem(options: list[str], answer: Any) -> str | None:
    if not isinstance(answer, list) or not answer:
        return f'takes a list of options, such as ["{options[0]}"]. {_LEAVE_OUT}'
    return _listed_problem(options, answer)


def _listed_problem(options: list[str], answer: list[Any]) -> str | None:
    wrong = [choice for choice in answer if not isinstance(choice, str) or choice not in options]
    if wrong:
        return f"has no option {quoted(wrong[0])}: its options are {', '.join(options)}."
    if len(set(answer)) < len(answer):
        return "has the same option more than once in its answer: give each option once."
    return None


def _number_problem(answer: Any) -> str | None:
    if not isinstance(answer, str) or not is_number(answer):
        return f'takes a number as text, such as "62" or "3.5", not {quoted(answer)}.'
    if len(answer) > MOST_NUMBER_CHARACTERS:
        return f"has a number that is too long: send at most {MOST_NUMBER_CHARACTERS} characters."
    return None


def _text_problem(answer: Any, leave_out: str) -> str | None:
    if not isinstance(answer, str):
        return f'takes a text, such as "ls -l", not {quoted(answer)}.'
    if len(answer) > MOST_TEXT_CHARACTERS:
        return f"has an answer that is too long: send at most {MOST_TEXT_CHARACTERS} characters."
    if has_control_character(answer):
        return "has a line break or another control character in its answer: send a space instead."
    if not answer.strip():
        return f"has an empty answer. {leave_out}"
    return None


def _order_problem(options: list[str], answer: Any) -> str | None:
    if not isinstance(answer, list) or not answer:
        return f"takes a list of all its options in order: {', '.join(options)}. {_LEAVE_OUT}"
    missing = [option for option in options if option not in answer]
    return _listed_problem(options, answer) or (
        f"has no place for some of its options: add {', '.join(missing)}." if missing else None
    )


def _match_problem(items: list[str], options: list[str], answer: Any) -> str | None:
    if not isinstance(answer, dict) or not answer:
        return f'takes an object that maps items to options, such as {{"{items[0]}": "{options[0]}"}}. {_LEAVE_OUT}'
    for item, option in answer.items():
        if item not in items:
            return f"has no item {quoted(item)}: its items are {', '.join(items)}."
        if not isinstance(option, str) or option not in options:
            return f"has no option {quoted(option)} for item {item}: its options are {', '.join(options)}."
    return None


def _gaps_problem(gaps: Sequence[Gap], answer: Any) -> str | None:
    if not isinstance(answer, dict) or not answer:
        return f'takes an object that maps gaps to answers, such as {{"1": "62"}}. {_LEAVE_OUT}'
    by_id = {gap["id"]: gap for gap in gaps}
    for id, value in answer.items():
        gap = by_id.get(id)
        if gap is None:
            return f"has no gap {quoted(id)}: its gaps are {', '.join(by_id)}."
        problem = _one_problem(gap["type"], _ids(gap.get("options", [])), value, _LEAVE_GAP_OUT)
        if problem:
            return f"(gap {id}) {problem}"
    return None
