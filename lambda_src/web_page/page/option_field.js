// Questions whose answer is one option, or several: they are ticked.

import { marks } from "./answer_view.js";
import { el } from "./elements.js";
import { letterOf, lettered, optionOf } from "./letters.js";

export const single = {
  hint: "Choose one answer.",
  fitting(question, answer) {
    const [id, ...more] = [answer].flat();
    return optionOf(question, id) && !more.length ? id : null;
  },
  control: (question, given) => controlOf("radio", question, given),
  brief, rows, compared,
};

export const multiple = {
  hint: "More than one answer may be correct. Choose all that apply.",
  fitting(question, answer) {
    // In the order of the IDs, so that the same choice always makes the same answer.
    const ids = chosenOptions(question, answer).map(({ id }) => id).sort();
    return ids.length ? ids : null;
  },
  control: (question, given) => controlOf("checkbox", question, given),
  brief, rows, compared,
};

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
