// Options of which one is selected from a list, where the question has several such lists.

import { el } from "./elements.js";
import { lettered, lineOf } from "./letters.js";
import { clean, hasCode } from "./text.js";

const LONGEST_IN_LIST = 60; // characters of an option that a list of options shows

// The list. `question`: whatever has the options.
export function selectOf(id, question, onchange) {
  return el("select", { id, onchange },
    el("option", { value: "" }, "Choose"), question.options.map((option) => el("option", { value: option.id }, lineOf(question, option, inList))));
}

// The options in full, null if all of them fit into a list.
export function inFull(question) {
  if (question.options.every(isShort)) return null;
  return el("ul", { class: "listed" }, question.options.map((option) => el("li", { class: "chosen" }, lettered(question, option))));
}

// What a list of options can show of one, kept apart from the writing direction around it (by Unicode's isolates).
function inList(text) {
  const characters = [...text];
  const beginning = characters.slice(0, LONGEST_IN_LIST).join("");
  return `\u2068${beginning}${characters.length > LONGEST_IN_LIST ? "…" : ""}\u2069`;
}

function isShort(option) {
  const text = clean(option.text);
  return isUnformatted(option) && !hasCode(text) && !text.trim().includes("\n") && [...text].length <= LONGEST_IN_LIST;
}

// Whether its text says all: in a list there are no images, formulas or emphasis.
function isUnformatted({ nodes }) {
  return !nodes || nodes.every(({ type, children = [] }) => type === "paragraph" && children.every((part) => part.type === "text"));
}
