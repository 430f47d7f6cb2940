// A question as it is shown: numbered and lettered by its place, whatever its number and its options' IDs are.

import { el } from "./elements.js";
import { shown } from "./nodes.js";
import { worth } from "./test_facts.js";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

// "Question 2 of 6, 3 points".
export function nameOf(question, questions) {
  const name = `Question ${questions.indexOf(question) + 1} of ${questions.length}`;
  return question.points == null ? name : `${name}, ${worth(question.points)}`;
}

// The letter of an option's place.
export function letterOf(question, option) {
  return LETTERS[question.options.indexOf(option)];
}

// The letters of an answer as the API takes it, "a, c"; "" if there is none.
export function lettersOf(question, answer = []) {
  const ids = [answer].flat();
  return question.options.filter((option) => ids.includes(option.id)).map((option) => letterOf(question, option)).join(", ");
}

export function lettered(question, option) {
  return [el("span", { class: "letter" }, `${letterOf(question, option)}:`), shown(option)];
}

// One input for each option.
export function inputsOf(question) {
  return question.options.map((option) => el("input", {
    type: question.type === "multiple" ? "checkbox" : "radio", name: `question-${question.number}`, value: option.id,
  }));
}

// A group of options. `note` stands before them, `more` after them.
export function questionField(question, questions, inputs, note, more) {
  return el("fieldset", { class: "card", id: `question-${question.number}` },
    el("legend", {}, el("span", { class: "number" }, nameOf(question, questions)), shown(question)),
    el("p", { class: "quiet hint" }, question.type === "multiple" ? "More than one answer may be correct. Choose all that apply." : "Choose one answer."),
    note, inputs.map((input, at) => el("label", { class: "option" }, input, lettered(question, question.options[at]))), more);
}
