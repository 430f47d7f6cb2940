"""The texts of an item of QTI 1.2."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from html import escape
from xml.etree.ElementTree import Element

from cli.questions.bank_images import FileIn, no_files
from cli.questions.xml_file import Losses, content, html_in, text_in

RESPONSES = ("response_lid", "response_str", "response_num", "response_grp", "response_xy", "response_extension")
_MATERIALS = ("mattext", "mat_formattedtext", "matimage", "mataudio", "matvideo", "matemtext", "matapplet")


def _materials(element: Element, stop: Sequence[str] = ()) -> Iterator[Element]:
    """The pieces of text in an element in their order, without those in elements named in `stop`."""
    left = deque(element)
    while left:
        child = left.popleft()
        if child.tag in _MATERIALS:
            yield child
        elif child.tag not in stop:
            left.extendleft(reversed(child))


def prompt(presentation: Element, responses: list[Element], losses: Losses, file_in: FileIn = no_files) -> str:
    """The question's text: what is beside the places for answers, or in the only one of them."""
    texts = [_text(found, losses, file_in) for found in _materials(presentation, RESPONSES)]
    if len(responses) == 1 and not any(texts):
        texts += [_text(found, losses, file_in) for found in _own_materials(responses[0])]
    return "\n\n".join(filter(None, texts))


def _own_materials(response: Element) -> Iterator[Element]:
    return _materials(response, ("render_choice", "render_fib", "render_hotspot", "render_slider", "render_extension"))


def text_of(element: Element | None, losses: Losses, file_in: FileIn | None = no_files) -> str:
    """All texts in an element. `file_in`: the bank's files; None if no image can be shown."""
    if element is None:
        return ""
    return "\n\n".join(filter(None, (_text(found, losses, file_in) for found in _materials(element))))


def _text(found: Element, losses: Losses, file_in: FileIn | None) -> str:
    if found.tag.startswith("mat") and found.tag not in ("mattext", "mat_formattedtext", "matemtext"):
        source = found.get("uri") or found.get("label") or ""
        if found.tag == "matimage":
            return html_in(f'<img src="{escape(source)}">', losses, file_in)
        losses.lose(f"the file {source or 'without a name'} is left out")
        return ""
    kind = (found.get("texttype") or found.get("type") or "").lower()
    if "html" in kind or len(found):
        return html_in(content(found), losses, file_in)
    text = text_in(found)
    text, lost = losses.texts.of_plain(text)
    losses.add(lost)
    return text


def text_of_response(response: Element, losses: Losses, file_in: FileIn = no_files) -> str:
    """The text that belongs to a place for an answer, without its options."""
    return "\n\n".join(filter(None, (_text(found, losses, file_in) for found in _own_materials(response))))
