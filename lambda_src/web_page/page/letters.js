// Options and items as they are shown: lettered and numbered by their place, whatever their IDs are.

import { el } from "./elements.js";
import { shown } from "./nodes.js";
import { beginning } from "./text.js";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

// The letter of an option's place.
export function letterOf(question, option) {
  return LETTERS[question.options.indexOf(option)];
}

// The number of an item's place.
export function placeOf(question, item) {
  return question.items.indexOf(item) + 1;
}

export function lettered(question, option) {
  return [el("span", { class: "letter" }, `${letterOf(question, option)}:`), shown(option)];
}

export function numbered(question, item) {
  return [el("span", { class: "letter" }, `${placeOf(question, item)}:`), shown(item)];
}

// An option on one line: its letter, and its text up to the first block of code, which `written` may change.
export function lineOf(question, option, written = (text) => text) {
  const text = beginning(option.text).textContent.trim();
  return text ? `${letterOf(question, option)}: ${written(text)}` : letterOf(question, option);
}

export function optionOf(question, id) {
  return question.options.find((option) => option.id === id);
}
