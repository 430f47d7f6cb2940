// Plots as inline SVG. Each has a text that says the same.

const HEIGHT = 120;
const STEP = 32;

// Parts of a whole as one bar. `parts`: pairs of a class and a number.
export function shareBar(parts, whole, text) {
  let from = 0;
  const rects = parts.map(([name, number]) => {
    const width = whole ? (100 * number) / whole : 0;
    const rect = svg("rect", { class: `plot-${name}`, x: from, y: 0, width, height: 10 });
    from += width;
    return rect;
  });
  return svg("svg", { class: "share", viewBox: "0 0 100 10", preserveAspectRatio: "none", role: "img", "aria-label": text },
    svg("rect", { class: "plot-none", x: 0, y: 0, width: 100, height: 10 }), rects);
}

// How many results lie in 0-10 %, 10-20 %, ... 90-100 %.
export function histogram(counts, text) {
  const most = Math.max(1, ...counts);
  const bars = counts.map((number, at) => {
    const height = (HEIGHT * number) / most;
    const middle = at * STEP + STEP / 2;
    return [
      svg("rect", { class: "plot-done", x: at * STEP + 3, y: HEIGHT + 16 - height, width: STEP - 6, height, rx: 2 }),
      number ? svg("text", { x: middle, y: HEIGHT + 11 - height }, `${number}`) : null,
      svg("text", { class: "plot-axis", x: middle, y: HEIGHT + 32 }, `${at * 10}`),
    ];
  });
  const width = counts.length * STEP;
  return svg("svg", { class: "histogram", viewBox: `0 0 ${width} ${HEIGHT + 38}`, role: "img", "aria-label": text },
    svg("line", { class: "plot-line", x1: 0, y1: HEIGHT + 16.5, x2: width, y2: HEIGHT + 16.5 }), bars);
}

// An element of a drawing.
function svg(tag, properties = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(properties)) element.setAttribute(name, value);
  element.append(...children.flat(Infinity).filter((child) => child != null));
  return element;
}
