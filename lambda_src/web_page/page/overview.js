// Finding one's way in a long test: every question with how it stands, and questions flagged for later.

import { button, el } from "./elements.js";
import { goTo } from "./jump.js";

const LONGEST_WITHOUT = 5; // questions
const LONGEST_OPEN = 20; // more would fill a phone

// The overview of a test's questions, null for a short one, and what draws it again.
export function overviewOf(draft, test) {
  if (test.questions.length <= LONGEST_WITHOUT) return { overview: null, draw() {} };
  const list = el("ol", { class: "overview" });
  const draw = () => list.replaceChildren(...test.questions.map((question, at) => el("li", {}, stepTo(draft, question, at + 1))));
  const overview = el("details", { class: "card", open: test.questions.length <= LONGEST_OPEN }, el("summary", {}, "All questions"),
    list, el("p", { class: "quiet", "aria-hidden": "true" }, "✓ answered, ⚑ for later"));
  return { overview: el("div", { role: "navigation", "aria-label": "Questions" }, overview), draw };
}

function stepTo(draft, question, place) {
  const answered = draft.answer(question) !== null;
  const flagged = draft.flagged(question);
  const step = button([String(place), el("span", {}, answered ? "✓" : "", flagged ? "⚑" : "")], answered ? "step done" : "step", () => goTo(question.number));
  step.setAttribute("aria-label", `${place}, ${answered ? "answered" : "not answered"}${flagged ? ", flagged for later" : ""}`);
  return step;
}

// The button that flags a question, or takes the flag away; null where there is no overview to show it.
export function flagButton(draft, question, questions) {
  if (questions.length <= LONGEST_WITHOUT) return null;
  const flag = button("Flag for later", "plain", () => {
    draft.flag(question, !draft.flagged(question));
    draw();
    flag.dispatchEvent(new Event("draft", { bubbles: true }));
  });
  const draw = () => flag.setAttribute("aria-pressed", draft.flagged(question));
  draw();
  return flag;
}
