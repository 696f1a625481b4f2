// Today: the countdown to what comes next, by the clock of the server, and a look at the server once a minute.

import { keepDays } from "./app.js";
import { lookAgainAndAgain } from "./look.js";

const POLL_MS = 60_000;
const MINUTE_MS = 60_000;
const page = document.querySelector("[data-today]");
const moments = JSON.parse(page.dataset.moments);
const words = { hours: page.dataset.hours, minutes: page.dataset.minutes };

// Clocks of phones are often minutes wrong; `data-now` is the server's time when the page was made. A page that comes out of
// the store was made long ago, so that the time since then is counted by the phone.
const madeAt = Date.parse(page.dataset.now);
const isFresh = performance.getEntriesByType("navigation")[0]?.transferSize !== 0;
const ahead = isFresh ? madeAt - Date.now() : 0;
const now = () => Date.now() + ahead;

function left(ms) {
  const minutes = Math.max(0, Math.ceil(ms / MINUTE_MS));
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return words.minutes.replace("%(minutes)s", minutes);
  return words.hours.replace("%(hours)s", hours).replace("%(minutes)s", String(minutes % 60).padStart(2, "0"));
}

let shown = null;
let day = page.dataset.day;

function draw() {
  const next = moments.find((one) => Date.parse(one.at) > now());
  const line = document.querySelector("[data-countdown]");
  if (line && next && Date.parse(next.at) - now() < 48 * 60 * MINUTE_MS) {
    const text = next.sentence.replace("%(left)s", left(Date.parse(next.at) - now()));
    if (line.textContent !== text) line.textContent = text;
  }
  // A shift or a break began or ended: the rest of the page speaks of the time before.
  const at = next?.at ?? "";
  if (shown !== null && at !== shown) refresh();
  shown = at;
}

function refresh() {
  if (navigator.onLine && document.visibilityState === "visible") location.reload();
}

let state = null;

async function seen(tag, answer) {
  const document_ = await answer.json();
  showUnread(document_.unread_notices);
  if (state !== null && (state !== tag || document_.day !== day)) refresh();
  state = tag;
  day = document_.day;
  await keepDays(tag);
}

function showUnread(count) {
  for (const badge of document.querySelectorAll("[data-unread]")) badge.firstChild.textContent = String(count);
}

draw();
setInterval(draw, 1_000);
lookAgainAndAgain(page.dataset.poll, POLL_MS, seen);
