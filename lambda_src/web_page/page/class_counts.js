// The class's tests with their counts, and the overview that follows them while the trainer looks.

import { account } from "./account.js";
import { persistently } from "./api.js";
import { readOverview } from "./class_api.js";
import { count, localTime, secondsUntil } from "./clock.js";
import { waitInSight } from "./connection.js";
import { el, link } from "./elements.js";
import { shareBar } from "./plots.js";
import { closes, timeLeft, titleOf } from "./test_facts.js";
import { clean, plain } from "./text.js";
import { address, say, show, showLoading } from "./view.js";

const ASKED_EVERY_MS = 15000;
const COUNTS = ["enrolled", "begun", "submitted"];

// All tests. A large class comes in parts, whose numbers are added up. `parts`: how many requests that took.
async function readClass() {
  const first = await readOverview();
  const tests = first.tests.map((test) => ({ ...test }));
  let parts = 1;
  for (let { next } = first; next; parts++) {
    const part = await readOverview(next);
    for (const test of tests) {
      const same = part.tests.find((each) => each.subjectName === test.subjectName && each.testId === test.testId);
      for (const name of COUNTS) test[name] += same?.[name] ?? 0;
    }
    next = part.next;
  }
  return { className: first.className, tests, parts };
}

// Does not end before the view goes. Throws a Problem that does not go away by itself, such as a key that was replaced.
export async function showClass(signal) {
  showLoading("Your class");
  let found = await persistently(readClass, 5, (seconds, problem) => waitInSight(document.getElementById("waiting"), seconds, problem, signal));
  if (signal.aborted) return;
  account.trainer = { className: found.className };
  const list = el("div", {});
  const stale = el("p", { class: "error", role: "status" });
  let cards = drawTests(list, found.tests, signal);
  show("Your class", el("p", { class: "lead" }, plain(found.className), ". The numbers follow what students do, while this page is open."), stale, list);
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, ASKED_EVERY_MS * found.parts));
    if (signal.aborted) return;
    if (document.visibilityState !== "visible") continue;
    try {
      found = await readClass();
      if (signal.aborted) return;
      stale.textContent = "";
      if (sameTests(found.tests, cards)) announce(cards.map((card, at) => card.update(found.tests[at])));
      else if (!list.matches(":active")) cards = drawTests(list, found.tests, signal); // what is being pressed stays
    } catch (problem) {
      if (signal.aborted) return;
      if (!problem.temporary) throw problem;
      stale.textContent = "The server could not be reached: the numbers may be out of date.";
    }
  }
}

function sameTests(tests, cards) {
  return tests.length === cards.length && cards.every((card, at) => card.shows(tests[at]));
}

function announce(changes) {
  const texts = changes.filter(Boolean);
  if (texts.length) say(texts.join(" "));
}

// Open tests first, the nearest deadline first among them; then the closed ones, the latest first. The focus stays on
// its link.
function drawTests(list, tests, signal) {
  const cards = tests.map((test) => testCard(test, signal));
  const isOpen = (card) => secondsUntil(card.test.lastDeadline) > 0;
  const groups = [["Open", cards.filter(isOpen)], ["Closed", cards.filter((card) => !isOpen(card)).reverse()]];
  const focused = list.contains(document.activeElement) ? document.activeElement.href : null;
  list.replaceChildren(...groups.filter(([, group]) => group.length).map(([title, group]) => el("section", {},
    el("h2", {}, title), el("ul", { class: "tests" }, group.map((card) => card.element)))));
  if (!tests.length) list.replaceChildren(el("p", { class: "card" }, "No test has been published yet."));
  [...list.querySelectorAll("a")].find((anchor) => anchor.href === focused)?.focus({ preventScroll: true });
  return cards;
}

function testCard(test, signal) {
  const numbers = el("p", { class: "counts" });
  const bar = el("div", {});
  const of = (view, className, label) => link(address(view, test.subjectName, test.testId), className, label, el("span", { class: "visually-hidden" }, " ", titleOf(test)));
  const card = {
    test,
    element: el("li", { class: "card test" },
      el("div", { class: "notes" }, el("h3", {}, titleOf(test)),
        el("p", { class: "quiet" }, plain(test.subjectTitle || test.subjectName), " · ", count(test.questionCount, "question")),
        test.opensAt && secondsUntil(test.opensAt) > 0 ? el("p", { class: "quiet" }, "Opens ", localTime(test.opensAt)) : null,
        el("p", { class: "deadline" }, el("span", {}, closes(test, ["Closes ", "Closed "])), secondsUntil(test.closesAt) > 0 ? timeLeft(test, signal) : null), bar, numbers),
      el("div", { class: "actions" }, of("results", "button primary", "Results"), of("preview", "button", "Preview"))),
    shows: (other) => ["subjectName", "testId", "title", "opensAt", "closesAt", "lastDeadline"].every((name) => other[name] === test[name]),
    update(now) {
      const text = inWords(now);
      const changed = text !== numbers.textContent;
      numbers.textContent = text;
      if (changed) bar.replaceChildren(shareBar([["done", now.submitted], ["begun", now.begun]], now.enrolled, text));
      return changed ? `${clean(now.title)}: ${text}` : "";
    },
  };
  card.update(test);
  return card;
}

function inWords({ enrolled, begun, submitted }) {
  if (!enrolled) return "Nobody is enrolled.";
  const others = begun ? `, ${begun} more ${begun === 1 ? "has" : "have"} begun` : "";
  return `${submitted} of ${enrolled} submitted${others}.`;
}
