// Picking up the key with an invitation's link, `#pick-up=<id>.<share>`: docs/data-model.md.

import { explain } from "./api.js";
import { ask } from "./connection.js";
import { button, el } from "./elements.js";
import { showSignIn } from "./sign_in.js";
import { show } from "./view.js";

// Whether the address is such a link; then its view is shown. Nothing is sent before the button is pressed: programs
// that check mails open their links. Of half a link, nothing is sent at all.
export function showPickUp() {
  const { hash } = location;
  if (!hash.startsWith("#pick-up=")) return false;
  const [, id = "", share] = /^#pick-up=([0-9a-f]{64})\.([0-9a-f]{64})$/.exec(hash) ?? [];
  const error = el("p", { class: "error", role: "alert" });
  const get = button("Get my key", "button primary", async () => {
    get.disabled = true;
    history.replaceState(null, "", `${location.pathname}#/`);
    try {
      const other = (await ask("POST", "/pick-up", { id }, { key: "" })).share;
      const key = BigInt(`0x${share}`) ^ BigInt(`0x${other}`);
      showSignIn("", key.toString(16).padStart(64, "0"), "This is your key. Keep it: the link does not work again.");
    } catch (problem) {
      error.textContent = explain(problem).join(". ");
      get.disabled = false;
    }
  });
  show("Your key", el("p", { class: "lead" }, "This link gives you your key, once."), error, get);
  return true;
}
