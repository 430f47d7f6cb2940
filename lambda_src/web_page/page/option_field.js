// Questions whose answer is one option, or several: they are ticked.

import { marks } from "./answer_view.js";
import { el } from "./elements.js";
import { letterOf, lettered, optionOf } from "./letters.js";

export const single = {
  hint: "Choose one answer.",
  fitting: (question, answer) => idsIn(question, answer)[0] ?? null,
  control: (question, given) => controlOf("radio", question, given),
  brief, rows, compared,
};

export const multiple = {
  hint: "More than one answer may be correct. Choose all that apply.",
  fitting(question, answer) {
    const ids = idsIn(question, answer);
    return ids.length ? ids : null;
  },
  control: (question, given) => controlOf("checkbox", question, given),
  brief, rows, compared,
};

// In the order of the IDs, so that the same choice always makes the same answer.
function idsIn(question, answer) {
  const ids = [answer].flat();
  return question.options.map((option) => option.id).filter((id) => ids.includes(id)).sort();
}

function chosenOptions(question, answer) {
  const ids = [answer].flat();
  return question.options.filter((option) => ids.includes(option.id));
}

function brief(question, answer) {
  return chosenOptions(question, answer).map((option) => letterOf(question, option)).join(", ");
}

function rows(question, answer) {
  return chosenOptions(question, answer).map((option) => ({ option }));
}

function compared(question, answer, right) {
  return question.options.map((option) => el("li", { class: "chosen" }, lettered(question, option),
    marks(answer.includes(option.id), right.includes(option.id))));
}

function controlOf(kind, question, given) {
  const inputs = question.options.map((option) => el("input", { type: kind, name: `question-${question.number}`, value: option.id }));
  const change = () => given(inputs.filter((input) => input.checked).map((input) => input.value));
  return {
    content: inputs.map((input) => el("label", { class: "option", onchange: change }, input, lettered(question, optionOf(question, input.value)))),
    show(answer) {
      const ids = [answer].flat();
      for (const input of inputs) input.checked = ids.includes(input.value);
    },
    focus: () => inputs[0].focus(),
  };
}
