// The trainer's page starts here. It is a document of its own, so that students do not load it: `?trainer` in the address.

import { account } from "./account.js";
import { explain, Problem } from "./api.js";
import { showPreview } from "./class_preview.js";
import { showReport } from "./class_report.js";
import { showPerson, showResults } from "./class_results.js";
import { showClass } from "./class_counts.js";
import { drawNotice } from "./connection.js";
import { button, el, link } from "./elements.js";
import { showSignIn, signOut } from "./sign_in.js";
import { BASE } from "./storage.js";
import { drawNavigation, skipToContent } from "./navigation.js";
import { clean } from "./text.js";
import { show } from "./view.js";

const VIEWS = { results: [showResults, 2], preview: [showPreview, 2], report: [showReport, 3], person: [showPerson, 1] };
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
let leaving = new AbortController(); // aborted when the view on screen goes

async function route() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  if (!account.key) {
    showSignIn();
    return;
  }
  if (!account.trainer) {
    location.replace(`${BASE}/${location.hash}`); // a student's key
    return;
  }
  const [view, name, ids] = addressed();
  drawNavigation("trainer", name);
  try {
    await view(signal, ...ids);
  } catch (problem) {
    if (signal.aborted) return;
    if (!(problem instanceof Problem)) throw problem;
    showClassProblem(problem, problem.temporary ? button("Try again", "button primary", route) : null);
  }
}

// The view named by the address's fragment (`#/results/<subject>/<test>`), the overview for any other. The emails link
// to `#report=<subject>/<test>/<report>`.
function addressed() {
  const [, name, ...ids] = location.hash.replace("#report=", "#/report/").split("/");
  const [view, length] = Object.hasOwn(VIEWS, name) ? VIEWS[name] : [];
  return view && ids.length === length && ids.every((id) => ID.test(id)) ? [view, name, ids] : [showClass, "class", []];
}

function showClassProblem(problem, ...actions) {
  const isGone = ["TestNotFound", "StudentNotFound", "ReportNotFound"].includes(problem.code);
  const [title, advice] = isGone ? ["Not found", clean(problem.message)] : explain(problem);
  if (problem.status === 401 || problem.status === 403) {
    showSignIn(`${title}. If you have made a new key, sign in with it.`);
    return;
  }
  show(title, el("div", { class: "panel warn" }, el("p", {}, advice)), el("div", { class: "actions" }, actions, link("#/", "button", "Back to the class")));
}

for (const event of ["hashchange", "signed-in", "signed-out"]) addEventListener(event, route);
document.getElementById("sign-out").addEventListener("click", signOut);
skipToContent();
drawNotice();
route();
