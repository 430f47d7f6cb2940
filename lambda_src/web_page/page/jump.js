// Going to one question of a test from another view.

import { el } from "./elements.js";
import { address } from "./view.js";

let target = null; // the number of the question to show first

export function questionLink(test, question, name) {
  return el("a", {
    href: address("test", test.subjectName, test.testId),
    onclick: () => { target = question.number; },
  }, name);
}

// Once the test is on screen: show the question that was asked for.
export function jump() {
  if (target === null) return;
  goTo(target);
  target = null;
}

// Show a question of the test on screen.
export function goTo(number) {
  const question = document.getElementById(`question-${number}`);
  question?.scrollIntoView();
  question?.querySelector("input, select, button")?.focus({ preventScroll: true });
}
