// The service worker: reloading the students' page works without a connection. It keeps the page alone, which has no
// data of anybody; what the API answers is never kept. VERSION, the page's entity tag, is written above this line.

const PREFIX = `test-time|${registration.scope}|`;
const CACHE = PREFIX + VERSION;
const LONGEST_WAIT_MS = 4000; // for a bad connection, before the kept page is shown

addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.add(new Request(registration.scope, { headers: { accept: "text/html" } }))).then(() => skipWaiting()),
  );
});

addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
});

addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate" && event.request.url.split("#")[0] === registration.scope) event.respondWith(page(event.request));
  // A draft that is saved when the page is left: the browser may drop what the worker has seen and does not send itself.
  if (event.request.method === "PUT") event.respondWith(fetch(event.request));
});

// The server's page, or the kept one if the server does not answer in time.
async function page(request) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(LONGEST_WAIT_MS) });
    if (answer.ok) await cache.put(registration.scope, answer.clone());
    if (answer.status < 500) return answer;
  } catch {
    // no connection
  }
  return (await cache.match(registration.scope, { ignoreVary: true })) ?? Response.error();
}
