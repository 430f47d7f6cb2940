// An answer as it is shown. It consists of rows: an option, an item with its option, or what was typed.

import { el } from "./elements.js";
import { letterOf, lettered, numbered, placeOf } from "./letters.js";
import { clean } from "./text.js";

// What a student typed, with every space of it.
export function asTyped(text) {
  return el("bdi", { class: "typed" }, clean(text));
}

export function rowView(question, { item, option, typed }) {
  if (typed != null) return el("div", { class: "chosen" }, asTyped(typed));
  const shown = el("div", { class: "chosen" }, option ? lettered(question, option) : el("span", { class: "quiet" }, "No answer"));
  return item ? el("div", { class: "pair" }, el("div", { class: "chosen" }, numbered(question, item)), shown) : shown;
}

// A row as text: "1: Poland → b: Warsaw".
export function rowText(question, { item, option, typed }) {
  if (typed != null) return clean(typed);
  const text = option ? `${letterOf(question, option)}: ${clean(option.text)}` : "No answer";
  return item ? `${placeOf(question, item)}: ${clean(item.text)} → ${text}` : text;
}

// What an answer or a part of it is, in a review.
export function marks(isOwn, isRight) {
  return [isOwn ? el("span", { class: "chip" }, "Your answer") : null, isRight ? el("span", { class: "chip good" }, "Right") : null];
}
