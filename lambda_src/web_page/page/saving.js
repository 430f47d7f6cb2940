// Saving a draft on the server, so that the student can continue on another device: at most once a minute while it
// changes, and when the page is left. A failure is not shown: the answers are on this device.

import { account } from "./account.js";
import { call, Problem } from "./api.js";
import { secondsUntil } from "./clock.js";
import { alike, fitting } from "./drafts.js";
import { expireTest } from "./questions.js";
import { same, verdict } from "./saved_draft.js";
import { PREFIX } from "./storage.js";
import { testOf } from "./student.js";
import { receiptOf } from "./test_facts.js";
import { say } from "./view.js";

const INTERVAL_MS = 60_000;
const MOST_UNANSWERED = 20; // saves
const LOOK_WITHIN_SECONDS = 5;
const savings = new Map(); // by the draft's path

export function savingOf(draft) {
  if (!savings.has(draft.path)) savings.set(draft.path, new Saving(draft));
  return savings.get(draft.path);
}

// `conflict`: the server's draft while the student has to choose. `filledIn`: when the answers that were filled in were
// saved. `stopped`: saving again will not help, until the test is opened again.
class Saving {
  constructor(draft) {
    Object.assign(this, { draft, test: null, conflict: null, filledIn: null, timer: null, sending: false, stopped: false, forgotten: false, lookedAt: -Infinity, redraw: null });
  }

  // Whether the server's draft was not looked at just now. During an upload it does not matter.
  get due() {
    return performance.now() - this.lookedAt >= INTERVAL_MS && !this.sending && !this.draft.read("upload");
  }

  // The server's draft; null if there is none, it cannot be read, or it was just looked at or saved.
  async look() {
    if (!this.due) return null;
    const at = this.lookedAt = performance.now();
    const [, subjectName, testId] = this.draft.path.split("|");
    const known = JSON.stringify(this.draft.read("server"));
    // Else a save overtook it, here or in another tab, and what it found is of no use.
    const isNews = () => this.lookedAt === at && !this.sending && JSON.stringify(this.draft.read("server")) === known;
    try {
      const stored = await call("GET", "/draft", account.key, { subjectName, testId }, LOOK_WITHIN_SECONDS);
      return isNews() ? stored : null;
    } catch (problem) {
      unlessProblem(problem);
      if (problem.code === "DraftNotFound" && isNews()) this.draft.write("server", null);
      return null;
    }
  }

  // A view shows the draft, and `redraw` shows it again. `stored`: what `look` has found.
  open(test, stored, signal, redraw) {
    Object.assign(this, { test, stopped: false, filledIn: null });
    if (!this.draft.count || this.draft.read("receipt")) {
      this.noteUploaded();
      this.conflict = null;
    }
    if (stored) this.compare(stored);
    this.redraw = redraw;
    signal.addEventListener("abort", () => { if (this.redraw === redraw) this.redraw = null; });
    this.schedule();
  }

  get entry() {
    return testOf(account.student, this.test.subjectName, this.test.testId) ?? this.test;
  }

  get answers() {
    return this.draft.answers(this.test.questions);
  }

  // Whether the server has the answers of this device.
  get isSaved() {
    const known = this.draft.read("server");
    return known !== null && this.has(known.answers);
  }

  has(answers) {
    return same(this.answers, fitting(answers, this.test.questions));
  }

  // Whether this is a draft of who is signed in, here and in the other tabs.
  get isTheirs() {
    return !this.forgotten && this.draft.path.startsWith(`${account.student?.studentId}|`);
  }

  get isPending() {
    if (!this.test || this.stopped || this.conflict || !this.isTheirs) return false;
    if (this.draft.read("receipt") || this.draft.read("upload") || secondsUntil(this.entry.acceptedUntil) < 0) return false;
    return this.draft.read("server") ? !this.isSaved : Object.keys(this.answers).length > 0;
  }

  // After each change, and when another tab has changed something.
  schedule() {
    const { conflict } = this;
    if (conflict && (this.draft.read("server")?.version === conflict.version || this.has(conflict.answers))) this.settle(true);
    if (this.isPending) this.timer ??= setTimeout(() => this.saveInTurn(), INTERVAL_MS);
  }

  // Once a minute, whichever tab saves: all of them count by the device's clock, and one at a time.
  saveInTurn() {
    const turn = (lock) => {
      const left = lock ? (this.draft.read("sentAt") ?? 0) + INTERVAL_MS - Date.now() : INTERVAL_MS;
      if (left <= 0 || left > INTERVAL_MS) return this.save();
      this.timer = setTimeout(() => this.saveInTurn(), left);
    };
    if (navigator.locks) navigator.locks.request(PREFIX + this.draft.path, { ifAvailable: true }, turn);
    else turn(true);
  }

  async save() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.sending || !this.isPending) return;
    const { answers, test: { subjectName, testId } } = this;
    this.sending = true;
    this.noteSent(answers);
    try {
      const reply = await call("PUT", "/draft", account.key, { subjectName, testId, answers, version: this.draft.read("server")?.version ?? null });
      if (this.isTheirs) this.note(reply.version, answers);
    } catch (problem) {
      unlessProblem(problem);
      if (this.isTheirs) this.refused(problem);
    }
    this.sending = false;
    if (!this.isTheirs) return;
    this.lookedAt = performance.now();
    this.redraw?.();
    this.schedule();
  }

  refused(problem) {
    if (problem.draft) {
      this.compare(problem.draft);
      return;
    }
    this.stopped = !problem.temporary;
    if (problem.status === 400) expireTest(this.draft); // the questions may have changed
  }

  compare(stored) {
    const found = verdict(this.draft, this.test.questions, stored, receiptOf(this.entry, this.draft)?.submittedAt);
    this.conflict = found === "conflict" ? stored : null;
    if (found === "take") this.take(stored);
    else if (found !== "conflict") this.note(stored.version, found === "over" ? {} : stored.answers);
    if (this.conflict) say("The server has other answers to this test than this device. Choose which ones to keep.");
  }

  // The student has chosen in a conflict.
  settle(keepsThisDevice) {
    const { conflict } = this;
    this.conflict = null;
    if (keepsThisDevice) this.note(conflict.version, conflict.answers);
    else this.take(conflict);
    this.redraw?.();
  }

  take(stored) {
    const { questions } = this.test;
    const [here, there] = [this.answers, fitting(stored.answers, questions)];
    this.noteUploaded();
    for (const question of questions) {
      if (!alike(here[question.number], there[question.number])) this.draft.give(question, there[question.number] ?? null);
    }
    this.note(stored.version, stored.answers);
    this.filledIn = stored.savedAt;
    say("Your answers from another device were filled in.");
  }

  // The next upload replaces what is known to be uploaded now.
  noteUploaded() {
    this.draft.write("replaces", receiptOf(this.entry, this.draft)?.receiptId ?? null);
  }

  // What may arrive although no answer comes.
  noteSent(answers) {
    const before = this.draft.read("sent") ?? [];
    if (!before.some((each) => same(each, answers))) this.draft.write("sent", [...before, answers].slice(-MOST_UNANSWERED));
    this.draft.write("sentAt", Date.now());
  }

  // What the server has, as this device knows it.
  note(version, answers) {
    this.draft.write("server", { version, answers });
    this.draft.write("sent", null);
  }
}

function unlessProblem(error) {
  if (!(error instanceof Problem)) throw error;
  return null;
}

function saveAll() {
  for (const saving of savings.values()) saving.save();
}

// Before the key is forgotten: save, and then write nothing more on this device.
export function saveAndStop() {
  saveAll();
  for (const saving of savings.values()) saving.forgotten = true;
  savings.clear();
}

// The page may be shown again after the student has continued elsewhere.
async function lookAgain(saving) {
  const stored = await saving.look();
  if (!saving.redraw || !stored) return;
  saving.compare(stored);
  saving.redraw();
  saving.schedule();
}

addEventListener("pagehide", saveAll);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") saveAll();
  else for (const saving of savings.values()) if (saving.redraw) lookAgain(saving);
});
