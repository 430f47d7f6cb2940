// Time is the server's. The device's clock is only shown in local dates, through its time zone.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const clock = { server: null, at: 0 };

// Take over the server's time from a reply (milliseconds since 1970).
function setClock(serverTime) {
  if (Number.isNaN(serverTime)) return;
  clock.server = serverTime;
  clock.at = performance.now();
}

function serverNow() {
  return clock.server === null ? Date.now() : clock.server + performance.now() - clock.at;
}

// Seconds until a time of the API (ISO 8601), negative after it.
function secondsUntil(time) {
  return (Date.parse(time) - serverNow()) / 1000;
}

const LOCALE = navigator.language?.startsWith("en") ? navigator.language : "en-GB";
const LOCAL_TIME = new Intl.DateTimeFormat(LOCALE, {
  weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit", timeZoneName: "short",
});

function localTime(time) {
  return el("time", { datetime: time }, LOCAL_TIME.format(new Date(time)));
}

// "1 question", "2 questions".
function count(number, unit) {
  return `${number} ${unit}${number === 1 ? "" : "s"}`;
}

// A length of time in words, its two largest units at most.
function duration(seconds) {
  const left = Math.max(0, Math.floor(seconds));
  if (left >= 2 * DAY) return `${count(Math.floor(left / DAY), "day")} ${Math.floor((left % DAY) / HOUR)} h`;
  if (left >= HOUR) return `${Math.floor(left / HOUR)} h ${Math.floor((left % HOUR) / MINUTE)} min`;
  if (left >= 5 * MINUTE) return `${Math.floor(left / MINUTE)} min`;
  if (left >= MINUTE) return `${Math.floor(left / MINUTE)} min ${left % MINUTE} s`;
  return count(left, "second");
}

// Draw the time left until a deadline into `element`, and again every second while `signal` is not aborted.
function countDown(element, time, signal, passed = "The deadline has passed") {
  const draw = () => {
    const left = secondsUntil(time);
    element.textContent = left > 0 ? `${duration(left)} left` : passed;
    element.dataset.urgency = left > DAY ? "calm" : left > HOUR ? "soon" : "now";
  };
  draw();
  const timer = setInterval(draw, 1000);
  signal.addEventListener("abort", () => clearInterval(timer));
}
