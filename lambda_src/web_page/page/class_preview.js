// A test as students see it. Nothing of it can be submitted.

import { fetchInSight } from "./connection.js";
import { el, link } from "./elements.js";
import { withGapsNamed } from "./gap_names.js";
import { imagesFrom } from "./images.js";
import { typeOf } from "./question_types.js";
import { questionField } from "./question_view.js";
import { closes, titleOf } from "./test_facts.js";
import { plain } from "./text.js";
import { address, show, showLoading } from "./view.js";

export async function showPreview(signal, subject, testId) {
  showLoading("Preview");
  const test = withGapsNamed(await fetchInSight("/class/test", { subjectName: subject, testId }, signal));
  if (signal.aborted) return;
  imagesFrom("/class/image", subject, testId);
  show(titleOf(test), el("p", { class: "quiet" }, plain(subject), " · ", closes(test)),
    el("div", { class: "panel warn" }, el("p", {}, "This is a preview. What you choose is neither saved nor submitted.")),
    el("form", { class: "questions", onsubmit: (event) => event.preventDefault() },
      test.questions.map((question) => questionField(question, test.questions, controlOf(question), poolNote(test, question)))),
    el("div", { class: "actions" }, link("#/", "button", "All tests"), link(address("results", subject, testId), "button", "Results")));
}

function controlOf(question) {
  const control = typeOf(question).control(question, () => {});
  control.show(null);
  return control;
}

// How many of its pool's questions a student gets. Nobody but the trainer sees this.
function poolNote(test, { pool }) {
  if (pool === undefined) return null;
  const size = test.questions.filter((each) => each.pool === pool).length;
  return el("p", { class: "quiet" }, `Each student gets ${test.pools[pool]} of the ${size} questions of the pool `, el("b", {}, plain(pool)), ".");
}
