// What is said of a test in more than one view: its names, deadline, points and receipt.

import { account } from "./account.js";
import { countDown, LOCALE, localTime, secondsUntil } from "./clock.js";
import { el, link } from "./elements.js";
import { testOf } from "./student.js";
import { plain } from "./text.js";
import { address } from "./view.js";

const NUMBER = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2, useGrouping: false });
const PERCENT = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 0 });

export function titleOf(test) {
  return plain(test.title || test.testId);
}

// Only the list of tests has the subject's title; other replies have just its name.
export function subjectOf(test) {
  const known = test.subjectTitle ? test : testOf(account.student, test.subjectName, test.testId);
  return plain(known?.subjectTitle || test.subjectName);
}

// A link to a view of a test; its name says which test, for those who hear only the links.
export function testLink(view, test, className, label) {
  return link(address(view, test.subjectName, test.testId), className, label, el("span", { class: "visually-hidden" }, " ", titleOf(test)));
}

// "closes Mon 23 Nov 2026, 23:00 (CET)", or "closed".
export function closes(test, [before, after] = ["closes ", "closed "]) {
  return [secondsUntil(test.closesAt) > 0 ? before : after, localTime(test.closesAt)];
}

// The time left to upload a test, counting down.
export function timeLeft(test, signal) {
  const left = el("span", { class: "chip" });
  countDown(left, test.closesAt, signal, test.lateUntil ? "The deadline has passed; late answers are accepted" : "The deadline has passed");
  return left;
}

// What late work is worth, once the deadline has passed.
export function lateRule(test) {
  if (!test.lateUntil || secondsUntil(test.closesAt) > 0) return null;
  return el("p", { class: "quiet" }, "Late answers are accepted until ", localTime(test.lateUntil), ` and earn ${percent(test.lateCredit)} of their points.`);
}

// The receipt of a test, from the server's list or from this browser.
export function receiptOf(test, draft) {
  const here = draft.read("receipt");
  if (!test.receiptId) return here;
  const late = test.late ?? (here?.receiptId === test.receiptId && here.late);
  return { receiptId: test.receiptId, submittedAt: test.submittedAt, late };
}

// When what the server has was uploaded or, if a draft was handed in, saved.
export function handedIn(test) {
  return [test.handedIn ? "handed in automatically, last saved " : "uploaded ", localTime(test.submittedAt)];
}

export function points(test) {
  return `${NUMBER.format(test.points)} of ${NUMBER.format(test.maxPoints)}`;
}

// "1 point", "0.5 points".
export function worth(points) {
  return `${NUMBER.format(points)} ${points === 1 ? "point" : "points"}`;
}

export function percent(share) {
  return PERCENT.format(share);
}
