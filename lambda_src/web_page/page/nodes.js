// Texts that were written in Markdown. The server sends them as trees of what is shown. They are data: they become
// elements of these kinds and text nodes, whatever the trees say.

import { el } from "./elements.js";
import { imageOf } from "./images.js";
import { clean, rich } from "./text.js";

const MATHML = "http://www.w3.org/1998/Math/MathML";
const LINK = /^(https?:\/\/|mailto:)/i;
// The same as in class_content/formula.py. A test compares the two.
const MATH_ELEMENTS = "math mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none".split(" ");
const MATH_ATTRIBUTES = "accent accentunder columnalign columnlines columnspacing columnspan depth dir display displaystyle fence form height largeop linebreak linethickness lspace mathsize mathvariant maxsize minsize movablelimits rowlines rowspacing rowspan rspace scriptlevel separator stretchy symmetric voffset width".split(" ");

const VIEWS = new Map(Object.entries({
  paragraph: (node) => paragraph(node),
  codeBlock: (node) => el("code", { class: "block", dir: "ltr" }, clean(node.text)),
  list: (node) => el(node.start == null ? "ul" : "ol", { start: node.start }, inner(node)),
  item: (node) => el("li", {}, inner(node)),
  table: (node) => scrolling("Table", el("table", {}, el("tbody", {}, inner(node)))),
  row: (node) => el("tr", {}, inner(node)),
  cell: (node) => el(node.header ? "th" : "td", { dir: "auto", scope: node.header && "col" }, inner(node)),
  text: (node) => clean(node.text),
  break: () => el("br"),
  code: (node) => el("code", { dir: "ltr" }, clean(node.text)),
  emphasis: (node) => el("em", {}, inner(node)),
  strong: (node) => el("strong", {}, inner(node)),
  link: (node) => (LINK.test(node.href) ? el("a", { href: node.href, target: "_blank", rel: "noopener noreferrer nofollow" }, inner(node)) : inner(node)),
  image: (node) => imageOf(node.image, clean(node.text)),
  formula: (node) => (node.block ? scrolling("Formula", math(node)) : math(node)),
}));

// A question, an option or an explanation: `nodes`, or if it has none, its `text`.
export function shown({ text, nodes }) {
  return nodes ? el("div", { class: "rich" }, nodes.map(view)) : rich(text);
}

function view(node) {
  return VIEWS.get(node.type)?.(node);
}

function inner(node) {
  return (node.children ?? []).map(view);
}

// A formula that is too wide scrolls with its paragraph, because a box of its own would not stand on the line.
function paragraph(node) {
  const content = el("p", { class: "lines", dir: "auto" }, inner(node));
  return content.querySelector("math") ? scrolling("Text with a formula", content) : content;
}

function math({ math: tree, text }) {
  return (tree && element(tree)) ?? el("code", { dir: "ltr" }, clean(text));
}

function element({ tag, attributes = {}, text, children = [] }) {
  if (!MATH_ELEMENTS.includes(tag)) return null;
  const made = document.createElementNS(MATHML, tag);
  for (const [name, value] of Object.entries(attributes)) if (MATH_ATTRIBUTES.includes(name)) made.setAttribute(name, value);
  made.append(clean(text), ...children.map(element).filter(Boolean));
  return made;
}

// Only a box that is too narrow is a stop of the keyboard.
const widths = new ResizeObserver((changes) => {
  for (const box of new Set(changes.map(({ target }) => target.closest(".wide")))) {
    const isCut = box.scrollWidth > box.clientWidth;
    for (const [name, value] of Object.entries({ tabindex: "0", role: "group", "aria-label": box.dataset.name })) {
      if (isCut) box.setAttribute(name, value);
      else box.removeAttribute(name);
    }
  }
});

function scrolling(name, content) {
  const box = el("div", { class: "wide", "data-name": name }, content);
  widths.observe(box);
  widths.observe(content);
  return box;
}
