// The end of a student's time: it is said before it comes, and after it nothing invites to upload.

import { rowText } from "./answer_view.js";
import { MINUTE, secondsUntil } from "./clock.js";
import { button, el, panel } from "./elements.js";
import { typeOf } from "./question_types.js";
import { clean } from "./text.js";
import { say } from "./view.js";

const MARKS = [[10 * MINUTE, "10 minutes"], [2 * MINUTE, "2 minutes"], [30, "30 seconds"]];

// Say once when each mark before the deadline is reached, and before late work is not accepted any more.
export function announceEnd(test, signal) {
  for (const [end, what] of [[test.closesAt, "the deadline"], [test.lateUntil, "late answers are no longer accepted"]]) {
    const marks = MARKS.filter(([seconds]) => end && secondsUntil(end) > seconds);
    everySecond(signal, () => {
      if (marks.length && secondsUntil(end) <= marks[0][0]) say(`${marks.shift()[1]} left until ${what}.`);
      return !marks.length;
    });
  }
}

// Call `over` once the server takes no more answers, at once if that is so already. Only the student's list says when.
export function whenOver(test, signal, over) {
  if (!test.acceptedUntil) return;
  everySecond(signal, () => {
    if (secondsUntil(test.acceptedUntil) >= 0) return false;
    over();
    return true;
  });
}

// Call `done` now and every second, until it returns true.
function everySecond(signal, done) {
  if (done()) return;
  const timer = setInterval(() => done() && clearInterval(timer), 1000);
  signal.addEventListener("abort", () => clearInterval(timer));
}

export function overPanel(draft, test) {
  say("The deadline has passed. This test no longer accepts answers.");
  return panel("warn", "The deadline has passed", el("p", {}, "This test no longer accepts answers. Those that you gave are kept on this device."), copyAnswers(draft, test));
}

// A button for what was answered and not uploaded; null if there is nothing to copy, or no clipboard.
export function copyAnswers(draft, test = draft.read("test")) {
  if (!test || !navigator.clipboard || !draft.count) return null;
  const copy = button("Copy your answers", "button", async () => {
    await navigator.clipboard.writeText(written(draft, test));
    copy.textContent = "Copied";
    say("Your answers are copied.");
  });
  return copy;
}

function written(draft, test) {
  return test.questions.map((question, index) => {
    const answer = draft.answer(question);
    const answers = answer === null ? ["No answer"] : typeOf(question).rows(question, answer).map((row) => rowText(question, row));
    return [`${index + 1}. ${clean(question.text)}`, ...answers].join("\n");
  }).join("\n\n");
}
