"""Question banks in XML: reading without what makes XML dangerous, and writing."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, tostring

from cli.questions.bank import AcceptedNumber, BankError, BankQuestion, CannotBeWrittenError, Other
from cli.questions.bank_images import FileIn, no_files
from cli.questions.bank_texts import BankTexts, PlainTexts
from cli.questions.text_file import refuse_too_large
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

EXACT = Context(prec=1_000)  # decimals: enough for what `number_in` accepts
_NUMBER = re.compile(
    r"([-+]?(?:\d{1,100}(?:[.,]\d{0,100})?|[.,]\d{1,100}))(?:(?:e|\s?[x×*]\s?10\^?)\s?([-+]?\d{1,3}))?",  # noqa: RUF001
    re.ASCII | re.IGNORECASE,
)
_FRACTION = re.compile(r"[-+]?(?:\d{1,9}(?:\.\d{0,20})?|\.\d{1,20})", re.ASCII)
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]*\?>")
_NAME_LENGTH = 60
_POINT_DECIMALS = 7
_LARGEST_DENOMINATOR = 100


def parsed(data: bytes) -> Element:
    """The file's first element. The names of all elements are without namespaces."""
    refuse_too_large(data)
    data = _in_utf8(data).removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    _refuse_wrong_encoding(data)
    try:
        root: Element = fromstring(data)
    except DefusedXmlException:
        raise BankError("the file defines entities (<!ENTITY ...>), which is not safe to read: remove them") from None
    except (ParseError, ValueError, LookupError) as error:
        raise BankError(f"the file is not correct XML: {error}") from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def _in_utf8(data: bytes) -> bytes:
    """UTF-16 with a byte order mark, whatever the file says of itself, as UTF-8."""
    if not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data
    try:
        return _DECLARATION.sub("", data.decode("utf-16")).encode()
    except UnicodeError:
        raise BankError("the file is not a text file") from None


def _refuse_wrong_encoding(data: bytes) -> None:
    if b"\0" in data[:1000]:
        raise BankError("the file is not a text file")
    declared = re.match(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)", data[:200])
    if declared is None or declared[1].lower() in (b"utf-8", b"utf8"):
        try:
            data.decode()
        except UnicodeDecodeError:
            raise BankError("the file is not in UTF-8: save it as UTF-8") from None


def beginning(data: bytes) -> str:
    """The first characters of a text file, to guess what it is."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return data[:20_000].decode(encoding, errors="replace")


def content(element: Element | None) -> str:
    """The text in an element. HTML that was not escaped is a part of it."""
    if element is None:
        return ""
    try:
        return (element.text or "") + "".join(tostring(child, encoding="unicode") for child in element)
    except RecursionError:
        raise BankError("the file has elements that are nested too deeply") from None


def stripped(text: str) -> str:
    """The text without white space around it, as XML has it: a no-break space is a part of the text."""
    return text.strip(" \t\r\n")


def text_in(element: Element | None) -> str:
    return stripped(content(element))


def html_in(html: str, losses: Losses, file_in: FileIn | None = no_files) -> str:
    """`file_in`: the bank's files; None if no image can be shown."""
    text, lost = losses.texts.of_html(html, file_in)
    losses.add(lost)
    return text


class Losses:
    """Sentences, each once, in their order, about texts.

    `texts`: what they become when they are read. `files`: their images by name, when they are written.
    """

    def __init__(self, texts: BankTexts | None = None, files: Mapping[str, bytes] | None = None) -> None:
        self.files = files or {}
        self.texts = texts or PlainTexts()
        self._sentences: dict[str, None] = {}

    def add(self, sentences: Iterable[str]) -> None:
        self._sentences.update(dict.fromkeys(sentences))

    def lose(self, sentence: str) -> None:
        self.add([sentence])

    def all(self) -> tuple[str, ...]:
        return tuple(self._sentences)


def number_in(text: str) -> Decimal | None:
    """The number that is written with a point or a comma, possibly with an exponent; None if it is none."""
    found = _NUMBER.fullmatch(text.strip())
    if not found:
        return None
    return Decimal(f"{found[1].replace(',', '.')}e{found[2] or 0}")


def fraction_in(text: str) -> Fraction | None:
    """The number, as a simple fraction if it seems to be one that was rounded: `0.3333333` is a third."""
    if not _FRACTION.fullmatch(text.strip()):
        return None
    written = Fraction(text.strip())
    decimals = len(text.strip().partition(".")[2])
    simple = written.limit_denominator(_LARGEST_DENOMINATOR)
    rounded = decimals >= 5 and abs(simple - written) <= Fraction(1, 10**decimals)
    return simple if rounded else written


def shown_fraction(number: Fraction) -> str:
    return f"{Decimal(round(number * 10**_POINT_DECIMALS)).scaleb(-_POINT_DECIMALS):f}".rstrip("0").removesuffix(".")


def around(middle: Decimal, tolerance: Decimal) -> tuple[Decimal, Decimal]:
    distance = tolerance.copy_abs()
    return EXACT.subtract(middle, distance), EXACT.add(middle, distance)


def middle(low: Decimal, high: Decimal) -> Decimal:
    return EXACT.divide(EXACT.add(low, high), Decimal(2))


def middle_and_tolerance(accepted: AcceptedNumber) -> tuple[Decimal, Decimal]:
    """The number as it was given, if it was, and half of the width."""
    if accepted.value is not None:
        return accepted.value, EXACT.subtract(accepted.high, accepted.value)
    width = EXACT.subtract(accepted.high, accepted.low)
    return middle(accepted.low, accepted.high), EXACT.divide(width, Decimal(2))


def add_each(
    questions: Sequence[BankQuestion],
    files: Mapping[str, bytes],
    add_question: Callable[[int, BankQuestion, Losses], None],
) -> list[tuple[str, str]]:
    """Add the questions, numbered from 1, and return what is lost: where, and what.

    `add_question` raises CannotBeWrittenError before it adds anything.
    """
    lost = []
    for number, question in enumerate(questions, 1):
        losses = Losses(files=files)
        try:
            add_question(number, question, losses)
        except CannotBeWrittenError as error:
            losses.lose(f"the question is left out, because {error}")
        lost += [(question.where, sentence) for sentence in losses.all()]
    return lost


def refuse_without_text_or_type(question: BankQuestion, unscored: Collection[str]) -> None:
    """Raise CannotBeWrittenError if the question has no text, or no type that the format has.

    `unscored`: the types without a score that it has.
    """
    if isinstance(question.body, Other) and question.body.name not in unscored:
        raise CannotBeWrittenError(f"it is of the type {question.body.name}")
    if not question.text:
        raise CannotBeWrittenError("it has no text")


def name_from(text: str) -> str:
    """The name of a question that has none, for systems that need one."""
    return " ".join(_NOT_IN_XML.sub("", text).split())[:_NAME_LENGTH].strip() or "?"


def add(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    element = SubElement(parent, tag, attributes)
    element.text = text
    return element


def allowed(text: str, losses: Losses) -> str:
    """The text without the characters that cannot be in XML."""
    if _NOT_IN_XML.search(text):
        losses.lose("control characters are left out")
        return _NOT_IN_XML.sub("", text)
    return text


def trimmed(text: str, what: str, losses: Losses) -> str:
    """A text around which the format keeps no spaces."""
    if text != stripped(text):
        losses.lose(f"the spaces around {what} are left out")
    return allowed(stripped(text), losses)


def written(root: Element) -> bytes:
    indent(root)
    # A reader of XML makes a bare carriage return a line feed.
    xml = tostring(root, encoding="unicode").replace("\r", "&#13;")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml}\n'.encode()
