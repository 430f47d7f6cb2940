// What all views share: drawing one, telling what happens, calling the API as the student, waiting in sight.

const main = document.getElementById("main");
const dialog = document.getElementById("dialog");
let leaving = new AbortController(); // aborted when the view on screen goes
let connected = true;
let firstView = true;

// Put a view on screen. Its heading gets the focus, so that keyboard and screen reader start where the eye does.
function show(title, ...content) {
  const heading = el("h1", { tabindex: "-1" }, typeof title === "string" ? title : title.cloneNode(true));
  main.replaceChildren(...el("div", {}, heading, content).childNodes);
  document.title = `${heading.textContent} · Test time`;
  if (!firstView) {
    scrollTo({ top: 0, behavior: "instant" }); // a view that glides away under the pointer makes it miss
    heading.focus({ preventScroll: true });
  }
  firstView = false;
}

function showLoading(what) {
  show(what, el("p", {}, "One moment…"), el("div", { id: "waiting" }));
}

// Say something to a screen reader that the eye sees anyway.
function say(text) {
  document.getElementById("spoken").textContent = text;
}

function link(hash, className, ...content) {
  return el("a", { href: hash, class: className }, content);
}

function button(label, className, onclick) {
  return el("button", { type: "button", class: className, onclick }, label);
}

function panel(kind, title, ...content) {
  return el("div", { class: `panel ${kind}` }, el("h2", {}, title), content);
}

function address(view, subject, test) {
  return `#/${view}/${subject}/${test}`; // IDs have no character that an address would mind
}

// The line under the header: no connection, nothing can be kept.
function drawNotice() {
  const offline = !navigator.onLine || !connected;
  const lines = [];
  if (offline) lines.push("No connection. Go on answering: your answers are saved on this device. Upload them when you are back online; do not reload this page until then.");
  if (!kept.durable) lines.push("This browser keeps nothing for this page. Do not close or reload it before you have uploaded your answers.");
  document.getElementById("notice").replaceChildren(...lines.map((line) => el("p", {}, line)));
}

// One call as the student signed in (or as the holder of `key`).
async function ask(method, path, fields, { within, key = account.key } = {}) {
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

// Wait in sight of the student, drawn into `place`: a countdown, or for the connection while the device is offline.
// Ends early when asked to or back online. Rejects when `signal` is aborted.
function waitInSight(place, seconds, reason, signal) {
  const { promise, resolve, reject } = deferred();
  const ended = new AbortController();
  const offline = !navigator.onLine;
  const due = performance.now() + seconds * 1000;
  const left = el("span", { class: "digits" });
  const text = offline
    ? "You are offline. This goes on by itself as soon as you are back online."
    : [`${reason} Trying again in `, left, "."];
  const draw = () => {
    const rest = Math.ceil((due - performance.now()) / 1000);
    left.textContent = `${Math.max(0, rest)} s`;
    if (rest <= 0 && !offline) resolve();
  };
  draw();
  place.replaceChildren(el("p", {}, text), button("Try now", "button", resolve));
  say(offline ? text : `${reason} Trying again in ${Math.ceil(seconds)} seconds.`);
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
function fetchInSight(path, fields, signal) {
  const wait = (seconds, problem) => waitInSight(document.getElementById("waiting"), seconds, explain(problem)[0] + ".", signal);
  return persistently(() => ask("GET", path, fields), 5, wait);
}

// The student the key belongs to, from the server; also sets the clock.
async function fetchStudent(signal) {
  return keepStudent(signal ? await fetchInSight("/student", {}, signal) : await ask("GET", "/student"));
}

function keepStudent(student) {
  setClock(Date.parse(student.serverTime));
  account.student = student;
  studentReadAt = performance.now();
  return student;
}

let studentReadAt = -Infinity;
const STUDENT_IS_FRESH_MS = 5000;

// The student for a view: just read, or read now, or the last one known when the server cannot be reached.
async function currentStudent(signal) {
  const known = account.student;
  if (known && performance.now() - studentReadAt < STUDENT_IS_FRESH_MS) return known;
  try {
    return keepStudent(known ? await ask("GET", "/student", {}, { within: 8 }) : await fetchInSight("/student", {}, signal));
  } catch (problem) {
    if (known && problem.temporary) return known;
    throw problem;
  }
}

function testOf(student, subject, testId) {
  return student?.tests.find((test) => test.subjectName === subject && test.testId === testId);
}

// The view of a failure: what happened, what to do, and that nothing is lost.
function showProblem(problem, ...actions) {
  const [title, advice] = explain(problem);
  if (problem.status === 401 || problem.code === "Forbidden" || (problem.status === 403 && !problem.code)) {
    showSignIn(`${title}. ${advice} Answers saved on this device stay there.`);
    return;
  }
  show(title, el("div", { class: "panel warn" }, el("p", {}, advice), el("p", {}, "Answers you gave are still saved on this device.")),
    el("div", { class: "actions" }, actions, link("#/", actions.some(Boolean) ? "button" : "button primary", "Back to my tests")));
}
