"""Tests whose file has `format: markdown`: what is published of their texts, and what is wrong in them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.formatted_test import (
    MAX_NODES_BYTES,
    MAX_RENDITION,
)
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import class_problems

from support.class_cloud import Cloud
from support.class_files import WEEKLY, WriteClass, question
from unit.class_content.test_objects import built


def paragraph(*children: Any) -> dict[str, Any]:
    return {
        "type": "paragraph",
        "children": [{"type": "text", "text": c} if isinstance(c, str) else c for c in children],
    }


def strong(words: str) -> dict[str, Any]:
    return {"type": "strong", "children": [{"type": "text", "text": words}]}


def written_test(*questions: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"title": "A *test*", "format": "markdown", "questions": list(questions), **changes}


def problems(write_class: WriteClass, *questions: dict[str, Any], **changes: Any) -> list[str]:
    folder = write_class(tests={"os/test01": written_test(*questions, **changes)})
    return [str(problem) for problem in class_problems(load_class(folder, "class"), WEEKLY)]


def test_nodes_are_published_beside_the_plain_rendition(write_class: WriteClass) -> None:
    asked = question(
        text="Is **one** right?\n",
        options={"a": "__yes__", "b": "no", "c": "[maybe](https://e.org)"},
        explanation="Because of **a**.\n",
        correction={"reason": "[See](https://e.org) **this**", "all_credit": True},
    )
    published = built(write_class(tests={"os/test01": written_test(asked)}))
    [shown] = published.questions["os", "test01"]["questions"]
    assert (shown["text"], shown["nodes"]) == ("Is *one* right?", [paragraph("Is ", strong("one"), " right?")])
    assert [option["text"] for option in shown["options"]] == ["*yes*", "no", "maybe (https://e.org)"]
    assert shown["options"][0]["nodes"] == [paragraph(strong("yes"))]
    answer = published.answer_keys["os", "test01"]["questions"]["1"]
    assert (answer["explanation"], answer["explanationNodes"]) == (
        "Because of *a*.",
        [paragraph("Because of ", strong("a"), ".")],
    )
    assert answer["correction"]["reason"] == "See (https://e.org) *this*"
    assert published.questions["os", "test01"]["title"] == "A *test*"


@pytest.mark.parametrize(
    "text", ["__init__", "# root", "1. one\n2. two", "$x$", "![x](y)", "[x](javascript:y)", "a\\*b"]
)
def test_a_test_without_the_format_stays_as_it_is(write_class: WriteClass, text: str) -> None:
    asked = question(text=text, explanation=text)
    published = built(write_class(tests={"os/test01": {"title": "A test", "questions": [asked]}}))
    [shown] = published.questions["os", "test01"]["questions"]
    assert shown["text"] == text
    assert "nodes" not in str(published.questions) + str(published.answer_keys)


def test_every_text_that_students_read_is_formatted(write_class: WriteClass) -> None:
    """And typed answers never are."""
    typed = question(options=None, answer=None, accept=["**b**", {"text": "**c**", "feedback": "**d**"}])
    typed["correction"] = {"reason": "**e**", "also_accept": [{"text": "**f**", "feedback": "**g**"}]}
    order = question(options=None, answer=None, order=["**x**", "**y**"])
    match = question(
        options=None, answer=None, match=[{"item": "**x**", "option": "**y**"}, {"item": "z", "option": "z"}]
    )
    match["other_options"] = ["**w**"]
    asked = [question(feedback={"a": "**a**"}), typed, order, match]
    folder = write_class(tests={"os/test01": written_test(*asked)})
    assert class_problems(load_class(folder, "class"), WEEKLY) == []
    published = built(folder)
    *_, three, four = published.questions["os", "test01"]["questions"]
    answers = published.answer_keys["os", "test01"]["questions"]
    assert answers["1"]["feedback"] == {"a": "*a*"}
    assert answers["2"]["texts"] == [{"text": "**b**"}, {"text": "**c**", "feedback": "*d*"}]
    assert answers["2"]["correction"] == {"reason": "*e*", "texts": [{"text": "**f**", "feedback": "*g*"}]}
    assert sorted(option["text"] for option in three["options"]) == ["*x*", "*y*"]
    assert [item["text"] for item in four["items"]] == ["*x*", "z"]
    assert sorted(option["text"] for option in four["options"]) == ["*w*", "*y*", "z"]
    for shown in (*three["options"], *four["options"], *four["items"]):
        words = shown["text"].strip("*")
        assert shown["nodes"] == [paragraph(strong(words) if words != shown["text"] else words)]


def test_what_is_shown_keeps_its_id_when_one_text_is_corrected(write_class: WriteClass, cloud: Cloud) -> None:
    texts = [f"**{word}**" for word in ("fork", "exec", "wait", "exit", "open", "read")]

    def letters(order: list[str]) -> dict[str, str]:
        asked = question(options=None, answer=None, order=order)
        cloud.publish(write_class(tests={"os/test01": written_test(asked)}))
        stored = json.loads(cloud.objects()["subjects/os/test01/questions.json"])
        return {option["text"]: option["id"] for option in stored["questions"][0]["options"]}

    before = letters(texts)
    for changed in range(len(texts)):
        corrected = [*texts[:changed], "**corrected**", *texts[changed + 1 :]]
        after = letters(corrected)
        assert [after[text[1:-1]] for text in corrected] == [before[text[1:-1]] for text in texts]
        assert letters(texts) == before


def test_formulas_are_read_if_the_file_says_so(write_class: WriteClass) -> None:
    def texts(**changes: Any) -> list[str]:
        published = built(write_class(tests={"os/test01": written_test(question(text="Is $x^2$ even?"), **changes)}))
        return [child["type"] for child in published.questions["os", "test01"]["questions"][0]["nodes"][0]["children"]]

    assert texts(math=True) == ["text", "formula", "text"]
    assert texts(math=False) == texts() == ["text"]


BAD = "[x](notes.txt)"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": BAD}, "questions[1].text"),
        ({"options": {"a": "first", "b": BAD}}, "questions[1].options.b"),
        ({"explanation": BAD}, "questions[1].explanation"),
        ({"correction": {"reason": BAD, "drop": True}}, "questions[1].correction.reason"),
        ({"feedback": {"b": BAD}}, "questions[1].feedback.b"),
        ({"order": ["one", BAD]}, "questions[1].order[2]"),
        ({"match": [{"item": BAD, "option": "x"}]}, "questions[1].match[1].item"),
        ({"match": [{"item": "x", "option": BAD}]}, "questions[1].match[1].option"),
        ({"other_options": [BAD]}, "questions[1].other_options[1]"),
        ({"number": {"value": 1, "feedback": BAD}}, "questions[1].number.feedback"),
        ({"accept": ["x", {"text": "y", "feedback": BAD}]}, "questions[1].accept[2].feedback"),
        (
            {"correction": {"also_accept": [{"text": "y", "feedback": BAD}]}},
            "questions[1].correction.also_accept[1].feedback",
        ),
    ],
)
def test_a_problem_is_named_with_its_field(write_class: WriteClass, changes: dict[str, Any], field: str) -> None:
    found = problems(write_class, question(**changes))
    [problem] = [line for line in found if "has a link to" in line]
    assert problem.split(": ")[1] == field
    assert problem.endswith("has a link to 'notes.txt'; a link begins with https://, http:// or mailto:")


@pytest.mark.parametrize("changes", [{"accept": BAD}, {"accept": [{"text": BAD}]}, {"number": BAD}])
def test_typed_answers_are_never_markdown(write_class: WriteClass, changes: dict[str, Any]) -> None:
    assert not [line for line in problems(write_class, question(**changes)) if "has a link to" in line]


def test_all_problems_are_found_with_their_lines(write_class: WriteClass) -> None:
    text = """title: A test
format: markdown
math: true
questions:
  - text: |
      [one](a.txt) and $\\frac{1}$
    options:
      a: ![](a.png)
      b: "[ref]: https://e.org"
    answer: a
    explanation: ok
""".replace("a: ![](a.png)", 'a: "![](a.png)"')
    folder = write_class(tests={"os/test01": text})
    found = [
        str(problem).removeprefix("class/subjects/os/")
        for problem in class_problems(load_class(folder, "class"), WEEKLY)
    ]
    assert found == [
        "test01.yml:5: questions[1].text: has a formula, $\\frac{1}$, that is not complete: a part of a fraction, root"
        " or index is missing",
        "test01.yml:5: questions[1].text: has a link to 'a.txt'; a link begins with https://, http:// or mailto:",
        "test01.yml:8: questions[1].options.a: has the image 'a.png' without words for who cannot see it:"
        " ![words](a.png)",
        "test01.yml:8: questions[1].options.a: has the image 'a.png', and there is no such file in the subject's folder"
        " images",
        "test01.yml:9: questions[1].options.b: shows nothing; write what students are to read",
    ]


WIDE_TABLE = "| a | b |\n|---|---|\n| " + "x" * 1000 + " | y |\n" + "| | b |\n" * 50


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": WIDE_TABLE}, f"has more than {MAX_RENDITION:,} characters once its tables are aligned"),
        ({"text": "\n".join("  " * n + "- x" for n in range(30))}, "is nested more than 20 deep"),
        ({"text": "*" * 60 + "x" + "*" * 60}, "is nested more than 20 deep"),
        ({"options": {"a": "*same*", "b": "_same_"}}, "is the same as options.a without its formatting"),
        ({"options": {"a": "*same*", "b": "**same**"}}, "is the same as options.a without its formatting"),
        ({"options": {"a": "~~~", "b": "other"}}, "shows nothing"),
        ({"options": {"a": "-", "b": "other"}}, "shows nothing"),
    ],
)
def test_what_cannot_be_shown_is_a_problem(write_class: WriteClass, changes: dict[str, Any], words: str) -> None:
    [problem] = problems(write_class, question(**changes))
    assert words in problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Is $x = {{1}}$?", "has {{1}} where no gap is shown"),
        ("$$\n{{1}}\n$$", "has {{1}} where no gap is shown"),
        ("[Here](https://e.org/{{1}})", "has {{1}} where no gap is shown"),
        ("```{{1}}\ncode\n```", "has {{1}} where no gap is shown"),
        ("[{{1}}]: https://e.org\n\nOne?", "has {{1}} where no gap is shown"),
        ("{{1}} and \\{\\{1}}", "shows {{1}} more than once"),
        ("{{1}} and &#123;{1}}", "shows {{1}} more than once"),
        ("One **{{1}}**", ""),
        ("`{{1}}`", ""),
        ("```\n{{1}}\n```", ""),
        ("- [{{1}}](https://e.org)", ""),
        ("| a |\n|---|\n| {{1}} |", ""),
    ],
)
def test_each_gap_is_shown_once(write_class: WriteClass, text: str, problem: str) -> None:
    found = problems(write_class, {"text": text, "gaps": {"1": {"number": "1"}}}, math=True)
    assert len(found) == bool(problem)
    assert problem in "".join(found)
    assert "questions[1].text" in "".join(found) or not problem


def test_a_test_that_is_too_large_once_formatted_is_refused(write_class: WriteClass) -> None:
    [problem] = problems(write_class, *(question(text="*a* " * 2400) for _ in range(20)))
    assert "questions: have formatting of " in problem
    assert f"and a test can have {MAX_NODES_BYTES:,}; divide the test" in problem


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": "html"}, "format: must be markdown, or left out"),
        ({"math": "yes please"}, "math: must be true or false"),
        ({"format": None}, "format: must be markdown, or left out"),
    ],
)
def test_wrong_fields_are_problems(write_class: WriteClass, changes: dict[str, Any], words: str) -> None:
    assert any(words in line for line in problems(write_class, question(), **changes))


def test_formulas_need_markdown(write_class: WriteClass) -> None:
    folder = write_class(tests={"os/test01": {"title": "A test", "math": True, "questions": [question()]}})
    [problem] = class_problems(load_class(folder, "class"), WEEKLY)
    assert problem.message == "is only for tests with format: markdown; add that, or remove math"


PROGRAM = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from support.class_cloud import Cloud
from support.class_files import WEEKLY
from unit.class_content.test_objects import built
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import class_problems
folder = Path(sys.argv[1])
assert class_problems(load_class(folder, "class"), WEEKLY) == []
built(folder)
print(*sorted({"markdown_it", "latex2mathml", "mdit_py_plugins"} & sys.modules.keys()))
"""


@pytest.mark.parametrize(
    ("changes", "loaded"), [({"format": None}, ""), ({}, "latex2mathml markdown_it mdit_py_plugins")]
)
def test_a_class_without_markdown_does_not_load_the_libraries(
    write_class: WriteClass, changes: dict[str, Any], loaded: str
) -> None:
    test = {name: value for name, value in written_test(question(), **changes).items() if value is not None}
    folder: Path = write_class(tests={"os/test01": test})
    program = [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{PROGRAM}", str(folder)]
    done = subprocess.run(program, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == loaded


def gaps(text: str, *numbers: int) -> dict[str, Any]:
    return question(text=text, options=None, answer=None, gaps={str(n): {"number": n} for n in numbers})


@pytest.mark.parametrize(
    "text",
    [
        "$x^{{1}}$",
        "[here](https://example.org/{{1}})",
        "![a tree {{1}}](tree.png)",
        '[here]\n\n[here]: https://example.org "{{1}}"',
        "```{{1}}\ncode\n```",
        "| a |\n|---|\n| b | {{1}} |",
    ],
)
def test_a_gap_that_formatting_does_not_show_is_a_problem(write_class: WriteClass, text: str) -> None:
    folder = write_class(tests={"os/test01": written_test(gaps(text, 1), math=True)})
    (folder / "subjects/os/images").mkdir()
    (folder / "subjects/os/images/tree.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    [problem] = class_problems(load_class(folder, "class"), WEEKLY)
    assert problem.field == "questions[1].text"
    assert problem.message == "has {{1}} where no gap is shown, as in a formula or an address; write it elsewhere"


def test_a_gap_that_only_formatting_makes_is_a_problem(write_class: WriteClass) -> None:
    [problem] = problems(write_class, gaps(r"{{1}} and {\{1}}", 1))
    assert "questions[1].text: shows {{1}} more than once; keep one of them" in problem


@pytest.mark.parametrize(
    "text", ["{{1}}", "a **{{1}}**", "`{{1}}`", "```\n{{1}}\n```", "| a |\n|---|\n| {{1}} |", "- {{1}}"]
)
def test_a_gap_can_be_in_everything_that_shows_text(write_class: WriteClass, text: str) -> None:
    assert problems(write_class, gaps(text, 1)) == []


def test_options_that_look_the_same_in_two_gaps_keep_their_formatting(write_class: WriteClass) -> None:
    choices = {"1": "**yes**", "2": "*yes*"}
    asked = question(
        text="{{1}} {{2}}",
        options=None,
        answer=None,
        gaps={id: {"options": {"a": words, "b": "no"}, "answer": "a"} for id, words in choices.items()},
    )
    [shown] = built(write_class(tests={"os/test01": written_test(asked)})).questions["os", "test01"]["questions"]
    kinds = [gap["options"][0]["nodes"][0]["children"][0]["type"] for gap in shown["gaps"]]
    assert kinds == ["strong", "emphasis"]
