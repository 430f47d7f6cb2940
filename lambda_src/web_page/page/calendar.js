// The address of the student's calendar, to copy into a calendar app.

import { button, el } from "./elements.js";
import { BASE } from "./storage.js";
import { say } from "./view.js";

export function calendarOf(student) {
  if (!student.calendarPath) return null; // a list kept from before there were calendars
  const address = `${location.origin}${BASE}${student.calendarPath}`;
  const copy = button("Copy the address", "button", async () => {
    await navigator.clipboard.writeText(address);
    copy.textContent = "Copied";
    say("Address copied.");
  });
  return el("details", { class: "card" }, el("summary", {}, "Add to your calendar"),
    el("p", {}, "When your tests open and close can be in your calendar, with any extra time that you are given. In your calendar app, subscribe to this address (“From URL”, “From web”):"),
    el("p", {}, el("output", { class: "address" }, address)), navigator.clipboard ? copy : null,
    el("p", { class: "quiet" }, "Keep the address to yourself: whoever has it can see these times, but nothing else. Your app decides how often it looks for changes."));
}
