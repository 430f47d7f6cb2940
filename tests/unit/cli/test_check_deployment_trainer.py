"""What is wrong with the trainer's key."""

from __future__ import annotations

from typing import Any

import pytest
from cli.check_deployment.api import Api, Reply
from cli.check_deployment.trainer_checks import TrainerChecks


def reply(status: int, body: str) -> Reply:
    return Reply(status, {}, body.encode(), 0.0)


def refusal(code: str) -> Reply:
    return reply(403, f'{{"code": "{code}", "message": "No."}}')


class RightApi(Api):
    """`answers`: by path and key, what is answered instead of what is right."""

    def __init__(self) -> None:
        super().__init__("https://api")
        self.answers = {
            ("/v1/class", "trainers"): reply(200, '{"tests": []}'),
            ("/v1/student", "trainers"): refusal("StudentsOnly"),
            ("/v1/class", "students"): refusal("TrainerOnly"),
        }

    def call(self, method: str, path: str, *, key: str | None = None, body: Any = None, headers: Any = None) -> Reply:
        return self.answers[path, str(key)]


def look(api: Api) -> tuple[str, str]:
    [check] = TrainerChecks(api, lambda: [{"value": "trainers"}], "students", "trainings-tests").all()
    finding = check()
    return finding.state, finding.detail


def test_nothing_is_wrong_with_the_right_api() -> None:
    assert look(RightApi())[0] == "ok"


@pytest.mark.parametrize(
    ("request_of", "answer", "detail"),
    [
        (("/v1/class", "trainers"), refusal("Forbidden"), "it does not show the class: 403 Forbidden"),
        (("/v1/class", "trainers"), reply(200, "{}"), "it does not show the class: 200"),
        (("/v1/student", "trainers"), reply(200, "{}"), "it, for a student's route: 200 instead of 403 StudentsOnly"),
        (("/v1/class", "students"), reply(200, '{"tests": []}'), "a student's key, for the trainer's route: 200"),
        (("/v1/class", "students"), refusal("Forbidden"), "403 Forbidden instead of 403 TrainerOnly"),
    ],
)
def test_each_wrong_answer_is_reported(request_of: tuple[str, str], answer: Reply, detail: str) -> None:
    api = RightApi()
    api.answers[request_of] = answer
    state, found = look(api)
    assert state == "wrong"
    assert detail in found
