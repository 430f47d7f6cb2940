"""The documentation of modules and filters can be read, and says what the code accepts."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import yaml
from ansible.plugins.action import ActionBase

from support.templates import ROOT

PLUGINS = "ansible_collections.training.test_time.plugins"
OWN = "training.test_time."
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
FILTERS = sorted(path.stem for path in (ROOT / "plugins/filter").glob("*.yml"))
# What `DOCUMENTATION` and `argument_spec` have to agree on, and what each means if it is not given.
AGREED = {"type": "str", "elements": None, "required": False, "default": None, "choices": None}


class SpecSeen(Exception):
    """Ends a module as soon as it has said which arguments it accepts."""


def seen(*_: Any, argument_spec: Mapping[str, Any], **__: Any) -> None:
    raise SpecSeen(argument_spec)


def module(name: str) -> Any:
    return importlib.import_module(f"{PLUGINS}.modules.{name}")


def start_of(name: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], object]:
    """What makes the module, or the action that is documented as one, say which arguments it accepts."""
    if hasattr(module(name), "main"):
        for maker in {"AnsibleModule", "AnsibleAWSModule"} & vars(module(name)).keys():
            monkeypatch.setattr(module(name), maker, seen)
        main: Callable[[], object] = module(name).main
        return main
    action = importlib.import_module(f"{PLUGINS}.action.{name}").ActionModule
    monkeypatch.setattr(ActionBase, "run", lambda *_: {})
    monkeypatch.setattr(ActionBase, "validate_argument_spec", seen)
    run: Callable[[], object] = action.__new__(action).run
    return run


def agreed(written: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: {key: option.get(key, unset) for key, unset in AGREED.items()} for name, option in written.items()}


def options(name: str) -> dict[str, Any]:
    """A module's documented options, with those of this collection's fragments."""
    documented = yaml.safe_load(module(name).DOCUMENTATION)
    found: dict[str, Any] = documented.get("options", {})
    for fragment in documented.get("extends_documentation_fragment", []):
        if fragment.startswith(OWN):
            shared = importlib.import_module(f"{PLUGINS}.doc_fragments.{fragment.removeprefix(OWN)}").ModuleDocFragment
            found = yaml.safe_load(shared.DOCUMENTATION)["options"] | found
    return found


def descriptions(documented: object) -> Iterator[object]:
    """Every `description`, at any depth. YAML makes a mapping of a sentence with a colon and a space in it."""
    if isinstance(documented, dict):
        for key, value in documented.items():
            if key == "description":
                yield from value if isinstance(value, list) else [value]
            else:
                yield from descriptions(value)


@pytest.mark.parametrize("name", MODULES)
def test_the_documented_options_are_those_that_the_module_accepts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SpecSeen) as spec:
        start_of(name, monkeypatch)()
    assert agreed(options(name)) == agreed(spec.value.args[0])


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_is_and_returns_is_described(name: str) -> None:
    documented, returned = (yaml.safe_load(text) for text in (module(name).DOCUMENTATION, module(name).RETURN))
    assert documented["module"] == name
    for described in (documented, *options(name).values(), *returned.values()):
        assert described["description"]
    assert all(isinstance(text, str) for part in (documented, returned) for text in descriptions(part))
    for value in returned.values():
        assert {"returned", "type"} <= value.keys()


@pytest.mark.parametrize("name", MODULES)
def test_examples_give_known_options_and_all_required_ones(name: str) -> None:
    documented = options(name)
    for task in yaml.safe_load(module(name).EXAMPLES):
        given = set(task[f"training.test_time.{name}"])
        assert given <= {*documented, "region"}
        assert given >= {option for option, described in documented.items() if described.get("required")}


@pytest.mark.parametrize("name", FILTERS)
def test_the_documented_arguments_are_those_of_the_filter(name: str) -> None:
    described = yaml.safe_load((ROOT / f"plugins/filter/{name}.yml").read_text())
    documented = described["DOCUMENTATION"]
    accepts = importlib.import_module(f"{PLUGINS}.filter.{name}").FilterModule().filters()[documented["name"]]
    parameters = list(inspect.signature(accepts).parameters.values())
    arguments = [parameter.name for parameter in parameters[1:]]
    assert documented.get("positional", "") == ", ".join(arguments)
    assert list(documented["options"]) == ["_input", *arguments]
    for option, parameter in zip(documented["options"].values(), parameters, strict=True):
        assert option["description"]
        assert option.get("required", False) == (parameter.default is parameter.empty)
    assert all(isinstance(text, str) for text in descriptions(described))
    assert yaml.safe_load(described["EXAMPLES"])


def test_every_filter_is_documented() -> None:
    assert sorted(path.stem for path in (ROOT / "plugins/filter").glob("*.py")) == FILTERS
