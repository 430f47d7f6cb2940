"""What `--check` says about the scores that a publication would change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.publishing import wanted_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.store import read_published
from cli.correction_effect import effects as limits
from cli.correction_effect.__main__ import as_json, as_text
from cli.correction_effect.effects import Effects, effects
from cli.rehearsal.mailbox import Mailbox
from cli.rehearsal.steps import Stage, rehearse

from common.drawn import drawn
from common.run.mail import Mailer
from common.shared.canonical_json import canonical_json
from common.shared.deadlines import parse_time
from common.shared.object_keys import answers_key, draft_key, questions_key
from common.storage import Bucket
from plan_run.plan import Settings
from support.class_cloud import NOW, Cloud
from support.class_files import of_kind, question, student
from support.documents import submission

Write = Callable[..., Path]
NAME = "os/test01"
STAGE = Stage(Settings(0, 365, 125, 60, 40), "Demo", "sender@example.org", "trainer@example.org", "Europe/Warsaw")
STUDENTS = [student(number) for number in range(1, 6)]


class Submitted:
    """A class of five: s001 to s003 have answered a to both questions, s004 b, s005 nothing."""

    def __init__(self, cloud: Cloud, write_class: Write, **test: Any) -> None:
        self.cloud = cloud
        self._write = write_class
        self._test = test
        self.folder = self.write()
        cloud.publish(self.folder)
        for number, answer in enumerate("aaab", 1):
            self.submit(number, answer)

    def write(self, questions: Any = None, **changes: Any) -> Path:
        test = {"title": "A test", "questions": [question(), question()], **self._test, **changes}
        if questions:
            test["questions"] = questions
        return self._write(STUDENTS, {NAME: test})

    def submit(self, number: int, answer: str, at: str = "2026-11-20T10:00:00Z", attempt: int = 1) -> None:
        who = f"s{number:03}"
        body = submission("os", "test01", who, {"1": answer, "2": answer}, at)
        self.cloud.put(answers_key("os", who, "test01", attempt), canonical_json(body))

    def run(self, at: str = "2026-11-24T00:00:00Z") -> None:
        """A real run: its steps write to the bucket."""
        now = self.cloud.now = parse_time(at)
        assert rehearse(self.bucket, Mailer(Mailbox()), STAGE, "run", now, {}, lambda key: key, lambda _: None)

    @property
    def bucket(self) -> Bucket:
        return Bucket("data", self.cloud.clients.s3, lists=True)

    def effects(self) -> Effects:
        """Of publishing what is in the folder. Nothing is written."""
        before = self.cloud.writes
        deployment = self.cloud.deployment()
        published = read_published(self.cloud.clients.s3, "data")
        wanted, _ = wanted_class(
            self.cloud.clients.s3,
            "data",
            load_class(self.folder, "class"),
            published,
            deployment.weekly,
            deployment.policies,
            deployment.retention_days,
            is_new_class=False,
        )
        found = effects(self.bucket, published, wanted, deployment.retention_days)
        assert self.cloud.writes == before
        return found

    def told(self, *, verbose: bool = False) -> str:
        return as_text(self.effects(), verbose=verbose)


@pytest.fixture
def submitted(cloud: Cloud, write_class: Write) -> Submitted:
    return Submitted(cloud, write_class)


def corrected(**correction: Any) -> list[dict[str, Any]]:
    return [question(correction={"reason": "slip", **correction}), question()]


@pytest.mark.parametrize("scored", [True, False])
def test_an_unchanged_test_proves_its_scores(submitted: Submitted, scored: bool) -> None:
    if scored:
        submitted.run()
    assert submitted.told() == f"{NAME}: no score changes (4 scored again)"


@pytest.mark.parametrize("scored", [True, False])
def test_a_corrected_key_says_who_gains_and_who_loses(submitted: Submitted, scored: bool) -> None:
    """Before the run, the scores are compared with those by the published key."""
    if scored:
        submitted.run()
    submitted.write([question(answer="b"), question()])
    assert submitted.told() == f"{NAME}: 1 student gains, 3 lose, mean -0.5"
    submitted.write(corrected(also_accept=["b"]))
    assert submitted.told() == f"{NAME}: 1 student gains, 0 lose, mean +0.25"
    assert submitted.told(verbose=True).splitlines()[1:] == ["  Student 4 (s004): 0 of 2 becomes 1 of 2"]


def test_what_it_says_is_what_the_run_then_does(submitted: Submitted) -> None:
    submitted.run()
    submitted.write(corrected(all_credit=True))
    assert submitted.told() == f"{NAME}: 1 student gains, 0 lose, mean +0.25"
    submitted.cloud.publish(submitted.folder)
    submitted.run()
    assert submitted.bucket.get_json("scores/os/test01/s004.json")["points"] == 1
    assert submitted.told() == f"{NAME}: no score changes (4 scored again)"


def test_a_correction_of_every_type_is_scored_from_the_stored_answers(submitted: Submitted) -> None:
    """From the trainer's file to the score. The others have submitted answers to questions of another type."""
    calls, capitals = ["fork", "exec", "wait"], {"Poland": "Warsaw", "Italy": "Rome"}

    def asked(number: Any, text: Any, order: list[str], match: dict[str, str]) -> list[dict[str, Any]]:
        pairs = [{"item": item, "option": option} for item, option in match.items()]
        return [of_kind(number=62, **number), of_kind(accept="ls", **text), of_kind(order=order), of_kind(match=pairs)]

    submitted.cloud.publish(submitted.write(asked({}, {}, calls, capitals)))
    published = submitted.bucket.get_json("subjects/os/test01/questions.json")["questions"]
    ids = [
        {each["text"]: each["id"] for each in [*question["options"], *question.get("items", [])]}
        for question in published
    ]
    answers = {
        "1": "6,4e1",
        "2": " DIR ",
        "3": [ids[2][call] for call in reversed(calls)],
        "4": {ids[3]["Poland"]: ids[3]["Rome"], ids[3]["Italy"]: ids[3]["Warsaw"]},
    }
    body = submission("os", "test01", "s001", answers, "2026-11-20T10:00:00Z")
    submitted.cloud.put(answers_key("os", "s001", "test01", 1), canonical_json(body))
    submitted.run()
    assert submitted.bucket.get_json("scores/os/test01/s001.json")["points"] == 0
    number, text = (
        {"correction": {"reason": "slip", "also_accept": each}} for each in ([64], [{"text": "d*", "share": 50}])
    )
    submitted.write(asked(number, text, calls[::-1], {"Poland": "Rome", "Italy": "Warsaw"}))
    assert submitted.told(verbose=True).splitlines()[1:] == ["  Student 1 (s001): 0 of 4 becomes 3.5 of 4"]
    submitted.cloud.publish(submitted.folder)
    submitted.run("2026-11-24T01:00:00Z")
    score = submitted.bucket.get_json("scores/os/test01/s001.json")
    assert [each["points"] for each in score["questions"].values()] == [1, 0.5, 1, 1]


def test_what_is_added_to_a_question_changes_no_stored_answer(submitted: Submitted) -> None:
    """Nor do two texts that are corrected at once."""

    def asked(*pairs: tuple[str, str], **others: Any) -> list[Any]:
        return [of_kind(match=[{"item": item, "option": option} for item, option in pairs], **others), question()]

    submitted.cloud.publish(submitted.write(asked(("Polnd", "Warsw"), ("Italy", "Rme"))))
    [match, _] = submitted.bucket.get_json("subjects/os/test01/questions.json")["questions"]
    ids = {each["text"]: each["id"] for each in [*match["options"], *match["items"]]}
    answers = {"1": {ids["Polnd"]: ids["Warsw"], ids["Italy"]: ids["Rme"]}, "2": "a"}
    for number in range(1, 5):
        who = f"s{number:03}"
        body = submission("os", "test01", who, answers, "2026-11-20T10:00:00Z")
        submitted.cloud.put(answers_key("os", who, "test01"), canonical_json(body))
    submitted.run()
    assert submitted.bucket.get_json("scores/os/test01/s001.json")["points"] == 2
    submitted.write(asked(("Poland", "Warsaw"), ("Italy", "Rome")))
    assert submitted.told() == f"{NAME}: no score changes (4 scored again)"
    submitted.cloud.publish(submitted.folder, submitted.cloud.now)
    submitted.write(asked(("Poland", "Warsaw"), ("Italy", "Rome"), other_options=[f"City {n}" for n in range(9)]))
    assert submitted.told() == f"{NAME}: no score changes (4 scored again)"


def test_a_dropped_question_is_compared_by_shares(submitted: Submitted) -> None:
    submitted.run()
    questions = [question(answer="b", correction={"reason": "slip", "drop": True}), question()]
    submitted.write(questions)
    assert submitted.told() == f"{NAME}: 0 students gain, 0 lose, mean +0%"
    [entry] = json.loads(as_json(submitted.effects(), verbose=False))["tests"]
    assert (entry["unit"], entry["mean"], entry["scored"]) == ("percent", 0, 4)


def test_other_rules_have_an_effect_too(submitted: Submitted) -> None:
    submitted.submit(4, "a", attempt=2)
    submitted.run()
    submitted.write(attempts="last")
    assert submitted.told() == f"{NAME}: 1 student gains, 0 lose, mean +0.5"


LATER = dict.fromkeys(["s001", "s004"], "2026-11-25T10:00")


def test_students_who_have_time_again_keep_their_scores_until_it_ends(submitted: Submitted) -> None:
    submitted.run()
    submitted.write([question(answer="b"), question()], extensions=LATER)
    assert submitted.told() == (
        f"{NAME}: 0 students gain, 2 lose, mean -1; 2 with a score would have time again, and are scored when it ends"
    )
    submitted.cloud.publish(submitted.folder)
    submitted.run("2026-11-24T12:00:00Z")
    scores = [submitted.bucket.get_json(f"scores/os/test01/s00{number}.json") for number in range(1, 5)]
    assert [score["points"] for score in scores] == [2, 1, 1, 0]


def test_before_the_first_score_more_time_changes_nothing_of_what_answers_are_worth(submitted: Submitted) -> None:
    submitted.write([question(answer="b"), question()], extensions=LATER)
    assert submitted.told() == f"{NAME}: 1 student gains, 3 lose, mean -0.5"


def test_a_score_that_is_not_that_of_the_answers_is_found(submitted: Submitted) -> None:
    submitted.run()
    score = submitted.bucket.get_json("scores/os/test01/s001.json")
    submitted.cloud.put("scores/os/test01/s001.json", canonical_json({**score, "points": 1}))
    assert submitted.told(verbose=True) == (
        f"{NAME}: 1 student gains, 0 lose, mean +0.25\n  Student 1 (s001): 1 of 2 becomes 2 of 2"
    )


def test_a_broken_submission_is_counted_and_hides_no_other(submitted: Submitted) -> None:
    submitted.cloud.put("answers/os/s001/test01.json", b"{")
    assert submitted.told() == f"{NAME}: no score changes (3 scored again; 1 cannot be scored)"


def test_a_broken_score_is_told_from_answers_that_cannot_be_scored(submitted: Submitted) -> None:
    submitted.run()
    submitted.cloud.put("scores/os/test01/s001.json", b"{")
    submitted.cloud.put("answers/os/s002/test01.json", b"{")
    text = submitted.told(verbose=True)
    assert text == (
        f"{NAME}: no score changes (2 scored again; 1 cannot be scored; 1 stored score is broken: "
        f"./bin/run-scoring.sh --regrade {NAME} writes it again)\n"
        "  Student 1 (s001): the stored score is broken\n"
        "  Student 2 (s002): the answers cannot be scored"
    )
    assert submitted.told() == text.splitlines()[0]
    [entry] = json.loads(as_json(submitted.effects(), verbose=False))["tests"]
    assert (entry["unreadable"], entry["brokenScores"]) == (1, 1)
    now = submitted.cloud.now = parse_time("2026-11-25T00:00:00Z")
    assert rehearse(submitted.bucket, Mailer(Mailbox()), STAGE, "again", now, {"regrade": NAME}, str, lambda _: None)
    assert submitted.bucket.get_json("scores/os/test01/s001.json")["points"] == 2


def test_json_names_students_only_if_asked(submitted: Submitted) -> None:
    submitted.run()
    submitted.write([question(answer="b"), question()])
    found = submitted.effects()
    expected = {
        "subjectName": "os",
        "testId": "test01",
        "scored": 4,
        "unreadable": 0,
        "brokenScores": 0,
        "reopened": 0,
        "gain": 1,
        "lose": 3,
        "mean": -0.5,
        "unit": "points",
    }
    assert json.loads(as_json(found, verbose=False)) == {"tests": [expected], "skippedTests": 0}
    [test] = json.loads(as_json(found, verbose=True))["tests"]
    assert test["students"][-1] == {"studentId": "s004", "before": [0, 2], "after": [1, 2]}


def test_a_test_without_submissions_and_one_whose_answers_may_be_deleted_are_left_out(
    cloud: Cloud, write_class: Write
) -> None:
    write_class(STUDENTS, {NAME: [question()]})
    cloud.publish(write_class(STUDENTS, {NAME: [question()]}))
    class_ = Submitted.__new__(Submitted)
    class_.cloud, class_.folder = cloud, write_class(STUDENTS, {NAME: [question()]})
    assert class_.told() == ""
    class_.submit(1, "a")
    assert class_.told() != ""
    cloud.now = NOW.replace(year=2028)
    assert class_.told() == ""


def test_in_a_large_class_only_what_changes_is_scored_again(
    submitted: Submitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_SUBMISSIONS", 3)
    assert submitted.told() == "1 test that does not change was not scored again: there are too many submissions"
    submitted.write(corrected(also_accept=["b"]))
    assert submitted.told() == f"{NAME}: 1 student gains, 0 lose, mean +0.25"
    submitted.write(attempts="last")
    assert submitted.told() == f"{NAME}: no score changes (4 scored again)"
    submitted.write(extensions={"s001": "2026-11-25T10:00"})
    assert submitted.told() == f"{NAME}: no score changes (4 scored again)"


class TestDrafts:
    """Of a test that nobody has submitted: s001's draft was handed in."""

    @pytest.fixture
    def handed_in(self, cloud: Cloud, write_class: Write) -> Submitted:
        found = Submitted(cloud, write_class, unsubmitted_drafts="submit")
        for number in range(1, 5):
            cloud.clients.s3.delete_object(Bucket="data", Key=answers_key("os", f"s{number:03}", "test01"))
        draft = {"answers": {"1": "a", "2": "a"}, "savedAt": "2026-11-20T10:00:00Z"}
        cloud.put(draft_key("os", "s001", "test01"), canonical_json(draft))
        assert found.told() == ""
        found.run()
        return found

    def test_they_are_scored_again(self, handed_in: Submitted) -> None:
        assert handed_in.told() == f"{NAME}: no score changes (1 scored again)"
        handed_in.write([question(answer="b"), question()])
        assert handed_in.told() == f"{NAME}: 0 students gain, 1 lose, mean -1"

    def test_a_draft_of_which_no_answer_fits_any_more_is_scored_again(self, handed_in: Submitted) -> None:
        handed_in.write([of_kind(number="1"), of_kind(number="2")])
        assert handed_in.told() == f"{NAME}: 0 students gain, 1 lose, mean -2"
        handed_in.cloud.publish(handed_in.folder)
        handed_in.run("2026-11-25T00:00:00Z")
        assert handed_in.bucket.get_json("scores/os/test01/s001.json")["points"] == 0
        assert handed_in.told() == f"{NAME}: no score changes (1 scored again)"


class TestPools:
    """Each student has got some of the questions; s001 to s004 have answered a to theirs."""

    @pytest.fixture
    def pooled(self, cloud: Cloud, write_class: Write) -> Submitted:
        found = Submitted(cloud, write_class, questions=self.asked())
        for number in range(1, 5):
            who = f"s{number:03}"
            body = submission("os", "test01", who, dict.fromkeys(self.got(found, who), "a"))
            cloud.put(answers_key("os", who, "test01"), canonical_json(body))
        return found

    @staticmethod
    def asked(**correction: Any) -> list[Any]:
        members = [question(text=f"{number}?") for number in range(2, 6)]
        if correction:
            members[0]["correction"] = {"reason": "slip", **correction}
        return [question(), {"pool": "p", "pick": 2, "questions": members}]

    @staticmethod
    def got(submitted: Submitted, student: str) -> list[str]:
        published: Any = submitted.bucket.get_json(questions_key("os", "test01"))
        return [str(each["number"]) for each in drawn(student, published)]

    @pytest.mark.parametrize("scored", [True, False])
    def test_an_unchanged_test_proves_its_scores(self, pooled: Submitted, scored: bool) -> None:
        if scored:
            pooled.run()
        assert pooled.told() == f"{NAME}: no score changes (4 scored again)"

    @pytest.mark.parametrize("scored", [True, False])
    def test_a_dropped_question_concerns_who_got_it(self, pooled: Submitted, scored: bool) -> None:
        if scored:
            pooled.run()
        concerned = [f"s{number:03}" for number in range(1, 5) if "2" in self.got(pooled, f"s{number:03}")]
        pooled.write(self.asked(drop=True))
        changes = pooled.effects().tests[0].changes
        assert [change.student_id for change in changes] == concerned
        assert all((change.before, change.after) == ((3, 3), (2, 2)) for change in changes)
