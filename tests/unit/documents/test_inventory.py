"""The stages that inventory.yml has, and the files that belong to them."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible_collections.training.test_time.plugins.module_utils.documents.inventory import (
    Inventory,
    UnknownStage,
    load_inventory,
    name_problem,
    stray_files,
)

ROOT = Path(__file__).parents[3]
TWO = "all:\n  hosts:\n    main:\n    evening:\n      ansible_connection: local\n"
NESTED = (
    "all:\n  children:\n    day: {hosts: {main: }}\n    night:\n      children:\n        late: {hosts: {evening: }}\n"
)


def inventory(folder: Path, text: str) -> Inventory:
    (folder / "inventory.yml").write_text(text)
    return load_inventory(folder)


def told(folder: Path, text: str) -> list[str]:
    return [str(problem) for problem in inventory(folder, text).problems]


@pytest.mark.parametrize(
    "text", [TWO, NESTED, (ROOT / "inventory.yml").read_text()], ids=["plain", "nested", "shipped"]
)
def test_the_stages_are_the_hosts_that_ansible_finds(tmp_path: Path, text: str) -> None:
    found = inventory(tmp_path, text)
    assert (found.stages, found.problems) == (["main", "evening"], [])
    hosts = InventoryManager(DataLoader(), sources=[str(tmp_path / "inventory.yml")]).list_hosts()
    assert [host.name for host in hosts] == found.stages


def test_the_first_stage_is_the_default(tmp_path: Path) -> None:
    found = inventory(tmp_path, TWO)
    assert found.stage(None) == "main"
    assert found.stage("evening") == "evening"


def test_an_unknown_stage_is_told_with_those_that_there_are_and_the_lines_to_add(tmp_path: Path) -> None:
    found = inventory(tmp_path, TWO)
    with pytest.raises(UnknownStage) as refused:
        found.stage("night-2")
    text = str(refused.value)
    assert "the stages are: main, evening" in text
    assert "\n    night-2:\n" in text
    assert "host_vars/night-2.yml" in text
    added = text.split("\n")[1]
    assert inventory(tmp_path, f"{TWO}{added}\n").stage("night-2") == "night-2"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Main!", "lower-case"),
        ("", "lower-case"),
        ("-x", "lower-case"),
        ("a" * 16, "1 to 15"),
        ("storage", "'storage'"),
        ("x-storage", "'storage'"),
        ("all", "Ansible calls a group"),  # --limit all is every stage
        ("ungrouped", "Ansible calls a group"),
    ],
)
def test_a_name_that_no_stage_can_have_is_told(tmp_path: Path, name: str, words: str) -> None:
    assert words in (name_problem(name) or "")
    [problem] = told(tmp_path, f"all:\n  hosts:\n    main:\n    {name!r}:\n")
    assert problem.startswith("inventory.yml:4: all.hosts.")
    assert words in problem
    with pytest.raises(UnknownStage, match=words):
        inventory(tmp_path, TWO).stage(name)


@pytest.mark.parametrize("name", ["main", "x", "rehearsal-2", "a" * 15])
def test_good_names_pass(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("all:\n  hosts:\n", "inventory.yml:1: has no stage; add one"),
        ("all:\n  hosts: [main]\n", "inventory.yml:2: all.hosts: must be a mapping"),
        ("[all]\nmain\n", "inventory.yml:2: is not valid YAML"),
        ("all:\n  host:\n    main:\n", "inventory.yml:2: all.host: is not a known field"),
        (
            "all:\n  hosts:\n    main:\n      region: eu-west-1\n",
            "inventory.yml:4: all.hosts.main.region: is not read here; parameters belong in host_vars",
        ),
        (
            "all:\n  vars:\n    class_dir: x\n  hosts: {main: }\n",
            "inventory.yml:3: all.vars.class_dir: is not read here",
        ),
    ],
)
def test_an_inventory_that_the_scripts_would_misread_is_told(tmp_path: Path, text: str, problem: str) -> None:
    assert told(tmp_path, text)[0].startswith(problem)


def test_a_missing_inventory_is_told(tmp_path: Path) -> None:
    assert str(load_inventory(tmp_path).problems[0]) == "inventory.yml:1: does not exist"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("evenig.yml", "there is no stage 'evenig' in inventory.yml (its stages: main, evening)"),
        ("all.yml", "there is no stage 'all'"),
        ("evening.yaml", "is not read; put the stage's parameters into host_vars/evening.yml"),
        ("evening.json", "is not read"),
        ("evening", "is not read"),  # Ansible reads files without an extension, and whole folders
        ("evening.yml", None),
        (".main.yml.swp", None),
        ("README.md", None),
    ],
)
def test_a_file_of_no_stage_is_told(tmp_path: Path, name: str, words: str | None) -> None:
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars" / name).write_text("timezone: UTC\n")
    found = [str(problem) for problem in stray_files(tmp_path, ["main", "evening"])]
    assert found == [str(problem) for problem in inventory(tmp_path, TWO).problems]
    if words is None:
        assert found == []
    else:
        [problem] = found
        assert problem.startswith(f"host_vars/{name}:1: {words}")


def test_a_folder_of_a_stage_is_told(tmp_path: Path) -> None:
    (tmp_path / "host_vars" / "evening").mkdir(parents=True)
    [problem] = stray_files(tmp_path, ["main", "evening"])
    assert str(problem).startswith("host_vars/evening:1: is not read")
