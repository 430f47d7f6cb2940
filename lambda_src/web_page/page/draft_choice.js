// Two drafts that differ, this device's and the server's: both are shown, and the student chooses.

import { asTyped } from "./answer_view.js";
import { localTime } from "./clock.js";
import { alike, fitting } from "./drafts.js";
import { button, el } from "./elements.js";
import { briefly, nameOf } from "./question_view.js";
import { beginning } from "./text.js";

const ID = "draft-choice";

// What there is to say about the server's draft, in a view of the test: answers filled in, or a choice.
export function noticeOf(saving) {
  const notice = el("div");
  let drawn = "";
  const draw = () => {
    const { conflict, filledIn } = saving;
    const wanted = JSON.stringify([filledIn, conflict, conflict && saving.answers]);
    if (wanted === drawn) return; // so that the focus stays
    drawn = wanted;
    notice.replaceChildren(conflict ? choiceOf(saving)
      : filledIn ? el("p", { class: "quiet" }, "Your answers from another device (saved ", localTime(filledIn), ") were filled in.") : "");
  };
  return { notice, draw };
}

// The button that leads to the choice. Until the student has chosen, there is none to upload.
export function chooseButton(saving) {
  const choose = button("Choose which answers to keep", "button primary", () => {
    document.getElementById(ID).scrollIntoView();
    document.getElementById(ID).focus({ preventScroll: true });
  });
  const draw = () => { choose.hidden = !saving.conflict; };
  return { choose, draw };
}

function choiceOf(saving) {
  const { conflict, answers, test: { questions } } = saving;
  const stored = fitting(conflict.answers, questions);
  const differing = questions.filter(({ number }) => !alike(answers[number], stored[number]));
  const settle = (keepsThisDevice) => {
    saving.settle(keepsThisDevice);
    document.querySelector("h1").focus();
  };
  return el("section", { class: "panel warn", id: ID, tabindex: "-1", "aria-labelledby": `${ID}-title` },
    el("h2", { id: `${ID}-title` }, "Which answers do you want to keep?"),
    el("p", {}, "Another device or browser saved other answers on the server, ", localTime(conflict.savedAt), ". Nothing is replaced until you choose."),
    el("ol", { class: "answers" }, differing.map((question) => el("li", {},
      el("p", { class: "asked" }, el("strong", {}, nameOf(question, questions)), " ", beginning(question.text)),
      el("div", {}, "This device: ", el("strong", {}, asTyped(briefly(question, answers[question.number])))),
      el("div", {}, "Server: ", el("strong", {}, asTyped(briefly(question, stored[question.number]))))))),
    el("div", { class: "actions" },
      button("Keep the answers on this device", "button", () => settle(true)), button("Keep the answers on the server", "button", () => settle(false))));
}
