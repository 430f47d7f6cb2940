// Looking over the answers, uploading them, the receipt.

const UPLOAD_ATTEMPTS = 8;

// The last look before the upload. An upload that was begun and not answered goes on by itself.
async function showReview(signal, subject, testId) {
  const draft = new Draft(account.student.studentId, subject, testId);
  if (!loaded.has(draft.path)) showLoading("Your answers");
  const test = await loadTest(draft, subject, testId, signal);
  if (signal.aborted) return;
  if (draft.read("upload")) {
    await send(draft, test, signal);
    return;
  }
  const entry = testOf(account.student, subject, testId) ?? test;
  const body = el("div");
  const draw = () => {
    body.replaceChildren(...reviewOf(draft, test));
    upload.hidden = !Object.keys(draft.answers(test.questions)).length;
  };
  const begin = () => {
    draft.write("upload", { answers: draft.answers(test.questions) });
    send(draft, test, signal);
  };
  const upload = button("Upload my answers", "button primary", begin);
  draw();
  followOtherTabs(draft, signal, draw);
  show("Upload your answers?",
    el("p", { class: "quiet" }, subjectOf(test), " · ", titleOf(test), " · closes ", localTime(test.closesAt)), lateRule(entry),
    el("p", {}, entry.attempts === "last" ? "Until the deadline you can change your answers and upload again; the last upload counts."
      : "This upload is final: your answers cannot be changed after it."),
    body, el("div", { class: "actions" }, link(address("test", subject, testId), "button", "Back to the questions")),
    el("div", { class: "bar" }, el("div", { class: "standing" }, timeLeft(entry, signal)), upload));
}

function reviewOf(draft, test) {
  const missing = test.questions.filter((question) => !draft.chosen(question).length);
  const links = missing.map((question) => el("li", {}, questionLink(test, question)));
  const summary = missing.length === test.questions.length ? panel("warn", "No question is answered", el("p", {}, "Answer at least one question, then upload."))
    : missing.length ? panel("warn", missing.length === 1 ? "One question is unanswered" : `${missing.length} questions are unanswered`,
      el("p", {}, "Unanswered questions get no points. You can upload all the same."), el("ul", { class: "jump" }, links))
      : panel("good", "All questions are answered");
  const answers = test.questions.map((question) => el("li", {},
    el("p", { class: "asked" }, questionLink(test, question), " ", beginning(question.text)), chosenTexts(draft, question)));
  return [summary, el("div", { class: "card" }, el("h2", {}, "Your answers"), el("ol", { class: "answers" }, answers))];
}

function chosenTexts(draft, question) {
  const chosen = draft.chosen(question);
  if (!chosen.length) return el("span", { class: "quiet" }, "No answer");
  return question.options.filter((option) => chosen.includes(option.id)).map((option) => rich(option.text));
}

function questionLink(test, question) {
  const number = test.questions.indexOf(question) + 1;
  return el("a", {
    href: address("test", test.subjectName, test.testId),
    onclick: () => { jumpTo = question.number; },
  }, `Question ${number}`);
}

// Upload until the server answers or the attempts are over. The answers stay as they were confirmed.
async function send(draft, test, signal) {
  const { answers } = draft.read("upload");
  const waiting = el("div", { id: "waiting" });
  const stop = button("Back to the questions", "button", () => {
    draft.write("upload", null);
    location.hash = address("test", test.subjectName, test.testId);
  });
  show("Uploading your answers", el("div", { class: "panel" }, el("p", {}, "Your answers are saved on this device. Keep this page open."), waiting),
    el("div", { class: "actions" }, stop));
  const body = { subjectName: test.subjectName, testId: test.testId, studentId: account.student.studentId, answers };
  const wait = (seconds, problem) => waitInSight(waiting, seconds, explain(problem)[0] + ".", signal);
  try {
    const receipt = await persistently(() => ask("POST", "/test", body), UPLOAD_ATTEMPTS, wait);
    keepReceipt(draft, test, receipt);
    if (!signal.aborted) location.hash = address("receipt", test.subjectName, test.testId);
  } catch (problem) {
    if (signal.aborted) return;
    if (!(problem instanceof Problem)) throw problem;
    if (problem.temporary) showUnsent(draft, test, problem, signal);
    else await showRefused(draft, test, problem, signal);
  }
}

// Note the receipt here and in the list last read, which may be all there is to show while offline.
function keepReceipt(draft, test, { receiptId, submittedAt, late }) {
  draft.write("receipt", { receiptId, submittedAt, late: Boolean(late) });
  for (const what of ["upload", "test"]) draft.write(what, null);
  loaded.delete(draft.path);
  const student = account.student;
  const known = testOf(student, test.subjectName, test.testId);
  if (known) Object.assign(known, { state: "submitted", receiptId, submittedAt });
  account.student = student;
  studentReadAt = -Infinity;
}

// All attempts failed: the answers wait here, and the upload starts again with the connection or at a press.
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
  studentReadAt = -Infinity;
  draft.write("upload", null);
  if (problem.status === 409) await showAlreadyUploaded(problem, signal, test.subjectName, test.testId);
  else showProblem(problem, link(address("test", test.subjectName, test.testId), "button", "Back to the questions"));
}

// Other answers count: those of the receipt that the server's list has.
async function showAlreadyUploaded(problem, signal, subject, testId) {
  const student = await fetchStudent().catch(() => null);
  if (signal.aborted) return;
  const receipt = link(address("receipt", subject, testId), "button primary", "Receipt of the answers that count");
  showProblem(problem, testOf(student, subject, testId)?.receiptId ? receipt : null);
}

async function showReceipt(signal, subject, testId) {
  const student = account.student;
  const draft = new Draft(student.studentId, subject, testId);
  const test = testOf(student, subject, testId) ?? { subjectName: subject, testId };
  const receipt = receiptOf(test, draft);
  if (!receipt) {
    location.replace("#/");
    return;
  }
  const number = el("output", { class: "receipt-id" }, clean(receipt.receiptId));
  const copy = button("Copy", "button", async () => {
    await navigator.clipboard.writeText(clean(receipt.receiptId));
    copy.textContent = "Copied";
    say("Receipt copied.");
  });
  show("Your answers are uploaded",
    el("div", { class: "card receipt" }, el("p", { class: "tick" }, "Test ", titleOf(test), " was uploaded with success."),
      receipt.late ? el("p", {}, "It came after the deadline and counts as late work.") : null,
      el("dl", {}, el("dt", {}, "Receipt"), el("dd", {}, number, navigator.clipboard ? copy : null),
        el("dt", {}, "Uploaded"), el("dd", {}, localTime(receipt.submittedAt)),
        el("dt", {}, "Subject"), el("dd", {}, subjectOf(test)),
        test.closesAt ? [el("dt", {}, "Deadline"), el("dd", {}, localTime(test.closesAt))] : null)),
    el("p", { class: "quiet after" }, "The receipt stays in your list of tests. Your score comes after the deadline, here and by mail."),
    el("div", { class: "actions" }, link("#/", "button primary", "Back to my tests"), button("Print", "button", () => print())));
}
