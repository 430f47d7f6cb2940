"""The page's ES modules followed from one of them and made into one script.

Each module becomes a function, called once, that returns what it exports: names stay apart as they do in the browser,
which runs the same files as they stand. What a module may write is less than the language allows, so that a few lines
can read it:

- imports are `import { a, b } from "./file.js";`, on one line or several, from a file of the same folder;
- exports are `export` before `function`, `async function`, `class` or `const`;
- both begin their line. Modules do not import each other in a circle.

Any other line that begins with one of the two words raises ModuleError, which names the file and the line.
"""

from __future__ import annotations

import re
from pathlib import Path

_IMPORT = re.compile(r'import \{([\w$\s,]+)\} from "\./([a-z_]+\.js)";')
_EXPORT = re.compile(r"export ((?:async function|function|class|const) ([\w$]+).*)")


class ModuleError(ValueError):
    """A module breaks a rule above. The message begins with `file:line:`."""


def one_script(folder: Path, entry: str) -> str:
    """The script of the module `entry` and all it imports, each module after those that it imports."""
    modules: dict[str, _Module] = {}
    _follow(folder, entry, "", modules, ())
    return "\n".join(line for module in modules.values() for line in module.as_function())


class _Module:
    """One file. `imports`: the names imported from each file, and where that is written (`file:line`).

    `lines`: what is left of it without imports, `export` and lines that are only a comment.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.imports: dict[str, tuple[list[str], str]] = {}
        self.exports: list[str] = []
        self.lines: list[str] = []
        statement = ""  # an import whose end has not been read yet
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            start = line.lstrip()
            if statement or start.startswith("import"):
                statement += line
                if line.endswith(";"):
                    self._add_import(statement, number)
                    statement = ""
            elif start.startswith("export"):
                self._add_export(line, number)
            elif start and not start.startswith("//"):
                self.lines.append(line)
        if statement:
            raise ModuleError(f"{self.name}:{number}: the last import does not end with a semicolon")

    def as_function(self) -> list[str]:
        """The module as a constant that has its exports."""
        imports = [f"const {{{','.join(names)}}}={_constant(file)};" for file, (names, _) in self.imports.items()]
        exports = f"return {{{','.join(self.exports)}}};"
        return [f"const {_constant(self.name)}=(()=>{{", *imports, *self.lines, exports, "})();"]

    def _add_import(self, statement: str, number: int) -> None:
        place = f"{self.name}:{number}"
        if not (found := _IMPORT.fullmatch(statement)):
            raise ModuleError(f'{place}: an import must have the form import {{ a, b }} from "./file.js";')
        if found[2] in self.imports:
            raise ModuleError(f"{place}: {found[2]} is imported from twice: make it one import")
        self.imports[found[2]] = ([name for name in map(str.strip, found[1].split(",")) if name], place)

    def _add_export(self, line: str, number: int) -> None:
        if not (found := _EXPORT.fullmatch(line)):
            raise ModuleError(f"{self.name}:{number}: an export must begin its line and be a function, class or const")
        self.lines.append(found[1])
        self.exports.append(found[2])


def _follow(folder: Path, name: str, importer: str, modules: dict[str, _Module], path: tuple[str, ...]) -> None:
    """Add the module `name` to `modules`, after those it imports. `path`: the modules that lead to it."""
    if name in path:
        raise ModuleError(f"{importer}: modules import each other in a circle: {' -> '.join((*path, name))}")
    if name in modules:
        return
    if not (folder / name).is_file():
        raise ModuleError(f"{importer}: there is no file {name} in {folder.name}/")
    module = _Module(folder / name)
    for file, (names, place) in module.imports.items():
        _follow(folder, file, place, modules, (*path, name))
        for missing in sorted(set(names) - set(modules[file].exports)):
            raise ModuleError(f"{place}: {file} does not export {missing}")
    modules[name] = module


def _constant(file: str) -> str:
    """A name that no module declares: its file's, after a dollar sign."""
    return f"${file.removesuffix('.js')}"
