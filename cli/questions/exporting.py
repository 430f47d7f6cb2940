"""`questions.sh export`: writes the class's questions for other systems."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ansible_collections.training.test_time.plugins.module_utils.class_content import written
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import ClassFiles
from ansible_collections.training.test_time.plugins.module_utils.class_content.pools import asked
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import class_problems
from cli.class_folder import ClassFolder
from cli.command import CommandError
from cli.questions.authored import PARTIAL_CREDIT_OF_BANKS, banked, has_partial_credit
from cli.questions.bank import BankQuestion
from cli.questions.formats import FORMATS
from cli.questions.rich_questions import formatted, images_of

from common.shared.ids import test_name


@dataclass(frozen=True)
class Export:
    """What is exported. `images`: the files of images that the questions show, by name."""

    questions: list[BankQuestion]
    images: Mapping[str, bytes]


def questions_of(folder: ClassFolder, wanted: str) -> Export:
    """The questions of a test or of all tests of a subject, in the order of their IDs. Raises CommandError.

    `wanted`: `operating-systems/test01` or `operating-systems`.
    """
    files = folder.load()
    tests = {key: test for key, test in sorted(files.tests.items()) if wanted in (key[0], test_name(*key))}
    if not tests:
        raise CommandError(f"the class has no test or subject {wanted}")
    of_tests = {test.file for test in tests.values()}
    problems = [problem for problem in class_problems(files, folder.weekly) if problem.file in of_tests]
    if problems:
        raise CommandError("\n".join(str(problem) for problem in problems))
    found = []
    images: dict[str, bytes] = {}
    for (subject, id), test in tests.items():
        for each in asked(test.data):
            read = banked(each.number, each.question)
            if test.data.get("format") == "markdown":
                read = formatted(read, math=test.data.get("math", False))
                images |= {name: _content(files, subject, name) for name in images_of(read)}
            policy = _policy_losses(test.data.get("partial_credit"), each.question)
            losses = [*read.losses, *policy, *_pool_losses(each.pool)]
            found.append(replace(read, where=f"{id}, {read.where}", name=f"{id}-{each.number:02}", losses=losses))
    return Export(found, images)


def _content(files: ClassFiles, subject: str, name: str) -> bytes:
    image = files.images[subject].read(name)
    return b64decode(image.published["data"]) if image else b""


def _pool_losses(pool: str | None) -> list[str]:
    """What is lost of the pool that a question is drawn from."""
    if pool is None:
        return []
    return [f"the pool {pool} is left out: in the other system, every student gets the question"]


def _policy_losses(policy: written.PartialCreditPolicy | None, question: written.Question) -> list[str]:
    """What is lost of a test's own way of scoring partly right answers."""
    if policy in (None, PARTIAL_CREDIT_OF_BANKS) or not has_partial_credit(question):
        return []
    return [f"partial_credit: {policy or 'off'} is left out: the other system has its own rule"]


def exported(export: Export, format: str) -> tuple[bytes, list[str], int]:
    """The file, what is lost in it, for people, and how many questions it has."""
    questions = export.questions
    named = FORMATS[format].has_names
    written = [question if named else replace(question, name=None) for question in questions]
    data, lost = FORMATS[format].write(written, export.images)
    lines = [f"{question.where}: {loss}" for question in questions for loss in question.losses]
    lines += [f"{where}: {loss}" for where, loss in lost]
    return data, lines, len(FORMATS[format].read(data, None).questions) if data else 0
