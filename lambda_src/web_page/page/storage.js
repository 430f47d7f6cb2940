// The browser's storage for this page. Names of items begin with `test-time|<base path>|`.

export const BASE = location.pathname.replace(/\/+$/, "");
export const PREFIX = `test-time|${BASE}|`;

// A Storage that falls back to memory if the browser has none (blocked, full); `durable` says which it is.
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

export const kept = new Shelf("localStorage"); // answers, questions, receipts; the key, when it is to be remembered
export const session = new Shelf("sessionStorage"); // the key, until the tab is closed
