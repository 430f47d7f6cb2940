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
    const tests = student.tests.filter((test) => test.state === state);
    // Nearest deadline first where there is something to do; the latest first where it is history.
    tests.sort((one, other) => Date.parse(one.closesAt) - Date.parse(other.closesAt));
    if (state !== "open") tests.reverse();
    return tests.length ? el("section", { class: state }, el("h2", {}, title),
      el("ul", { class: "tests" }, tests.map((test) => testEntry(student, test, signal)))) : null;
  });
  const nothing = student.tests.length ? "Nothing to do right now. The next test appears here when your trainer publishes it."
    : "There are no tests yet. They appear here when your trainer publishes them.";
  const open = student.tests.some((test) => test.state === "open");
  show("Your tests", el("p", { class: "lead" }, "Signed in as ", el("strong", {}, plain(student.name || student.studentId)), "."),
    open ? null : el("p", { class: "card" }, nothing), groups);
}

// A test of the list: what it is, how it stands (`notes`), what can be done (`actions`).
function testEntry(student, test, signal) {
  const draft = new Draft(student.studentId, test.subjectName, test.testId);
  const details = { open: openDetails, submitted: submittedDetails, scored: scoredDetails, closed: closedDetails };
  const { notes, actions = [] } = details[test.state](test, draft, signal);
  return el("li", { class: "card test" },
    el("div", { class: "notes" }, el("h3", {}, titleOf(test)),
      el("p", { class: "quiet" }, subjectOf(test), " · ", count(test.questionCount, "question")), notes),
    actions.some(Boolean) ? el("div", { class: "actions" }, actions) : null);
}

function titleOf(test) {
  return plain(test.title || test.testId);
}

// Only the list of tests tells the subject's title; other replies have its name alone.
function subjectOf(test) {
  const known = test.subjectTitle ? test : testOf(account.student, test.subjectName, test.testId);
  return plain(known?.subjectTitle || test.subjectName);
}

// A link to a view of a test; its name says which test, for those who hear the links alone.
function testLink(view, test, className, label) {
  return link(address(view, test.subjectName, test.testId), className, label, el("span", { class: "visually-hidden" }, " ", titleOf(test)));
}

// The time left to upload a test, counting down.
function timeLeft(test, signal) {
  const left = el("span", { class: "chip" });
  countDown(left, test.closesAt, signal, test.lateUntil ? "Deadline passed, still taken" : "The deadline has passed");
  return left;
}

function openDetails(test, draft, signal) {
  const left = timeLeft(test, signal);
  const begun = draft.count;
  const notes = [el("p", { class: "deadline" }, el("span", {}, "Closes ", localTime(test.closesAt)), left), lateRule(test)];
  if (draft.read("upload")) {
    notes.push(el("p", { class: "quiet" }, "Your upload has not reached the server yet."));
    return { notes, actions: [testLink("review", test, "button primary", "Finish the upload")] };
  }
  if (begun) notes.push(el("p", { class: "quiet" }, `${begun} of ${test.questionCount} answered on this device, not uploaded.`));
  return { notes, actions: [testLink("test", test, "button primary", begun ? "Continue" : "Start")] };
}

// What late work is worth, once the deadline has passed.
function lateRule(test) {
  if (!test.lateUntil || secondsUntil(test.closesAt) > 0) return null;
  return el("p", { class: "quiet" }, "Late answers are taken until ", localTime(test.lateUntil), ` and get ${PERCENT.format(test.lateCredit)} of their points.`);
}

function submittedDetails(test, draft) {
  const receipt = receiptOf(test, draft);
  return {
    notes: [
      el("p", { class: "deadline" }, receipt ? el("span", {}, "Uploaded ", localTime(receipt.submittedAt)) : null, el("span", { class: "chip good" }, "Uploaded")),
      test.mayResubmit ? el("p", { class: "quiet" }, "You can change your answers and upload again until ", localTime(test.lateUntil ?? test.closesAt), "; the last upload counts.") : null,
    ],
    actions: [
      test.mayResubmit ? testLink("test", test, "button", "Change answers") : null,
      receipt ? testLink("receipt", test, "button", "Receipt") : null,
    ],
  };
}

// The receipt of a test, from the server's list or from this browser.
function receiptOf(test, draft) {
  const here = draft.read("receipt");
  if (!test.receiptId) return here;
  const late = test.late ?? (here?.receiptId === test.receiptId && here.late);
  return { receiptId: test.receiptId, submittedAt: test.submittedAt, late };
}

function scoredDetails(test, draft) {
  return {
    notes: [el("p", { class: "deadline" }, el("span", {}, "Your score"), el("strong", { class: "points" }, points(test)))],
    actions: [receiptOf(test, draft) ? testLink("receipt", test, "button", "Receipt") : null],
  };
}

function closedDetails(test, draft) {
  return {
    notes: [
      el("p", { class: "deadline" }, el("span", {}, "Closed ", localTime(test.closesAt)), el("span", { class: "chip" }, "Not uploaded")),
      draft.count ? el("p", { class: "quiet" }, "Your answers are still on this device, but the test takes none any more.") : null,
    ],
  };
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
    el("th", { scope: "row" }, titleOf(test), el("span", { class: "quiet" }, subjectOf(test))),
    el("td", {}, points(test), test.late ? el("span", { class: "quiet" }, "late") : null),
    el("td", {}, test.maxPoints ? PERCENT.format(test.points / test.maxPoints) : "–",
      test.maxPoints ? el("meter", { min: 0, max: test.maxPoints, value: test.points, "aria-hidden": "true" }) : null)));
  show("Your scores", el("div", { class: "card" }, el("table", {},
    el("thead", {}, el("tr", {}, ["Test", "Points", "Share"].map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, rows))));
}
