"""Combines the page's ES modules, starting from one of them, into one script.

Each module becomes a function that is called once and returns its exports, so that names stay separate, as they do when
a browser runs the same files as modules. The modules use only a part of the language, so that a few lines of code can
read them:

- imports have the form `import { a, b } from "./file.js";`, on one or several lines, from a file in the same folder;
- exports are `export` before `function`, `async function`, `class` or `const`;
- both start at the beginning of a line. Modules do not import each other in a circle.

Any other line that begins with one of the two words raises ModuleError with the file and the line.
"""

from __future__ import annotations

import re
from pathlib import Path

_IMPORT = re.compile(r'import \{([\w$\s,]+)\} from "\./([a-z_]+\.js)";')
_EXPORT = re.compile(r"export ((?:async function|function|class|const) ([\w$]+).*)")


class ModuleError(ValueError):
    """A module breaks one of the rules above. The message begins with `file:line:`."""


def one_script(folder: Path, entry: str) -> str:
    """The script with the module `entry` and everything that it imports, each module after those that it imports."""
    modules: dict[str, _Module] = {}
    _follow(folder, entry, "", modules, ())
    return "\n".join(line for module in modules.values() for line in module.as_function())


class _Module:
    """One file. `imports`: the names imported from each file, and where the import is (`file:line`).

    `lines`: the rest of it, without imports, `export` and lines that contain only a comment.
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
        self.lines.append(found[1])
        self.exports.append(found[2])


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
