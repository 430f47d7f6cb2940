// Building the page: elements made of text nodes and other elements, never of HTML.

// Of the properties, `on...` are listeners, `true` and `false` set and leave out an attribute. Strings among the
// children become text nodes.
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
}

export function link(hash, className, ...content) {
  return el("a", { href: hash, class: className }, content);
}

export function button(label, className, onclick) {
  return el("button", { type: "button", class: className, onclick }, label);
}

export function panel(kind, title, ...content) {
  return el("div", { class: `panel ${kind}` }, el("h2", {}, title), content);
}
