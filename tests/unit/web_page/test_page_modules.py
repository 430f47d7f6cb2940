"""How the page's modules become one script, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from web_page.modules import ModuleError, one_script
from web_page.page import STUDENTS_ENTRY, TRAINERS_ENTRY

SOURCES = Path(__file__).parents[3] / "lambda_src" / "web_page" / "page"


def script(folder: Path, **modules: str) -> str:
    """The script of `start.js` among these modules."""
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text)
    return one_script(folder, "start.js")


def test_a_module_stands_once_and_after_what_it_imports(tmp_path: Path) -> None:
    made = script(
        tmp_path,
        start='// Start.\nimport { b } from "./second.js";\nimport { a } from "./first.js";\n\nb(a);\n',
        second='import { a } from "./first.js";\n\nexport function b() {\n  return a; // kept\n}\n',
        first="export const a = 1;\n",
    )
    assert made.splitlines() == [
        *("const $first=(()=>{", "const a = 1;", "return {a};", "})();"),
        *("const $second=(()=>{", "const {a}=$first;", "function b() {", "return a; // kept", "}"),
        *("return {b};", "})();"),
        *("const $start=(()=>{", "const {b}=$second;", "const {a}=$first;", "b(a);", "return {};", "})();"),
    ]


def test_imports_may_stand_on_several_lines_and_modules_may_share_names(tmp_path: Path) -> None:
    made = script(
        tmp_path,
        start='import {\n  A,\n  b,\n} from "./other.js";\nconst own = 1;\n',
        other="export class A {}\nexport async function b() {}\nconst own = 2;\n",
    )
    assert "const {A,b}=$other;" in made
    assert "return {A,b};" in made


@pytest.mark.parametrize(
    ("start", "told"),
    [
        ('import { a } from "./no_such.js";', "start.js:1: no_such.js does not exist"),
        ('import { z } from "./other.js";', "start.js:1: other.js does not export z"),
        ('\nimport { hidden } from "./other.js";', "start.js:2: other.js does not export hidden"),
        ('import { a as b } from "./other.js";', "start.js:1: other.js does not export a as b"),
        ('import * as b from "./other.js";', "start.js:1: an import must have the form"),
        ('import b from "./other.js";', "start.js:1: an import must have the form"),
        ('import "./other.js";', "start.js:1: an import must have the form"),
        ('import { a } from "https://example.org/other.js";', "start.js:1: an import must have the form"),
        ('import { a } from "../other.js";', "start.js:1: an import must have the form"),
        ('  import { a } from "./other.js";', "start.js:1: an import must have the form"),
        ('{\n  import("./other.js");\n}', "start.js:2: an import must have the form"),
        ('import { a } from "./other.js"; a();', "start.js:1: an import must have the form"),
        ('import { a } from "./other.js"\na()', "start.js:2: the last import does not end with a semicolon"),
        (
            'import { a } from "./other.js";\nimport { b } from "./other.js";',
            "start.js:2: other.js is imported tw",
        ),
        ("export default a;", "start.js:1: an export must start its line and be a function, class or const"),
        ("a();\nexport { a };", "start.js:2: an export must"),
        ("export let a = 1;", "start.js:1: an export must"),
        ("export const { a } = b;", "start.js:1: an export must"),
        ("  export const a = 1;", "start.js:1: an export must"),
        ('export * from "./other.js";', "start.js:1: an export must"),
        ("export const a = 1, b = 2;", "start.js:1: an export must declare one name"),
        ("export const a = (b, c) => `${b}, c`,\n  d = 2;", "start.js:1: an export must declare one name"),
        ("f(); export const a = 1;", "start.js:1: an import or export must start its line"),
        ('f();\n} import { a } from "./other.js";', "start.js:2: an import or export must start its line"),
        ('f();\nconst m = await import("./other.js");', "start.js:2: import( and import. are not supported"),
        ('  f(`${import ("./other.js")}`);', "start.js:1: import( and import. are not supported"),
        ("f(import.meta);", "start.js:1: import( and import. are not supported"),
        ("f();\nawait f();", "start.js:2: await is supported only inside an async function"),
        ("export const a = await f();", "start.js:1: await is supported only inside an async function"),
        ("for await (const a of b) f(a);", "start.js:1: await is supported only inside an async function"),
        ("f(`one\n\n// two`);", "start.js:1: a template literal must end on its line"),
        ("f(`one${`\n\n`}`);", "start.js:1: a template literal must end on its line"),
        ("export const a = `\n`;", "start.js:1: a template literal must end on its line"),
        ('f();\nf("</Script>");', "start.js:2: HTML reads </Script as its own"),
        ('f("<!-- <script");', "start.js:1: HTML reads <!-- as its own"),
        ("f(); // <script>", "start.js:1: HTML reads <script as its own"),
        ('import { c } from "./circle.js";', "circle.js:1: modules import each other in a circle: start.js -> circle"),
    ],
)
def test_what_is_not_supported_is_refused_with_its_place(tmp_path: Path, start: str, told: str) -> None:
    with pytest.raises(ModuleError) as refused:
        script(
            tmp_path,
            start=start,
            other="export const a = 1;\nexport const b = 1;\nconst hidden = 1;",
            circle='import { d } from "./start.js";\nexport const c = 1;',
        )
    assert str(refused.value).startswith(told)


@pytest.mark.parametrize(
    "line",
    [
        "importantThing();",
        "exported.push(1);",
        "  export: true,",
        "f(file.import(1), { import: 1 });",
        "f(`${a}/export/b`);",
        'f("; export it, then import (it)");',
        "const a = async () => await f();",
        "  await f();",
        "f(awaited, `one ${a} // two`, `${b}`);",
    ],
)
def test_what_only_looks_like_it_is_kept(tmp_path: Path, line: str) -> None:
    assert line.lstrip() in script(tmp_path, start=f"{line}\n").splitlines()


@pytest.mark.parametrize(
    "line",
    [
        "const a = (b, c) => f(b, [c, 1]);",
        'const a = new A("b, c"); // d, e',
        "const a = f(/x/, { b, c: `d, e` }, (g) => {",
        "async function a(b, c) {",
    ],
)
def test_an_export_of_one_name_may_contain_commas(tmp_path: Path, line: str) -> None:
    made = script(tmp_path, start=f"export {line}\n").splitlines()
    assert made[1:3] == [line, "return {a};"]


def imported_and_used(path: Path) -> tuple[set[tuple[str, str]], str]:
    """What a module imports, as (file, name), and the rest of it."""
    text = path.read_text()
    imports = re.findall(r'^import \{([^}]+)\} from "\./([a-z_]+\.js)";$', text, re.M)
    names = {(file, name.strip()) for names, file in imports for name in names.split(",")}
    return names, re.sub(r"^import .*$", "", text, flags=re.M)


def test_every_module_is_reached_and_every_import_and_export_used() -> None:
    made = one_script(SOURCES, STUDENTS_ENTRY) + one_script(SOURCES, TRAINERS_ENTRY)
    exported, imported = set(), set()
    for path in SOURCES.glob("*.js"):
        assert f"const ${path.stem}=(" in made, f"{path.name} is not reached"
        names, body = imported_and_used(path)
        imported |= names
        assert [name for _, name in names if not re.search(rf"\b{name}\b", body)] == [], path.name
        exported |= {(path.name, name) for name in re.findall(r"^export (?:async )?\w+ (\w+)", body, re.M)}
    # The page's tests call these two.
    assert exported - imported == {("text.js", "blocks"), ("text.js", "inlineCode")}
