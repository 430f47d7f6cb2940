// A test's questions: read from the server, kept on this device, and followed over the tabs of this browser.

import { ask, fetchInSight } from "./connection.js";
import { withGapsNamed } from "./gap_names.js";
import { PREFIX } from "./storage.js";
import { address } from "./view.js";

const loaded = new Map(); // questions read since the page was loaded, by the draft's path

// A test's questions: read before, from the server, or the copy kept here when the server cannot be reached.
export async function loadTest(draft, subject, testId, signal) {
  if (loaded.has(draft.path)) return loaded.get(draft.path);
  const copy = draft.read("test");
  try {
    const query = { subjectName: subject, testId };
    const test = withGapsNamed(copy ? await ask("GET", "/test", query, { within: 8 }) : await fetchInSight("/test", query, signal));
    draft.write("test", test);
    loaded.set(draft.path, test);
    return test;
  } catch (problem) {
    if (copy && problem.temporary) return copy;
    throw problem;
  }
}

export function isLoaded(draft) {
  return loaded.has(draft.path);
}

// The questions are read again when the test is opened next.
export function expireTest(draft) {
  loaded.delete(draft.path);
}

export function forgetTest(draft) {
  expireTest(draft);
  draft.write("test", null);
}

// Redraw when another tab of this browser changed the draft; when it uploaded the test, go to the receipt.
export function followOtherTabs(draft, signal, redraw) {
  addEventListener("storage", (event) => {
    if (event.key !== null && !event.key.startsWith(PREFIX + draft.path)) return;
    if (event.key === `${PREFIX}${draft.path}receipt` && event.newValue) {
      const [, subject, test] = draft.path.split("|");
      location.hash = address("receipt", subject, test);
      return;
    }
    redraw();
  }, { signal });
}
