// The images of the test on screen. Each is read when it is first shown, one after the other, and kept until the page is
// left. One that cannot be read is tried again after the others.

import { persistently } from "./api.js";
import { ask } from "./connection.js";
import { el } from "./elements.js";

const ATTEMPTS = 20;
const WITHIN_SECONDS = 60; // half a megabyte on a slow line
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
    const read = () => ask("GET", path, { ...test, image: id }, { within: WITHIN_SECONDS });
    const source = persistently(() => inTurn(read), ATTEMPTS, pause).then(dataAddress);
    source.catch(() => sources.delete(name));
    sources.set(name, source);
  }
  return sources.get(name);
}

function inTurn(read) {
  const reply = last.then(read);
  last = reply.catch(() => null);
  return reply;
}

// Without a connection, until there is one.
function pause(seconds) {
  return new Promise((resolve) => {
    if (navigator.onLine) setTimeout(resolve, seconds * 1000);
    else addEventListener("online", resolve, { once: true });
  });
}

function dataAddress({ type, data }) {
  if (!["image/png", "image/jpeg", "image/svg+xml"].includes(type)) throw new TypeError("not an image");
  return `data:${type};base64,${data}`;
}
