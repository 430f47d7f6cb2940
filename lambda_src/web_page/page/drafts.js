// Answers on this device: what is kept of each test of each student.
//
// Each answer is a separate item, so that two tabs that write at the same moment cannot overwrite each other's
// answers. Items are named `<student>|<subject>|<test>|<what>`; an ID never contains a `|`.

import { typeOf } from "./question_types.js";
import { kept } from "./storage.js";

// A short mark that changes when a question does (FNV-1a, 32 bits). An image may change while its words stay.
function mark(question) {
  const sorted = (entries) => entries.map(({ id, text, nodes }) => [id, text, ...imagesIn(nodes)]).sort();
  const parts = [question.options, ...(question.items ? [question.items] : [])].map(sorted);
  const gaps = (question.gaps ?? []).map(({ id, type, options = [] }) => [id, type, sorted(options)]);
  const text = JSON.stringify([question.text, question.type, ...parts, ...gaps, ...imagesIn(question.nodes)]);
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193);
  return (hash >>> 0).toString(16);
}

function imagesIn(nodes = []) {
  return nodes.flatMap(({ image, children }) => image ?? imagesIn(children));
}

// What is kept of one test of one student.
export class Draft {
  constructor(student, subject, test) {
    this.path = `${student}|${subject}|${test}|`;
  }

  // The answer as the API takes it, null if there is none. What the question no longer has is left out.
  answer(question) {
    const item = kept.get(`${this.path}answer|${question.number}`);
    return typeOf(question).fitting(question, item?.answer ?? item?.options); // `options`: of version 1.0
  }

  // What was given if some of it was typed and is no answer, null if there is nothing of the kind.
  typed(question) {
    const given = this.read(`typed|${question.number}`);
    return given !== null && isWrong(question, given) ? given : null;
  }

  // Whether the question has changed since it was answered.
  outdated(question) {
    const answer = kept.get(`${this.path}answer|${question.number}`);
    return answer !== null && answer.mark !== mark(question);
  }

  // An answer given after an upload makes the test unsent again. What is typed and is no answer is kept beside them.
  give(question, answer) {
    const { fitting, cleaned } = typeOf(question);
    const fits = fitting(question, answer);
    this.write("receipt", null);
    this.write(`answer|${question.number}`, fits === null ? null : { answer: fits, mark: mark(question) });
    this.write(`typed|${question.number}`, answer !== null && isWrong(question, answer) ? cleaned(question, answer) : null);
  }

  // Whether the student flagged a question for later.
  flagged(question) {
    return this.read(`flag|${question.number}`) !== null;
  }

  flag(question, on) {
    this.write(`flag|${question.number}`, on || null);
  }

  answers(questions) {
    return fitting(Object.fromEntries(questions.map((question) => [question.number, this.answer(question)])), questions);
  }

  get count() {
    return kept.names(`${this.path}answer|`).length;
  }

  get hasTyped() {
    return kept.names(`${this.path}typed|`).length > 0;
  }

  read(what) {
    return kept.get(this.path + what);
  }

  write(what, value) {
    if (value === null) kept.remove(this.path + what);
    else kept.set(this.path + what, value);
  }
}

// Whether some of what was given was typed and is no answer.
function isWrong(question, given) {
  return typeOf(question).wrong?.(question, given).length > 0;
}

// What of some answers fits the questions, as the API takes it: `{"1": "a", "2": ["b", "c"], "3": {"1": "a"}}`.
export function fitting(answers, questions) {
  const found = questions.map((question) => [String(question.number), typeOf(question).fitting(question, answers[question.number])]);
  return Object.fromEntries(found.filter(([, answer]) => answer !== null));
}

// Whether two answers that fit the same question are the same. Either may be missing.
export function alike(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

// The drafts of a student that are begun and were not uploaded from this browser.
export function unsent(studentId) {
  const tests = new Set(kept.names(`${studentId}|`).map((name) => name.split("|").slice(1, 3).join("|")));
  return [...tests]
    .map((name) => new Draft(studentId, ...name.split("|")))
    .filter((draft) => (draft.count || draft.hasTyped) && !draft.read("receipt"));
}
