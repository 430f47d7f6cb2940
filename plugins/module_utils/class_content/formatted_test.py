"""A test whose file has `format: markdown`: what is wrong in its texts, and how they are published.

Beside the tree of what is shown, `nodes`, `text` is its plain rendition: for the terminal, plain emails and reports.
Other tests do not need this module, and the libraries that it imports take time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict, TypeVar

from ..documents.yaml_lines import Document, FieldPath, field_name
from ..shared.canonical_json import canonical_json
from ..shared.documents import (
    AcceptedNumber,
    AcceptedText,
    AnswerKey,
    AnswerKeyEntry,
    Node,
    Option,
    Question,
    Questions,
)
from .markdown_text import Markdown, read_markdown
from .plain_rendition import plain_rendition

# A file has up to 1 MB, but formulas and many short parts take much more as a tree. Students read all of it at once.
MAX_NODES_BYTES = 2_000_000
# The columns of a table are as wide as their widest cell.
MAX_RENDITION = 20_000


Accepted = TypeVar("Accepted", AcceptedNumber, AcceptedText)


class Rendition(TypedDict):
    """A text of a document."""

    text: str
    nodes: list[Node]


@dataclass(frozen=True)
class TextReader:
    """Reads a test's texts. `math`: whether they may have formulas. `image_id`: as in `read_markdown`."""

    math: bool
    image_id: Callable[[str], str | None]

    def read(self, text: str) -> Markdown:
        """The parts of a text."""
        return read_markdown(text, math=self.math, image_id=self.image_id)

    def rendition(self, text: str) -> Rendition:
        """A text of a document as it is published."""
        nodes = self.read(text).nodes
        return {"text": plain_rendition(nodes), "nodes": nodes}

    def plain(self, text: str) -> str:
        """A text of which only the plain rendition is published."""
        return plain_rendition(self.read(text).nodes)


def check_formatting(test: Document, reader: TextReader) -> None:
    """Add a problem to the test for each thing in its texts that cannot be shown. Its data may have any shape."""
    size = 0
    questions = test.data.get("questions")
    for position, question in enumerate(questions if isinstance(questions, list) else []):
        seen: dict[bytes, str | int] = {}
        for place, text in _texts(question if isinstance(question, dict) else {}):
            path: FieldPath = ("questions", position, *place)
            read = reader.read(text)
            for problem in read.problems or _problems_of_shown(read, place):
                test.problem(path, field_name(path), problem)
            nodes = canonical_json(read.nodes)
            size += len(nodes)
            if place[0] == "options" and read.nodes:
                first = seen.setdefault(nodes, place[-1])
                if first != place[-1]:
                    test.problem(path, field_name(path), f"shows the same as option {first}; change one of them")
    if size > MAX_NODES_BYTES:
        message = f"have formatting of {size:,} bytes, and a test can have {MAX_NODES_BYTES:,}; divide the test"
        test.problem(("questions",), "questions", message)


def _problems_of_shown(read: Markdown, place: FieldPath) -> Iterator[str]:
    rendition = plain_rendition(read.nodes)
    if not _shows_something(read.nodes):
        yield "shows nothing; write what students are to read"
    if len(rendition) > MAX_RENDITION:
        yield f"has more than {MAX_RENDITION:,} characters once its tables are aligned; shorten it"
    if read.images and not _shows_images(place):
        yield "has an image, but only questions, options and explanations can show one; describe it in words"


def _shows_something(nodes: Iterable[Node]) -> bool:
    return any(node.get("text", "").strip() or _shows_something(node.get("children", [])) for node in nodes)


def _shows_images(place: FieldPath) -> bool:
    return place[0] != "correction" and "feedback" not in place


def _texts(question: Mapping[str, Any]) -> Iterator[tuple[FieldPath, str]]:
    """The texts of a question that are read as Markdown, with their places in it."""
    for place, text in _given(question):
        if isinstance(text, str) and text.strip():
            yield place, text


def _given(question: Mapping[str, Any]) -> Iterator[tuple[FieldPath, object]]:
    for name in ("text", "explanation"):
        yield (name,), question.get(name)
    for name in ("options", "feedback"):
        yield from (((name, id), text) for id, text in _entries(question.get(name)))
    for name in ("order", "other_options"):
        yield from (((name, at), text) for at, text in _items(question.get(name)))
    for place, pair in _forms(("match",), question.get("match")):
        yield from (((*place, part), pair.get(part)) for part in ("item", "option"))
    correction = question.get("correction")
    corrected = correction if isinstance(correction, dict) else {}
    yield ("correction", "reason"), corrected.get("reason")
    accepted = {(name,): question.get(name) for name in ("number", "accept")}
    for place, forms in (*accepted.items(), (("correction", "also_accept"), corrected.get("also_accept"))):
        yield from (((*at, "feedback"), form.get("feedback")) for at, form in _forms(place, forms))


def _entries(value: object) -> Iterable[tuple[str, object]]:
    return value.items() if isinstance(value, dict) else ()


def _items(value: object) -> Iterable[tuple[int, object]]:
    return enumerate(value) if isinstance(value, list) else ()


def _forms(place: FieldPath, forms: object) -> Iterator[tuple[FieldPath, dict[str, Any]]]:
    """The accepted answers, or pairs, of a field that has one or a list of them, with their places."""
    found = [((*place, at), form) for at, form in _items(forms)] or [(place, forms)]
    return ((at, form) for at, form in found if isinstance(form, dict))


def formatted_questions(questions: Questions, reader: TextReader) -> Questions:
    """A test's questions as they are published, from those with the texts as written."""
    return {**questions, "questions": [_question(question, reader) for question in questions["questions"]]}


def _question(question: Question, reader: TextReader) -> Question:
    formatted: Question = {
        **question,
        **reader.rendition(question["text"]),
        "options": _options(question["options"], reader),
    }
    if "items" in question:
        formatted["items"] = _options(question["items"], reader)
    return formatted


def _options(options: Iterable[Option], reader: TextReader) -> list[Option]:
    return [{**option, **reader.rendition(option["text"])} for option in options]


def formatted_answer_key(key: AnswerKey, reader: TextReader) -> AnswerKey:
    """A test's answer key as it is published, from that with the texts as written."""
    return {**key, "questions": {number: _answer(answer, reader) for number, answer in key["questions"].items()}}


def _answer(answer: AnswerKeyEntry, reader: TextReader) -> AnswerKeyEntry:
    formatted: AnswerKeyEntry = {**answer}
    if "explanation" in answer:
        explanation = reader.rendition(answer["explanation"])
        formatted |= {"explanation": explanation["text"], "explanationNodes": explanation["nodes"]}
    if "feedback" in answer:
        formatted["feedback"] = {option: reader.plain(text) for option, text in answer["feedback"].items()}
    if "correction" in answer:
        formatted["correction"] = {**answer["correction"], "reason": reader.plain(answer["correction"]["reason"])}
    for part in (formatted, formatted.get("correction", {})):
        if "numbers" in part:
            part["numbers"] = [_accepted(number, reader) for number in part["numbers"]]
        if "texts" in part:
            part["texts"] = [_accepted(text, reader) for text in part["texts"]]
    return formatted


def _accepted(accepted: Accepted, reader: TextReader) -> Accepted:
    if "feedback" not in accepted:
        return accepted
    return {**accepted, "feedback": reader.plain(accepted["feedback"])}
