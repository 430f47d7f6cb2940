// The images of the test on screen. Each is read when it is first shown, one after the other, and kept until the page is
// left.

import { persistently } from "./api.js";
import { ask } from "./connection.js";
import { el } from "./elements.js";

const sources = new Map(); // promises of addresses, by the image's ID in its test
let place = null;
let last = Promise.resolve();
addEventListener("signed-out", () => sources.clear());

// Where the images are that are shown from now on. `path`: of the API.
export function imagesFrom(path, subjectName, testId) {
  place = { path, test: { subjectName, testId } };
}

// An image, or what it shows in words until it is here.
export function imageOf(id, words) {
  const image = el("img", { alt: words });
  sourceOf(id).then((source) => { image.src = source; }, () => image.replaceWith(`[image: ${words}]`));
  return image;
}

function sourceOf(id) {
  const { path, test } = place;
  const name = [path, test.subjectName, test.testId, id].join("|");
  if (!sources.has(name)) {
    const read = () => persistently(() => ask("GET", path, { ...test, image: id }), 5, pause);
    const source = last.then(read).then(dataAddress);
    source.catch(() => sources.delete(name));
    last = source.catch(() => null);
    sources.set(name, source);
  }
  return sources.get(name);
}

function pause(seconds) {
  return new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });
}

function dataAddress({ type, data }) {
  if (!["image/png", "image/jpeg", "image/svg+xml"].includes(type)) throw new TypeError("not an image");
  return `data:${type};base64,${data}`;
}
