"""The trainer's scripts under every locale that a session may have, above all over SSH."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from support.trainer_machine import Machine

ROOT = Path(__file__).parents[3]
CHOSEN = 'use_utf8_locale; printf "%s\\n" "${LC_ALL-as it was}"'


def installed(machine: Machine, *names: str) -> None:
    """The `locale` command of a computer with these locales; like glibc's, it complains about any other."""
    machine.program(
        "locale",
        f"""[ "$1" = charmap ] || {{ printf '%s\\n' C POSIX {" ".join(names)}; exit; }}
for name in "${{LC_ALL:-${{LC_CTYPE:-$LANG}}}}" "${{LC_ALL:-${{LC_TIME:-$LANG}}}}"; do
  case " C POSIX {" ".join(names)} " in *" $name "*) ;; *) echo "locale: Cannot set" >&2; name=C ;; esac
done
case ${{LC_ALL:-${{LC_CTYPE:-$LANG}}}} in
  *8 | hi_IN) echo UTF-8 ;;
  *) echo ANSI_X3.4-1968 ;;
esac""",
    )


@pytest.mark.parametrize(
    ("names", "session", "chosen"),
    [
        (["C.UTF-8", "de_DE.UTF-8"], {"LANG": "de_DE.UTF-8"}, "as it was"),
        (["C.UTF-8"], {"LANG": "de_DE.UTF-8"}, "C.UTF-8"),
        (["C.UTF-8"], {"LANG": "C.UTF-8", "LC_TIME": "de_DE.UTF-8"}, "C.UTF-8"),
        (["C.UTF-8"], {"LC_ALL": "C"}, "C.UTF-8"),
        (["C.UTF-8"], {"LC_ALL": "POSIX", "LANG": "C.UTF-8"}, "C.UTF-8"),
        (["C.UTF-8", "de_DE"], {"LANG": "de_DE"}, "C.UTF-8"),
        (["C.UTF-8", "hi_IN"], {"LANG": "hi_IN"}, "C.UTF-8"),  # in UTF-8, but Python takes this name for another
        (["C.UTF-8"], {}, "C.UTF-8"),
        (["de_DE.UTF-8", "en_US.UTF-8"], {"LC_ALL": "C"}, "en_US.UTF-8"),  # macOS has no C.UTF-8
        (["pl_PL.utf8"], {"LC_ALL": "C"}, "pl_PL.utf8"),
    ],
)
def test_locale_is_replaced_only_if_ansible_would_refuse_it(
    machine: Machine, names: list[str], session: dict[str, str], chosen: str
) -> None:
    installed(machine, *names)
    assert machine.shell(CHOSEN, **session).stdout == f"{chosen}\n"


def test_computer_without_any_utf8_locale_is_told_how_to_make_one(machine: Machine) -> None:
    installed(machine, "de_DE")
    refused = machine.shell("ensure_venv", LANG="de_DE")
    assert refused.returncode == 1
    assert "sudo localedef -i en_US -f UTF-8 en_US.UTF-8" in refused.stderr
    assert not (machine.root / ".venv").exists()


def test_every_locale_works_on_a_computer_without_the_locale_command(machine: Machine) -> None:
    # musl (Alpine): every locale is in UTF-8, under any name.
    assert machine.shell(CHOSEN, LANG="de_DE.UTF-8").stdout == "as it was\n"
    assert machine.shell(CHOSEN, LC_ALL="C").stdout == "C.UTF-8\n"


@pytest.mark.parametrize(
    "session", [{"LANG": "xx_YY.UTF-8"}, {"LC_ALL": "xx_YY.UTF-8"}, {"LC_TIME": "xx_YY.UTF-8"}, {"LC_ALL": "C"}]
)
def test_ansible_starts_under_any_locale(session: dict[str, str]) -> None:
    code = '. bin/lib/environment.sh; ensure_venv requirements-dev.txt; "$VENV/bin/ansible-playbook" --version'
    started = subprocess.run(
        ["bash", "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | session,
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 0, started.stderr
