// The overview of the class, which the page asks for again and again: what has not changed is not sent again.

import { account } from "./account.js";
import { Problem } from "./api.js";
import { setClock } from "./clock.js";
import { BASE } from "./storage.js";

const known = new Map(); // replies by address, each with its entity tag
addEventListener("signed-out", () => known.clear());

// One attempt at `GET /v1/class`. `after`: as in the API. Throws a Problem.
export async function readOverview(after) {
  const query = after ? `?${new URLSearchParams({ after })}` : "";
  const last = known.get(query);
  const headers = { "x-api-key": account.key, ...(last && { "if-none-match": last.tag }) };
  let reply, body;
  try {
    reply = await fetch(`${BASE}/v1/class${query}`, { headers, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(29000) });
    body = await reply.text();
  } catch {
    throw new Problem(0, "Unreachable", "The server could not be reached.");
  }
  setClock(Date.parse(reply.headers.get("date")));
  if (reply.status === 304 && last) return last.value;
  const value = parsed(body);
  if (!reply.ok || !value) throw new Problem(reply.ok ? 0 : reply.status, value?.code ?? "", value?.message ?? "");
  known.set(query, { tag: reply.headers.get("etag"), value });
  return value;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a proxy's page, or a reply cut short
  }
}
