"""Questions of every type on the page: how they are answered, kept, checked, uploaded and shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from common.shared.deadlines import format_time
from common.shared.object_keys import answers_key, draft_key
from common.shared.typed_answers import MOST_NUMBER_CHARACTERS, MOST_TEXT_CHARACTERS, has_control_character, is_number
from support.browser_student import SUBJECT, Student
from support.local_api import LocalApi
from support.page_questions import ANSWERS, every_type, hard_to_show

TYPES = "types"
NOT_A_NUMBER = "This is not a number. Type one such as 62 or 3.5."
NUMBER, TEXT, ORDER, MATCH = 3, 4, 5, 6
# As if another tab had changed an answer.
DRAWN_AGAIN = """() => dispatchEvent(new StorageEvent("storage", {
  key: Object.keys(localStorage).find((name) => name.includes("|answer|")),
}))"""


def publish(api: LocalApi, questions: list[dict[str, Any]] | None = None, **policies: Any) -> None:
    api.publish_test(
        SUBJECT, TYPES, questions or every_type(), api.now + timedelta(hours=9), title="Every type", **policies
    )


@pytest.fixture
def taking(ada: Student, api: LocalApi) -> Student:
    """A student who sees a question of each type."""
    publish(api)
    ada.sign_in(remember=True)
    reopen(ada)
    return ada


def reopen(ada: Student) -> None:
    ada.open(f"#/test/{SUBJECT}/{TYPES}")
    ada.sees("Every type")


def question(ada: Student, number: int) -> Locator:
    return ada.page.locator(f"#question-{number}")


def typed(ada: Student, number: int) -> Locator:
    return question(ada, number).get_by_role("textbox")


def select(ada: Student, item: str) -> Locator:
    return question(ada, MATCH).get_by_role("combobox", name=item)


def shown_order(ada: Student) -> list[str]:
    return question(ada, ORDER).locator(".ranking .rich").all_inner_texts()


def move(ada: Student, where: str, option: str) -> Locator:
    return (
        question(ada, ORDER)
        .get_by_role("button", name=f"Move {where}")
        .and_(ada.page.get_by_label(option, exact=False))
    )


def put_in_order(ada: Student, *options: str) -> None:
    for place, option in enumerate(options):
        while shown_order(ada).index(option) > place:
            move(ada, "up", option).click()
    if (accept := question(ada, ORDER).get_by_role("button", name="Answer with this order")).is_visible():
        accept.click()


def answer_everything(ada: Student) -> None:
    """Gives ANSWERS."""
    ada.choose(1, "a")
    ada.choose(2, "a", "b")
    typed(ada, NUMBER).fill(" \u22123,5e2 ")
    typed(ada, TEXT).fill("\tls  -l ")
    put_in_order(ada, "exec", "fork", "wait")
    for item in ("Poland", "Italy"):
        select(ada, item).select_option("c")


def progress(ada: Student) -> Locator:
    return ada.page.locator(".progress")


def uploaded(ada: Student) -> Any:
    ada.upload()
    ada.sees("Your answers are uploaded")
    (stored,) = ada.stored().values()
    return stored["answers"]


def test_answers_of_every_type_are_kept_over_a_reload_and_uploaded(taking: Student) -> None:
    answer_everything(taking)
    expect(progress(taking)).to_have_text("6 of 6 answered")
    reopen(taking)
    expect(progress(taking)).to_have_text("6 of 6 answered")
    expect(typed(taking, NUMBER)).to_have_value("-3,5e2")
    expect(typed(taking, TEXT)).to_have_value("ls  -l")
    assert shown_order(taking) == ["exec", "fork", "wait"]
    expect(select(taking, "Italy")).to_have_value("c")
    letters = {option: letter for letter, option in zip("abc", options_of(taking, ORDER), strict=True)}
    in_order = " ".join(letters[option] for option in ("exec", "fork", "wait"))
    rome = "abc"[options_of(taking, MATCH).index("Rome")]
    assert uploaded(taking) == ANSWERS
    assert taking.page.locator(".receipt li").all_text_contents() == [
        "1: a",
        "2: a, b",
        "3: -3,5e2",
        "4: ls  -l",
        f"5: {in_order}",
        f"6: 1{rome} 2{rome}",
    ]


def options_of(ada: Student, number: int) -> list[str]:
    """The texts of a question's options, in the order in which this student sees them."""
    query = f"subjectName={SUBJECT}&testId={TYPES}"
    _, _, body = ada.api.answer("GET", f"/api/v1/test?{query}", {"x-api-key": ada.key}, b"")
    return [option["text"] for option in json.loads(body)["questions"][number - 1]["options"]]


def test_what_is_not_a_number_is_kept_but_is_no_answer(taking: Student) -> None:
    taking.choose(1, "a")
    typed(taking, NUMBER).fill("62 kg")
    typed(taking, NUMBER).blur()
    for _ in ("typed", "read again"):
        expect(question(taking, NUMBER).get_by_role("alert")).to_have_text(NOT_A_NUMBER)
        expect(typed(taking, NUMBER)).to_have_attribute("aria-invalid", "true")
        expect(typed(taking, NUMBER)).to_have_accessible_description(
            f"Type a number, such as 62 or 3.5. {NOT_A_NUMBER}"
        )
        expect(typed(taking, NUMBER)).to_have_value("62 kg")
        expect(progress(taking)).to_have_text("1 of 6 answered")
        reopen(taking)
    taking.page.get_by_role("link", name="Review and upload").click()
    expect(taking.page.get_by_role("heading", name="5 questions are unanswered")).to_be_visible()
    expect(taking.page.locator(".answers > li").nth(NUMBER - 1)).to_contain_text(f"No answer62 kg{NOT_A_NUMBER}")
    taking.page.get_by_role("button", name="Upload my answers").click()
    taking.sees("Your answers are uploaded")
    (stored,) = taking.stored().values()
    assert stored["answers"] == {"1": "a"}


def test_half_a_number_is_complained_about_only_when_the_field_is_left(taking: Student) -> None:
    field, complaint = typed(taking, NUMBER), taking.page.locator("#answer-3-problem")
    field.press_sequentially("1e")
    taking.choose(2, "a")  # this draws the page again, while the field is left
    expect(complaint).to_have_text(NOT_A_NUMBER)
    field.press("End")
    field.press_sequentially("-")
    expect(complaint).to_have_text(NOT_A_NUMBER)
    field.press_sequentially("3")
    expect(complaint).to_have_text("")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    field.press("Backspace")
    taking.page.evaluate(DRAWN_AGAIN)
    expect(complaint).to_have_text("")
    expect(field).to_have_value("1e-")


def test_only_what_was_typed_wrongly_is_asked_about_when_signing_out(taking: Student) -> None:
    typed(taking, NUMBER).fill("many")
    taking.page.get_by_role("button", name="Sign out").click()
    expect(taking.page.get_by_role("dialog")).to_contain_text("You have answers to one test")


def test_the_caret_stays_where_it_is_while_a_text_is_typed(taking: Student) -> None:
    field = typed(taking, TEXT)
    field.press_sequentially("  ls")
    field.press("Home")
    field.press_sequentially("x y ")
    expect(field).to_have_value("x y   ls")
    assert uploaded(taking) == {"4": "x y   ls"}


def test_typing_does_not_repeat_how_many_are_answered(taking: Student) -> None:
    taking.choose(1, "a")
    taking.page.evaluate(
        """() => {
          window.changes = 0;
          new MutationObserver((found) => { window.changes += found.length; })
            .observe(document.querySelector(".progress"), { childList: true, characterData: true, subtree: true });
        }"""
    )
    typed(taking, TEXT).press_sequentially("pwd")
    expect(progress(taking)).to_have_text("2 of 6 answered")
    assert taking.page.evaluate("window.changes") == 1


def test_an_option_is_moved_by_keyboard_and_keeps_the_focus(taking: Student) -> None:
    first, second, third = shown_order(taking)
    expect(progress(taking)).to_have_text("0 of 6 answered")
    down = move(taking, "down", first)
    down.focus()
    taking.page.keyboard.press("Enter")
    assert shown_order(taking) == [second, first, third]
    expect(progress(taking)).to_have_text("1 of 6 answered")
    expect(question(taking, ORDER).get_by_role("status")).to_have_text(f"a: {first} is now 2 of 3.")
    expect(down).to_be_focused()
    taking.page.keyboard.press("Space")
    assert shown_order(taking) == [second, third, first]
    expect(down).to_be_focused()
    expect(down).to_have_attribute("aria-disabled", "true")
    taking.page.keyboard.press("Enter")
    assert shown_order(taking) == [second, third, first]
    expect(question(taking, ORDER).locator(".ranking")).not_to_contain_text("null")
    taking.page.keyboard.press("Shift+Tab")
    taking.page.keyboard.press("Enter")
    assert shown_order(taking) == [second, first, third]
    expect(move(taking, "up", first)).to_be_focused()


def test_an_order_is_an_answer_only_once_it_was_given(taking: Student) -> None:
    accept = question(taking, ORDER).get_by_role("button", name="Answer with this order")
    clear = question(taking, ORDER).get_by_role("button", name="Clear answer")
    as_shown = shown_order(taking)
    expect(clear).to_be_hidden()
    accept.click()
    expect(progress(taking)).to_have_text("1 of 6 answered")
    expect(accept).to_be_hidden()
    expect(question(taking, ORDER).get_by_role("button").first).to_be_focused()
    move(taking, "up", as_shown[2]).click()
    clear.click()
    expect(progress(taking)).to_have_text("0 of 6 answered")
    assert shown_order(taking) == as_shown
    accept.click()
    by_text = {text: letter for letter, text in zip("abc", ("fork", "exec", "wait"), strict=True)}
    assert uploaded(taking) == {"5": [by_text[text] for text in as_shown]}


def test_a_match_that_lacks_an_option_is_uploaded_without_it_after_a_warning(taking: Student) -> None:
    select(taking, "Poland").select_option("a")
    select(taking, "Italy").select_option("c")
    select(taking, "Poland").select_option("")
    expect(progress(taking)).to_have_text("1 of 6 answered")
    taking.page.get_by_role("link", name="Review and upload").click()
    expect(taking.page.get_by_role("heading", name="One question is only partly answered")).to_be_visible()
    expect(taking.page.locator(".answers > li").nth(MATCH - 1)).to_contain_text("1:PolandNo answer2:Italy")
    taking.page.get_by_role("button", name="Upload my answers").click()
    taking.sees("Your answers are uploaded")
    (stored,) = taking.stored().values()
    assert stored["answers"] == {"6": {"2": "c"}}


@pytest.mark.parametrize("number", [NUMBER, TEXT, ORDER, MATCH])
def test_an_answer_is_cleared(taking: Student, number: int) -> None:
    answer_everything(taking)
    question(taking, number).get_by_role("button", name="Clear answer").click()
    expect(progress(taking)).to_have_text("5 of 6 answered")
    reopen(taking)
    expect(progress(taking)).to_have_text("5 of 6 answered")
    assert uploaded(taking) == {name: answer for name, answer in ANSWERS.items() if name != str(number)}


def test_what_is_no_number_is_cleared_by_one_click(taking: Student) -> None:
    typed(taking, NUMBER).fill("many")
    question(taking, NUMBER).get_by_role("button", name="Clear answer").click()
    expect(typed(taking, NUMBER)).to_have_value("")
    expect(typed(taking, NUMBER)).to_be_focused()


def test_a_click_below_what_is_no_number_is_not_lost(ada: Student, api: LocalApi) -> None:
    """What is then said moves everything below, also what is being clicked."""
    number = {"text": "How many?", "type": "number", "options": []}
    options = [{"id": id, "text": f"option {id}"} for id in "ab"]
    api.publish_test(SUBJECT, TYPES, [number, {"text": "Which?", "options": options}, number])
    ada.sign_in(remember=True)
    ada.open(f"#/test/{SUBJECT}/{TYPES}")
    question(ada, 1).locator("input").fill("many")
    question(ada, 2).locator(".option").last.click()
    expect(question(ada, 1).get_by_role("alert")).to_have_text(NOT_A_NUMBER)
    assert ada.chosen() == {"2": ["b"]}
    question(ada, 3).locator("input").fill("many")
    ada.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    ada.page.get_by_role("link", name="Review and upload").click()
    ada.sees("Upload your answers?")


def test_what_is_no_number_is_told_even_if_the_pointer_seems_to_stay_pressed(taking: Student) -> None:
    """As after a list of options was opened with it."""
    taking.page.evaluate("document.body.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))")
    typed(taking, NUMBER).fill("many")
    taking.page.keyboard.press("Tab")
    expect(question(taking, NUMBER).get_by_role("alert")).to_have_text(NOT_A_NUMBER)


def test_each_field_is_named_by_its_question_or_item(taking: Student) -> None:
    for number, name in (NUMBER, "How cold is it?"), (TEXT, "What lists a folder?"):
        expect(typed(taking, number)).to_have_accessible_name(f"Question {number} of 6, 1 point {name}")
        taking.page.get_by_text(name).click()
        expect(typed(taking, number)).to_be_focused()
    expect(select(taking, "Poland")).to_have_accessible_name("1: Poland")
    shown = select(taking, "Poland").locator("option").all_text_contents()
    assert [text.replace("\u2068", "").replace("\u2069", "") for text in shown] == [
        "Choose",
        *(f"{letter}: {text}" for letter, text in zip("abc", options_of(taking, MATCH), strict=True)),
    ]


def test_options_that_do_not_fit_into_a_list_are_shown_above_it(ada: Student, api: LocalApi) -> None:
    publish(api, hard_to_show())
    ada.sign_in()
    reopen(ada)
    match = question(ada, 2)
    expect(match.locator(".listed code.block")).to_contain_text('execlp("ls"')
    in_list = match.get_by_role("combobox").first.locator("option").all_text_contents()
    assert sorted(text[3:].strip("\u2068\u2069") for text in in_list[1:]) == sorted(
        ["", "x" * 60 + "…", "نواة النظام هي الجزء المركزي", "no"]
    )


@pytest.mark.parametrize(
    ("text", "is_listed"), [("cd", False), ("`cd`", True), ("x" * 60, False), ("x" * 61, True), ("a\nb", True)]
)
def test_options_are_listed_only_if_one_does_not_fit(sources: Page, text: str, is_listed: bool) -> None:
    options = [{"id": "a", "text": "ls"}, {"id": "b", "text": text}]
    asked = {"number": 1, "type": "match", "options": options, "items": [{"id": "1", "text": "?"}]}
    listed = sources.evaluate(
        """async (question) => {
             const { typeOf } = await import("/question_types.js");
             return typeOf(question).control(question, () => {}).content[0] !== null;
           }""",
        asked,
    )
    assert listed is is_listed


def test_a_draft_from_another_device_fills_in_every_type(ada: Student, api: LocalApi) -> None:
    publish(api)
    save_elsewhere(api, ANSWERS)
    ada.sign_in()
    reopen(ada)
    expect(ada.page.get_by_text("Your answers from another device (saved")).to_be_visible()
    expect(progress(ada)).to_have_text("6 of 6 answered")
    expect(typed(ada, TEXT)).to_have_value("ls  -l")
    assert uploaded(ada) == ANSWERS


def save_elsewhere(api: LocalApi, answers: dict[str, Any]) -> None:
    draft = {"answers": answers, "savedAt": format_time(api.now)}
    api.bucket.put_json(draft_key(SUBJECT, "s001", TYPES), draft)


def test_two_drafts_of_every_type_are_compared_and_chosen_between(taking: Student, api: LocalApi) -> None:
    answer_everything(taking)
    other = {"1": "b", "2": ["a"], "3": "62", "4": "ls -l", "5": ["a", "b", "c"], "6": {"1": "c", "2": "a"}}
    save_elsewhere(api, other)
    reopen(taking)
    choice = taking.page.get_by_role("region", name="Which answers do you want to keep?")
    expect(choice.get_by_role("listitem")).to_have_count(6)
    # Also where only the spaces differ.
    expect(choice.locator("strong bdi")).to_have_count(12)
    assert choice.locator("strong bdi").all_text_contents()[4:8] == ["-3,5e2", "62", "ls  -l", "ls -l"]
    choice.get_by_role("button", name="Keep the answers on the server").click()
    assert uploaded(taking) == other


def test_a_draft_kept_by_an_earlier_version_of_the_page_is_continued(taking: Student) -> None:
    taking.choose(1, "b")
    taking.choose(2, "a", "c")
    taking.page.evaluate(
        """() => {
          for (const [name, text] of Object.entries(localStorage)) {
            if (!name.includes("|answer|")) continue;
            const { answer, mark } = JSON.parse(text);
            localStorage.setItem(name, JSON.stringify({ options: [answer].flat(), mark }));
          }
        }"""
    )
    reopen(taking)
    assert taking.chosen() == {"1": ["b"], "2": ["a", "c"]}
    assert uploaded(taking) == {"1": "b", "2": ["a", "c"]}


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (NUMBER, {"text": "How warm is it?"}),
        (ORDER, {"options": [{"id": "a", "text": "clone"}, *every_type()[4]["options"][1:]]}),
        (MATCH, {"items": [{"id": "1", "text": "Czechia"}, {"id": "2", "text": "Italy"}]}),
    ],
)
def test_a_question_that_was_changed_is_pointed_out(
    taking: Student, api: LocalApi, number: int, change: dict[str, Any]
) -> None:
    answer_everything(taking)
    questions = every_type()
    questions[number - 1] |= change
    publish(api, questions)
    reopen(taking)
    expect(taking.page.get_by_text("changed this question after you answered it")).to_have_count(1)
    expect(question(taking, number)).to_contain_text("changed this question after you answered it")
    expect(progress(taking)).to_have_text("6 of 6 answered")


def test_an_answer_that_fits_no_longer_is_none(taking: Student, api: LocalApi) -> None:
    answer_everything(taking)
    questions = every_type()
    questions[TEXT - 1] |= {"type": "number"}
    questions[ORDER - 1]["options"].append({"id": "d", "text": "exit"})
    questions[MATCH - 1]["options"].pop()
    publish(api, questions)
    reopen(taking)
    expect(progress(taking)).to_have_text("3 of 6 answered")
    assert uploaded(taking) == {name: ANSWERS[name] for name in "123"}


@pytest.mark.faults
def test_what_is_typed_without_a_connection_is_uploaded_later(taking: Student) -> None:
    taking.context.set_offline(True)
    answer_everything(taking)
    taking.upload()
    taking.waits("You are offline.")
    taking.context.set_offline(False)
    taking.sees("Your answers are uploaded")
    (stored,) = taking.stored().values()
    assert stored["answers"] == ANSWERS


def test_two_tabs_show_what_is_typed_ordered_and_matched(taking: Student) -> None:
    other = taking.open(f"#/test/{SUBJECT}/{TYPES}", taking.context.new_page())
    taking.sees("Every type", other)
    answer_everything(taking)
    expect(other.locator(".progress")).to_have_text("6 of 6 answered")
    expect(other.locator("#answer-4")).to_have_value("ls  -l")
    expect(other.locator("#answer-6-2")).to_have_value("c")
    assert other.locator(".ranking .rich").all_inner_texts() == ["exec", "fork", "wait"]


def test_answers_of_every_type_are_copied_after_the_end(open_browser: Callable[..., Student], api: LocalApi) -> None:
    publish(api)
    ada = open_browser(permissions=["clipboard-read", "clipboard-write"])
    ada.sign_in()
    reopen(ada)
    answer_everything(ada)
    select(ada, "Poland").select_option("")
    api.now += timedelta(days=1)
    ada.page.get_by_role("link", name="Tests").click()
    ada.sees("Your tests")
    ada.page.reload()
    card = ada.page.locator(".test").filter(has_text="Every type")
    card.get_by_role("button", name="Copy your answers").click()
    expect(card.get_by_role("button", name="Copied")).to_be_visible()
    copied = ada.page.evaluate("navigator.clipboard.readText()")
    assert "3. How cold is it?\n-3,5e2\n\n4. What lists a folder?\nls  -l\n\n5." in copied
    assert "6. Which capital is whose?\n1: Poland → No answer\n2: Italy → " in copied


def test_hostile_text_is_shown_as_it_was_typed(taking: Student) -> None:
    hostile = "<img src=x onerror=\"document.title='owned'\">`$(x)` \\ * \u202e😀"
    typed(taking, TEXT).fill(hostile)
    taking.page.get_by_role("link", name="Review and upload").click()
    expect(taking.page.locator(".answers .typed")).to_have_text(hostile.replace("\u202e", ""))
    taking.page.get_by_role("button", name="Upload my answers").click()
    taking.sees("Your answers are uploaded")
    (stored,) = taking.stored().values()
    assert stored["answers"] == {"4": hostile}
    assert taking.page.locator("main img").count() == 0


def test_a_released_test_shows_answers_right_ones_and_feedback(taking: Student, api: LocalApi) -> None:
    answer_everything(taking)
    select(taking, "Italy").select_option("a")
    uploaded(taking)
    api.now += timedelta(days=3)
    api.release(SUBJECT, TYPES, "s001")
    taking.open(f"#/answers/{SUBJECT}/{TYPES}")
    shown = taking.page.locator("section.reviewed")
    expect(shown).to_have_count(6)
    expect(taking.page.locator(".panel")).to_have_count(0)
    of_number = shown.nth(NUMBER - 1)
    expect(of_number.locator("li")).to_have_text(["-3,5e2Your answer", "-350 (-360 to -340)Right"])
    expect(of_number.locator(".feedback")).to_have_text("Feedback:Cold.")
    expect(shown.nth(TEXT - 1).locator(".tests > li")).to_have_text(["ls  -lYour answer", "ls…Right"])
    own, right = shown.nth(ORDER - 1).locator("li:has(> ol)").all()
    expect(own.locator(".rich")).to_have_text(["exec", "fork", "wait"])
    expect(own.locator(".chip")).to_have_text(["Your answer"])
    expect(right.locator(".rich")).to_have_text(["fork", "exec", "wait"])
    expect(right.locator(".chip")).to_have_text(["Right"])
    poland, italy = shown.nth(MATCH - 1).locator(".pair").all()
    expect(poland.locator(".chosen")).to_have_text(
        ["1:Poland", re.compile("[abc]:RomeYour answer"), re.compile("[abc]:WarsawRight")]
    )
    expect(italy.locator(".chosen")).to_have_text(["2:Italy", re.compile("[abc]:WarsawYour answerRight")])


@pytest.mark.parametrize("number", [NUMBER, TEXT, ORDER, MATCH])
def test_an_answer_that_differs_from_the_one_uploaded_here_is_reported(
    taking: Student, api: LocalApi, number: int
) -> None:
    answer_everything(taking)
    uploaded(taking)
    api.now += timedelta(days=3)
    other = {NUMBER: "63", TEXT: "ls -l", ORDER: ["a", "b", "c"], MATCH: {"1": "c"}}[number]
    key = answers_key(SUBJECT, "s001", TYPES)
    stored = api.bucket.get_json(key)
    api.bucket.put_json(key, {**stored, "answers": {**ANSWERS, str(number): other}})
    api.release(SUBJECT, TYPES, "s001")
    taking.open(f"#/answers/{SUBJECT}/{TYPES}")
    expect(taking.page.locator(".panel.warn")).to_contain_text(f"different in: question {number}.")


# What is typed, what is sent of it, and what is wrong with it.
TYPED_NUMBERS = [
    ("62", "62", ""),
    ("  +3,5 ", "+3,5", ""),
    (".5", ".5", ""),
    ("5.", "5.", ""),
    ("-0", "-0", ""),
    ("\u22121", "-1", ""),
    ("1e-3", "1e-3", ""),
    ("1E+300", "1E+300", ""),
    ("1" * 50, "1" * 50, ""),
    ("", None, ""),
    ("   ", None, ""),
    ("1" * 51, None, "This is too long: type at most 50 characters."),
    ("x" * 51, None, "This is too long: type at most 50 characters."),
    *((text, None, NOT_A_NUMBER) for text in ("1 000", "1.000,5", "1e", "1e1000", ".", "-", "0x1f", "½", "٣", "NaN")),
]
TYPED_TEXTS = [
    ("ls -l", "ls -l", ""),
    ("  a  b  ", "a  b", ""),
    ("a\tb\r\nc\nd\u2028e\u0085f", "a b c d e f", ""),
    ("a\0b\x1bc\x7fd\x9be", "abcde", ""),
    ("a\ud800b😀", "ab😀", ""),
    ("😀" * 500, "😀" * 500, ""),
    ("x" * 501, None, "This is too long: type at most 500 characters."),
    ("é\u0301", "é\u0301", ""),
    ("back", "back", ""),
    ("\u00a0x\u00a0", "\u00a0x\u00a0", ""),
    *((text, None, "") for text in ("", "  ", "\t\n", "\u00a0", "\0\x1b")),
]


@pytest.mark.parametrize(("kind", "table"), [("number", TYPED_NUMBERS), ("text", TYPED_TEXTS)])
def test_what_is_sent_of_what_is_typed(sources: Page, kind: str, table: list[tuple[str, str | None, str]]) -> None:
    found = sources.evaluate(
        """async ([kind, typed]) => {
             const { typeOf } = await import("/question_types.js");
             const { fitting, wrong } = typeOf({ type: kind });
             return typed.map((text) => [text, fitting({}, text), wrong({}, text)[0]?.problem ?? ""]);
           }""",
        [kind, [text for text, _, _ in table]],
    )
    for (typed_, sent, problem), (_, *expected) in zip(found, table, strict=True):
        assert (typed_, sent, problem) == (typed_, *expected)


def test_the_page_sends_only_what_the_server_takes() -> None:
    for _, sent, _ in TYPED_NUMBERS:
        assert sent is None or (is_number(sent) and len(sent) <= MOST_NUMBER_CHARACTERS)
    for typed_, sent, problem in TYPED_NUMBERS:
        if sent is None and problem == NOT_A_NUMBER:
            assert not is_number(typed_)
    for _, sent, _ in TYPED_TEXTS:
        assert sent is None or not (has_control_character(sent) or len(sent) > MOST_TEXT_CHARACTERS)
