// Signing in with the API key, and out. Each ends with an event, `signed-in` or `signed-out`, for the router.

import { account } from "./account.js";
import { explain } from "./api.js";
import { ask } from "./connection.js";
import { unsent } from "./drafts.js";
import { button, el } from "./elements.js";
import { saveAndStop } from "./saving.js";
import { kept } from "./storage.js";
import { keepStudent } from "./student.js";
import { clean } from "./text.js";
import { say, show } from "./view.js";

const dialog = document.getElementById("dialog");

// The key in what was typed or pasted, which may be the whole line of a configuration, in quotes or broken over lines.
function keyIn(text) {
  const value = /TEST_TIME_API_KEY=(.*)/.exec(text)?.[1] ?? text;
  return clean(value).replace(/[\s"']/g, "");
}

function revealButton(input) {
  const reveal = button("Show key", "plain", () => {
    const hidden = input.type === "password";
    input.type = hidden ? "text" : "password";
    reveal.textContent = hidden ? "Hide key" : "Show key";
  });
  return reveal;
}

async function signIn(key, remembered) {
  try {
    const student = await ask("GET", "/student", {}, { key });
    account.signIn(key, student, remembered);
    keepStudent(student);
  } catch (problem) {
    if (problem.code !== "StudentsOnly") throw problem;
    const { className } = await ask("GET", "/class", {}, { key });
    account.signInTrainer(key, { className });
  }
  dispatchEvent(new Event("signed-in"));
}

export function showSignIn(message = "", key = "", lead = "Take your weekly tests here. Your answers are saved as you go; upload them when you are done.") {
  document.getElementById("nav").hidden = true;
  const input = el("input", {
    id: "key", type: "password", value: key, autocomplete: "off", autocapitalize: "none", spellcheck: "false", required: true,
    "aria-describedby": "key-help key-error",
  });
  const remember = el("input", { type: "checkbox", id: "remember", "aria-describedby": "remember-help" });
  const error = el("p", { id: "key-error", class: "error", role: "alert" }, message);
  const submit = el("button", { class: "button primary" }, "Sign in");
  const form = el("form", { class: "card sign-in", novalidate: true },
    el("div", { class: "field-head" }, el("label", { for: "key" }, "Your key"), revealButton(input)), input, error,
    el("p", { id: "key-help", class: "quiet" }, "Your trainer gave you this key. It is personal: do not share it."),
    el("label", { class: "check" }, remember, el("span", {}, "Remember on this device")),
    el("p", { id: "remember-help", class: "quiet" }, "Choose this only on your own device. If you do not choose it, the key is forgotten when you close this tab."),
    submit);
  const fail = (text) => {
    error.textContent = text;
    input.setAttribute("aria-invalid", "true");
    input.focus();
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const key = keyIn(input.value);
    if (!key) return fail("Enter your key.");
    if (!/^[\x21-\x7e]{1,256}$/.test(key)) return fail("This is not a valid key: a key consists of letters and digits only. Copy it again.");
    submit.disabled = true;
    submit.textContent = "Signing in…";
    error.textContent = "";
    try {
      await signIn(key, remember.checked);
    } catch (problem) {
      fail(explain(problem).join(". "));
    } finally {
      submit.disabled = false;
      submit.textContent = "Sign in";
    }
  });
  show("Sign in", el("p", { class: "lead" }, lead), form);
}

// Forget the key, and everything about this student that the server has too. Asks about answers not uploaded yet.
export function signOut() {
  const studentId = account.student?.studentId;
  const drafts = studentId ? unsent(studentId) : [];
  const leave = (discard) => {
    saveAndStop();
    const names = kept.names(`${studentId}|`);
    const open = new Set(discard ? [] : drafts.map((draft) => draft.path));
    for (const name of names) if (![...open].some((path) => name.startsWith(path))) kept.remove(name);
    account.forget();
    dialog.close();
    location.hash = "#/";
    dispatchEvent(new Event("signed-out"));
    say("Signed out.");
  };
  if (!drafts.length) {
    leave(false);
    return;
  }
  const count = drafts.length === 1 ? "one test" : `${drafts.length} tests`;
  const discard = el("input", { type: "checkbox" });
  dialog.replaceChildren(
    el("h2", { id: "dialog-title" }, "Sign out?"),
    el("p", {}, `You have answers to ${count} that have not been uploaded. They stay on this device until you sign in here again.`),
    el("label", { class: "check" }, discard, el("span", {}, "Delete them: other people use this device")),
    el("div", { class: "actions" },
      button("Sign out", "button primary", () => leave(discard.checked)), button("Stay signed in", "button", () => dialog.close())));
  dialog.showModal();
}
