// What the work page shows of an item, of a refusal, of the network and of the time that is left.

import { span } from "./clock.js";
import { makeForm } from "./form.js";
import { makeMedia } from "./media.js";
import { tr } from "./words.js";

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
  nothing_fits: "Nothing that waits fits into your time",
  no_work: "No work is waiting",
};

// What a break is called; a kind that the site made has its own name.
const BREAKS = { meal: "meal break", short: "short break", coaching: "coaching", huddle: "huddle" };
const breakName = (kind) => (BREAKS[kind] ? tr(BREAKS[kind]) : kind.replaceAll("_", " "));

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
    say(tr("Next item, %(queue)s.", { queue: inWords(next.queue) }));
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
    part("lease").textContent = shown ? (lease > 0 ? tr("yours for %(time)s", { time: span(lease) }) : tr("its time is over")) : "";
    part("lease").classList.toggle("is-soon", lease < SOON_MS);
    const resumes = () => tr("Work resumes at %(time)s, in %(left)s.", { time: clock.words(resumesAt), left: span(clock.until(resumesAt)) });
    const isComing = resumesAt !== null && clock.until(resumesAt) > 0;
    part("resumes").textContent = isComing ? resumes() : "";
    part("resumes").hidden = !isComing;
    const next = desk.next_break;
    const left = next ? clock.until(next.starts_at) : 0;
    const coming = () => tr("%(name)s at %(time)s, in %(left)s", { name: breakName(next.kind), time: clock.words(next.starts_at), left: span(left) });
    part("next-break").textContent = left > 0 ? coming() : tr("none any more");
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
      drawRest(tr("Loading"), tr("One moment."), null);
    },
    refusal: (refusal) => drawRest(tr(REFUSALS[refusal.kind] ?? "No item"), refusal.message, refusal.resumes_at),
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
      const one = () => tr("1 message not sent yet; nothing is lost while this page is open.");
      const many = () => tr("%(count)s messages not sent yet; nothing is lost while this page is open.", { count });
      part("unsent").textContent = count ? (count > 1 ? many() : one()) : "";
    },
    // The server did not like an answer: it comes back with what was filled in.
    again(message, why) {
      kept.write("draft", { token: message.token, given: message.given });
      say(tr("Your answer was not taken: %(reason)s", { reason: why }), true);
    },
    signedOut(words) {
      part("signed-out").hidden = false;
      say(words || tr("You are signed out. What you filled in is kept in this tab; sign in again to send it."));
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
