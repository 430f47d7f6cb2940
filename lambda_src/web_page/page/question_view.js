// A question as it is shown: numbered by its place, whatever its number is.

import { el } from "./elements.js";
import { shown } from "./nodes.js";
import { typeOf } from "./question_types.js";
import { worth } from "./test_facts.js";

// "Question 2 of 6, 3 points".
export function nameOf(question, questions) {
  const name = `Question ${questions.indexOf(question) + 1} of ${questions.length}`;
  return question.points == null ? name : `${name}, ${worth(question.points)}`;
}

// An answer as the API takes it in a few characters: "a, c". It may be missing.
export function briefly(question, answer) {
  return answer == null ? "not answered" : typeOf(question).brief(question, answer);
}

// A question and what it is answered with. `note` stands before that, `more` after it.
export function questionField(question, questions, control, note, more) {
  const asked = [el("span", { class: "number" }, nameOf(question, questions)), shown(question)];
  return el("fieldset", { class: "card", id: `question-${question.number}` },
    el("legend", {}, control.labelled ? el("label", { for: control.labelled }, asked) : asked),
    el("p", { class: "quiet hint", id: `hint-${question.number}` }, typeOf(question).hint),
    note, control.content, more);
}
