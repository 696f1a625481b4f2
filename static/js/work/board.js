// What the work page shows of an item, of a refusal, of the network and of the time that is left.

import { span } from "./clock.js";
import { makeForm } from "./form.js";
import { makeMedia } from "./media.js";

const SOON_MS = 30_000;
const NOTE_MS = 6_000;
const REFUSALS = {
  off_shift: "Your shift is not on",
  on_leave: "You are on leave",
  absent: "You are recorded as absent",
  on_break: "Break",
  break_due_soon: "Your break is about to begin",
  not_signed_in: "Sign in to begin",
  coaching: "Coaching",
  system_down: "System down",
  no_queue: "No queue is yours at the moment",
  no_work: "No work is waiting",
};

const inWords = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

// `page` is the element of the work page; `kept` holds what is filled in but not sent; `clock` tells the time of the server.
export function makeBoard({ page, kept, clock }) {
  const part = (name) => page.querySelector(`[data-part=${name}]`);
  const [item, rest, note, network, faults, fields] = ["item", "rest", "note", "network", "faults", "fields"].map(part);
  let noteUntil = 0;
  const say = (text, isShown = false) => {
    part("status").textContent = text;
    if (isShown) {
      note.textContent = text;
      note.hidden = !text;
      noteUntil = performance.now() + NOTE_MS;
    }
  };
  const media = makeMedia({ stage: part("stage"), tools: part("tools"), say });
  let form = null;
  let shown = null;
  let shownAt = 0;
  let worksUntil = null;
  let resumesAt = null;
  let desk = {};

  function keepDraft() {
    if (form && shown) kept.write("draft", { token: shown.token, given: form.read() });
    faults.replaceChildren();
  }

  function show(panel) {
    for (const one of [item, rest]) one.hidden = one !== panel;
  }

  function drawItem(next, aheadOfIt) {
    shown = next;
    resumesAt = null;
    show(item);
    faults.replaceChildren();
    part("queue").textContent = inWords(next.queue);
    const frame = media.show(next, aheadOfIt, () => {
      if (shown === next) shownAt = performance.now();
    });
    shownAt = performance.now();
    const draft = kept.read("draft", {});
    const given = draft.token === next.token ? draft.given : {};
    form = makeForm({ fields: next.form.fields, frame, given, tell: say, changed: keepDraft });
    fields.replaceChildren(form.element);
    part("item-heading").focus({ preventScroll: true });
    say(`Next item, ${inWords(next.queue)}.`);
    tick();
  }

  function leaveItem() {
    shown = form = null;
    media.clear();
    fields.replaceChildren();
  }

  function drawRest(title, words, until) {
    leaveItem();
    show(rest);
    part("rest-title").textContent = title;
    part("rest-words").textContent = words;
    resumesAt = until;
    say(`${title}. ${words}`);
    tick();
  }

  // Times that run; they are not announced, for nobody wants to hear a clock.
  function tick() {
    const lease = shown ? clock.until(shown.expires_at) : Infinity;
    part("lease").textContent = shown ? (lease > 0 ? `yours for ${span(lease)}` : "its time is over") : "";
    part("lease").classList.toggle("is-soon", lease < SOON_MS);
    part("resumes").textContent = resumesAt ? `Work resumes at ${clock.words(resumesAt)}, in ${span(clock.until(resumesAt))}.` : "";
    part("resumes").hidden = !resumesAt;
    const next = desk.next_break;
    const left = next ? clock.until(next.starts_at) : 0;
    part("next-break").textContent = left > 0 ? `${next.kind} at ${clock.words(next.starts_at)}, in ${span(left)}` : "none any more";
    part("until").textContent = worksUntil ? clock.words(worksUntil) : "–";
  }
  setInterval(tick, 1000);

  const reached = (isFailing) => {
    network.hidden = !isFailing;
  };

  return {
    media,
    say,
    get form() {
      return form;
    },
    get worksUntilAt() {
      return worksUntil;
    },
    handlingSeconds: () => Math.max(0, (performance.now() - shownAt) / 1000),
    item: drawItem,
    ahead: (next) => media.ahead(next),
    waiting() {
      drawRest("Loading", "One moment.", null);
    },
    refusal: (refusal) => drawRest(REFUSALS[refusal.kind] ?? "No item", refusal.message, refusal.resumes_at),
    worksUntil(at) {
      worksUntil = at;
      tick();
    },
    desk(now) {
      desk = now;
      tick();
    },
    isFailing: reached,
    network({ count, isFailing }) {
      reached(isFailing);
      part("unsent").textContent = count ? `${count} message${count > 1 ? "s" : ""} not sent yet; nothing is lost while this page is open.` : "";
    },
    // The server did not like an answer: it comes back with what was filled in.
    again(message, why) {
      kept.write("draft", { token: message.token, given: message.given });
      say(`Your answer was not taken: ${why}`, true);
    },
    signedOut(words) {
      part("signed-out").hidden = false;
      say(words || "You are signed out. What you filled in is kept in this tab; sign in again to send it.");
    },
    showFaults(found) {
      faults.replaceChildren(
        ...found.map(({ message }) => Object.assign(document.createElement("p"), { className: "invalid-feedback d-block", textContent: message })),
      );
      say(found.map(({ message }) => message).join(" "));
    },
    // Whoever answers fast still sees what was said about the answer before.
    quiet: () => performance.now() > noteUntil && say("", true),
  };
}
