// The API: one attempt, what its failures mean, and trying again.

import { duration, serverNow, setClock, withLocalTimes } from "./clock.js";
import { BASE } from "./storage.js";
import { clean } from "./text.js";

const API = `${BASE}/v1`;
const REPLY_WITHIN_SECONDS = 20;
const LONGEST_WAIT_SECONDS = 30;
const LONGEST_RETRY_AFTER_SECONDS = 300;

// A call that did not succeed. `temporary`: the same call may succeed later. `reached`: the server answered. `draft`: the
// stored one, in a conflict of drafts.
export class Problem extends Error {
  constructor(status, code, message, retryAfter = null, draft = null) {
    super(message);
    Object.assign(this, { status, code, retryAfter, draft, reached: status > 0 });
    this.temporary = status === 0 || status === 408 || status === 429 || status >= 500;
  }
}

// One attempt. Returns the reply's JSON, or throws a Problem. `fields` are the query of a GET, the body of a POST or PUT.
// A PUT goes on when the page is left.
export async function call(method, path, key, fields = {}, within = REPLY_WITHIN_SECONDS) {
  const query = method === "GET" && Object.keys(fields).length ? `?${new URLSearchParams(fields)}` : "";
  const options = { method, headers: key ? { "x-api-key": key } : {}, cache: "no-store", credentials: "omit", keepalive: method === "PUT" };
  if (method !== "GET") {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(fields);
  }
  let reply, body;
  try {
    reply = await fetch(API + path + query, { ...options, signal: AbortSignal.timeout(within * 1000) });
    body = await reply.text();
  } catch {
    throw new Problem(0, "Unreachable", "The server could not be reached.");
  }
  setClock(Date.parse(reply.headers.get("date")));
  return parsed(reply, body);
}

function parsed(reply, text) {
  let body = null;
  try {
    body = JSON.parse(text);
  } catch { /* a proxy's page, or a reply cut short */ }
  if (reply.ok && body) return body;
  if (reply.ok) throw new Problem(0, "Unreadable", "The server's reply was cut short.");
  throw new Problem(reply.status, body?.code ?? "", body?.message ?? "", retryAfter(reply.headers.get("retry-after")), body?.draft);
}

// Seconds to wait, from a Retry-After header in either of its forms, or null.
function retryAfter(header) {
  if (!header) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - serverNow()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}

// How long to wait before the next attempt: doubling, half of it random so that a class does not come back all at once,
// never less than the server asked for.
function backoff(attempt, asked) {
  const most = Math.min(LONGEST_WAIT_SECONDS, 2 ** attempt);
  return Math.max(asked ?? 0, most / 2 + (Math.random() * most) / 2);
}

// Call `attempt` until it succeeds, fails for good, or `most` attempts are over. Between two attempts `waits(seconds,
// problem)` is awaited; it may end early.
export async function persistently(attempt, most, waits) {
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (problem) {
      const hopeless = !problem.temporary || problem.retryAfter > LONGEST_RETRY_AFTER_SECONDS;
      if (hopeless || count >= most) throw problem;
      await waits(backoff(count, problem.retryAfter), problem);
    }
  }
}

// What went wrong and what to do about it, for the student: a title and a sentence or two.
export function explain(problem) {
  const server = withLocalTimes(clean(problem.message));
  if (!problem.reached) {
    return ["No connection", "The server could not be reached. Check your connection and try again."];
  }
  if (problem.code === "NotEnrolled") {
    return ["You are not enrolled", "You are not enrolled in a subject of this name. If you should be, ask your trainer to add you."];
  }
  if (problem.code === "TestNotOpen") {
    return ["The test is not open yet", server];
  }
  if (problem.code === "TooManyAttempts") {
    return ["No more uploads", "You have uploaded this test as often as it allows. Everything you uploaded before is kept, and your last upload still stands."];
  }
  if (problem.code === "NewerSubmission") {
    return ["Uploaded again elsewhere", "You have uploaded this test again on another device or in another tab, and those answers count. These were not uploaded."];
  }
  if (problem.code === "NotYetReleased") return ["Not released yet", server];
  if (problem.code === "NothingSubmitted") return ["Nothing submitted", server];
  if (problem.code === "LinkUsed") return [server];
  if (problem.code === "NotYourStudentId") {
    return ["Signed in as someone else", "This key belongs to a different student. Sign out, then sign in with your own key."];
  }
  switch (problem.status) {
    case 401:
    case 403:
      return ["Key not accepted", "Check that you copied the whole key. If it is still not accepted, ask your trainer for your key."];
    case 404:
      return ["Test not found", "This test does not exist or has been removed. Go back to your tests and choose one from the list."];
    case 409:
      return ["Already uploaded", "You have already uploaded answers to this test, and those answers count. New answers are not accepted."];
    case 410:
      return ["The test is closed", "The deadline has passed by the server's clock, so the test no longer accepts answers. If you think this is a mistake, tell your trainer."];
    case 413:
      return ["Upload too large", "The server rejected the upload because it is too large. Tell your trainer."];
    case 429:
      return ["The server is busy", problem.retryAfter
        ? `There were too many requests. Try again in ${duration(problem.retryAfter)}.`
        : "There were too many requests. Wait a minute and try again."];
  }
  if (problem.status >= 500) return ["The server has a problem", "This is not your fault. Wait a moment and try again. If it keeps happening, tell your trainer."];
  return ["The server rejected the request", server || "Go back to your tests and try again."];
}
