// A test as students see it. Nothing of it can be submitted.

import { localTime } from "./clock.js";
import { fetchInSight } from "./connection.js";
import { el, link } from "./elements.js";
import { titleOf } from "./test_facts.js";
import { plain, rich } from "./text.js";
import { address, show, showLoading } from "./view.js";

export async function showPreview(signal, subject, testId) {
  showLoading("Preview");
  const test = await fetchInSight("/class/test", { subjectName: subject, testId }, signal);
  if (signal.aborted) return;
  show(titleOf(test), el("p", { class: "quiet" }, plain(subject), " · closes ", localTime(test.closesAt)),
    el("div", { class: "panel warn" }, el("p", {}, "This is a preview. What you choose is neither saved nor submitted.")),
    el("form", { class: "questions", onsubmit: (event) => event.preventDefault() },
      test.questions.map((question, index) => field(question, index, test.questions.length))),
    el("div", { class: "actions" }, link("#/", "button", "All tests"), link(address("results", subject, testId), "button", "Results")));
}

function field(question, index, count) {
  const several = question.type === "multiple";
  return el("fieldset", { class: "card" },
    el("legend", {}, el("span", { class: "number" }, `Question ${index + 1} of ${count}`), rich(question.text)),
    el("p", { class: "quiet hint" }, several ? "More than one answer may be correct. Choose all that apply." : "Choose one answer."),
    question.options.map((option) => el("label", { class: "option" },
      el("input", { type: several ? "checkbox" : "radio", name: `question-${question.number}`, value: option.id }), rich(option.text))));
}
