// The view of a call that failed.

import { explain } from "./api.js";
import { el, link } from "./elements.js";
import { showSignIn } from "./sign_in.js";
import { fetchStudent, testOf } from "./student.js";
import { address, show } from "./view.js";

// What happened, what to do, and that nothing is lost. A key that is not accepted leads back to signing in.
export function showProblem(problem, ...actions) {
  const [title, advice] = explain(problem);
  if (problem.status === 401 || problem.code === "Forbidden" || (problem.status === 403 && !problem.code)) {
    showSignIn(`${title}. ${advice} Answers saved on this device stay there.`);
    return;
  }
  show(title, el("div", { class: "panel warn" }, el("p", {}, advice), el("p", {}, "The answers you gave are still saved on this device.")),
    el("div", { class: "actions" }, actions, link("#/", actions.some(Boolean) ? "button" : "button primary", "Back to my tests")));
}

// The answers uploaded before stand: those of the receipt in the server's list.
export async function showAlreadyUploaded(problem, signal, subject, testId) {
  const student = await fetchStudent().catch(() => null);
  if (signal.aborted) return;
  const receipt = link(address("receipt", subject, testId), "button primary", "Receipt for the answers that count");
  showProblem(problem, testOf(student, subject, testId)?.receiptId ? receipt : null);
}
