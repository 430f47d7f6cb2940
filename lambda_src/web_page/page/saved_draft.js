// The draft on the server and the one on this device: which of them stands.

import { alike, fitting } from "./drafts.js";

// What to do about the server's draft `stored`: `keep` this device's, `take` the server's, ask in a `conflict`, or
// nothing, because it is `over`: the test was submitted after it was saved.
export function verdict(draft, questions, stored, submittedAt) {
  if (Date.parse(stored.savedAt) <= Date.parse(submittedAt)) return "over";
  const sent = draft.read("sent") ?? []; // what may have arrived, although no answer came
  const here = draft.answers(questions);
  const there = fitting(stored.answers, questions);
  // What both had in common: what this device has uploaded, or the server's draft as this device saw it last.
  const seen = draft.read("receipt") ? here : fitting(draft.read("server")?.answers ?? {}, questions);
  const own = sent.some((answers) => same(fitting(answers, questions), there));
  if (own || same(here, there) || same(seen, there)) return "keep";
  if (same(here, seen) || contains(there, here)) return "take";
  return contains(here, there) ? "keep" : "conflict";
}

export function same(some, others) {
  return contains(some, others) && contains(others, some);
}

function contains(all, some) {
  return Object.entries(some).every(([number, answer]) => alike(answer, all[number]));
}
