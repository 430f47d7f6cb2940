"""A test whose file has `format: markdown`: what is wrong in its texts, and how they are published.

Beside the tree of what is shown, `nodes`, `text` is its plain rendition: for the terminal, plain emails and reports.
Other tests do not need this module, and the libraries that it imports take time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypedDict

from ..documents.yaml_lines import Document, FieldPath, field_name
from ..shared.canonical_json import canonical_json
from ..shared.documents import AnswerKey, Node, Option, PublishedImage, Questions
from ..shared.gaps import gap_marks
from . import written
from .images import Images, ShownImages
from .markdown_text import Markdown, read_markdown
from .option_ids import same_text
from .plain_rendition import plain_rendition
from .pools import asked, filled, is_pool, written_out

# A file has up to 1 MB, but formulas and many short parts take much more as a tree. Students read all of it at once.
MAX_NODES_BYTES = 2_000_000
# The columns of a table are as wide as their widest cell.
MAX_RENDITION = 20_000

# What has nodes: the question, an option, an item or the explanation.
_Kind = Literal["text", "option", "item", "explanation"]
# A question's number, the gap (empty: the question itself), and the plain rendition.
_TextKey = tuple[int, str, _Kind, str]
# Nodes with a text in which a gap is shown.
_WITH_GAPS = ("text", "code", "codeBlock")


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
        """A text as it is published."""
        nodes = self.read(text).nodes
        return {"text": plain_rendition(nodes), "nodes": nodes}


@dataclass
class FormattedTest:
    """A test whose texts are plain renditions, from which it is published, and what they are renditions of.

    `nodes`: by question, gap and text. `images`: all that it shows, by ID.
    """

    test: written.Test
    nodes: dict[_TextKey, list[Node]]
    images: dict[str, PublishedImage]

    def add_nodes(self, questions: Questions, key: AnswerKey) -> dict[str, PublishedImage]:
        """Add the nodes to what was published of the test. Returns the images."""
        for question in questions["questions"]:
            number = question["number"]
            question["nodes"] = self.nodes[number, "", "text", question["text"]]
            self._add_to(question["options"], number, "", "option")
            self._add_to(question.get("items", []), number, "", "item")
            for gap in question.get("gaps", []):
                self._add_to(gap.get("options", []), number, gap["id"], "option")
            answer = key["questions"][str(number)]
            if "explanation" in answer:
                answer["explanationNodes"] = self.nodes[number, "", "explanation", answer["explanation"]]
        asked = (nodes for (_, _, kind, _), nodes in self.nodes.items() if kind != "explanation")
        if images := {image for nodes in asked for image in _images(nodes)}:
            questions["images"] = sorted(images)
        return self.images

    def _add_to(self, options: Iterable[Option], number: int, gap: str, kind: _Kind) -> None:
        for option in options:
            option["nodes"] = self.nodes[number, gap, kind, option["text"]]


def read_formatted(test: written.Test, images: Images) -> FormattedTest:
    """A test without problems."""
    shown = ShownImages(images)
    reader = TextReader(test.get("math", False), shown.id_of)
    formatted = FormattedTest(written_out(test), {}, shown.shown)
    for each in asked(formatted.test):
        for place, text in list(_texts(each.question)):
            rendition = reader.rendition(text)
            _replace(each.question, place, rendition["text"])
            if kind := _kind(place):
                formatted.nodes[each.number, _gap(place), kind, rendition["text"]] = rendition["nodes"]
    return formatted


def _replace(question: Any, place: FieldPath, text: str) -> None:
    container = question
    for part in place[:-1]:
        container = container[part]
    container[place[-1]] = text


def _images(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if "image" in node:
            yield node["image"]
        yield from _images(node.get("children", []))


def check_formatting(test: Document, images: Images) -> None:
    """Add a problem to the test for each thing in its texts that cannot be shown. Its data may have any shape."""
    reader = TextReader(test.data.get("math") is True, ShownImages(images).id_of)
    size = 0
    reported: set[tuple[FieldPath, str]] = set()
    for place, question in _questions(test.data.get("questions")):
        read = _read_question(question, reader)
        size += read.size
        for inside, problem in read.problems:
            path = (*place, *inside)
            if (path, problem) not in reported:
                reported.add((path, problem))
                test.problem(path, field_name(path), problem)
    if size > MAX_NODES_BYTES:
        message = f"have formatting of {size:,} bytes, and a test can have {MAX_NODES_BYTES:,}; divide the test"
        test.problem(("questions",), "questions", message)


def _questions(entries: object) -> Iterator[tuple[FieldPath, dict[str, Any]]]:
    """The questions of a test, each with the place where it, or what it is made from, is written."""
    for position, entry in _items(entries):
        if not isinstance(entry, dict):
            continue
        place: FieldPath = ("questions", position)
        if not is_pool(entry):
            yield place, entry
            continue
        for number, question in _items(entry.get("questions")):
            if isinstance(question, dict):
                yield (*place, "questions", number), question
        for _, row in _items(entry.get("values")):
            made = filled(entry.get("question"), {name: str(value) for name, value in _entries(row)})
            if isinstance(made, dict):
                yield (*place, "question"), made


class _Read(NamedTuple):
    """`size`: how many bytes a question's nodes have. `problems`: with their places in it."""

    size: int
    problems: list[tuple[FieldPath, str]]


def _read_question(given: Mapping[str, Any], reader: TextReader) -> _Read:
    size = 0
    problems: list[tuple[FieldPath, str]] = []
    seen: dict[tuple[str, _Kind, str], tuple[FieldPath, str]] = {}
    for place, text in _texts(given):
        read = reader.read(text)
        rendition = plain_rendition(read.nodes)
        kind = _kind(place)
        problems += [(place, problem) for problem in read.problems or _problems_of_shown(read, rendition, kind)]
        if kind == "text" and not read.problems:
            problems += [(place, problem) for problem in _problems_of_gaps(given.get("gaps"), text, read.nodes)]
        size += len(canonical_json(read.nodes))
        if kind in ("option", "item") and not read.problems:
            first, other = seen.setdefault((_gap(place), kind, same_text(rendition)), (place, text))
            if same_text(text) != same_text(other):
                same = f"is the same as {field_name(first)} without its formatting; change one of them"
                problems.append((place, same))
    return _Read(size, problems)


def _problems_of_shown(read: Markdown, rendition: str, kind: _Kind | None) -> Iterator[str]:
    if not _shows_something(read.nodes):
        yield "shows nothing; write what students are to read"
    if len(rendition) > MAX_RENDITION:
        yield f"has more than {MAX_RENDITION:,} characters once its tables are aligned; shorten it"
    if read.images and not kind:
        yield "has an image, but only questions, options and explanations can show one; describe it in words"


def _problems_of_gaps(gaps: object, text: str, nodes: Sequence[Node]) -> Iterator[str]:
    """Gaps that are in a text as it is written, and not once in what is shown of it."""
    shown = list(_shown_marks(nodes))
    for gap, _ in _entries(gaps):
        if gap in gap_marks(text) and gap not in shown:
            yield f"has {{{{{gap}}}}} where no gap is shown, as in a formula or an address; write it elsewhere"
        elif shown.count(gap) > 1:
            yield f"shows {{{{{gap}}}}} more than once; keep one of them"


def _shown_marks(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if node["type"] in ("text", "code", "codeBlock"):
            yield from gap_marks(node["text"])
        yield from _shown_marks(node.get("children", []))


def _shows_something(nodes: Iterable[Node]) -> bool:
    return any(node.get("text", "").strip() or _shows_something(node.get("children", [])) for node in nodes)


def _kind(place: FieldPath) -> _Kind | None:
    """What a text is; None if only its plain rendition is published."""
    match place:
        case ("text",):
            return "text"
        case ("explanation",):
            return "explanation"
        case ("options" | "order" | "other_options", _) | ("match", _, "option") | ("gaps", _, "options", _):
            return "option"
        case ("match", _, "item"):
            return "item"
    return None


def _gap(place: FieldPath) -> str:
    """The gap that a text of a question belongs to; empty if it is not one of a gap."""
    return str(place[1]) if place[0] == "gaps" else ""


def _texts(question: Mapping[str, Any]) -> Iterator[tuple[FieldPath, str]]:
    """The texts of a question that are read as Markdown, with their places in it."""
    for place, text in _given(question):
        if isinstance(text, str) and text.strip():
            yield place, text


def _given(question: Mapping[str, Any]) -> Iterator[tuple[FieldPath, object]]:
    for name in ("text", "explanation"):
        yield (name,), question.get(name)
    for name in ("order", "other_options"):
        yield from (((name, at), text) for at, text in _items(question.get(name)))
    for place, pair in _forms(("match",), question.get("match")):
        yield from (((*place, part), pair.get(part)) for part in ("item", "option"))
    yield from _answers((), question)
    for name, gap in _entries(question.get("gaps")):
        yield from _answers(("gaps", name), gap if isinstance(gap, dict) else {})
    correction = question.get("correction")
    corrected = correction if isinstance(correction, dict) else {}
    yield ("correction", "reason"), corrected.get("reason")
    also = corrected.get("also_accept")
    also_accepted: dict[FieldPath, object] = {("correction", "also_accept"): also}
    also_accepted |= {("correction", "also_accept", name): forms for name, forms in _entries(also)}
    for place, forms in also_accepted.items():
        yield from _feedback(place, forms if isinstance(forms, list) else None)


def _answers(place: FieldPath, question: Mapping[str, Any]) -> Iterator[tuple[FieldPath, object]]:
    """The texts of the options, and of the feedback, of a question or a gap."""
    for name in ("options", "feedback"):
        yield from (((*place, name, id), text) for id, text in _entries(question.get(name)))
    for name in ("number", "accept"):
        yield from _feedback((*place, name), question.get(name))


def _feedback(place: FieldPath, forms: object) -> Iterator[tuple[FieldPath, object]]:
    yield from (((*at, "feedback"), form.get("feedback")) for at, form in _forms(place, forms))


def _entries(value: object) -> Iterable[tuple[str, object]]:
    return value.items() if isinstance(value, dict) else ()


def _items(value: object) -> Iterable[tuple[int, object]]:
    return enumerate(value) if isinstance(value, list) else ()


def _forms(place: FieldPath, forms: object) -> Iterator[tuple[FieldPath, dict[str, Any]]]:
    """The accepted answers, or pairs, of a field that has one or a list of them, with their places."""
    found = [((*place, at), form) for at, form in _items(forms)] or [(place, forms)]
    return ((at, form) for at, form in found if isinstance(form, dict))
