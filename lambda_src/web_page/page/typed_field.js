// Questions whose answer is typed: a number or a text.

import { asTyped, marks } from "./answer_view.js";
import { el } from "./elements.js";

// The same as in common/shared/typed_answers.py. A test compares the two.
const NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?$/;
const LONGEST_NUMBER = 50; // characters
const LONGEST_TEXT = 500;

const LONGEST_CLICK_MS = 1000;
let isPressed = false;
for (const event of ["pointerdown", "pointerup", "pointercancel"]) {
  addEventListener(event, () => { isPressed = event === "pointerdown"; }, { capture: true });
}

export const number = typedType(
  "Type a number, such as 62 or 3.5.", (typed) => cleaned(typed).replaceAll("\u2212", "-"),
  (text) => tooLong(text, LONGEST_NUMBER) || (NUMBER.test(text) ? "" : "This is not a number. Type one such as 62 or 3.5."));

export const text = typedType("Type your answer.", cleaned, (typed) => tooLong(typed, LONGEST_TEXT));

// `cleaned`: what counts of what was typed. `wrongIn`: what is wrong with that, "" if it is an answer.
function typedType(hint, cleaned, wrongIn) {
  // The question may have been of another type when it was answered.
  const problem = (typed) => (typeof typed === "string" && /\S/.test(typed) ? wrongIn(cleaned(typed)) : "");
  return {
    hint, brief: (question, answer) => answer, rows: (question, answer) => [{ typed: answer }], compared,
    cleaned: (question, typed) => cleaned(typed),
    wrong: (question, typed) => (problem(typed) ? [{ typed, problem: problem(typed) }] : []),
    fitting(question, answer) {
      const found = typeof answer === "string" ? cleaned(answer) : "";
      return /\S/.test(found) && !problem(found) ? found : null;
    },
    control: (question, given) => controlOf(question, given, cleaned, problem),
  };
}

// One line, without control characters, halves of characters, and spaces at its ends.
function cleaned(typed) {
  const line = typed.replace(/\r\n|[\t-\r\u0085\u2028\u2029]/g, " ").replace(/[\0-\u001f\u007f-\u009f\p{Cs}]/gu, "");
  let end = line.length;
  while (line[end - 1] === " ") end -= 1;
  return line.slice(0, end).replace(/^ +/, "");
}

function tooLong(text, longest) {
  return [...text].length > longest ? `This is too long: type at most ${longest} characters.` : "";
}

function compared(question, answer, right) {
  const row = (text, isOwn) => el("li", { class: "chosen" }, asTyped(text), marks(isOwn, !isOwn));
  return [...answer.map((text) => row(text, true)), ...right.map((text) => row(text, false))];
}

// Not `inputmode=decimal`: the keypads of phones have no minus sign, and some have no decimal point.
function controlOf(question, given, cleaned, problem) {
  const id = `answer-${question.number}`;
  const input = el("input", {
    type: "text", id, autocomplete: "off", autocapitalize: "none", autocorrect: "off", spellcheck: "false", dir: "auto",
    "aria-describedby": `hint-${question.number} ${id}-problem`,
  });
  const told = el("p", { class: "error", id: `${id}-problem`, role: "alert" });
  const tell = () => {
    const words = problem(input.value);
    if (told.textContent !== words) told.textContent = words;
    if (words) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  input.addEventListener("input", () => given(input.value));
  input.addEventListener("change", () => afterClick(tell));
  return {
    labelled: id,
    content: [input, told],
    show(answer) {
      if (cleaned(input.value) !== (answer ?? "")) input.value = answer ?? "";
      // Half a number is no reason to interrupt who is typing it.
      if (document.activeElement !== input || !problem(input.value)) tell();
    },
    focus: () => input.focus(),
  };
}

// A field is left when the pointer is pressed. What is then said moves what is below it, which the click would miss. A list
// of options that opens may swallow the release.
function afterClick(tell) {
  if (isPressed) addEventListener("pointerup", () => setTimeout(tell), { once: true });
  setTimeout(tell, isPressed ? LONGEST_CLICK_MS : 0);
}
