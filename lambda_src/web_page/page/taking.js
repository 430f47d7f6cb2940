// Taking a test: its questions, each answer saved at once.

import { account } from "./account.js";
import { announceEnd, overPanel, whenOver } from "./closing.js";
import { drawNotice } from "./connection.js";
import { chooseButton, noticeOf } from "./draft_choice.js";
import { Draft } from "./drafts.js";
import { button, el, link } from "./elements.js";
import { flagButton, overviewOf } from "./overview.js";
import { imagesFrom } from "./images.js";
import { typeOf } from "./question_types.js";
import { questionField } from "./question_view.js";
import { followOtherTabs, isLoaded, loadTest } from "./questions.js";
import { savingOf } from "./saving.js";
import { kept } from "./storage.js";
import { testOf } from "./student.js";
import { closes, lateRule, subjectOf, timeLeft, titleOf } from "./test_facts.js";
import { address, show, showLoading } from "./view.js";

export async function showTest(signal, subject, testId) {
  const draft = new Draft(account.student.studentId, subject, testId);
  const saving = savingOf(draft);
  if (!isLoaded(draft) || saving.due) showLoading("Loading the test");
  const [test, stored] = await Promise.all([loadTest(draft, subject, testId, signal), saving.look()]);
  if (signal.aborted) return;
  imagesFrom("/image", subject, testId);
  const entry = testOf(account.student, subject, testId) ?? test;
  announceEnd(entry, signal);
  const fields = test.questions.map((question) => answerField(draft, question, test.questions));
  const upload = link(address("review", subject, testId), "button primary", "Review and upload");
  const parts = [overviewOf(draft, test), progressOf(draft, test, saving), noticeOf(saving), chooseButton(saving)];
  const update = () => {
    saving.schedule();
    for (const { draw } of parts) draw();
    upload.hidden = Boolean(saving.conflict);
  };
  const redraw = () => {
    for (const { refresh } of fields) refresh();
    update();
  };
  const form = el("form", { class: "questions", ondraft: update, onsubmit: (event) => event.preventDefault() }, fields.map(({ field }) => field));
  followOtherTabs(draft, signal, redraw);
  saving.open(test, stored, signal, redraw);
  redraw();
  const [{ overview }, { progress, saved }, { notice }, { choose }] = parts;
  show(titleOf(test), el("p", { class: "quiet" }, subjectOf(test), " · ", closes(entry)), lateRule(entry), notice, overview, form,
    el("div", { class: "bar" }, el("div", { class: "standing" }, progress, timeLeft(entry, signal), saved), upload, choose));
  whenOver(entry, signal, () => upload.replaceWith(overPanel(draft, test)));
}

// How far the student is, and where that is saved.
function progressOf(draft, test, saving) {
  const progress = el("p", { class: "progress", role: "status" });
  const saved = el("p", { class: "saved" });
  const draw = () => {
    const count = test.questions.filter((question) => draft.answer(question) !== null).length;
    const answered = `${count} of ${test.questions.length} answered`;
    const places = [kept.durable && "on this device", saving.isSaved && "on the server"].filter(Boolean);
    if (progress.textContent !== answered) progress.textContent = answered; // else it is read out with every character
    saved.textContent = `Saved ${places.join(" and ")}`;
    saved.hidden = !count || !places.length;
  };
  return { progress, saved, draw };
}

// One question. Its answer is saved with every change, which `draft` events report to the view.
function answerField(draft, question, questions) {
  const give = (answer) => {
    draft.give(question, answer);
    refresh();
    drawNotice();
    field.dispatchEvent(new Event("draft", { bubbles: true }));
  };
  const control = typeOf(question).control(question, give);
  const clear = button("Clear answer", "plain", () => {
    give(null);
    control.focus();
  });
  const changed = el("p", { class: "error" });
  const refresh = () => {
    const entered = draft.typed(question) ?? draft.answer(question);
    control.show(entered);
    clear.hidden = entered === null;
    changed.textContent = draft.outdated(question) ? "Your trainer changed this question after you answered it. Check your answer." : "";
  };
  const field = questionField(question, questions, control, changed, [clear, flagButton(draft, question, questions)]);
  refresh();
  return { field, refresh };
}
