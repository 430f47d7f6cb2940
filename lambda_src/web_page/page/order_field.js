// Questions whose options are put in order: each has buttons that move it.

import { marks } from "./answer_view.js";
import { button, el } from "./elements.js";
import { letterOf, lettered, lineOf, optionOf } from "./letters.js";

export const order = {
  hint: "Put all of these in the right order.",
  fitting(question, answer) {
    const isWhole = Array.isArray(answer) && answer.length === question.options.length && question.options.every(({ id }) => answer.includes(id));
    return isWhole ? answer : null;
  },
  brief: (question, answer) => optionsOf(question, answer).map((option) => letterOf(question, option)).join(" "),
  rows: (question, answer) => optionsOf(question, answer).map((option) => ({ option })),
  compared(question, answer, right) {
    if (answer.join() === right.join()) return listOf(question, right, true, true);
    return [answer.length ? listOf(question, answer, true, false) : null, listOf(question, right, false, true)];
  },
  control,
};

// An answer that was given before the question was changed may have options that are gone.
function optionsOf(question, ids) {
  return ids.map((id) => optionOf(question, id)).filter(Boolean);
}

function listOf(question, ids, isOwn, isRight) {
  return el("li", {}, el("div", { class: "chosen" }, marks(isOwn, isRight)),
    el("ol", { class: "in-order" }, optionsOf(question, ids).map((option) => el("li", { class: "chosen" }, lettered(question, option)))));
}

function control(question, given) {
  const list = el("ol", { class: "ranking" });
  const told = el("p", { class: "visually-hidden", role: "status" });
  const current = () => [...list.children].map((entry) => entry.dataset.id);
  const draw = (ids, isGiven) => {
    if (current().join() !== ids.join()) list.replaceChildren(...ids.map((id) => entries.get(id)));
    markEnds(list);
    list.classList.toggle("given", isGiven);
    accept.hidden = isGiven;
  };
  const give = (words) => {
    told.textContent = words;
    draw(current(), true);
    given(current());
  };
  const entries = new Map(question.options.map((option) => [option.id, entryOf(question, option, give)]));
  const accept = button("Answer with this order", "button", () => {
    give(`Your answer: ${order.brief(question, current())}.`);
    list.querySelector("button").focus();
  });
  return {
    content: [list, accept, told],
    show: (answer) => draw(answer ?? [...entries.keys()], answer !== null),
    focus: () => list.querySelector("button").focus(),
  };
}

// An option in the list. Its neighbour is what moves in the document, so that the focus stays on the button.
function entryOf(question, option, give) {
  const name = lineOf(question, option);
  const move = (neighbour, places) => {
    if (!neighbour) return;
    if (places < 0) entry.after(neighbour);
    else entry.before(neighbour);
    give(`${name} is now ${[...entry.parentNode.children].indexOf(entry) + 1} of ${question.options.length}.`);
    entry.scrollIntoView({ block: "nearest" });
  };
  const up = mover("↑", `Move up ${name}`, () => move(entry.previousElementSibling, -1));
  const down = mover("↓", `Move down ${name}`, () => move(entry.nextElementSibling, 1));
  const entry = el("li", { "data-id": option.id }, el("div", { class: "ranked" }, lettered(question, option)), el("span", { class: "movers" }, up, down));
  return entry;
}

function mover(sign, name, onclick) {
  const one = button(sign, "mover", onclick);
  one.setAttribute("aria-label", name);
  return one;
}

// The first one cannot move up, and the last one cannot move down. Their buttons keep the focus.
function markEnds(list) {
  for (const entry of list.children) {
    const [up, down] = entry.querySelectorAll("button");
    up.setAttribute("aria-disabled", !entry.previousElementSibling);
    down.setAttribute("aria-disabled", !entry.nextElementSibling);
  }
}
