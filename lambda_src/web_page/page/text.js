// Showing text that others wrote: questions, options, names, messages. It is data: it becomes text nodes and
// `code` elements and is never parsed as HTML.

import { el } from "./elements.js";

// The same as in common/shared/harmful_characters.py, which gives the reasons. A test compares the two.
const LINE_END = /\r\n?|[\u0085\u2028\u2029]/g;
const HARMFUL = /[\0-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

export function clean(text) {
  return String(text ?? "").replace(LINE_END, "\n").replace(HARMFUL, "");
}

// One line of foreign text, kept apart from the writing direction around it.
export function plain(text) {
  return el("bdi", {}, clean(text).replace(/\s+/g, " "));
}

// Foreign text up to its first block of code, on one line.
export function beginning(text) {
  const [first] = blocks(clean(text));
  return el("bdi", {}, first && !first.isCode ? codeMarked(first.text, (prose) => prose.replace(/\s+/g, " ")) : "");
}

// Foreign text with its code shown as such, as an element that may stand in a label or legend.
export function rich(text) {
  return el("span", { class: "rich" }, blocks(clean(text)).map((block) => block.isCode
    ? el("code", { class: "block", dir: "ltr" }, block.text)
    : el("span", { class: "lines", dir: "auto" }, codeMarked(block.text.replace(/^\n+|\s+$/g, "")))));
}

function codeMarked(text, written = (prose) => prose) {
  return inlineCode(text).map((part) => (part.isCode ? el("code", {}, part.text) : written(part.text)));
}

// Whether there is code in foreign text.
export function hasCode(text) {
  return blocks(text).some((block) => block.isCode || inlineCode(block.text).some((part) => part.isCode));
}

// What is code follows common/run/code_in_text.py, which states the rules. A test compares the two.

// Prose and fenced blocks of code, in order: `{text, isCode}`.
export function blocks(text) {
  const found = [];
  let lines = [];
  let fence = null;
  const end = () => {
    const block = lines.join("\n");
    if (fence || block.trim()) found.push({ text: block, isCode: fence !== null });
    lines = [];
  };
  for (const line of text.split("\n")) {
    const mark = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/.exec(line)?.[1];
    const closes = fence && mark?.startsWith(fence) && line.trim() === mark;
    if (closes || (!fence && mark)) {
      end();
      fence = closes ? null : mark;
    } else {
      lines.push(line);
    }
  }
  end();
  return found;
}

// Prose and inline code, in order: `{text, isCode}`.
export function inlineCode(text) {
  const runs = [...text.matchAll(/\x60+/g)];
  const parts = [];
  let from = 0;
  for (let open = 0; open < runs.length; open++) {
    const start = runs[open].index + runs[open][0].length;
    const lineEnd = text.indexOf("\n", start);
    const close = runs.findIndex((run, index) => index > open && run[0] === runs[open][0]);
    if (close < 0 || (lineEnd >= 0 && lineEnd < runs[close].index)) continue;
    parts.push({ text: text.slice(from, runs[open].index), isCode: false });
    parts.push({ text: text.slice(start, runs[close].index), isCode: true });
    from = runs[close].index + runs[close][0].length;
    open = close;
  }
  return [...parts, { text: text.slice(from), isCode: false }].filter((part) => part.text);
}
