// Messages that leave one after the other, in order, each until the server has answered; none is lost on a poor network.

import { Unreachable } from "./api.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

// `kept` holds the messages over a reload. `lines` has for each kind of message `deliver(message)`, which sends it, and `taken(message,
// answer)` and `refused(message, error)`, which hear what became of it after it has left. `moved(state)` hears how the outbox stands.
// An answer and the break after it are one line, for a break that overtakes the answer would give its item to somebody else.
export function makeOutbox({ kept, lines, moved }) {
  const waiting = kept.read("outbox", []);
  let isSending = false;
  let isBlocked = false;
  let failures = 0;
  let timer;

  function tell() {
    kept.write("outbox", waiting);
    moved({ count: waiting.length, isFailing: failures > 0, isBlocked });
  }

  function leave(message, outcome, what) {
    failures = 0;
    waiting.shift();
    tell();
    lines[message.kind][outcome](message, what);
  }

  function onFailure(message, error) {
    if (error instanceof Unreachable) {
      failures += 1;
      const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
      timer = setTimeout(send, wait * (0.5 + Math.random() / 2));
      tell();
    } else if (error.isSignedOut) {
      // It stays here until somebody has signed in again.
      isBlocked = true;
      tell();
      lines[message.kind].refused(message, error);
    } else {
      leave(message, "refused", error);
    }
  }

  async function send() {
    clearTimeout(timer);
    if (isSending || isBlocked || !waiting.length) return;
    isSending = true;
    const message = waiting[0];
    let answer;
    let failure;
    try {
      answer = await lines[message.kind].deliver(message);
    } catch (error) {
      failure = error;
    }
    isSending = false;
    if (failure) onFailure(message, failure);
    else leave(message, "taken", answer);
    if (!failures) send();
  }

  window.addEventListener("online", send);
  return {
    put(message) {
      waiting.push(message);
      tell();
      send();
    },
    has: (test) => waiting.some(test),
    get size() {
      return waiting.length;
    },
    start() {
      tell();
      send();
    },
  };
}
