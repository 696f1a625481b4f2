// The time of the server as this page knows it, written in the zone of the site.

import { tr } from "./words.js";

const MINUTE_MS = 60_000;
const DAY = 1440;
const LOOK_BACK = 120;

// `serverNow` is the server's time when the page was made; clocks of phones and laptops are often minutes wrong.
export function makeClock(serverNow, zone, { locale, cycle }) {
  const ahead = Date.parse(serverNow) - Date.now();
  const wall = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone });
  const shown = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: cycle, timeZone: zone });
  const day = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short", timeZone: zone });
  const now = () => Date.now() + ahead;
  const ms = (at) => Date.parse(at);
  const minuteOf = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

  // The instant nearest to now at which clocks of the site show a time such as "13:15": up to two hours ago, else ahead.
  function instantOf(text) {
    const wanted = minuteOf(text);
    const start = Math.floor(now() / MINUTE_MS) * MINUTE_MS;
    const ahead = ((wanted - minuteOf(wall.format(start)) + LOOK_BACK) % DAY + DAY) % DAY - LOOK_BACK;
    const guess = start + ahead * MINUTE_MS;
    // Where clocks change on the way, the time lies an hour off.
    const found = [0, -60, 60, -30, 30].map((shift) => guess + shift * MINUTE_MS).find((at) => minuteOf(wall.format(at)) === wanted);
    return new Date(found ?? guess).toISOString();
  }

  return {
    now,
    instantOf,
    iso: () => new Date(now()).toISOString(),
    until: (at) => ms(at) - now(),
    // The wall time, with the day when it is not today.
    words(at) {
      const time = shown.format(ms(at));
      return day.format(ms(at)) === day.format(now()) ? time : `${day.format(ms(at))}, ${time}`;
    },
  };
}

// A length of time as people read it: seconds only near the end.
export function span(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  if (seconds < 60) return tr("%(seconds)s s", { seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return tr("%(minutes)s min %(seconds)s s", { minutes, seconds: String(seconds % 60).padStart(2, "0") });
  if (minutes < 60) return tr("%(minutes)s min", { minutes });
  return tr("%(hours)s h %(minutes)s min", { hours: Math.floor(minutes / 60), minutes: String(minutes % 60).padStart(2, "0") });
}
