// An item that is still in hand when the work before a break or the end of a shift is over: says so, and hands it back a minute later.

import { tr } from "./words.js";

const GRACE_MS = 60_000;
const LOOK_MS = 1_000;

// `until()` gives when the work ends, `item()` what is in hand, `handBack()` gives it back, `say(text)` tells the associate.
export function attachOvertime({ clock, until, item, handBack, say }) {
  // Only what was in hand in time is asked back: what the server gives later is meant, whatever the clock of this machine says.
  let inTime = null;
  let told = null;

  function look() {
    const [end, shown] = [until(), item()];
    const over = end && shown ? -clock.until(end) : -1;
    if (over < 0) inTime = shown?.token ?? null;
    if (over < 0 || shown.token !== inTime) return;
    if (over >= GRACE_MS) {
      handBack();
      say(tr("Your work was to end at %(time)s, so the item in hand went back to its queue.", { time: clock.words(end) }), true);
    } else if (told !== shown.token) {
      told = shown.token;
      const latest = new Date(Date.parse(end) + GRACE_MS).toISOString();
      const times = { end: clock.words(end), latest: clock.words(latest) };
      say(tr("Your time of work ended at %(end)s. Finish this item, or press R; it goes back by itself at %(latest)s.", times), true);
    }
  }
  setInterval(look, LOOK_MS);
}
