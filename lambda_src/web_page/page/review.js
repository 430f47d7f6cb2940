// Checking the answers before the upload.

import { account } from "./account.js";
import { rowView } from "./answer_view.js";
import { announceEnd, overPanel, whenOver } from "./closing.js";
import { chooseButton, noticeOf } from "./draft_choice.js";
import { Draft } from "./drafts.js";
import { button, el, link, panel } from "./elements.js";
import { questionLink } from "./jump.js";
import { imagesFrom } from "./images.js";
import { typeOf } from "./question_types.js";
import { nameOf } from "./question_view.js";
import { followOtherTabs, isLoaded, loadTest } from "./questions.js";
import { savingOf } from "./saving.js";
import { testOf } from "./student.js";
import { closes, lateRule, subjectOf, timeLeft, titleOf } from "./test_facts.js";
import { beginning } from "./text.js";
import { send } from "./upload.js";
import { address, show, showLoading } from "./view.js";

// An upload that was started and got no answer resumes automatically.
export async function showReview(signal, subject, testId) {
  const draft = new Draft(account.student.studentId, subject, testId);
  const saving = savingOf(draft);
  if (!isLoaded(draft) || saving.due) showLoading("Your answers");
  const [test, stored] = await Promise.all([loadTest(draft, subject, testId, signal), saving.look()]);
  if (signal.aborted) return;
  if (draft.read("upload")) {
    await send(draft, test, signal);
    return;
  }
  imagesFrom("/image", subject, testId);
  const entry = testOf(account.student, subject, testId) ?? test;
  const body = el("div");
  const begin = () => {
    draft.write("upload", { answers: draft.answers(test.questions) });
    send(draft, test, signal);
  };
  const upload = button("Upload my answers", "button primary", begin);
  const { notice, draw: drawNotice } = noticeOf(saving);
  const { choose, draw: drawChoose } = chooseButton(saving);
  const redraw = () => {
    saving.schedule();
    body.replaceChildren(...reviewOf(draft, test));
    upload.hidden = Boolean(saving.conflict) || !Object.keys(saving.answers).length;
    drawNotice();
    drawChoose();
  };
  announceEnd(entry, signal);
  followOtherTabs(draft, signal, redraw);
  saving.open(test, stored, signal, redraw);
  redraw();
  show("Upload your answers?",
    el("p", { class: "quiet" }, subjectOf(test), " · ", titleOf(test), " · ", closes(entry)), lateRule(entry),
    el("p", {}, entry.attempts === "last" ? "Until the deadline you can change your answers and upload again; the last upload counts."
      : "This upload is final: you cannot change your answers afterwards."),
    notice, body, el("div", { class: "actions" }, link(address("test", subject, testId), "button", "Back to the questions")),
    el("div", { class: "bar" }, el("div", { class: "standing" }, timeLeft(entry, signal)), upload, choose));
  // Not while an upload is under way: the server decides about it.
  whenOver(entry, signal, () => upload.isConnected && upload.replaceWith(overPanel(draft, test)));
}

function reviewOf(draft, test) {
  const missing = test.questions.filter((question) => draft.answer(question) === null);
  const partly = test.questions.filter((question) => filled(draft, question).includes(false));
  const howFar = (question) => ` (${filled(draft, question).filter(Boolean).length} of ${filled(draft, question).length})`;
  const links = (questions, more = () => "") => el("ul", { class: "jump" }, questions.map((question) => el("li", {},
    questionLink(test, question, `Question ${test.questions.indexOf(question) + 1}${more(question)}`))));
  const unanswered = missing.length === test.questions.length ? panel("warn", "You have not answered any questions", el("p", {}, "Answer at least one question, then upload."))
    : missing.length ? panel("warn", missing.length === 1 ? "One question is unanswered" : `${missing.length} questions are unanswered`,
      el("p", {}, "Unanswered questions earn no points. You can still upload."), links(missing))
      : partly.length ? null : panel("good", "All questions are answered");
  const unfinished = partly.length ? panel("warn", partly.length === 1 ? "One question is only partly answered" : `${partly.length} questions are only partly answered`,
    el("p", {}, "What you leave out earns no points. You can still upload."), links(partly, howFar)) : null;
  const answers = test.questions.map((question) => el("li", {},
    el("p", { class: "asked" }, questionLink(test, question, nameOf(question, test.questions)), " ", beginning(question.text)), given(draft, question)));
  return [unanswered, unfinished, el("div", { class: "card" }, el("h2", {}, "Your answers"), el("ol", { class: "answers" }, answers))].filter(Boolean);
}

// For each item or gap of an answer whether it is filled in; nothing if the answer has none of them.
function filled(draft, question) {
  const answer = draft.answer(question);
  const rows = answer === null ? [] : typeOf(question).rows(question, answer);
  return rows.filter(({ item, gap }) => item ?? gap).map(({ option, typed }) => Boolean(option ?? typed));
}

// What is typed in a gap and is no answer stands in the place of the gap's answer.
function given(draft, question) {
  const { rows, wrong } = typeOf(question);
  const [answer, typed] = [draft.answer(question), draft.typed(question)];
  const problems = typed === null ? [] : wrong(question, typed);
  const told = (row) => [rowView(question, row), el("p", { class: "error" }, row.problem)];
  if (answer === null) return [el("span", { class: "quiet" }, "No answer"), problems.map(told)];
  return rows(question, answer).map((row) => {
    const problem = problems.find(({ gap }) => gap === row.gap);
    return problem ? told(problem) : rowView(question, row);
  });
}
