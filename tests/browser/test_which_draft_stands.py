"""Page and terminal decide alike between the answers on a device and those on the server, and lose none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from support.client_functions import run_functions
from support.draft_cases import QUESTIONS, SAVED, TABLE, Answers, Case, Outcome, fitting, outcome, random_cases

CASES = [*(case for _, case, _ in TABLE), *random_cases(200, seed=11)]

ON_PAGE = """async ([questions, cases]) => {
  const { verdict } = await import("/saved_draft.js");
  const { fitting } = await import("/drafts.js");
  return cases.map(({ here, base, there, sent, submitted, savedAt, receipt }) => {
    const draft = {
      read: (what) => ({ server: base && { version: "old", answers: base }, sent, receipt })[what] ?? null,
      answers: (questions) => fitting(here, questions),
    };
    return verdict(draft, questions, { version: "new", answers: there, savedAt }, submitted ?? undefined);
  });
}"""

# A terminal with the file of each case, which gets the reply of each case. It prints what is asked or said, the version
# and the answers on the server and on this device, after the decision.
IN_TERMINAL = r"""
set -f
exec 3>&1
on_terminal='' resized='' json='' interactive=yes counts_characters=yes width=80 columns=80
server_epoch='' server_noted=0 endpoint=http://127.0.0.1 chosen_test=0
draft=$FOLDER/draft.json
t_subject=(s) t_test=(t) t_receipt=('')
send() { http_status=200 http_body=$(<"$FOLDER/test") trouble=''; }
save() { :; }
ask_which() { told=conflict; }
tell_taken() { told=take; }
while IFS=$US read -r submitted file reply; do
  t_submitted=("$submitted") told=''
  load_test 0 lenient "$file"
  read_theirs "$reply"
  settle
  answers_json
  printf '%s\n' "$told$US$version$US$base$US$REPLY"
done <"$FOLDER/cases"
"""


class Decision:
    """What the terminal made of a case."""

    def __init__(self, line: str) -> None:
        self.told, self.version, base, here = line.split("\x1f")
        self.base: Answers = json.loads(base)
        self.here: Answers = json.loads(here)


def in_terminal(folder: Path, cases: list[Case]) -> list[Decision]:
    lines = []
    for case in cases:
        kept: dict[str, Any] = {"answers": case.here, "sent": case.sent}
        version = "new" if case.same_version else "old"
        if case.base is not None:
            kept |= {"version": version, "base": case.base}
        refusal = {
            "code": "DraftConflict",
            "draft": {"answers": case.there, "version": "new", "savedAt": SAVED},
        }
        lines.append("\x1f".join([case.submitted or "", json.dumps(kept), json.dumps(refusal)]))
    (folder / "cases").write_text("\n".join(lines) + "\n")
    (folder / "test").write_text(json.dumps({"questions": QUESTIONS}))
    return [Decision(line) for line in run_functions(folder, IN_TERMINAL, FOLDER=str(folder)).splitlines()]


def on_page(page: Page, cases: list[Case], receipt: Any = None) -> list[Outcome]:
    """`receipt`: of the answers on this device, if they are uploaded."""
    given = [{**case._asdict(), "savedAt": SAVED, "receipt": receipt} for case in cases]
    found: list[Outcome] = page.evaluate(ON_PAGE, [QUESTIONS, given])
    return found


def test_the_table_has_the_outcomes_of_the_rule() -> None:
    assert {name: outcome(case) for name, case, _ in TABLE} == {name: decided for name, _, decided in TABLE}
    assert {outcome(case) for case in CASES} == {"over", "keep", "take", "conflict"}


def test_the_rule_loses_no_answer() -> None:
    """What is not shown was seen by whoever changed it, was sent from here, or was submitted."""
    for case in CASES:
        here, there, base = fitting(case.here), fitting(case.there), fitting(case.base or {})
        match outcome(case):
            case "keep":
                assert there.items() <= here.items() or there in (base, *map(fitting, case.sent)), case
            case "take":
                assert here.items() <= there.items() or here == base, case


def test_page_and_terminal_decide_by_the_rule(sources: Page, tmp_path: Path) -> None:
    expected = [outcome(case) for case in CASES]
    assert on_page(sources, CASES) == expected
    for case, outcome_, decided in zip(CASES, expected, in_terminal(tmp_path, CASES), strict=True):
        here, there, base = fitting(case.here), fitting(case.there), fitting(case.base or {})
        after = {
            "over": ("", "new", {}, here),
            "keep": ("", "new", there, here),
            "take": ("take", "new", there, there),
            "conflict": ("conflict", "old" if case.base is not None else "", base, here),
        }[outcome_]
        assert (decided.told, decided.version, decided.base, fitting(decided.here)) == after, case


def test_answers_that_are_uploaded_are_what_both_sides_have_in_common(sources: Page) -> None:
    """The terminal does not keep them."""
    cases = [case for case in CASES if case.submitted and case.submitted < SAVED]
    expected = [outcome(case._replace(base=case.here)) for case in cases]
    assert on_page(sources, cases, {"receiptId": "R-1"}) == expected
    assert {"keep", "take"} == set(expected)
