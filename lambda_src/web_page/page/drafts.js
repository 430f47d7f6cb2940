// Answers on this device: what is kept of each test of each student.
//
// Each answer is a separate item, so that two tabs that write at the same moment cannot overwrite each other's
// answers. Items are named `<student>|<subject>|<test>|<what>`; an ID never contains a `|`.

import { kept } from "./storage.js";

// A short mark that changes when a question does (FNV-1a, 32 bits).
function mark(question) {
  const text = JSON.stringify([question.text, question.type, question.options.map(({ id, text }) => [id, text]).sort()]);
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193);
  return (hash >>> 0).toString(16);
}

// What is kept of one test of one student.
export class Draft {
  constructor(student, subject, test) {
    this.path = `${student}|${subject}|${test}|`;
  }

  // The IDs of the options chosen, `[]` if none is chosen. Options the question no longer has are left out.
  chosen(question) {
    const ids = kept.get(`${this.path}answer|${question.number}`)?.options ?? [];
    return question.options.map((option) => option.id).filter((id) => ids.includes(id));
  }

  // Whether the question has changed since it was answered.
  outdated(question) {
    const answer = kept.get(`${this.path}answer|${question.number}`);
    return answer !== null && answer.mark !== mark(question);
  }

  // An answer given after an upload makes the test unsent again.
  choose(question, options) {
    this.write("receipt", null);
    const name = `${this.path}answer|${question.number}`;
    if (options.length) kept.set(name, { options, mark: mark(question) });
    else kept.remove(name);
  }

  // Whether the student flagged a question for later.
  flagged(question) {
    return this.read(`flag|${question.number}`) !== null;
  }

  flag(question, on) {
    this.write(`flag|${question.number}`, on || null);
  }

  answers(questions) {
    return fitting(Object.fromEntries(questions.map((question) => [question.number, this.chosen(question)])), questions);
  }

  get count() {
    return kept.names(`${this.path}answer|`).length;
  }

  read(what) {
    return kept.get(this.path + what);
  }

  write(what, value) {
    if (value === null) kept.remove(this.path + what);
    else kept.set(this.path + what, value);
  }
}

// What of some answers fits the questions, as the API takes it: `{"1": "a", "2": ["b", "c"]}`, several options in the
// order of their IDs, so that the same choice always makes the same answers.
export function fitting(answers, questions) {
  const found = questions.map((question) => {
    const ids = [answers[question.number]].flat();
    return [question, question.options.map((option) => option.id).filter((id) => ids.includes(id)).sort()];
  });
  return Object.fromEntries(found.filter(([, ids]) => ids.length)
    .map(([question, ids]) => [String(question.number), question.type === "multiple" ? ids : ids[0]]));
}

// The drafts of a student that have answers and were not uploaded from this browser.
export function unsent(studentId) {
  const tests = new Set(kept.names(`${studentId}|`).map((name) => name.split("|").slice(1, 3).join("|")));
  return [...tests]
    .map((name) => new Draft(studentId, ...name.split("|")))
    .filter((draft) => draft.count && !draft.read("receipt"));
}
