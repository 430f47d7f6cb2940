"""Checks that answers fit a test's questions. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from common.api.errors import InvalidRequest
from common.api.json_text import quoted

if TYPE_CHECKING:
    from common.shared.documents import Answers, Question, Questions

_MOST_PROBLEMS_SHOWN = 20


def checked_answers(
    test: Questions, answers: Any, others: Sequence[str] = (), *, may_be_empty: bool = False
) -> Answers:
    """The answers in their canonical form, the options of a list in order: `{"1": "a", "2": ["b", "c"]}`.

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
    return {number: sorted(answer) if isinstance(answer, list) else answer for number, answer in answers.items()}


def _answers_problems(test: Questions, answers: Any) -> list[str]:
    if not isinstance(answers, dict):
        return ['answers must be an object that maps question numbers to options, such as {"1": "a", "2": ["b", "c"]}.']
    questions = {str(question["number"]): question for question in test["questions"]}
    problems = []
    for number, answer in answers.items():
        if number not in questions:
            problems.append(f"The test has no question {quoted(number)}: remove that answer.")
            continue
        problem = answer_problem(questions[number], answer)
        if problem:
            problems.append(f"Question {number} {problem}")
    return problems


def answer_problem(question: Question, answer: Any) -> str | None:
    """What is wrong with an answer to a question, as the end of a sentence; None if it fits."""
    options = [option["id"] for option in question["options"]]
    letters = ", ".join(options)
    if question["type"] == "single":
        if isinstance(answer, str) and answer in options:
            return None
        return f"takes one of the options {letters}, not {quoted(answer)}."
    if not isinstance(answer, list) or not answer:
        return f'takes a list of options, such as ["{options[0]}"]. To give no answer, leave the question out.'
    wrong = [choice for choice in answer if not isinstance(choice, str) or choice not in options]
    if wrong:
        return f"has no option {quoted(wrong[0])}: its options are {letters}."
    if len(set(answer)) < len(answer):
        return "has the same option more than once in its answer: give each option once."
    return None
