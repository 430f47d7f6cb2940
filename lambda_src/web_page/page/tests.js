// The list of tests, and the scores.

const GROUPS = [
  ["open", "Open now"],
  ["submitted", "Uploaded, not scored yet"],
  ["scored", "Scored"],
  ["closed", "Closed"],
];

async function showTests(signal) {
  if (!account.student) showLoading("Your tests");
  const student = await currentStudent(signal);
  if (signal.aborted) return;
  const groups = GROUPS.map(([state, title]) => {
    const tests = student.tests.filter((test) => stateOf(student, test) === state);
    // Nearest deadline first where there is something to do; the latest first where it is history.
    tests.sort((one, other) => Date.parse(one.closesAt) - Date.parse(other.closesAt));
    if (state !== "open") tests.reverse();
    return tests.length ? el("section", { class: state }, el("h2", {}, title),
      el("ul", { class: "tests" }, tests.map((test) => testEntry(student, test, signal)))) : null;
  });
  const nothing = student.tests.length ? "Nothing to do right now. The next test appears here when your trainer publishes it."
    : "There are no tests yet. They appear here when your trainer publishes them.";
  const open = student.tests.some((test) => stateOf(student, test) === "open");
  show("Your tests", el("p", { class: "lead" }, "Signed in as ", el("strong", {}, plain(student.name || student.studentId)), "."),
    open ? null : el("p", { class: "card" }, nothing), groups);
}

// A receipt this browser holds counts before the server's list does, which may be older.
function stateOf(student, test) {
  return test.state === "open" && draftOf(student, test).read("receipt") && !test.resubmits ? "submitted" : test.state;
}

function draftOf(student, test) {
  return new Draft(student.studentId, test.subjectName, test.testId);
}

function testEntry(student, test, signal) {
  const draft = draftOf(student, test);
  const state = stateOf(student, test);
  const details = { open: openDetails, submitted: submittedDetails, scored: scoredDetails, closed: closedDetails };
  return el("li", { class: "card test" },
    el("div", {}, el("h3", {}, plain(test.title || test.testId)), el("p", { class: "quiet" }, plain(subjectTitle(test)), " · ", questionCount(test))),
    details[state](test, draft, signal));
}

function subjectTitle(test) {
  return test.subjectTitle || test.subjectName;
}

function questionCount(test) {
  return `${test.questionCount} question${test.questionCount === 1 ? "" : "s"}`;
}

function openDetails(test, draft, signal) {
  const left = el("span", { class: "chip" });
  countDown(left, test.closesAt, signal, "Deadline passed, still accepted");
  const begun = draft.count;
  const pending = draft.read("upload");
  const name = plain(test.title || test.testId);
  const action = pending ? link(address("review", test.subjectName, test.testId), "button primary", "Finish the upload", hiddenName(name))
    : link(address("test", test.subjectName, test.testId), "button primary", begun ? "Continue" : "Start", hiddenName(name));
  return [
    el("p", { class: "deadline" }, el("span", {}, "Closes ", localTime(test.closesAt)), left),
    pending ? el("p", { class: "quiet" }, "Your upload has not reached the server yet.")
      : begun ? el("p", { class: "quiet" }, `${begun} of ${test.questionCount} answered on this device, not uploaded.`) : null,
    action,
  ];
}

function hiddenName(name) {
  return el("span", { class: "visually-hidden" }, ": ", name);
}

function submittedDetails(test, draft) {
  const receipt = receiptOf(test, draft);
  return [
    el("p", { class: "deadline" }, el("span", {}, "Uploaded ", receipt?.submittedAt ? localTime(receipt.submittedAt) : ""), el("span", { class: "chip good" }, "Uploaded")),
    receipt && link(address("receipt", test.subjectName, test.testId), "button", "Receipt", hiddenName(plain(test.title || test.testId))),
  ];
}

// The receipt of a test, from the server's list or from this browser.
function receiptOf(test, draft) {
  return test?.receiptId ? { receiptId: test.receiptId, submittedAt: test.submittedAt } : draft.read("receipt");
}

function scoredDetails(test, draft) {
  return [
    el("p", { class: "deadline" }, el("span", {}, "Your score"), el("strong", { class: "points" }, points(test))),
    receiptOf(test, draft) && link(address("receipt", test.subjectName, test.testId), "button", "Receipt", hiddenName(plain(test.title || test.testId))),
  ];
}

function closedDetails(test, draft) {
  return [
    el("p", { class: "deadline" }, el("span", {}, "Closed ", localTime(test.closesAt)), el("span", { class: "chip" }, "Not uploaded")),
    draft.count ? el("p", { class: "quiet" }, `Your ${draft.count} answers are still on this device, but the test takes none any more.`) : null,
  ];
}

const NUMBER = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 });
const PERCENT = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 0 });

function points(test) {
  return `${NUMBER.format(test.points)} of ${NUMBER.format(test.maxPoints)}`;
}

async function showScores(signal) {
  if (!account.student) showLoading("Your scores");
  const student = await currentStudent(signal);
  if (signal.aborted) return;
  const scored = student.tests.filter((test) => test.state === "scored")
    .sort((one, other) => Date.parse(other.closesAt) - Date.parse(one.closesAt));
  if (!scored.length) {
    show("Your scores", el("p", { class: "card" }, "No test of yours is scored yet. Tests are scored after their deadline; you also get the score by mail."));
    return;
  }
  const rows = scored.map((test) => el("tr", {},
    el("th", { scope: "row" }, plain(test.title || test.testId), el("span", { class: "quiet" }, plain(subjectTitle(test)))),
    el("td", {}, points(test), test.late ? el("span", { class: "quiet" }, "late") : null),
    el("td", {}, test.maxPoints ? PERCENT.format(test.points / test.maxPoints) : "–",
      test.maxPoints ? el("meter", { min: 0, max: test.maxPoints, value: test.points, "aria-hidden": "true" }) : null)));
  show("Your scores", el("div", { class: "card" }, el("table", {},
    el("thead", {}, el("tr", {}, ["Test", "Points", "Share"].map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, rows))));
}
