// A test whose answers are released: the student's own, the right ones, points and explanations.

import { account } from "./account.js";
import { fetchInSight } from "./connection.js";
import { Draft } from "./drafts.js";
import { el, link, panel } from "./elements.js";
import { withGapsNamed } from "./gap_names.js";
import { imagesFrom } from "./images.js";
import { shown } from "./nodes.js";
import { typeOf } from "./question_types.js";
import { handedIn, percent, points, subjectOf, titleOf, worth } from "./test_facts.js";
import { clean, plain } from "./text.js";
import { show, showLoading } from "./view.js";

export async function showReleased(signal, subject, testId) {
  showLoading("Your answers");
  const review = withGapsNamed(await fetchInSight("/review", { subjectName: subject, testId }, signal));
  if (signal.aborted) return;
  const { questions } = review;
  imagesFrom("/image", subject, testId);
  const differing = differences(new Draft(account.student.studentId, subject, testId), review);
  show(titleOf(review), el("p", { class: "quiet" }, subjectOf(review), " · ", handedIn(review), " · receipt ", clean(review.receiptId)),
    el("div", { class: "card" },
      el("p", { class: "deadline" }, el("span", {}, "Your score"), el("strong", { class: "points" }, points(review))),
      review.late ? el("p", {}, `${review.handedIn ? "They were saved" : "You submitted"} late, so your answers count for ${percent(review.credit)} of the points.`) : null,
      review.classMean == null ? null : el("p", { class: "quiet" }, `Mean of the class: ${worth(review.classMean)}`)),
    differing.length ? panel("warn", "The server has other answers than this device",
      el("p", {}, `What you uploaded from here is different in: ${differing.join(", ")}. Take a picture of this page and show it to your trainer.`)) : null,
    questions.map((question, index) => reviewed(question, `Question ${index + 1} of ${questions.length}`)),
    el("div", { class: "actions" }, link("#/scores", "button primary", "Back to my scores")));
}

// The questions that the student answered otherwise in the upload that counts, if it was made from this device.
function differences(draft, review) {
  if (draft.read("receipt")?.receiptId !== review.receiptId) return [];
  return review.questions.flatMap((question, index) => {
    const { fitting } = typeOf(question);
    const known = fitting(question, question.answer) ?? fitting(question, question.answer[0]); // what is typed is in a list
    return visible(draft.answer(question)) === visible(known) ? [] : [`question ${index + 1}`];
  });
}

function visible(answer) {
  return clean(JSON.stringify(answer));
}

function reviewed(question, name) {
  const { answer, right, feedback } = question;
  return el("section", { class: "card reviewed" },
    el("h2", { class: "number" }, name), shown(question), el("ul", { class: "tests" }, typeOf(question).compared(question, answer, right)),
    feedback.map((text) => el("div", { class: "feedback" }, el("span", {}, "Feedback:"), shown({ text }))),
    question.leftOut ? el("p", {}, "Your answer was left out: the question was changed after you saved the answer.") : Object.keys(answer).length ? null : el("p", {}, "You gave no answer."),
    el("p", {}, el("strong", {}, question.dropped ? "Does not count" : `Points: ${points(question)}`)),
    question.correction ? el("p", { class: "quiet" }, "Corrected: ", plain(question.correction)) : null,
    question.explanation ? shown({ text: question.explanation, nodes: question.explanationNodes }) : null);
}
