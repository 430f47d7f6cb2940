"""Are these answers to this test's questions? Pure functions over `questions.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.api.json_text import quoted
from common.errors import InvalidRequest

_MOST_PROBLEMS_TOLD = 20


def checked_answers(test: Mapping[str, Any], answers: Any) -> dict[str, Any]:
    """The answers in their canonical form, the options of a list in order: `{"1": "a", "2": ["b", "c"]}`.

    Questions may be left out, not all of them. Raises InvalidRequest with every problem there is.
    """
    problems = _problems(test, answers)
    if problems:
        told = problems[:_MOST_PROBLEMS_TOLD]
        more = len(problems) - len(told)
        raise InvalidRequest(" ".join([*told, *([f"And {more} more like these."] if more else [])]))
    return {number: sorted(answer) if isinstance(answer, list) else answer for number, answer in answers.items()}


def _problems(test: Mapping[str, Any], answers: Any) -> list[str]:
    if not isinstance(answers, dict):
        return ['answers must be an object of question numbers and options, such as {"1": "a", "2": ["b", "c"]}.']
    if not answers:
        return ["answers is empty: answer at least one question."]
    questions = {str(question["number"]): question for question in test["questions"]}
    problems = []
    for number, answer in answers.items():
        if number not in questions:
            problems.append(f"answers: the test has no question {quoted(number)}: leave it out.")
            continue
        problem = _answer_problem(questions[number], answer)
        if problem:
            problems.append(f"answers: question {number} {problem}")
    return problems


def _answer_problem(question: Mapping[str, Any], answer: Any) -> str | None:
    options = [option["id"] for option in question["options"]]
    one_of = f"one of {', '.join(options)}"
    if question["type"] == "single":
        if isinstance(answer, str) and answer in options:
            return None
        return f"takes one option, {one_of}, as a text: {quoted(answer)} is none."
    if not isinstance(answer, list) or not answer:
        return f'takes a list of options, such as ["{options[0]}"]; leave the question out to give no answer.'
    wrong = [choice for choice in answer if not isinstance(choice, str) or choice not in options]
    if wrong:
        return f"has no option {quoted(wrong[0])}: each must be {one_of}."
    if len(set(answer)) < len(answer):
        return "has an option given more than once: give each once."
    return None
