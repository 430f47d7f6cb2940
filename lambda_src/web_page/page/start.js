// The page starts here: which view is on screen, and what happens around it.

import { account } from "./account.js";
import { Problem } from "./api.js";
import { copyAnswers } from "./closing.js";
import { drawNotice } from "./connection.js";
import { Draft, unsent } from "./drafts.js";
import { button } from "./elements.js";
import { showAlreadyUploaded, showProblem } from "./failure.js";
import { jump } from "./jump.js";
import { drawNavigation, skipToContent } from "./navigation.js";
import { keepPage } from "./offline.js";
import { showPickUp } from "./pick_up.js";
import { showReceipt } from "./receipt.js";
import { showReleased } from "./released.js";
import { showReview } from "./review.js";
import { showScores } from "./scores.js";
import { showSignIn, signOut } from "./sign_in.js";
import { BASE, kept, PREFIX } from "./storage.js";
import { fetchStudent } from "./student.js";
import { showTest } from "./taking.js";
import { showTests } from "./test_list.js";
import { address, showLoading } from "./view.js";

const VIEWS = { tests: showTests, scores: showScores };
const VIEWS_OF_A_TEST = { test: showTest, review: showReview, receipt: showReceipt, answers: showReleased };
let leaving = new AbortController(); // aborted when the view on screen goes

async function route() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  if (showPickUp()) return;
  if (!account.key) {
    showSignIn();
    return;
  }
  if (account.trainer) {
    location.replace(`${BASE}/?trainer${location.hash}`); // a document of its own
    return;
  }
  const [view, name, ids] = addressed();
  drawNavigation("student", name);
  try {
    if (!account.student) await fetchStudentFirst(signal);
    await view(signal, ...ids);
    if (!signal.aborted) jump();
  } catch (problem) {
    if (signal.aborted) return;
    if (!(problem instanceof Problem)) throw problem;
    if (problem.status === 409) await showAlreadyUploaded(problem, signal, ...ids);
    else if (problem.status === 410) showProblem(problem, copyAnswers(new Draft(account.student.studentId, ...ids)));
    else showProblem(problem, problem.temporary ? button("Try again", "button primary", route) : null);
  }
}

// The view named by the address's fragment (`#/scores`, `#/test/<subject>/<test>`); the list for any other.
function addressed() {
  const [, name, ...ids] = location.hash.split("/");
  const id = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
  if (Object.hasOwn(VIEWS_OF_A_TEST, name) && ids.length === 2 && ids.every((text) => id.test(text))) return [VIEWS_OF_A_TEST[name], name, ids];
  return Object.hasOwn(VIEWS, name) ? [VIEWS[name], name, []] : [showTests, "tests", []];
}

async function fetchStudentFirst(signal) {
  showLoading("Your tests");
  await fetchStudent(signal);
}

// After signing in or loading: an upload that was confirmed but got no answer comes first.
function start() {
  const { studentId, tests } = account.student ?? { tests: [] };
  const begun = tests.find((test) => new Draft(studentId, test.subjectName, test.testId).read("upload"));
  if (begun && !/^#(pick-up|\/review)/.test(location.hash)) location.replace(address("review", begun.subjectName, begun.testId));
  else route();
}

addEventListener("hashchange", route);
addEventListener("signed-in", start);
addEventListener("signed-out", route);
// Signing in or out in another tab, if the key is remembered.
addEventListener("storage", (event) => {
  if (event.key === null || event.key === `${PREFIX}key`) route();
});
// The clock stops while a device sleeps: read the server's again.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && account.key) fetchStudent().catch(() => {});
});
addEventListener("beforeunload", (event) => {
  if (!kept.durable && account.student && unsent(account.student.studentId).length) event.preventDefault();
});
document.getElementById("sign-out").addEventListener("click", signOut);
skipToContent();
drawNotice();
start();
keepPage();
