// Presence: what somebody says of the present moment, with an id of its own, so that a message that is sent twice counts once.

import { tr } from "./words.js";

const AFTER = {
  sign_in: "working",
  sign_out: "signed_out",
  break_start: "on_break",
  break_end: "working",
  coaching_start: "coaching",
  coaching_end: "working",
  system_down: "system_down",
  system_up: "working",
};
const STATES = {
  signed_out: { words: "Signed out of work", offers: ["sign_in"] },
  working: { words: "Working", offers: ["break_start", "coaching_start", "system_down", "sign_out"] },
  on_break: { words: "On break", offers: ["break_end", "sign_out"] },
  coaching: { words: "In coaching", offers: ["coaching_end", "break_start", "sign_out"] },
  system_down: { words: "System down", offers: ["system_up", "break_start", "sign_out"] },
};

// The browser's own maker of ids is there only over HTTPS and on the machine itself.
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// `bar` holds a button for each event and the words of the state; `changed()` hears when the server knows of another state.
export function makePresence({ api, address, clock, bar, view, changed }) {
  let outbox;
  let desk = { state: "signed_out", since: null, next_break: null, duty: null };

  const isOnItsWay = () => outbox.has((message) => message.kind === "presence");

  function draw() {
    const { words, offers } = STATES[desk.state];
    bar.querySelector("[data-state]").textContent = tr(words);
    bar.dataset.desk = desk.state;
    bar.querySelector("[data-since]").textContent = desk.since ? tr("since %(time)s", { time: clock.words(desk.since) }) : "";
    for (const button of bar.querySelectorAll("[data-event]")) {
      const isOffered = offers.includes(button.dataset.event);
      if (!isOffered && button === document.activeElement) bar.focus({ preventScroll: true });
      button.hidden = !isOffered;
    }
    view.desk(desk);
  }

  // Gives whether the state is another one than before.
  function accept(answer) {
    // What was pressed here later is not undone by an older answer.
    if (isOnItsWay()) return false;
    const before = desk.state;
    desk = answer;
    draw();
    return before !== desk.state;
  }

  const lines = {
    presence: {
      deliver: ({ id, event, occurred_at }) => api.post(address, { id, kind: event, occurred_at }),
      taken(_, answer) {
        accept(answer);
        changed();
      },
      refused(_, error) {
        if (error.isSignedOut) return view.signedOut(error.message);
        view.say(error.message, true);
        refresh();
      },
    },
  };

  async function refresh() {
    try {
      if (accept(await api.get(address))) changed();
      view.isFailing(false);
    } catch (error) {
      if (error.isSignedOut) view.signedOut(error.message);
      else if (error.status) view.say(error.message);
      else view.isFailing(true);
    }
  }

  return {
    lines,
    get state() {
      return desk.state;
    },
    offers: (event) => STATES[desk.state].offers.includes(event),
    start(box) {
      outbox = box;
      draw();
      refresh();
    },
    refresh,
    send(event) {
      const at = clock.iso();
      desk = { ...desk, state: AFTER[event], since: at };
      outbox.put({ kind: "presence", id: newId(), event, occurred_at: at });
      draw();
    },
  };
}
