// What the page keeps in the browser.
//
// Each answer is an item of its own, so that two tabs that write at the same moment cannot overwrite each other's
// answers. Names are `test-time|<base path>|<student>|<subject>|<test>|<what>`; no ID has a `|` in it.

const BASE = location.pathname.replace(/\/+$/, "");
const PREFIX = `test-time|${BASE}|`;

// A Storage that goes on in memory where the browser has none (blocked, full); `durable` says which it is.
class Shelf {
  constructor(kind) {
    this.memory = new Map();
    this.durable = true;
    try {
      this.storage = window[kind];
      this.storage.setItem(`${PREFIX}probe`, "1");
      this.storage.removeItem(`${PREFIX}probe`);
    } catch {
      this.storage = null;
      this.durable = false;
    }
  }

  get(name) {
    try {
      return JSON.parse(this.memory.get(name) ?? this.storage?.getItem(PREFIX + name) ?? "null");
    } catch {
      return null; // not ours, or cut off: as good as absent
    }
  }

  set(name, value) {
    const text = JSON.stringify(value);
    try {
      this.storage.setItem(PREFIX + name, text);
      this.memory.delete(name);
    } catch {
      this.durable = false;
      this.memory.set(name, text);
    }
  }

  remove(name) {
    this.memory.delete(name);
    try {
      this.storage?.removeItem(PREFIX + name);
    } catch { /* a storage that cannot be written keeps nothing of ours */ }
  }

  names(start) {
    const stored = this.storage ? Object.keys(this.storage).filter((name) => name.startsWith(PREFIX + start)) : [];
    return [...new Set([...stored.map((name) => name.slice(PREFIX.length)), ...this.memory.keys()])]
      .filter((name) => name.startsWith(start));
  }
}

const kept = new Shelf("localStorage"); // answers, questions, receipts; the key, when it is to be remembered
const session = new Shelf("sessionStorage"); // the key, until the tab is closed

// The API key and the last known student that belongs to it.
const account = {
  get shelf() {
    return session.get("key") ? session : kept;
  },
  get key() {
    return this.shelf.get("key");
  },
  get student() {
    return this.shelf.get("student");
  },
  set student(student) {
    this.shelf.set("student", student);
  },
  signIn(key, student, remember) {
    this.forget();
    const shelf = remember ? kept : session;
    shelf.set("key", key);
    shelf.set("student", student);
  },
  forget() {
    for (const shelf of [session, kept]) for (const name of ["key", "student"]) shelf.remove(name);
  },
};

// A short mark that changes when a question does (FNV-1a, 32 bits).
function mark(question) {
  const text = JSON.stringify([question.text, question.type, question.options.map(({ id, text }) => [id, text]).sort()]);
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0), 0x01000193);
  return (hash >>> 0).toString(16);
}

// What is kept of one test of one student.
class Draft {
  constructor(student, subject, test) {
    this.path = `${student}|${subject}|${test}|`;
  }

  // The IDs of the options chosen, `[]` where none is. Options the question no longer has are left out.
  chosen(question) {
    const ids = kept.get(`${this.path}answer|${question.number}`)?.options ?? [];
    return question.options.map((option) => option.id).filter((id) => ids.includes(id));
  }

  // Whether the question was another when it was answered.
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

  // The answers as the API takes them: `{"1": "a", "2": ["b", "c"]}`, several options in the order of their IDs, so
  // that the same choice always makes the same answers.
  answers(questions) {
    const answered = questions.filter((question) => this.chosen(question).length);
    return Object.fromEntries(answered.map((question) => {
      const ids = this.chosen(question).sort();
      return [String(question.number), question.type === "multiple" ? ids : ids[0]];
    }));
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

  discard() {
    for (const name of kept.names(this.path)) kept.remove(name);
  }
}

// Answers of a student that were given here and not uploaded from here: the names of their tests.
function unsent(studentId) {
  const tests = new Set(kept.names(`${studentId}|`).map((name) => name.split("|").slice(1, 3).join("|")));
  return [...tests]
    .map((name) => new Draft(studentId, ...name.split("|")))
    .filter((draft) => draft.count && !draft.read("receipt"));
}
