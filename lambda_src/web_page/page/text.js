// Showing text that others wrote: questions, options, names, messages. It is data: it becomes text nodes and
// `code` elements and is never parsed as HTML.

// Control characters and everything that turns the writing direction of what follows. Tab and line feed stay.
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\ufeff\ufff9-\ufffb]/g;

function clean(text) {
  return String(text ?? "").replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n").replace(INVISIBLE, "");
}

// An element. Of the properties, `on...` are listeners, `true` and `false` set and leave out an attribute; strings among
// the children become text nodes.
function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
}

// One line of foreign text, kept apart from the writing direction around it.
function plain(text) {
  return el("bdi", {}, clean(text).replace(/\s+/g, " "));
}

// Foreign text up to its first block of code, on one line.
function beginning(text) {
  return el("bdi", {}, inlineCode(clean(text).split(/^ {0,3}(?:```|~~~)/m)[0].replace(/\s+/g, " ")));
}

// Foreign text with Markdown's fenced code blocks and inline code, as an element that may stand in a label or legend.
function rich(text) {
  const parts = [];
  let lines = [];
  let fence = null;
  const end = () => {
    const block = lines.join("\n");
    if (fence) parts.push(el("code", { class: "block", dir: "ltr" }, block));
    else if (block.trim()) parts.push(el("span", { class: "lines", dir: "auto" }, inlineCode(block.replace(/^\n+|\s+$/g, ""))));
    lines = [];
  };
  for (const line of clean(text).split("\n")) {
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
  return el("span", { class: "rich" }, parts);
}

// `code` between two equally long runs of backticks, as in Markdown; everything else stays text.
function inlineCode(text) {
  const runs = [...text.matchAll(/`+/g)];
  const parts = [];
  let from = 0;
  for (let open = 0; open < runs.length; open++) {
    const length = runs[open][0].length;
    const close = runs.findIndex((run, index) => index > open && run[0].length === length);
    if (close < 0) continue;
    parts.push(text.slice(from, runs[open].index));
    parts.push(el("code", {}, text.slice(runs[open].index + length, runs[close].index)));
    from = runs[close].index + length;
    open = close;
  }
  return [...parts, text.slice(from)];
}
