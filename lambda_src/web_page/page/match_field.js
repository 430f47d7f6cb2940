// Questions in which each item is matched with an option, which is selected from a list.

import { marks } from "./answer_view.js";
import { el } from "./elements.js";
import { letterOf, lettered, lineOf, numbered, optionOf, placeOf } from "./letters.js";
import { clean, hasCode } from "./text.js";

const LONGEST_IN_LIST = 60; // characters of an option that a list of options shows

export const match = {
  hint: "Choose the right option for each. Two may have the same one.",
  fitting(question, answer) {
    const given = typeof answer === "object" && !Array.isArray(answer) ? answer : null;
    const pairs = question.items.map((item) => [item.id, given?.[item.id]]).filter(([, id]) => optionOf(question, id));
    return pairs.length ? Object.fromEntries(pairs) : null;
  },
  brief: (question, answer) => rows(question, answer).filter(({ option }) => option)
    .map(({ item, option }) => placeOf(question, item) + letterOf(question, option)).join(" "),
  rows,
  compared: (question, answer, right) => question.items.map((item) => el("li", { class: "pair" },
    el("div", { class: "chosen" }, numbered(question, item)),
    [...new Set([answer[item.id], right[item.id]])].map((id) => optionOf(question, id)).filter(Boolean)
      .map((option) => el("div", { class: "chosen" }, lettered(question, option), marks(option.id === answer[item.id], option.id === right[item.id]))))),
  control,
};

function rows(question, answer) {
  return question.items.map((item) => ({ item, option: optionOf(question, answer[item.id]) }));
}

function control(question, given) {
  const selects = question.items.map((item) => selectOf(question, item, () => change()));
  const change = () => given(Object.fromEntries(question.items.map((item, at) => [item.id, selects[at].value])));
  const pairs = question.items.map((item, at) => el("div", { class: "pair" },
    el("label", { class: "chosen", for: selects[at].id }, numbered(question, item)), selects[at]));
  return {
    content: [question.options.every(isShort) ? null : listed(question), pairs],
    show(answer) {
      question.items.forEach((item, at) => { selects[at].value = answer?.[item.id] ?? ""; });
    },
    focus: () => selects[0].focus(),
  };
}

function selectOf(question, item, onchange) {
  return el("select", { id: `answer-${question.number}-${item.id}`, onchange },
    el("option", { value: "" }, "Choose"), question.options.map((option) => el("option", { value: option.id }, lineOf(question, option, inList))));
}

// What a list of options can show of one, kept apart from the writing direction around it (by Unicode's isolates).
function inList(text) {
  const characters = [...text];
  const beginning = characters.slice(0, LONGEST_IN_LIST).join("");
  return `\u2068${beginning}${characters.length > LONGEST_IN_LIST ? "…" : ""}\u2069`;
}

function isShort(option) {
  const text = clean(option.text);
  return !hasCode(text) && !text.trim().includes("\n") && [...text].length <= LONGEST_IN_LIST;
}

// Options that do not fit into a list of options, in full.
function listed(question) {
  return el("ul", { class: "listed" }, question.options.map((option) => el("li", { class: "chosen" }, lettered(question, option))));
}
