// The scores of the student's tests.

import { account } from "./account.js";
import { el } from "./elements.js";
import { currentStudent } from "./student.js";
import { percent, points, subjectOf, testLink, titleOf } from "./test_facts.js";
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
  const rows = scored.map((test) => el("tr", {},
    el("th", { scope: "row" }, titleOf(test), el("span", { class: "quiet" }, subjectOf(test)),
      test.mayReview ? testLink("answers", test, "quiet", "See the answers") : null),
    el("td", {}, points(test), test.late ? el("span", { class: "quiet" }, "late") : null),
    el("td", {}, test.maxPoints ? percent(test.points / test.maxPoints) : "–",
      test.maxPoints ? el("meter", { min: 0, max: test.maxPoints, value: test.points, "aria-hidden": "true" }) : null)));
  show("Your scores", el("div", { class: "card" }, el("table", {},
    el("thead", {}, el("tr", {}, ["Test", "Points", "Percentage"].map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, rows))));
}
