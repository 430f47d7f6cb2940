"""Combines the page's ES modules, starting from one of them, into one script.

Each module becomes a function that is called once and returns its exports, so that names stay separate, as they do when
a browser runs the same files as modules. The modules use only a part of the language, so that a few lines of code can
read them:

- imports have the form `import { a, b } from "./file.js";`, on one or several lines, from a file in the same folder;
- exports are `export` before `function`, `async function`, `class` or `const`, one name each;
- both start at the beginning of a line. Modules do not import each other in a circle;
- a template literal ends on its line and contains no other one, because indentation and lines that are blank or only a
  comment are left out;
- nothing is imported while the page runs, and nothing awaited outside a function;
- no line contains what HTML reads as the beginning or the end of a script or a comment.

Anything else raises ModuleError with the file and the line. These are checks of lines, without a parser: they find the
mistakes that are likely, and the page's tests in a browser find the rest.
"""

from __future__ import annotations

import re
from pathlib import Path

_IMPORT = re.compile(r'import \{([\w$\s,]+)\} from "\./([a-z_]+\.js)";')
_EXPORT = re.compile(r"export ((?:async function|function|class|const) ([\w$]+).*)")
_KEYWORD = re.compile(r"(import|export)(?![\w$]|\s*:)")
_STRING = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""")
_TEMPLATE = re.compile(r"`(?:[^`$]|\$(?!\{)|\$\{[^`}]*\})*`")
_BRACKETS = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")
# What a line of code must not contain outside its strings.
_REFUSED = (
    (re.compile(r"(?<![.\w$])import\s*[(.]"), "import( and import. are not supported: import at the top of the file"),
    (re.compile(rf"(?:[;{{}})]|\*/)\s*{_KEYWORD.pattern}"), "an import or export must start its line"),
    (re.compile(r"^(?!\s)(?:(?!\basync\b).)*\bawait\b"), "await is supported only inside an async function"),
)
_HTML = re.compile(r"</?script|<!--", re.I)


class ModuleError(ValueError):
    """A module breaks one of the rules above. The message begins with `file:line:`."""


def one_script(folder: Path, entry: str) -> str:
    """The script with the module `entry` and everything that it imports, each module after those that it imports."""
    modules: dict[str, _Module] = {}
    _follow(folder, entry, "", modules, ())
    return "\n".join(line for module in modules.values() for line in module.as_function())


class _Module:
    """One file. `imports`: the names imported from each file, and where the import is (`file:line`).

    `lines`: the rest of it, without imports, `export`, indentation and lines that contain only a comment.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.imports: dict[str, tuple[list[str], str]] = {}
        self.exports: list[str] = []
        self.lines: list[str] = []
        statement = ""  # an import whose end has not been read yet
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            start = line.lstrip()
            keyword = _KEYWORD.match(start)
            if statement or (keyword and keyword[1] == "import"):
                statement += line
                if line.endswith(";"):
                    self._add_import(statement, number)
                    statement = ""
            elif keyword:
                self._add_export(line, number)
            elif start and not start.startswith("//"):
                self._add_code(line, number)
        if statement:
            raise ModuleError(f"{self.name}:{number}: the last import does not end with a semicolon")

    def as_function(self) -> list[str]:
        """The module as a constant that contains its exports."""
        imports = [f"const {{{','.join(names)}}}={_constant(file)};" for file, (names, _) in self.imports.items()]
        exports = f"return {{{','.join(self.exports)}}};"
        return [f"const {_constant(self.name)}=(()=>{{", *imports, *self.lines, exports, "})();"]

    def _add_import(self, statement: str, number: int) -> None:
        place = f"{self.name}:{number}"
        if not (found := _IMPORT.fullmatch(statement)):
            raise ModuleError(f'{place}: an import must have the form import {{ a, b }} from "./file.js";')
        if found[2] in self.imports:
            raise ModuleError(f"{place}: {found[2]} is imported twice: combine the imports into one")
        self.imports[found[2]] = ([name for name in map(str.strip, found[1].split(",")) if name], place)

    def _add_export(self, line: str, number: int) -> None:
        if not (found := _EXPORT.fullmatch(line)):
            raise ModuleError(f"{self.name}:{number}: an export must start its line and be a function, class or const")
        if found[1].startswith("const ") and _declares_several(found[1]):
            raise ModuleError(f"{self.name}:{number}: an export must declare one name: write one export for each")
        self._add_code(found[1], number)
        self.exports.append(found[2])

    def _add_code(self, line: str, number: int) -> None:
        place = f"{self.name}:{number}"
        code = _STRING.sub('""', line)
        for pattern, message in _REFUSED:
            if pattern.search(code):
                raise ModuleError(f"{place}: {message}")
        if "`" in _TEMPLATE.sub("", line):
            raise ModuleError(
                f"{place}: a template literal must end on its line and not contain another; one backtick alone is \\x60"
            )
        if found := _HTML.search(line):
            raise ModuleError(f"{place}: HTML reads {found[0]} as its own: write the < as \\x3c")
        self.lines.append(line.lstrip())


def _declares_several(declaration: str) -> bool:
    """Whether a comma separates names: one outside strings and brackets, before the end of the statement."""
    rest = _TEMPLATE.sub("", _STRING.sub("", declaration))
    found = 1
    while found:
        rest, found = _BRACKETS.subn("", rest)
    return "," in re.split(r"[;(\[{]|//", rest)[0]


def _follow(folder: Path, name: str, importer: str, modules: dict[str, _Module], path: tuple[str, ...]) -> None:
    """Add the module `name` to `modules`, after those it imports. `path`: the modules that lead to it."""
    if name in path:
        raise ModuleError(f"{importer}: modules import each other in a circle: {' -> '.join((*path, name))}")
    if name in modules:
        return
    if not (folder / name).is_file():
        raise ModuleError(f"{importer}: {name} does not exist in {folder.name}/")
    module = _Module(folder / name)
    for file, (names, place) in module.imports.items():
        _follow(folder, file, place, modules, (*path, name))
        for missing in sorted(set(names) - set(modules[file].exports)):
            raise ModuleError(f"{place}: {file} does not export {missing}")
    modules[name] = module


def _constant(file: str) -> str:
    """A name that no module declares: the file's name after a dollar sign."""
    return f"${file.removesuffix('.js')}"
