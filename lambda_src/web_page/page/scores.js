// The scores of the student's tests.

import { account } from "./account.js";
import { el } from "./elements.js";
import { currentStudent } from "./student.js";
import { handedIn, percent, points, subjectOf, testLink, titleOf } from "./test_facts.js";
import { show, showLoading } from "./view.js";

export async function showScores(signal) {
  if (!account.student) showLoading("Your scores");
  const student = await currentStudent(signal);
  if (signal.aborted) return;
  const scored = student.tests.filter((test) => test.state === "scored")
    .sort((one, other) => Date.parse(other.closesAt) - Date.parse(one.closesAt));
  if (!scored.length) {
    show("Your scores", el("p", { class: "card" }, "None of your tests has been scored yet. Tests are scored after their deadline; you also get each score by email."));
    return;
  }
  show("Your scores", el("ul", { class: "tests" }, scored.map(scoreOf)));
}

function scoreOf(test) {
  const share = test.maxPoints ? percent(test.points / test.maxPoints) : null;
  return el("li", { class: "card test" },
    el("div", { class: "notes" }, el("h2", {}, titleOf(test)),
      el("p", { class: "quiet" }, subjectOf(test), " · ", handedIn(test), test.late ? ", late" : ""),
      el("p", { class: "deadline" }, el("strong", { class: "points" }, points(test)), share ? el("span", { class: "chip" }, share) : null),
      share ? el("meter", { min: 0, max: test.maxPoints, value: test.points, "aria-hidden": "true" }) : null),
    test.mayReview ? el("div", { class: "actions" }, testLink("answers", test, "button", "See the answers")) : null);
}
