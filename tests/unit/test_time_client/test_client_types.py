"""What a line means at a question of each type, by the client's own functions."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from common.shared.typed_answers import MOST_NUMBER_CHARACTERS, is_number
from support.client_functions import Student, answers_typed, take
from support.terminal_client import SCRIPT

ROOT = Path(__file__).parents[3]
NOT_A_NUMBER = "This is not a number. Type one such as 62 or 3.5."
NOT_SENT = "This contains a character that cannot be sent, such as that of an arrow key. Type your answer again."
NOT_PAIRS = "type a letter for each number, such as: 1b 2a"


def options(letters: str) -> list[dict[str, str]]:
    return [{"id": letter, "text": f"option {letter}"} for letter in letters]


# In an order of the student's own: a is the option c, b is a, and c is b; 1 is the item 2.
OWN = {"points": 1, "text": "?", "options": options("cab")}
SINGLE, MULTIPLE, NUMBERED, TEXT, ORDER, MATCH = range(6)
QUESTIONS: list[dict[str, Any]] = [
    {"number": 1, "type": "single", **OWN},
    {"number": 2, "type": "multiple", **OWN},
    {"number": 3, "type": "number", **OWN, "options": []},
    {"number": 4, "type": "text", **OWN, "options": []},
    {"number": 5, "type": "order", **OWN},
    {"number": 6, "type": "match", **OWN, "items": options("213")},
]
# What is typed, what is uploaded, and the words that show it.
ACCEPTED: list[tuple[int, str, Any, str]] = [
    (SINGLE, "b", "a", "b"),
    (SINGLE, "B", "a", "b"),
    (SINGLE, "b b", "a", "b"),
    (MULTIPLE, "c b", ["a", "b"], "b c"),
    (MULTIPLE, "cb", ["a", "b"], "b c"),
    (MULTIPLE, "c,B,c", ["a", "b"], "b c"),
    (NUMBERED, "62", "62", "62"),
    (NUMBERED, "-3,50", "-3,50", "-3,50"),
    (NUMBERED, "\u22123.5", "-3.5", "-3.5"),
    (NUMBERED, "1e\u22123", "1e-3", "1e-3"),
    (NUMBERED, "0" * 50, "0" * 50, "0" * 50),
    (ORDER, "b a c", ["a", "c", "b"], "b a c"),
    (ORDER, "bac", ["a", "c", "b"], "b a c"),
    (ORDER, "B, a,C", ["a", "c", "b"], "b a c"),
    (ORDER, "ba c", ["a", "c", "b"], "b a c"),
    (MATCH, "1b 2a 3b", {"2": "a", "1": "c", "3": "a"}, "1b 2a 3b"),
    (MATCH, "1=b, 2=a", {"2": "a", "1": "c"}, "1b 2a"),
    (MATCH, "1 b 2 a", {"2": "a", "1": "c"}, "1b 2a"),
    (MATCH, "2a1B", {"2": "a", "1": "c"}, "1b 2a"),
    (MATCH, "1: b; 2: a", {"2": "a", "1": "c"}, "1b 2a"),
    (MATCH, "1) b 2. a", {"2": "a", "1": "c"}, "1b 2a"),
    (MATCH, "03c", {"3": "b"}, "3c"),
]
# What nothing may evaluate, expand, escape or shorten.
TYPED = [
    "ls -l",
    "-n",
    "--",
    "-e a\\tb",
    "*",
    "?",
    "$(touch /tmp/x) `id` ${HOME} $HOME !! ~ {a,b}",
    "'",
    '"',
    '"a" "b"',
    "\\",
    "\\\\n\\",
    "%s %d %%",
    "& && | ; > < #",
    "/etc/passwd",
    "C:\\Windows\\x",
    "zażółć",
    "é",
    "e\u0301",
    "😀 👩\u200d💻",
    "カーネル",
    "العربية \u202b",
    "\u00a0x",
    "quit",
    "skip",
    ":q!",
    "std::string",
    "null",
    "62",
    '{"1": "a"}',
    "[]",
    "x" * 500,
    "😀" * 500,
]
REFUSED: list[tuple[int, str | bytes, str]] = [
    (SINGLE, "d", "d is not one of: a, b, c"),
    (SINGLE, "a b", "this question takes only one answer"),
    (SINGLE, ",", "type one of: a, b, c"),
    (MULTIPLE, "ad", "d is not one of: a, b, c"),
    (NUMBERED, "x", NOT_A_NUMBER),
    (NUMBERED, "0" * 51, "This is too long: type at most 50 characters."),
    (TEXT, "x" * 501, "This is too long: type at most 500 characters."),
    (TEXT, "x" * 100_000, "This is too long: type at most 500 characters."),
    (TEXT, "\u00a0\u3000", "This has only spaces. Type your answer."),
    (TEXT, "a\x1b[A", NOT_SENT),
    (TEXT, "a\x7f", NOT_SENT),
    (TEXT, "a\x9b", NOT_SENT),
    (TEXT, "a\u2028b", NOT_SENT),
    (TEXT, b"caf\xe9s", NOT_SENT),
    (ORDER, "ba", "type every letter once. Missing: c."),
    (ORDER, "b", "type every letter once. Missing: a, c."),
    (ORDER, "bacb", "type every letter once. More than once: b."),
    (ORDER, "aab", "type every letter once. More than once: a. Missing: c."),
    (ORDER, "b a d", "d is not one of: a, b, c"),
    (ORDER, "1 2 3", "1 is not one of: a, b, c"),
    (MATCH, "x", NOT_PAIRS),
    (MATCH, "1", NOT_PAIRS),
    (MATCH, "1bc", NOT_PAIRS),
    (MATCH, "b1", NOT_PAIRS),
    (MATCH, ",", NOT_PAIRS),
    (MATCH, "4a", "4 is not one of the numbers 1 to 3"),
    (MATCH, "08a", "8 is not one of the numbers 1 to 3"),
    (MATCH, "0a", "0 is not one of the numbers 1 to 3"),
    (MATCH, "1d", "d is not one of: a, b, c"),
    (MATCH, "1a 2b 1c", "type every number at most once. More than once: 1."),
]
NUMBERS = [
    *["0", "62", "007", "3.5", "3,5", "5.", ",5", ".5", "+1", "-1", "-.5", "1e3", "1E+3", "1.5e-300", "9" * 50],
    *[
        "",
        ".",
        ",",
        "-",
        "+",
        "e3",
        "1e",
        "1e+",
        "1e1234",
        "1e1.5",
        "1.2.3",
        "1,000.5",
        "1 000",
        "--1",
        "+-1",
        "1-",
        "x",
    ],
    *[
        "0x1f",
        "1_000",
        "\u0661",
        "\u00b2",
        "\uff11",
        "1\u00a0",
        "\u22121",
        "inf",
        "nan",
        "1/2",
        "50%",
        "9" * 51,
        "1e+1\n",
    ],
]


def fits(number: str) -> bool:
    return is_number(number) and len(number) <= MOST_NUMBER_CHARACTERS


def test_a_line_is_read_by_the_type_of_its_question(tmp_path: Path) -> None:
    found = answers_typed(tmp_path, QUESTIONS, [(place, line) for place, line, *_ in ACCEPTED])
    assert found == [(answer, words) for *_, answer, words in ACCEPTED]


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_a_text_is_sent_as_it_is_typed(tmp_path: Path, locale: str) -> None:
    found = answers_typed(tmp_path, QUESTIONS, [(TEXT, line) for line in TYPED], LC_ALL=locale)
    assert [answer for answer, _ in found] == TYPED


@pytest.mark.parametrize("command", ["back", "list", "quit", "skip", "help", "?"])
def test_a_second_colon_makes_a_command_an_answer(tmp_path: Path, command: str) -> None:
    assert answers_typed(tmp_path, QUESTIONS, [(TEXT, f"::{command}")]) == [(f":{command}", f":{command}")]


def test_a_second_colon_before_anything_else_belongs_to_the_answer(tmp_path: Path) -> None:
    assert answers_typed(tmp_path, QUESTIONS, [(TEXT, "::1"), (TEXT, "::back up")]) == [
        ("::1", "::1"),
        ("::back up", "::back up"),
    ]


def test_what_does_not_fit_is_refused_with_what_is_wrong(tmp_path: Path) -> None:
    found = answers_typed(tmp_path, QUESTIONS, [(place, line) for place, line, _ in REFUSED])
    assert found == [wrong for *_, wrong in REFUSED]


def test_a_character_that_is_not_a_letter_is_refused_in_every_locale(tmp_path: Path) -> None:
    for locale in ("C", "C.UTF-8"):
        [order] = answers_typed(tmp_path, QUESTIONS, [(ORDER, "ż a b")], LC_ALL=locale)
        assert order.endswith("is not one of: a, b, c")


def test_a_type_that_this_version_does_not_know_takes_no_answer(tmp_path: Path) -> None:
    [said] = answers_typed(tmp_path, [{**QUESTIONS[0], "type": "essay"}], [(0, "a")])
    assert said.startswith("this version of test-time.sh cannot ask this question")


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_the_terminal_takes_the_numbers_that_the_server_takes(tmp_path: Path, locale: str) -> None:
    typed = [number for number in NUMBERS if "\n" not in number and "\u2212" not in number]
    found = answers_typed(tmp_path, QUESTIONS, [(NUMBERED, number) for number in typed], LC_ALL=locale)
    for number, outcome in zip(typed, found, strict=True):
        assert isinstance(outcome, tuple) == fits(number), number


def test_files_and_drafts_take_the_same_numbers() -> None:
    source = SCRIPT.read_text()
    names = ("JQ_COMMON", "JQ_ANSWERS")
    programs = [re.search(rf"^readonly {name}='\n(.*?)^'$", source, re.DOTALL | re.MULTILINE) for name in names]
    common, answers = (found[1] for found in programs if found)
    numbers: list[Any] = [*NUMBERS, 62, None, ["62"], {}]
    done = subprocess.run(
        ["jq", "-c", f"{common}{answers}map(is_number)"],
        input=json.dumps(numbers),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [isinstance(one, str) and fits(one) for one in numbers]


def test_each_type_says_what_to_type(tmp_path: Path) -> None:
    [taken] = take(tmp_path, [({"questions": QUESTIONS}, Student([100] * 6, [""] * 6))])
    last = [screen.splitlines()[-1] for screen in taken.screens]
    assert last == [
        "c: option b",
        "(one or more answers, such as: a c)",
        "(a number, such as 62 or 3.5)",
        "(type your answer; commands begin with a colon, such as :back)",
        "(all letters in the right order, such as: b a c)",
        "(a letter for each number, such as: 1b 2a)",
    ]


def test_items_are_numbered_and_options_lettered_with_code_in_both(tmp_path: Path) -> None:
    code = "```\nif x:\n    'a    b'\n```"
    items = [{"id": str(number), "text": code if number == 10 else f"`i  {number}`"} for number in range(1, 11)]
    question = {**QUESTIONS[MATCH], "items": items, "options": [{"id": "a", "text": code}, {"id": "b", "text": "b"}]}
    [taken] = take(tmp_path, [({"questions": [question]}, Student([80], [""]))])
    _, _, *lines = taken.screens[0].splitlines()
    assert lines == [
        *[f"{number}: `i  {number}`" for number in range(1, 10)],
        *["10: | if x:", "    |     'a    b'", "a: | if x:", "   |     'a    b'", "b: b"],
        "(a letter for each number, such as: 1b 2a)",
    ]


@pytest.mark.parametrize("width", [20, 33, 80, 200])
def test_every_type_fits_the_terminal(tmp_path: Path, width: int) -> None:
    [taken] = take(tmp_path, [({"questions": QUESTIONS}, Student([width] * 6, [""] * 6))])
    assert max(len(line) for screen in taken.screens for line in screen.splitlines()) <= width


def test_the_summary_shows_each_answer_and_which_pairs_are_missing(tmp_path: Path) -> None:
    typed = ["b", "ca", "3,5", "```  $x   `a", "bac", "2a 1b"]
    [taken] = take(tmp_path, [({"questions": QUESTIONS}, Student([80] * 6, typed))])
    assert taken.summary.splitlines()[2:-2] == [
        *["1: b", "2: a c", "3: 3,5", "4: ```  $x   `a", "5: b a c", "6: 1b 2a"],
        "Partly answered: 6 (2 of 3)",
    ]
    assert taken.answers == {
        "1": "a",
        "2": ["c", "b"],
        "3": "3,5",
        "4": "```  $x   `a",
        "5": ["a", "c", "b"],
        "6": {"2": "a", "1": "c"},
    }


def test_every_space_of_a_long_text_is_shown_in_the_summary(tmp_path: Path) -> None:
    typed = "a  b   c " * 30 + "end"
    [taken] = take(tmp_path, [({"questions": [QUESTIONS[TEXT]]}, Student([80], [typed]))])
    _, shown = taken.summary.split("1: ")
    shown = shown.split("\nOpen ")[0]
    assert shown.replace("\n   ", " ") == typed


def test_the_guide_shows_a_question_as_the_terminal_does(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "students.md").read_text()
    [block] = re.findall(r"^```\n(Question 4 of 6.*?)^```$", guide, re.DOTALL | re.MULTILINE)
    texts = dict(re.findall(r"^(\w): (.*)", block, re.MULTILINE))
    asked: dict[str, Any] = {
        **{"number": 4, "type": "match", "points": 3, "text": "Which capital is whose?"},
        "items": [{"id": id, "text": texts[id]} for id in "12"],
        "options": [{"id": id, "text": texts[id]} for id in "abc"],
    }
    others = QUESTIONS[:3], QUESTIONS[4:]
    [taken] = take(tmp_path, [({"questions": [*others[0], asked, *others[1]]}, Student([80] * 6, [""] * 6))])
    shown, _, typed = block.rpartition("Your answer: ")
    assert taken.screens[3] == shown
    [(answer, _)] = answers_typed(tmp_path, [asked], [(0, typed.strip())])
    assert answer == {"1": "c", "2": "a"}


def test_every_example_of_the_guide_is_an_answer(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "students.md").read_text()
    kinds = {"has options": MULTIPLE, "a number": NUMBERED, "a text": TEXT, "an order": ORDER, "pairs": MATCH}
    for kind, place in kinds.items():
        [examples] = re.findall(rf"^\| (?:asks for )?{kind} \|.*\| (.*) \|$", guide, re.MULTILINE)
        found = answers_typed(tmp_path, QUESTIONS, [(place, line) for line in re.findall("`(.*?)`", examples)])
        assert found
        assert all(isinstance(answer, tuple) for answer in found), kind
