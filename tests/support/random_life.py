"""Weeks of a class at random: publications, submissions and runs, cut off anywhere and one inside the other.

Everything is real but SES, the looks of the emails and the files that a class is read from. A life is named by its
seed, and keeps a record of what an oracle needs.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import md5
from operator import itemgetter
from random import Random
from typing import Any, NamedTuple

from ansible_collections.training.test_time.plugins.module_utils.class_content.api_keys import ApiKey
from ansible_collections.training.test_time.plugins.module_utils.class_content.closing_times import WeeklyDeadline
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import ClassFiles
from ansible_collections.training.test_time.plugins.module_utils.class_content.history import History
from ansible_collections.training.test_time.plugins.module_utils.class_content.objects import (
    Policies,
    build_class,
    closing_times,
    roster_lines,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.store import (
    compare,
    published_from,
    returned_students,
)
from ansible_collections.training.test_time.plugins.module_utils.documents.yaml_lines import Document

from common.index import LONGEST_KEPT
from common.run.ledger import LONGEST_CALL
from common.run.mail import Draft, Mailer, MailRejected, MailUnreachable, Quota
from common.shared.canonical_json import key_version
from common.shared.deadlines import accepted_until, format_time, is_announced, own_deadline
from common.shared.object_keys import (
    ANSWER_KEYS,
    NOTIFICATIONS,
    ROSTER,
    STUDENTS,
    SUBJECTS,
    answer_key_key,
    answers_key,
    answers_prefix,
    index_key,
    is_index_key,
    report_notification_key,
    student_key,
)
from mail_batch.letters import Letters
from mail_batch.published import LONGEST_TRUST_SECONDS
from report_run.trainer_mail import TrainerMail
from support.permissions import SENDER
from support.weekly_run import BUCKET, STEPS, TRAINER, Killed, World

SUBJECT = "os"
START = datetime(2026, 11, 21, 9, tzinfo=UTC)
FIRST_DEADLINE = datetime(2026, 11, 23, 22, tzinfo=UTC)
WEEKLY = WeeklyDeadline("monday", "23:00", "Europe/Warsaw")
POLICIES = Policies(attempts=1, late=None, partial_credit="off", grace_minutes=0, announce=False)
MOST_NESTED = 2
NOTICES = ("reminder", "opening", "extension")
AUTHORIZER_TTL = timedelta(seconds=60)


class Told(NamedTuple):
    """An email to a student that SES accepted."""

    address: str
    points: float
    with_answers: bool


class Noting(dict[str, bytes]):
    """Objects, which tell `note` of each that is written or, with no body, deleted."""

    def __init__(self, note: Callable[[str, bytes | None], None]) -> None:
        super().__init__()
        self._note = note

    def __setitem__(self, key: str, body: bytes) -> None:
        super().__setitem__(key, body)
        self._note(key, body)

    def pop(self, key: str, *default: Any) -> Any:
        found = super().pop(key, *default)
        self._note(key, None)
        return found


class Sight(NamedTuple):
    """What the class looks like after a write, as the upload function and the bucket have it.

    `ends`: by test and student, until when work is on time and until when it is accepted.
    """

    ends: dict[tuple[str, str], tuple[datetime, datetime]]
    addresses: dict[str, str]
    key_versions: dict[str, str]

    def open(self, test: str, now: datetime) -> bool:
        """Whether somebody still has time for a test."""
        return any(now < accepted for (name, _), (_, accepted) in self.ends.items() if name == test)

    def in_time(self, test: str, student: str, now: datetime) -> bool:
        """Whether a student still has time for a test, and in full."""
        return (test, student) in self.ends and now < self.ends[test, student][0]


class PlainLetters(Letters):
    """Emails that say in JSON what the real ones say in words, and when they were composed."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def at(self, endpoint: str | None) -> PlainLetters:
        return self

    def score(self, title: str, email: str, row: Any, owed: Any, right: Any, test: Any) -> Draft:
        return _draft(
            email,
            {
                "test": row["testId"],
                "student": row["studentId"],
                "points": row["points"],
                "keyVersion": row["keyVersion"],
                "withAnswers": right is not None,
                "composed": self._now().isoformat(),
            },
        )

    def reminder(self, batch: Any, student: Any, email: str, owed: Any, answered: int = 0) -> Draft:
        said = student.get("opensAt", student["deadline"])
        content = {"test": batch["test"]["testId"], "student": student["studentId"], batch["kind"]: said}
        return _draft(email, content | {"composed": self._now().isoformat()})


class PlainTrainerMail(TrainerMail):
    """An email to the trainer that says in JSON how each student stands. `drafts`: the last one of each run."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.drafts: dict[str, dict[str, Any]] = {}

    def _draft(self, plan: Any, reports: Any, _reminders: Any, _deferrals: Any) -> Draft:
        rows = {report.test_id: {row.student_id: [row.status, row.points] for row in report.rows} for report in reports}
        self.drafts[plan["runId"]] = rows
        return _draft(TRAINER, rows)


class PlainMailer(Mailer):
    """SES without its messages: hands each email to `accept`."""

    def __init__(self, life: Life) -> None:
        self._life = life

    def quota(self) -> Quota:
        quota: Quota = self._life.world.calls.make("ses:GetSendQuota", {}, lambda: Quota(1000.0, self._life.quota))
        return quota

    def send(self, draft: Draft) -> None:
        if self._life.refuses and self._life.chance.random() < 0.1:
            raise self._life.chance.choice([MailRejected("-"), MailUnreachable("-")])
        message = {"RawMessage": {"Data": b"-"}}
        self._life.world.calls.make("ses:SendRawEmail", message, lambda: self._life.accept(draft))


def _draft(to: str, content: Any) -> Draft:
    return Draft("Demo", SENDER, to, "-", json.dumps(content), "-")


def _ends(index: Any, students: Iterable[Any]) -> dict[tuple[str, str], tuple[datetime, datetime]]:
    """By test and student: until when work is on time, and until when it is accepted."""
    deadlines = [
        (entry, student["studentId"], own_deadline(entry, SUBJECT, student["deadlines"]))
        for entry in index["tests"]
        for student in students
    ]
    return {
        (entry["testId"], student): (deadline, accepted_until(entry, deadline))
        for entry, student, deadline in deadlines
    }


class Life:
    """A class whose trainer changes their mind, whose network fails, and whose students come and go.

    - `tests`, `students`: the trainer's files.
    - `told`: by test and student, what SES accepted.
    - `said`: by key in the ledger, what was begun to be sent. A process that was killed may have sent it.
    - `joined`: since when the published roster lists a student.
    - `records`: by key, the students' records and the index since the life began: when each was written, and what.
    - `reminded`: kind, test, student and deadline (or opening) of each email about a student's time.
    - `before_the_end`: what the class looked like before the last publication, with the deadlines of the tests.
    - `reported`: by test, how the trainer was last told that its students stand.
    - `perhaps_reported`: what each email to the trainer says that was begun to be sent.
    - `wrong`: emails that were not true when they were sent.
    """

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.notices = Random(f"notices {seed}")  # so that the rest of a life does not depend on it
        self.before_the_end: dict[tuple[str, str], tuple[datetime, datetime]] = {}
        self.world = World(batch_size=self.chance.choice([2, 50]), reminder_hours=self.chance.choice([0, 24]))
        self.world.now = START
        self.world.repeats_killed = self.chance.random() < 0.5
        self.world.letters = PlainLetters(self.world.clock)
        self.world.mailer_of = dict.fromkeys(STEPS, PlainMailer(self))
        self._trainer_mail = PlainTrainerMail(
            self.world.bucket_of["report_run"],
            self.world.mailer_of["report_run"],
            self.world.clock,
            self.world.sleep,
            link_of=lambda _: None,
            class_name="Demo",
            sender=SENDER,
            trainer=TRAINER,
            timezone="Europe/Warsaw",
        )
        self.world.trainer_mail = self._trainer_mail
        self.quota: int | None = None
        self.refuses = True
        self.joined: dict[str, datetime] = {}
        self.records: dict[str, list[tuple[datetime, Any]]] = {}
        self.tests: dict[str, dict[str, Any]] = {}
        self.students: dict[str, dict[str, Any]] = {}
        self.told: dict[tuple[str, str], list[Told]] = {}
        self.said: dict[str, list[Any]] = {}
        self.world.s3.objects = Noting(self._note)
        self.reminded: list[tuple[str, str, str, str]] = []
        self.reported: dict[str, dict[str, Any]] = {}
        self.perhaps_reported: list[dict[str, Any]] = []
        self.wrong: list[str] = []
        self._nested = 0
        self._publishing = False
        self.sights: list[tuple[datetime, Sight]] = []
        self._is_trial = False
        for _ in range(3):
            self._join()
        self._new_test()
        self.publish()

    # --- what happens ---

    def live(self, steps: int) -> None:
        """Random events, then a quiet end: the trainer publishes once more, and a run is made that nothing disturbs.

        Often the last event is `reconsider`: whatever is published after it would make the tests due again.
        """
        events = [self._event() for _ in range(steps)]
        if self.chance.random() < 0.5:
            events.append(self.reconsider)
        for event in events:
            self.world.now += timedelta(minutes=self.chance.choice([1, 20, 60 * 7, 60 * 20, 60 * 40]))
            with self._disturbed():
                event()
        self.quota, self.refuses = None, False
        self.world.now += LONGEST_CALL
        self._extend_to_soon()
        self.before_the_end = self.deadlines()
        self.publish()
        self.world.now += timedelta(minutes=1)
        self.world.run({})

    def _extend_to_soon(self) -> None:
        """In some lives, the trainer gives a student some hours at last."""
        if self.chance.random() < 0.3:
            test = self.tests[self.chance.choice(sorted(self.tests))]
            later = self.world.now + timedelta(hours=self.chance.randrange(1, 30))
            test["extensions"][self.chance.choice(sorted(self.students))] = format_time(later)

    def _event(self) -> Callable[[], None]:
        events: list[tuple[Callable[[], None], int]] = [
            (self.run, 5),
            (self.submit, 6),
            (self.change_and_publish, 6),
            (self.publish, 1),
            (self.change, 1),
        ]
        [chosen] = self.chance.choices([event for event, _ in events], [weight for _, weight in events])
        return chosen

    @contextmanager
    def _disturbed(self) -> Iterator[None]:
        """At any call something else may happen first, or the one who calls may die before or after it."""

        def fault(_number: int, _name: str, _parameters: dict[str, Any], real: Callable[[], Any]) -> Any:
            draw = self.chance.random()
            if draw < 0.008:
                raise Killed
            if draw < 0.016:
                real()
                raise Killed
            if draw < 0.05 and self._nested < MOST_NESTED:
                self._nested += 1
                self.world.now += timedelta(seconds=self.chance.randrange(60))
                self._unless_killed(self._event())
                self._nested -= 1
            return real()

        self.world.calls.fault = fault
        try:
            yield
        except Killed:
            pass
        finally:
            self.world.calls.fault = None
            self._nested = 0

    def _unless_killed(self, event: Callable[[], None]) -> None:
        with suppress(Killed):
            event()

    def run(self) -> None:
        """A run, sometimes a trial or a regrade, sometimes with little of SES's quota left."""
        given: dict[str, Any] = {}
        kind = self.chance.random()
        if kind < 0.15:
            given["asOf"] = format_time(self.world.now + timedelta(hours=self.chance.choice([-30, 30, 80])))
            given["trial"] = True
        elif kind < 0.25 and self.tests:
            given["regrade"] = f"{SUBJECT}/{self.chance.choice(sorted(self.tests))}"
        self.quota = self.chance.choice([None, None, None, 2])
        outer, self._is_trial = self._is_trial, "asOf" in given
        try:
            self.world.run(given)
        except Exception as error:
            if type(error).__name__ not in {"InvalidInput", "ReportNotSent", "PlanFailed"}:
                raise
        finally:
            self._is_trial = outer

    def submit(self) -> None:
        """A student submits, if the upload function would accept it: by the student's record and the index.

        The record may be one that API Gateway has cached, the index one that the function has kept in memory.
        """
        student = self.chance.choice(sorted(self.students) or ["s0"])
        now = self.world.now
        age = AUTHORIZER_TTL * self.chance.choice([0, self.chance.random(), 1])
        record = self._record(student_key(f"key of {student}"), now - age)
        index = self._record(index_key(SUBJECT), now - LONGEST_KEPT * self.chance.choice([0, self.chance.random(), 1]))
        open_tests = [
            entry
            for entry in (index or {"tests": []})["tests"]
            if record
            and not is_announced(entry, now)
            and now <= accepted_until(entry, own_deadline(entry, SUBJECT, record["deadlines"]))
        ]
        if not open_tests:
            return
        entry = self.chance.choice(open_tests)
        prefix = f"{answers_prefix(SUBJECT, student)}{entry['testId']}"
        attempt = 1 + sum(key.startswith(prefix) for key in self.world.s3.objects)
        if attempt == 1 or entry["attempts"] == "last":
            self.world.submit(
                SUBJECT, entry["testId"], student, {"1": self.chance.choice("ab")}, format_time(now), attempt
            )

    def publish(self) -> None:
        """What update-subjects-or-students.sh does: compares, then writes step by step. Only once at a time."""
        if self._publishing:
            return
        self._publishing = True
        try:
            self._publish()
        finally:
            self._publishing = False

    def _publish(self) -> None:
        world = self.world
        etags = {
            key: md5(body, usedforsecurity=False).hexdigest()
            for key, body in world.s3.objects.items()
            if key.startswith((SUBJECTS, ANSWER_KEYS, STUDENTS, ROSTER))
        }
        bodies = {key: world.s3.objects[key] for key in etags if is_index_key(key) or key == ROSTER}
        published = published_from(world.now, etags, bodies)
        files = ClassFiles(
            Document("students.yml", data={"students": list(self.students.values())}),
            {(SUBJECT, name): Document(name, data=test) for name, test in self.tests.items()},
        )
        closes = closing_times(files, WEEKLY, {}, world.now)
        returned = returned_students(world.s3, BUCKET, published, files.students.data["students"])
        history = History(world.now, published.tests, published.roster, returned, published.roster_lost)
        wanted = build_class(files, POLICIES, WEEKLY.timezone, closes, history)
        first = roster_lines(history.roster_until_all_is_written(wanted.roster, wanted.indexes))
        keys = {student: ApiKey("k", student, f"key of {student}", 0, True) for student in wanted.roster}
        update = compare(published, wanted.content() | wanted.students(keys), first)
        for puts, deletes in update.steps():
            for key, body in puts.items():
                with self._seen():
                    world.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
            for key in deletes:
                with self._seen():
                    world.s3.delete_object(Bucket=BUCKET, Key=key)

    def change_and_publish(self) -> None:
        self.change()
        self.publish()

    def reconsider(self) -> None:
        """The trainer gives a student time, takes all extensions of the test back and starts a run, all in a minute."""
        test, student = self.chance.choice(list(self.tests.values())), self.chance.choice(sorted(self.students))
        until = max(self._closes(test), self.world.now) + timedelta(hours=3)

        def give() -> None:
            test["extensions"][student] = format_time(until)
            self.publish()

        def take() -> None:
            test["extensions"].clear()
            self.publish()

        for event in (give, take, self.run, self.submit, self.submit, self.submit):
            event()
            self.world.now += timedelta(seconds=self.chance.randrange(15))

    def change(self) -> None:
        """The trainer changes the files."""
        name = self.chance.choice(sorted(self.tests)) if self.tests else ""
        test = self.tests.get(name, {})
        students = sorted(self.students)
        match self.chance.randrange(13):
            case 0:
                self._new_test()
            case 1 if len(self.tests) > 1:
                del self.tests[name]
            case 2 | 3 if test:
                test["questions"][0]["answer"] = self.chance.choice("ab")
            case 4 | 5 | 6 if test and students:
                later = self._closes(test) + timedelta(hours=self.chance.choice([3, 30, 60]))
                test["extensions"][self.chance.choice(students)] = format_time(later)
            case 7 | 8 if test:
                test["extensions"].clear()
            case 9 if test:
                test["late"] = self.chance.choice(
                    ["none", {"until_hours": 24, "credit": 0.5}, {"until_hours": 60, "credit": 0.8}]
                )
            case 10 if test:
                test["closes"] = format_time(self._closes(test) + timedelta(hours=self.chance.choice([-24, 24])))
                if "opens" in test and datetime.fromisoformat(test["opens"]) >= self._closes(test):
                    del test["opens"]
            case 11:
                self._join()
            case 12 if len(students) > 1:
                gone = self.chance.choice(students)
                del self.students[gone]
                for each in self.tests.values():
                    each["extensions"].pop(gone, None)
            case _ if students:
                self.students[self.chance.choice(students)]["extra_hours"] = self.chance.choice([0, 24])

    def _closes(self, test: dict[str, Any]) -> datetime:
        return datetime.fromisoformat(test["closes"])

    def _new_test(self) -> None:
        weeks = (self.world.now - START) // timedelta(weeks=1) if self.tests else 0
        closes = FIRST_DEADLINE + timedelta(weeks=weeks)
        test = self.tests[f"test{self.chance.randrange(3)}"] = {
            "title": "T",
            "closes": format_time(closes),
            "attempts": self.chance.choice([1, "last"]),
            "extensions": {},
            "questions": [{"text": "Q?", "options": {"a": "A", "b": "B"}, "answer": "a"}],
            "announce": self.notices.random() < 0.5,
        }
        if self.notices.random() < 0.5:
            test["opens"] = format_time(closes - timedelta(hours=self.notices.choice([6, 40, 90])))

    def _join(self) -> None:
        name = f"s{self.chance.randrange(6)}"
        address = f"{name}-{self.chance.randrange(2)}@example.org"
        self.students[name] = {"id": name, "name": name, "email": address, "subjects": [SUBJECT]}

    # --- what is seen ---

    def accept(self, draft: Draft) -> None:
        """SES accepts an email."""
        content = json.loads(draft.text)
        if draft.to == TRAINER:
            self.reported |= content
            return
        test, student, composed = content["test"], content["student"], datetime.fromisoformat(content["composed"])
        sights = self._sights_since(composed - timedelta(seconds=LONGEST_TRUST_SECONDS))
        if draft.to not in [sight.addresses.get(student) for sight in sights]:
            self.wrong.append(f"{self.world.now}: an email to {draft.to}, which is not published any more")
        for kind in NOTICES:
            if kind in content:
                self.reminded.append((kind, test, student, content[kind]))
                if kind == "opening" and composed < datetime.fromisoformat(content[kind]):
                    self.wrong.append(f"{self.world.now}: {test} was announced as open before it opened")
                return
        self.told.setdefault((test, student), []).append(Told(draft.to, content["points"], content["withAnswers"]))
        if content["withAnswers"] and all(sight.open(test, composed) for sight in sights):
            self.wrong.append(f"{self.world.now}: the answers of {test} while somebody has time")
        if content["keyVersion"] not in [sight.key_versions.get(test) for sight in sights]:
            self.wrong.append(f"{self.world.now}: a score of {test} by an answer key that has changed")
        if not self._is_trial and all(sight.in_time(test, student, composed) for sight in sights):
            self.wrong.append(f"{self.world.now}: a score of {test} to {student}, who has time")

    def _note(self, key: str, body: bytes | None) -> None:
        if key.startswith(STUDENTS) or key == index_key(SUBJECT):
            self.records.setdefault(key, []).append((self.world.now, json.loads(body) if body else None))
        if body is None:
            return
        if key == ROSTER:
            listed = {json.loads(line)["studentId"] for line in body.splitlines()}
            self.joined = {student: self.joined.get(student, self.world.now) for student in listed}
        if key.startswith(f"{NOTIFICATIONS}score/"):
            entry = json.loads(body)
            self._note_mail(self.said.setdefault(key, []), entry["state"], entry["content"])
        if key == report_notification_key():
            entry = json.loads(body)
            self._note_mail(self.perhaps_reported, entry["state"], self._trainer_mail.drafts[entry["runId"]])

    def _note_mail(self, said: list[Any], state: str, content: Any) -> None:
        if state == "begun":
            said.append(content)
        elif state in {"rejected", "deferred"}:
            said.pop()

    @contextmanager
    def _seen(self) -> Iterator[None]:
        """Remember what the class looks like after a write, even if it is the last one of a publication."""
        try:
            yield
        finally:
            self.sights.append((self.world.now, self._sight()))

    def _sights_since(self, moment: datetime) -> list[Sight]:
        """What the class has looked like since a moment: also what it looked like then."""
        after = bisect_right(self.sights, moment, key=itemgetter(0))
        return [sight for _, sight in self.sights[after - 1 :]]

    def _sight(self) -> Sight:
        index = self._stored(index_key(SUBJECT)) or {"tests": []}
        records = [self._stored(key) for key in list(self.world.s3.objects) if key.startswith(STUDENTS)]
        return Sight(
            _ends(index, records),
            {student: entry["email"] for student, entry in self.roster().items()},
            {
                entry["testId"]: key_version(self.world.s3.objects[answer_key_key(SUBJECT, entry["testId"])])
                for entry in index["tests"]
            },
        )

    def roster(self) -> dict[str, Any]:
        """The published roster by student."""
        lines = self.world.s3.objects.get(ROSTER, b"").splitlines()
        return {student["studentId"]: student for student in map(json.loads, lines)}

    def attempts(self, test: str, student: str) -> list[Any]:
        """The stored submissions, in order."""
        found = (self._stored(answers_key(SUBJECT, student, test, number)) for number in range(1, 100))
        return [attempt for attempt in found if attempt]

    def deadlines(self) -> dict[tuple[str, str], tuple[datetime, datetime]]:
        """By test and student who is enrolled: the deadlines of the student and of the test, as published."""
        index = self._stored(index_key(SUBJECT)) or {"tests": []}
        return {
            (test["testId"], student): (
                own_deadline(test, SUBJECT, entry["deadlines"]),
                datetime.fromisoformat(test["closesAt"]),
            )
            for test in index["tests"]
            for student, entry in self.roster().items()
        }

    def _record(self, key: str, moment: datetime) -> Any:
        """A student's record, or the index, as it was at a moment; None if there was none."""
        return next((record for since, record in reversed(self.records.get(key, [])) if since <= moment), None)

    def _stored(self, key: str) -> Any:
        body = self.world.s3.objects.get(key)
        return None if body is None else json.loads(body)
