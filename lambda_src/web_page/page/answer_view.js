// An answer as it is shown. It consists of rows: an option, or what was typed, in answer to the question or to an item or a
// gap of it.

import { el } from "./elements.js";
import { letterOf, lettered, numbered, placeOf } from "./letters.js";
import { clean } from "./text.js";

// What a student typed, with every space of it.
export function asTyped(text) {
  return el("bdi", { class: "typed" }, clean(text));
}

export function nameOfGap(gap) {
  return el("span", { class: "letter" }, `Gap ${clean(gap.id)}`);
}

export function rowView(question, { item, gap, option, typed }) {
  const shown = el("div", { class: "chosen" }, typed != null ? asTyped(typed)
    : option ? lettered(gap ?? question, option) : el("span", { class: "quiet" }, "No answer"));
  const name = item ? numbered(question, item) : gap ? nameOfGap(gap) : null;
  return name ? el("div", { class: gap ? "pair gap" : "pair" }, el("div", { class: "chosen" }, name), shown) : shown;
}

// A row as text: "1: Poland → b: Warsaw".
export function rowText(question, { item, gap, option, typed }) {
  const text = typed != null ? clean(typed) : option ? `${letterOf(gap ?? question, option)}: ${clean(option.text)}` : "No answer";
  if (gap) return `Gap ${clean(gap.id)}: ${text}`;
  return item ? `${placeOf(question, item)}: ${clean(item.text)} → ${text}` : text;
}

// What an answer or a part of it is, in a review.
export function marks(isOwn, isRight) {
  return [isOwn ? el("span", { class: "chip" }, "Your answer") : null, isRight ? el("span", { class: "chip good" }, "Right") : null];
}
