// Questions whose text has gaps. Each gap is answered as a question of its own type is: an option is selected, or a number
// or a text is typed.

import { asTyped, marks, nameOfGap } from "./answer_view.js";
import { el } from "./elements.js";
import { letterOf, lettered, optionOf } from "./letters.js";
import { single } from "./option_field.js";
import { inFull, selectOf } from "./select_list.js";
import { number, text } from "./typed_field.js";

const TYPES = { single, number, text };

export const gaps = {
  hint: "Fill in the gaps.",
  fitting: (question, answer) => each(question, answer, (gap, given) => TYPES[gap.type].fitting(gap, given)),
  cleaned: (question, answer) => each(question, answer, (gap, given) => (typeof given === "string" ? TYPES[gap.type].cleaned?.(gap, given) : null) ?? given),
  wrong: (question, answer) => question.gaps
    .flatMap((gap) => TYPES[gap.type].wrong?.(gap, givenIn(gap, answer)).map((row) => ({ ...row, gap })) ?? []),
  brief: (question, answer) => rows(question, answer).filter(isFilled)
    .map(({ gap, option, typed }) => `${gap.id}: ${typed ?? letterOf(gap, option)}`).join(" | "),
  rows,
  compared: (question, answer, right) => question.gaps.map((gap) => el("li", { class: "pair gap" },
    nameOfGap(gap), gap.type === "single" ? comparedOptions(gap, answer[gap.id], right[gap.id]) : comparedTyped(answer[gap.id], right[gap.id]))),
  control,
};

// What `found` finds in what is given in each gap, by gap; null if it finds nothing.
function each(question, answer, found) {
  const all = question.gaps.map((gap) => [gap.id, found(gap, givenIn(gap, answer))]).filter(([, part]) => part != null);
  return all.length ? Object.fromEntries(all) : null;
}

// The question may have been of another type when it was answered.
function givenIn(gap, answer) {
  return typeof answer === "object" && !Array.isArray(answer) ? answer?.[gap.id] : undefined;
}

function rows(question, answer) {
  return question.gaps.map((gap) => (gap.type === "single" ? { gap, option: optionOf(gap, answer[gap.id]) } : { gap, typed: answer[gap.id] }));
}

function isFilled({ option, typed }) {
  return option !== undefined || typed !== undefined;
}

// `right`: the ID of an option, or of several that are right, as people are told them.
function comparedOptions(gap, own, right) {
  const rightOnes = right.split(" or ");
  return gap.options.filter(({ id }) => id === own || rightOnes.includes(id))
    .map((option) => el("div", { class: "chosen" }, lettered(gap, option), marks(option.id === own, rightOnes.includes(option.id))));
}

function comparedTyped(own, right) {
  const row = (typed, isOwn) => el("div", { class: "chosen" }, asTyped(typed), marks(isOwn, !isOwn));
  return [own === undefined ? null : row(own, true), row(right, false)];
}

function control(question, given) {
  const current = {};
  const fields = question.gaps.map((gap) => {
    const part = { options: [], ...gap, number: `${question.number}-${gap.id}` };
    const give = (value) => given(Object.assign(current, { [gap.id]: value }));
    return gap.type === "single" ? selected(part, give) : typed(part, give);
  });
  return {
    content: fields.map(({ content }) => content),
    show(answer) {
      question.gaps.forEach(({ id }, at) => {
        current[id] = answer?.[id] ?? "";
        fields[at].show(answer?.[id] ?? null);
      });
    },
    focus: () => fields[0].focus(),
  };
}

function selected(gap, give) {
  const select = selectOf(`answer-${gap.number}`, gap, () => give(select.value));
  return {
    content: fieldOf(gap, select.id, inFull(gap), select),
    show(answer) { select.value = answer ?? ""; },
    focus: () => select.focus(),
  };
}

function typed(gap, give) {
  const { hint, control: controlOf } = TYPES[gap.type];
  const field = controlOf(gap, give);
  return { ...field, content: fieldOf(gap, field.labelled, el("p", { class: "quiet", id: `hint-${gap.number}` }, hint), field.content) };
}

function fieldOf(gap, id, ...content) {
  return el("div", { class: "pair gap" }, el("label", { for: id }, nameOfGap(gap)), content);
}
