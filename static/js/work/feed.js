// Items one after the other: the one in hand, the one loaded ahead, and answers that are on their way.

import { Unreachable } from "./api.js";
import { tr } from "./words.js";

const QUIET_WAIT_MS = [3_000, 5_000, 8_000, 12_000, 15_000];
const RESUME_SPREAD_MS = 2_000;
const SOONEST_MS = 500;
const LONGEST_TIMER_MS = 2 ** 30;
const NOTHING = { kind: "no_work", message: tr("There is nothing to do at the moment."), resumes_at: null };

// `view` draws what there is: `item(item, ahead)`, `ahead(item)`, `waiting()`, `refusal(refusal)`, `worksUntil(at)`, `say(text)`,
// `isFailing(yes)`, `signedOut(text)`, `again(message, why)`.
export function makeFeed({ api, addresses, clock, view }) {
  let outbox;
  let shown = null;
  let ahead = null;
  let timer;
  let quiet = 0;
  // Counts what was done here, so that an answer of the server that is older than that is not taken for news.
  let steps = 0;
  let refused = "";
  // The server has to hear that the item in hand is lost before it takes an answer to the one that was loaded ahead.
  let isBehind = false;

  const isOnItsWay = (item) => outbox.has((message) => message.token === item.token);
  const isWaiting = () => outbox.has((message) => message.kind in lines);

  // Takes what the server says is in hand, less what was answered here and is still on its way there.
  function accept(work) {
    clearTimeout(timer);
    isBehind = false;
    const before = shown?.token;
    [shown = null, ahead = null] = [work.open, work.ahead].filter((item) => item && !isOnItsWay(item));
    view.worksUntil(work.works_until ?? null);
    if (shown) {
      quiet = 0;
      refused = "";
      if (shown.token === before) view.ahead(ahead);
      else view.item(shown, ahead);
    } else if (isWaiting()) {
      view.waiting();
    } else {
      rest(work.refusal ?? NOTHING);
    }
  }

  // There is no item: says why, and asks again when work resumes.
  function rest(refusal) {
    const words = `${refusal.kind} ${refusal.message}`;
    if (refused !== words) view.refusal(refusal);
    refused = words;
    const left = refusal.resumes_at ? clock.until(refusal.resumes_at) : 0;
    // Everybody whose break ends at the same moment would otherwise ask in the same moment.
    const spread = Math.random() * RESUME_SPREAD_MS;
    const isTold = left > 0 && left < LONGEST_TIMER_MS;
    timer = setTimeout(refresh, isTold ? Math.max(SOONEST_MS, left + spread) : nextPause() + spread);
  }

  const nextPause = () => QUIET_WAIT_MS[Math.min(quiet++, QUIET_WAIT_MS.length - 1)];

  async function refresh() {
    clearTimeout(timer);
    const asked = steps;
    try {
      const work = await api.post(addresses.next);
      view.isFailing(false);
      if (asked === steps) accept(work);
    } catch (error) {
      if (error instanceof Unreachable) view.isFailing(true);
      else if (error.isSignedOut) return view.signedOut(error.message);
      else view.say(error.message);
      timer = setTimeout(refresh, nextPause());
    }
  }

  function onRefused(message, error, explain) {
    if (error.isSignedOut) return view.signedOut(error.message);
    steps += 1;
    isBehind = true;
    explain();
    refresh();
  }

  function taken(_, work) {
    steps += 1;
    accept(work);
  }

  const LATE = tr("This item was given to somebody else meanwhile, so your answer to it was not taken.");
  const lines = {
    answer: {
      async deliver({ kind, ...body }) {
        if (isBehind) await api.post(addresses.next);
        isBehind = false;
        return api.post(addresses.answer, body);
      },
      taken,
      refused: (message, error) =>
        onRefused(message, error, () => {
          if (error.status === 409) view.say(tr("%(reason)s This is what comes next.", { reason: error.message || LATE }), true);
          else view.again(message, error.message);
        }),
    },
    return: {
      deliver: ({ task_id, token }) => api.post(addresses.return, { task_id, token }),
      taken,
      // An item that is not in hand any more needs not be returned.
      refused: (message, error) => onRefused(message, error, () => {}),
    },
  };

  // The item in hand leaves, and what was loaded ahead is in hand at once, while the message travels.
  function pass(message) {
    const done = shown;
    [shown, ahead] = [ahead, null];
    steps += 1;
    outbox.put({ ...message, task_id: done.id, token: done.token });
    if (shown) view.item(shown, ahead);
    else view.waiting();
  }

  return {
    lines,
    get shown() {
      return shown;
    },
    start(box) {
      outbox = box;
      if (!isWaiting()) refresh();
    },
    refresh,
    answer: (given, handlingSeconds) => pass({ kind: "answer", given, handling_seconds: handlingSeconds, and_next: true }),
    giveBack: () => pass({ kind: "return" }),
    // Nothing is shown any more, for what was in hand goes back by itself when somebody stops working.
    stop() {
      clearTimeout(timer);
      [shown, ahead] = [null, null];
      refused = "";
      steps += 1;
      view.waiting();
    },
    extend(expiresAt) {
      if (shown && expiresAt) shown.expires_at = expiresAt;
    },
  };
}
