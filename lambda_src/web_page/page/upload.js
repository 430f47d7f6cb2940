// Uploading the answers that the student confirmed.

import { account } from "./account.js";
import { explain, persistently, Problem } from "./api.js";
import { localTime } from "./clock.js";
import { copyAnswers } from "./closing.js";
import { ask, waitInSight } from "./connection.js";
import { button, el, link, panel } from "./elements.js";
import { showAlreadyUploaded, showProblem } from "./failure.js";
import { briefly } from "./question_view.js";
import { expireTest, forgetTest } from "./questions.js";
import { same } from "./saved_draft.js";
import { expireStudent, fetchStudent, testOf } from "./student.js";
import { testLink, titleOf } from "./test_facts.js";
import { clean } from "./text.js";
import { address, show } from "./view.js";

const UPLOAD_ATTEMPTS = 8;

// Upload until the server answers or the attempts run out. The answers are those that were confirmed.
export async function send(draft, test, signal) {
  const { answers } = draft.read("upload");
  const waiting = el("div", { id: "waiting" });
  const stop = button("Back to the questions", "button", () => {
    draft.write("upload", null);
    location.hash = address("test", test.subjectName, test.testId);
  });
  show("Uploading your answers", el("p", { class: "quiet" }, titleOf(test)), el("div", { class: "panel" }, el("p", {}, "Your answers are saved on this device. Keep this page open."), waiting),
    el("div", { class: "actions" }, stop));
  const body = { subjectName: test.subjectName, testId: test.testId, studentId: account.student.studentId, answers, replaces: draft.read("replaces") };
  const wait = (seconds, problem) => waitInSight(waiting, seconds, problem, signal);
  try {
    const receipt = await persistently(() => ask("POST", "/test", body), UPLOAD_ATTEMPTS, wait);
    keepReceipt(draft, test, receipt, answers);
    if (!signal.aborted) location.hash = address("receipt", test.subjectName, test.testId);
  } catch (problem) {
    if (signal.aborted) return;
    if (!(problem instanceof Problem)) throw problem;
    if (problem.temporary) showUnsent(draft, test, problem, signal);
    else await showRefused(draft, test, problem, signal);
  }
}

// Note the receipt here and in the list last read, which may be all there is to show while offline. If the student has
// changed an answer meanwhile, the test is unsent again.
function keepReceipt(draft, test, { receiptId, submittedAt, late }, answers) {
  if (same(draft.answers(test.questions), answers)) draft.write("receipt", { receiptId, submittedAt, late: Boolean(late), letters: test.questions.map((question) => briefly(question, answers[question.number])) });
  draft.write("upload", null);
  draft.write("replaces", receiptId);
  forgetTest(draft);
  const student = account.student;
  const known = testOf(student, test.subjectName, test.testId);
  if (known) Object.assign(known, { state: "submitted", receiptId, submittedAt });
  account.student = student;
  expireStudent();
}

// All attempts failed: the answers wait here. The upload starts again when the connection or the student does.
function showUnsent(draft, test, problem, signal) {
  const [title, advice] = explain(problem);
  const again = () => send(draft, test, signal);
  addEventListener("online", again, { once: true, signal });
  show("Not uploaded yet", panel("warn", title, el("p", {}, advice),
    el("p", {}, "Your answers are safe on this device. The upload counts only once you see a receipt.")),
  el("div", { class: "actions" }, button("Try again", "button primary", again), link("#/", "button", "Back to my tests")));
}

// The server refused for good.
async function showRefused(draft, test, problem, signal) {
  const { answers } = draft.read("upload");
  expireStudent();
  draft.write("upload", null);
  if (problem.status === 400) expireTest(draft); // the questions may have changed
  const back = link(address("test", test.subjectName, test.testId), "button", "Back to the questions");
  if (problem.code === "NewerSubmission") await showNewer(draft, test, problem, answers, signal);
  else if (problem.status === 409) await showAlreadyUploaded(problem, signal, test.subjectName, test.testId);
  else if (problem.status === 410) showProblem(problem, copyAnswers(draft, test), back);
  else showProblem(problem, back);
}

// The student has uploaded the test again from elsewhere, and decides which upload counts.
async function showNewer(draft, test, problem, answers, signal) {
  const newest = testOf(await fetchStudent().catch(() => null), test.subjectName, test.testId);
  if (signal.aborted) return;
  const again = (replaces) => {
    draft.write("replaces", replaces);
    draft.write("upload", { answers });
    send(draft, test, signal);
  };
  if (!newest?.receiptId) {
    showProblem(problem, button("Try again", "button primary", () => again(draft.read("replaces"))));
    return;
  }
  const [title] = explain(problem);
  show(title, el("div", { class: "panel warn" },
    el("p", {}, "You uploaded ", el("strong", {}, titleOf(test)), " again on another device or in another tab, ", localTime(newest.submittedAt), ". The receipt is ", el("span", { class: "receipt-id" }, clean(newest.receiptId)), ". Those answers count."),
    el("p", {}, "The answers on this device were not uploaded. They are kept here.")),
  el("div", { class: "actions" }, button("Upload these answers instead", "button", () => again(newest.receiptId)),
    testLink("receipt", test, "button primary", "Keep the newer upload"), link(address("test", test.subjectName, test.testId), "button", "Back to the questions")));
}
