// Checking the answers before the upload.

import { account } from "./account.js";
import { announceEnd, overPanel, whenOver } from "./closing.js";
import { chooseButton, noticeOf } from "./draft_choice.js";
import { Draft } from "./drafts.js";
import { button, el, link, panel } from "./elements.js";
import { questionLink } from "./jump.js";
import { imagesFrom } from "./images.js";
import { lettered, nameOf } from "./question_view.js";
import { followOtherTabs, isLoaded, loadTest } from "./questions.js";
import { savingOf } from "./saving.js";
import { testOf } from "./student.js";
import { closes, lateRule, subjectOf, timeLeft, titleOf } from "./test_facts.js";
import { beginning } from "./text.js";
import { send } from "./upload.js";
import { address, show, showLoading } from "./view.js";

// An upload that was started and got no answer resumes automatically.
export async function showReview(signal, subject, testId) {
  const draft = new Draft(account.student.studentId, subject, testId);
  const saving = savingOf(draft);
  if (!isLoaded(draft) || saving.due) showLoading("Your answers");
  const [test, stored] = await Promise.all([loadTest(draft, subject, testId, signal), saving.look()]);
  if (signal.aborted) return;
  if (draft.read("upload")) {
    await send(draft, test, signal);
    return;
  }
  imagesFrom("/image", subject, testId);
  const entry = testOf(account.student, subject, testId) ?? test;
  const body = el("div");
  const begin = () => {
    draft.write("upload", { answers: draft.answers(test.questions) });
    send(draft, test, signal);
  };
  const upload = button("Upload my answers", "button primary", begin);
  const { notice, draw: drawNotice } = noticeOf(saving);
  const { choose, draw: drawChoose } = chooseButton(saving);
  const redraw = () => {
    saving.schedule();
    body.replaceChildren(...reviewOf(draft, test));
    upload.hidden = Boolean(saving.conflict) || !Object.keys(saving.answers).length;
    drawNotice();
    drawChoose();
  };
  announceEnd(entry, signal);
  followOtherTabs(draft, signal, redraw);
  saving.open(test, stored, signal, redraw);
  redraw();
  show("Upload your answers?",
    el("p", { class: "quiet" }, subjectOf(test), " · ", titleOf(test), " · ", closes(entry)), lateRule(entry),
    el("p", {}, entry.attempts === "last" ? "Until the deadline you can change your answers and upload again; the last upload counts."
      : "This upload is final: you cannot change your answers afterwards."),
    notice, body, el("div", { class: "actions" }, link(address("test", subject, testId), "button", "Back to the questions")),
    el("div", { class: "bar" }, el("div", { class: "standing" }, timeLeft(entry, signal)), upload, choose));
  // Not while an upload is under way: the server decides about it.
  whenOver(entry, signal, () => upload.isConnected && upload.replaceWith(overPanel(draft, test)));
}

function reviewOf(draft, test) {
  const missing = test.questions.filter((question) => !draft.chosen(question).length);
  const links = missing.map((question) => el("li", {}, questionLink(test, question, `Question ${test.questions.indexOf(question) + 1}`)));
  const summary = missing.length === test.questions.length ? panel("warn", "You have not answered any questions", el("p", {}, "Answer at least one question, then upload."))
    : missing.length ? panel("warn", missing.length === 1 ? "One question is unanswered" : `${missing.length} questions are unanswered`,
      el("p", {}, "Unanswered questions earn no points. You can still upload."), el("ul", { class: "jump" }, links))
      : panel("good", "All questions are answered");
  const answers = test.questions.map((question) => el("li", {},
    el("p", { class: "asked" }, questionLink(test, question, nameOf(question, test.questions)), " ", beginning(question.text)), chosenTexts(draft, question)));
  return [summary, el("div", { class: "card" }, el("h2", {}, "Your answers"), el("ol", { class: "answers" }, answers))];
}

function chosenTexts(draft, question) {
  const chosen = draft.chosen(question);
  if (!chosen.length) return el("span", { class: "quiet" }, "No answer");
  return question.options.filter((option) => chosen.includes(option.id)).map((option) => el("div", { class: "chosen" }, lettered(question, option)));
}
