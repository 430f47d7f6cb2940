// Calls the API as the student who is signed in, and shows them what happens: the notice of a lost connection and the
// waits between attempts.

import { account } from "./account.js";
import { call, explain, persistently } from "./api.js";
import { button, el } from "./elements.js";
import { kept } from "./storage.js";
import { say } from "./view.js";

let connected = true;

for (const event of ["online", "offline"]) {
  addEventListener(event, () => {
    connected = navigator.onLine;
    drawNotice();
  });
}

// The line under the header, shown while there is no connection or nothing can be saved.
export function drawNotice() {
  const offline = !navigator.onLine || !connected;
  const lines = [];
  // Without its worker (offline.js), the page would not come back.
  const reload = navigator.serviceWorker?.controller ? "" : ", and do not reload this page until then";
  if (offline) lines.push(`No connection. You can keep answering: your answers are saved on this device. Upload them when you are back online${reload}.`);
  if (!kept.durable) lines.push("This browser cannot save your answers. Do not close or reload this page until you have uploaded your answers.");
  document.getElementById("notice").replaceChildren(...lines.map((line) => el("p", {}, line)));
}

// One call as the student signed in (or as the holder of `key`).
export async function ask(method, path, fields, { within, key = account.key } = {}) {
  try {
    const reply = await call(method, path, key, fields, within);
    connected = true;
    return reply;
  } catch (problem) {
    connected = problem.reached;
    throw problem;
  } finally {
    drawNotice();
  }
}

// Wait, and show it in `place`: a countdown or, while the device is offline, a notice that it waits for the connection.
// Ends early when asked to or back online. Rejects when `signal` is aborted.
export function waitInSight(place, seconds, problem, signal) {
  const { promise, resolve, reject } = deferred();
  const ended = new AbortController();
  const offline = !navigator.onLine;
  const due = performance.now() + seconds * 1000;
  const left = el("span", { class: "digits" });
  const [reason] = explain(problem);
  const text = offline
    ? "You are offline. This continues automatically as soon as you are back online."
    : [`${reason}. Trying again in `, left, "."];
  const draw = () => {
    const rest = Math.ceil((due - performance.now()) / 1000);
    left.textContent = `${Math.max(0, rest)} s`;
    if (rest <= 0 && !offline) resolve();
  };
  draw();
  place.replaceChildren(el("p", {}, text), button("Try now", "button", resolve));
  say(offline ? text : `${reason}. Trying again in ${Math.ceil(seconds)} seconds.`);
  const timer = setInterval(draw, 250);
  addEventListener("online", resolve, { signal: ended.signal });
  signal.addEventListener("abort", () => reject(signal.reason), { signal: ended.signal });
  return promise.finally(() => {
    clearInterval(timer);
    ended.abort();
    place.replaceChildren();
  });
}

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

// A GET that a view cannot do without: a few attempts, each wait in sight.
export function fetchInSight(path, fields, signal) {
  const wait = (seconds, problem) => waitInSight(document.getElementById("waiting"), seconds, problem, signal);
  return persistently(() => ask("GET", path, fields), 5, wait);
}
