// Picking up the key with an invitation's link, `#pick-up=<id>.<share>`: docs/data-model.md.

import { explain } from "./api.js";
import { ask } from "./connection.js";
import { button, el } from "./elements.js";
import { rememberField, useKey } from "./sign_in.js";
import { show } from "./view.js";

const LINK = /^#pick-up=([0-9a-f]{64})\.([0-9a-f]{64})$/;

export function isPickUp() {
  return location.hash.startsWith("#pick-up=");
}

// Nothing is sent before the button is pressed: programs that check mails open their links.
export function showPickUp() {
  document.getElementById("nav").hidden = true;
  const [, id = "", share] = LINK.exec(location.hash) ?? [];
  const error = el("p", { class: "error", role: "alert" });
  const [remember, field] = rememberField();
  let key = "";
  const get = button("Get my key", "button primary", async () => {
    get.disabled = true;
    error.textContent = "";
    try {
      key ||= joined(share, (await ask("POST", "/pick-up", { id }, { key: "" })).share);
      await useKey(key, remember.checked);
      forgetLink();
      showKey(key);
    } catch (problem) {
      if (problem.code === "LinkUsed") forgetLink();
      error.textContent = explain(problem).join(". ");
      get.disabled = !problem.temporary;
    }
  });
  show("Your key", el("p", { class: "lead" }, "This link gives you the key to your weekly tests, once."),
    el("div", { class: "card sign-in" }, field, error, get));
}

// The XOR of the link's share with the server's.
function joined(share, other) {
  return (BigInt(`0x${share}`) ^ BigInt(`0x${other}`)).toString(16).padStart(64, "0");
}

function forgetLink() {
  history.replaceState(null, "", `${location.pathname}#/`);
}

function showKey(key) {
  show("You have your key", el("p", { class: "lead" }, "Keep it to yourself. You need it on every device, and the link does not work again."),
    el("p", { class: "card" }, el("code", { id: "own-key" }, key)),
    button("Go to my tests", "button primary", () => dispatchEvent(new Event("signed-in"))));
}
