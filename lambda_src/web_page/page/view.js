// The view on screen: putting one there, its address, and what a screen reader says.

import { el } from "./elements.js";

const main = document.getElementById("main");
export const CLASS_NAME = document.getElementById("class-name").textContent;
let firstView = true;

// Put a view on screen. Its heading gets the focus, so that keyboard and screen reader start where the eye does.
export function show(title, ...content) {
  const heading = el("h1", { tabindex: "-1" }, typeof title === "string" ? title : title.cloneNode(true));
  main.replaceChildren(...el("div", {}, heading, content).childNodes);
  document.title = `${heading.textContent} · ${CLASS_NAME}`;
  if (!firstView) {
    scrollTo({ top: 0, behavior: "instant" }); // a view that glides away under the pointer makes it miss
    heading.focus({ preventScroll: true });
  }
  firstView = false;
}

export function showLoading(what) {
  show(what, el("p", {}, "One moment…"), el("div", { id: "waiting" }));
}

// Say something to a screen reader that the eye sees anyway.
export function say(text) {
  document.getElementById("spoken").textContent = text;
}

// The address of a view of a test. IDs contain only characters that an address takes as they are.
export function address(view, subject, test) {
  return `#/${view}/${subject}/${test}`;
}
