// The list of tests, by what can be done with them.

import { account } from "./account.js";
import { calendarOf } from "./calendar.js";
import { count, localTime, ZONE } from "./clock.js";
import { copyAnswers, whenOver } from "./closing.js";
import { Draft } from "./drafts.js";
import { el } from "./elements.js";
import { currentStudent } from "./student.js";
import { closes, lateRule, points, receiptOf, subjectOf, testLink, timeLeft, titleOf } from "./test_facts.js";
import { plain } from "./text.js";
import { show, showLoading } from "./view.js";

const GROUPS = [
  ["open", "Open now"],
  ["announced", "Opens later"],
  ["submitted", "Uploaded, not scored yet"],
  ["scored", "Scored"],
  ["closed", "Closed"],
];

export async function showTests(signal) {
  if (!account.student) showLoading("Your tests");
  const student = await currentStudent(signal);
  if (signal.aborted) return;
  const groups = GROUPS.map(([state, title]) => {
    const tests = student.tests.filter((test) => test.state === state);
    // Nearest deadline first where there is something to do; the latest first where it is history.
    tests.sort((one, other) => Date.parse(one.closesAt) - Date.parse(other.closesAt));
    if (!["open", "announced"].includes(state)) tests.reverse();
    return tests.length ? el("section", { class: state }, el("h2", {}, title),
      el("ul", { class: "tests" }, tests.map((test) => testEntry(student, test, signal)))) : null;
  });
  const nothing = student.tests.length ? "Nothing to do right now. The next test appears here when your trainer publishes it."
    : "There are no tests yet. They appear here when your trainer publishes them.";
  const open = student.tests.some((test) => test.state === "open");
  show("Your tests", el("p", { class: "lead" }, "Signed in as ", el("strong", {}, plain(student.name || student.studentId)), "."),
    open ? null : el("p", { class: "card" }, nothing), groups,
    student.tests.length ? el("p", { class: "quiet after" }, `All times are in your device's time zone, ${ZONE}. In emails, they are in your class's.`) : null, calendarOf(student));
}

// A test of the list: what it is, how it stands (`notes`), what can be done (`actions`).
function testEntry(student, test, signal) {
  const draft = new Draft(student.studentId, test.subjectName, test.testId);
  const details = { open: openDetails, announced: announcedDetails, submitted: submittedDetails, scored: scoredDetails, closed: closedDetails };
  const { notes, actions = [] } = details[test.state](test, draft, signal);
  const act = el("div", { class: "actions" }, actions);
  whenOver(test, signal, () => act.querySelector("[href^='#/test/']")?.replaceWith(test.state === "open" && copyAnswers(draft) || ""));
  return el("li", { class: "card test" },
    el("div", { class: "notes" }, el("h3", {}, titleOf(test)),
      el("p", { class: "quiet" }, subjectOf(test), " · ", count(test.questionCount, "question")), notes),
    actions.some(Boolean) ? act : null);
}

function openDetails(test, draft, signal) {
  const left = timeLeft(test, signal);
  const begun = draft.count;
  const notes = [el("p", { class: "deadline" }, el("span", {}, closes(test, ["Closes ", "Closed "])), left), lateRule(test)];
  if (draft.read("upload")) {
    notes.push(el("p", { class: "quiet" }, "Your upload has not reached the server yet."));
    return { notes, actions: [testLink("review", test, "button primary", "Finish the upload")] };
  }
  if (begun) notes.push(el("p", { class: "quiet" }, `${begun} of ${test.questionCount} answered on this device, not uploaded.`));
  return { notes, actions: [testLink("test", test, "button primary", begun ? "Continue" : "Start")] };
}

function announcedDetails(test) {
  return { notes: el("p", {}, "Opens ", localTime(test.opensAt), ", closes ", localTime(test.closesAt)) };
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

function scoredDetails(test, draft) {
  return {
    notes: [el("p", { class: "deadline" }, el("span", {}, "Your score"), el("strong", { class: "points" }, points(test))),
      test.handedIn ? el("p", { class: "quiet" }, "You did not upload it, so what you had saved was handed in automatically.") : null],
    actions: [
      test.mayReview ? testLink("answers", test, "button", "Answers") : null,
      receiptOf(test, draft) ? testLink("receipt", test, "button", "Receipt") : null,
    ],
  };
}

function closedDetails(test, draft) {
  return {
    notes: [
      el("p", { class: "deadline" }, el("span", {}, "Closed ", localTime(test.closesAt)), el("span", { class: "chip" }, "Not uploaded")),
      draft.count ? el("p", { class: "quiet" }, "Your answers are still on this device, but the test no longer accepts answers.") : null,
    ],
    actions: [copyAnswers(draft)],
  };
}
