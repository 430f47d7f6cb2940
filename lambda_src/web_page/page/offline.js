// Has the browser keep this page, so that it can be reloaded without a connection.

import { BASE } from "./storage.js";

export function keepPage() {
  if (!navigator.serviceWorker) return;
  const url = `${BASE}/sw.js`;
  // The one place where the page names a script by a string: the policy lets nothing else through.
  const policy = window.trustedTypes?.createPolicy("test-time-worker", { createScriptURL: () => url });
  // Without it, everything works but that. Browsers refuse it in private windows, for example.
  navigator.serviceWorker.register(policy ? policy.createScriptURL("") : url).catch(() => {});
}
