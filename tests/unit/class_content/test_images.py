"""Images of a class: what they may be, which are published, and what is left of an SVG."""

from __future__ import annotations

import os
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from unicodedata import normalize

import pytest
from ansible_collections.training.test_time.plugins.module_utils.class_content.files import load_class
from ansible_collections.training.test_time.plugins.module_utils.class_content.image_problems import WrongImage
from ansible_collections.training.test_time.plugins.module_utils.class_content.images import MAX_IMAGE_BYTES, image_of
from ansible_collections.training.test_time.plugins.module_utils.class_content.validation import class_problems
from ansible_collections.training.test_time.plugins.module_utils.shared.object_keys import image_key, is_image_key

from support.class_cloud import Cloud
from support.class_files import WEEKLY, WriteClass, question
from unit.class_content.test_objects import built

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 20
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9"/></svg>'
X = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def id_of(content: bytes) -> str:
    return sha256(content).hexdigest()[:16]


def class_with(write_class: WriteClass, images: dict[str, bytes], *questions: dict[str, Any], **more: Any) -> Path:
    folder = write_class(
        tests={"os/test01": {"title": "A", "format": "markdown", "questions": list(questions)}, **more}
    )
    (folder / "subjects/os/images").mkdir(exist_ok=True)
    for name, content in images.items():
        (folder / "subjects/os/images" / name).write_bytes(content)
    return folder


def problems(folder: Path) -> list[str]:
    return [str(problem) for problem in class_problems(load_class(folder, "class"), WEEKLY)]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [("a.png", PNG, "image/png"), ("a.png", JPEG, "image/jpeg"), ("a", SVG, "image/svg+xml")],
)
def test_an_image_is_what_its_content_says(write_class: WriteClass, name: str, content: bytes, kind: str) -> None:
    folder = class_with(write_class, {name: content}, question(text=f"![A shell]({name})"))
    assert problems(folder) == []
    published = built(folder)
    [[id, image]] = published.images["os", "test01"].items()
    assert image["type"] == kind
    assert id == id_of(b64decode(image["data"]))
    asked = published.questions["os", "test01"]
    assert asked["images"] == [id]
    assert asked["questions"][0]["nodes"][0]["children"] == [{"type": "image", "image": id, "text": "A shell"}]
    assert asked["questions"][0]["text"] == "[image: A shell]"
    assert f'"{id}"' in published.content()[image_key("os", "test01", id).replace(f"images/{id}", "questions")].decode()


def test_only_what_a_test_shows_is_published_and_explanations_have_theirs(write_class: WriteClass) -> None:
    images = {"one.png": PNG, "two.jpg": JPEG, "unused.svg": SVG, "broken.svg": b"no image"}
    asked = question(options={"a": "![x](one.png)", "b": "no"}, explanation="![y](two.jpg)")
    folder = class_with(write_class, images, asked)
    assert problems(folder) == []
    published = built(folder)
    assert published.images["os", "test01"].keys() == {id_of(PNG), id_of(JPEG)}
    assert published.questions["os", "test01"]["images"] == [id_of(PNG)], "that of an explanation is not among them"


def test_without_markdown_there_is_no_image(write_class: WriteClass) -> None:
    folder = class_with(write_class, {"one.png": PNG}, question(text="![x](one.png)"))
    path = folder / "subjects/os/test01.yml"
    path.write_text(path.read_text().replace("format: markdown\n", ""))
    assert not [key for key in built(folder).content() if is_image_key(key)]


@pytest.mark.parametrize(
    ("images", "written", "words"),
    [
        ({}, "a.png", "and there is no such file in the subject's folder images"),
        ({"A.png": PNG}, "a.png", "and there is no such file"),
        ({}, "../test01.yml", "and there is no such file"),
        ({}, "../../../students.yml", "and there is no such file"),
        ({"a.png": b"<html>"}, "a.png", "which is not a PNG, a JPEG or an SVG, whatever its name says"),
        ({"a.png": b""}, "a.png", "which is not a PNG, a JPEG or an SVG"),
        ({"a.png": PNG + b"\0" * MAX_IMAGE_BYTES}, "a.png", "which is larger than 500 KB; make it smaller"),
        ({"a.svg": b"<svg"}, "a.svg", "which is not a valid SVG"),
        ({".hidden.png": PNG}, ".hidden.png", "and there is no such file"),
    ],
)
def test_an_image_that_cannot_be_shown_is_a_problem(
    write_class: WriteClass, images: dict[str, bytes], written: str, words: str
) -> None:
    [problem] = problems(class_with(write_class, images, question(text=f"x ![words]({written})")))
    assert f"questions[1].text: has the image '{written}', {words}" in problem


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_files_name_may_have_accents_in_either_form(write_class: WriteClass, form: Literal["NFC", "NFD"]) -> None:
    images = {normalize("NFD" if form == "NFC" else "NFC", "żółw.png"): PNG}
    written = normalize(form, "![A tortoise](żółw.png)")
    folder = class_with(write_class, images, question(text=written))
    assert problems(folder) == []
    assert built(folder).questions["os", "test01"]["images"] == [id_of(PNG)]


@pytest.mark.skipif(os.name == "nt", reason="has no pipes")
def test_a_pipe_is_not_read(write_class: WriteClass) -> None:
    folder = class_with(write_class, {}, question(text="x ![words](a.png)"))
    os.mkfifo(folder / "subjects/os/images/a.png")
    [problem] = problems(folder)
    assert "has the image 'a.png', which is not a file" in problem


@pytest.mark.parametrize(
    "changes",
    [{"feedback": {"a": "![x](a.png)"}}, {"correction": {"reason": "![x](a.png)", "drop": True}}],
)
def test_feedback_and_reasons_cannot_have_one(write_class: WriteClass, changes: dict[str, Any]) -> None:
    found = problems(class_with(write_class, {"a.png": PNG}, question(**changes)))
    assert any("has an image, but only questions, options and explanations can show one" in line for line in found)


def test_a_test_called_images_stays_possible(write_class: WriteClass) -> None:
    folder = class_with(write_class, {"a.png": PNG}, question(), **{"os/images": [question()]})
    assert problems(folder) == []
    assert ("os", "images") in built(folder).questions


@pytest.mark.parametrize(
    ("key", "is_one"),
    [
        (image_key("os", "test01", "1a"), True),
        (image_key("os", "images", "1a"), True),
        ("subjects/os/images/questions.json", False),
        ("subjects/images/test01/questions.json", False),
        ("subjects/images/index.json", False),
        ("answer-keys/os/test01/images/1a.json", False),
    ],
)
def test_keys_of_images_are_told_from_others(key: str, is_one: bool) -> None:
    assert is_image_key(key) == is_one


@pytest.mark.parametrize(
    "drawing",
    [
        '<rect width="3" height="3" fill="url(#g)"/>',
        '<g transform="scale(2)"><text x="1" font-family="DejaVu Sans">a</text></g>',
        '<style>.a{fill:#f00;stroke:url(#g)}</style><circle class="a" r="3"/>',
        '<defs><path id="p" d="M0 0"/></defs><use href="#p" x="1"/>',
        "<path fill=\"url( '#g' )\"/>",
        '<linearGradient id="g"><stop offset="0" stop-color="#f00"/></linearGradient>',
    ],
)
def test_what_draws_stays_in_an_svg(drawing: str) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{drawing}</svg>'
    shown = b64decode(image_of(svg.encode()).published["data"]).decode()
    assert shown.replace(" />", "/>").replace('"0 0 9 9" xmlns="http://www.w3.org/2000/svg"', "") == svg.replace(
        'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"', "viewBox="
    )


def test_links_of_older_programs_become_those_of_today() -> None:
    shown = image_of(f'<svg {X}><path id="p" d="M0 0"/><use xlink:href="#p"/></svg>'.encode()).published
    assert b'<use href="#p" />' in b64decode(shown["data"])


def test_notes_comments_and_instructions_are_left_out() -> None:
    svg = f"""<?xml version="1.0"?><?xml-stylesheet href="https://e.org/a.css"?><!-- secret -->
    <svg {X} xmlns:i="http://inkscape" i:version="1" data-x="1"><metadata>who made it</metadata><i:view/>
    <i:script>alert(1)</i:script><path d="M0 0" i:label="a"/></svg>"""
    shown = b64decode(image_of(svg.encode()).published["data"]).decode()
    assert "path" in shown
    for word in ("stylesheet", "secret", "inkscape", "data-x", "who made it", "alert", "label"):
        assert word not in shown


@pytest.mark.parametrize(
    ("svg", "reason"),
    [
        (f"<svg {X}><script>alert(1)</script></svg>", "has the element script"),
        (f"<svg {X}><SCRIPT>alert(1)</SCRIPT></svg>", "has the element SCRIPT"),
        (f'<svg {X} onload="alert(1)"/>', "has the attribute onload"),
        (f'<svg {X}><path ONCLICK="alert(1)"/></svg>', "has the attribute ONCLICK"),
        (f"<svg {X}><foreignObject/></svg>", "has the element foreignObject"),
        (f'<svg {X}><image href="https://e.org/a.png"/></svg>', "has the element image"),
        (f'<svg {X}><a href="https://e.org"/></svg>', "has the element a"),
        (f'<svg {X}><animate attributeName="href"/></svg>', "has the element animate"),
        (f'<svg {X}><set attributeName="href"/></svg>', "has the element set"),
        (f"<svg {X}><filter/></svg>", "has the element filter"),
        (f'<svg {X}><use href="https://e.org/a.svg#p"/></svg>', "refers to 'https://e.org/a.svg#p'"),
        (f'<svg {X}><use xlink:href="data:image/svg+xml,x"/></svg>', "refers to 'data:"),
        (f'<svg {X}><path href="javascript:alert(1)"/></svg>', "refers to 'javascript:"),
        (f"<svg {X}><style>@import 'https://e.org/a.css'</style></svg>", "has '@' in style"),
        (f"<svg {X}><style>a{{fill:url(https://e.org)}}</style></svg>", "has 'url(' in style"),
        (f"<svg {X}><style>a{{fill:u\\72l(https://e.org)}}</style></svg>", r"has '\' in style"),
        (f"<svg {X}><path fill=\"url( 'https://e.org')\"/></svg>", "in fill"),
        (f'<svg {X}><path style="fill:URL(//e.org)"/></svg>', "in style"),
        (f"<svg {X}><path style=\"background:image-set('a')\"/></svg>", "in style"),
        ("<!DOCTYPE svg><svg/>", "has a DOCTYPE or entities"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "has a DOCTYPE or entities"),
        ('<!DOCTYPE svg SYSTEM "https://e.org/a.dtd"><svg/>', "has a DOCTYPE or entities"),
        ("<svg/>", "is not a valid SVG"),
        (f"<html><svg {X}/></html>", "is not a valid SVG"),
        (f"<svg {X}>", "is not a valid SVG"),
        (f"<svg {X}>" + "<g>" * 200 + "</g>" * 200 + "</svg>", "is nested more than 100 deep"),
        (f'<svg {X}><g id="a"><use href="#a"/></g></svg>', "has a use of a part that has one itself"),
        (
            f'<svg {X}><path id="p"/><g id="a"><use href="#p"/></g><use href="#a"/></svg>',
            "has a use of a part that has one itself",
        ),
        (
            f'<svg {X}><path id="p"/><g id="a"><use href="#p"/></g><g id="a"/><use href="#a"/></svg>',
            "has a use of a part that has one itself",
        ),
        (f"<svg {X}><path fill=\"url(#g) url('https://e.org')\"/></svg>", "in fill"),
        ("<?xml version='1.0' encoding='x'?><svg/>", "is not a valid SVG"),
    ],
)
def test_what_is_active_in_an_svg_is_refused(svg: str, reason: str) -> None:
    with pytest.raises(WrongImage) as refused:
        image_of(svg.encode())
    assert reason in str(refused.value)


def test_images_are_published_before_what_names_them_and_removed_with_their_test(
    write_class: WriteClass, cloud: Cloud
) -> None:
    key = image_key("os", "test01", id_of(PNG))
    folder = class_with(write_class, {"a.png": PNG}, question(text="![x](a.png)"))
    plan = cloud.plan_of(folder)
    steps = [list(puts) for puts, _ in plan.objects.steps()]
    assert [key] in steps
    assert steps.index([key]) < next(at for at, puts in enumerate(steps) if "subjects/os/test01/questions.json" in puts)
    cloud.publish(folder)
    assert cloud.plan_of(folder).lines == [], "the same image is not written again"
    (folder / "subjects/os/images/a.png").write_bytes(PNG + b"changed")
    other = image_key("os", "test01", id_of(PNG + b"changed"))
    plan = cloud.plan_of(folder)
    assert plan.lines == ["~ test01 in os (questions)"]
    assert (other in plan.objects.puts, plan.objects.deletes) == (True, [key])
    cloud.publish(folder)
    assert [each for each in cloud.objects() if is_image_key(each)] == [other]
