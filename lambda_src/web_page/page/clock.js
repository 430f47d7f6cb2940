// Time is the server's. The device's clock is only shown in local dates, through its time zone.

import { el } from "./elements.js";

export const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const clock = { server: null, at: 0 };

// Take over the server's time from a reply (milliseconds since 1970).
export function setClock(serverTime) {
  if (Number.isNaN(serverTime)) return;
  clock.server = serverTime;
  clock.at = performance.now();
}

export function serverNow() {
  return clock.server === null ? Date.now() : clock.server + performance.now() - clock.at;
}

// Seconds until a time of the API (ISO 8601), negative after it.
export function secondsUntil(time) {
  return (Date.parse(time) - serverNow()) / 1000;
}

// Numbers and dates are written alike for everybody, in English, the page's language.
export const LOCALE = "en-GB";
const LOCAL_TIME = new Intl.DateTimeFormat(LOCALE, {
  weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
});
export const ZONE = LOCAL_TIME.resolvedOptions().timeZone;

// "Mon 23 Nov 2026, 23:00 (CET)", as in the terminal and in the emails.
export function localTime(time) {
  const part = Object.fromEntries(LOCAL_TIME.formatToParts(new Date(time)).map(({ type, value }) => [type, value]));
  const month = part.month.slice(0, 3); // some browsers write Sept
  return el("time", { datetime: time }, `${part.weekday} ${part.day} ${month} ${part.year}, ${part.hour}:${part.minute} (${part.timeZoneName})`);
}

// A message of the server with its times as the device's.
export function withLocalTimes(message) {
  return message.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, (time) => localTime(time).textContent);
}

// "1 question", "2 questions".
export function count(number, unit) {
  return `${number} ${unit}${number === 1 ? "" : "s"}`;
}

// A length of time in words, its two largest units at most.
export function duration(seconds) {
  const left = Math.max(0, Math.floor(seconds));
  if (left >= 2 * DAY) return `${count(Math.floor(left / DAY), "day")} ${Math.floor((left % DAY) / HOUR)} h`;
  if (left >= HOUR) return `${Math.floor(left / HOUR)} h ${Math.floor((left % HOUR) / MINUTE)} min`;
  if (left >= 5 * MINUTE) return `${Math.floor(left / MINUTE)} min`;
  if (left >= MINUTE) return `${Math.floor(left / MINUTE)} min ${left % MINUTE} s`;
  return count(left, "second");
}

// Draw the time left until a deadline into `element`, and again every second while `signal` is not aborted.
export function countDown(element, time, signal, passed) {
  const draw = () => {
    const left = secondsUntil(time);
    element.textContent = left > 0 ? `${duration(left)} left` : passed;
    element.dataset.urgency = left > DAY ? "calm" : left > HOUR ? "soon" : "now";
  };
  draw();
  const timer = setInterval(draw, 1000);
  signal.addEventListener("abort", () => clearInterval(timer));
}
