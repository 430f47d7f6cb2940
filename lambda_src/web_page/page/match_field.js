// Questions in which each item is matched with an option, which is selected from a list.

import { marks } from "./answer_view.js";
import { el } from "./elements.js";
import { letterOf, lettered, numbered, optionOf, placeOf } from "./letters.js";
import { inFull, selectOf } from "./select_list.js";

export const match = {
  hint: "Choose the right option for each. Two may have the same one.",
  fitting(question, answer) {
    const given = typeof answer === "object" && !Array.isArray(answer) ? answer : null;
    const pairs = question.items.map((item) => [item.id, given?.[item.id]]).filter(([, id]) => optionOf(question, id));
    return pairs.length ? Object.fromEntries(pairs) : null;
  },
  brief: (question, answer) => rows(question, answer).filter(({ option }) => option)
    .map(({ item, option }) => placeOf(question, item) + letterOf(question, option)).join(" "),
  rows,
  compared: (question, answer, right) => question.items.map((item) => el("li", { class: "pair" },
    el("div", { class: "chosen" }, numbered(question, item)),
    [...new Set([answer[item.id], right[item.id]])].map((id) => optionOf(question, id)).filter(Boolean)
      .map((option) => el("div", { class: "chosen" }, lettered(question, option), marks(option.id === answer[item.id], option.id === right[item.id]))))),
  control,
};

function rows(question, answer) {
  return question.items.map((item) => ({ item, option: optionOf(question, answer[item.id]) }));
}

function control(question, given) {
  const selects = question.items.map((item) => selectOf(`answer-${question.number}-${item.id}`, question, () => change()));
  const change = () => given(Object.fromEntries(question.items.map((item, at) => [item.id, selects[at].value])));
  const pairs = question.items.map((item, at) => el("div", { class: "pair" },
    el("label", { class: "chosen", for: selects[at].id }, numbered(question, item)), selects[at]));
  return {
    content: [inFull(question), pairs],
    show(answer) {
      question.items.forEach((item, at) => { selects[at].value = answer?.[item.id] ?? ""; });
    },
    focus: () => selects[0].focus(),
  };
}
