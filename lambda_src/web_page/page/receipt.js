// The receipt of an upload.

import { account } from "./account.js";
import { asTyped } from "./answer_view.js";
import { localTime, secondsUntil } from "./clock.js";
import { Draft } from "./drafts.js";
import { button, el, link } from "./elements.js";
import { testOf } from "./student.js";
import { closes, receiptOf, subjectOf, testLink, titleOf } from "./test_facts.js";
import { clean, plain } from "./text.js";
import { CLASS_NAME, say, show } from "./view.js";

export async function showReceipt(signal, subject, testId) {
  const student = account.student;
  const draft = new Draft(student.studentId, subject, testId);
  const test = testOf(student, subject, testId) ?? { subjectName: subject, testId };
  const receipt = receiptOf(test, draft);
  if (!receipt) {
    location.replace("#/");
    return;
  }
  // Only the device from which they were uploaded knows the answers.
  const here = draft.read("receipt");
  const letters = here?.receiptId === receipt.receiptId ? here.letters : null;
  const number = el("output", { class: "receipt-id" }, clean(receipt.receiptId));
  const copy = button("Copy", "button", async () => {
    await navigator.clipboard.writeText(clean(receipt.receiptId));
    copy.textContent = "Copied";
    say("Receipt copied.");
  });
  const open = student.tests.filter((each) => each.state === "open" && (each.subjectName !== subject || each.testId !== testId))
    .sort((one, other) => Date.parse(one.closesAt) - Date.parse(other.closesAt));
  const next = open.find((each) => secondsUntil(each.closesAt) > 0) ?? open[0];
  show(test.handedIn ? "Handed in automatically" : "Your answers are uploaded",
    el("div", { class: "card receipt" }, el("p", { class: "tick" }, "Test ", titleOf(test), test.handedIn ? ": you did not upload it, so your saved answers were handed in." : " was uploaded with success."),
      receipt.late ? el("p", {}, "It arrived after the deadline and counts as late.") : null,
      el("dl", {}, el("dt", {}, "Student"), el("dd", {}, plain(student.name), el("span", { class: "quiet" }, student.studentId)),
        el("dt", {}, "Class"), el("dd", {}, CLASS_NAME), el("dt", {}, "Receipt"), el("dd", {}, number, navigator.clipboard ? copy : null),
        el("dt", {}, test.handedIn ? "Last saved" : "Uploaded"), el("dd", {}, localTime(receipt.submittedAt)),
        el("dt", {}, "Subject"), el("dd", {}, subjectOf(test)),
        test.closesAt ? [el("dt", {}, "Deadline"), el("dd", {}, localTime(test.closesAt))] : null,
        letters ? [el("dt", {}, "Your answers"), el("dd", {}, el("ul", { class: "jump" }, letters.map((chosen, at) => el("li", {}, `${at + 1}: `, asTyped(chosen || "not answered")))))] : null)),
    el("p", { class: "quiet after" }, test.state === "scored" ? "The receipt stays in your list of tests, beside your score."
      : "The receipt stays in your list of tests. You get your score after the deadline, here and by email."),
    next ? el("p", { class: "card" }, "Next: ", el("strong", {}, titleOf(next)), ", ", subjectOf(next), ", ", closes(next), ". ", testLink("test", next, "", "Start")) : null,
    el("div", { class: "actions" }, link("#/", "button primary", "Back to my tests"), button("Print", "button", () => print())));
}
