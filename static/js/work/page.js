// The work page: puts its parts together, and says what keys and buttons do.

import { makeApi } from "./api.js";
import { attachAsking } from "./asking.js";
import { makeBoard } from "./board.js";
import { makeClock } from "./clock.js";
import { makeFeed } from "./feed.js";
import { attachKeys, confirm } from "./keys.js";
import { makeKept } from "./kept.js";
import { makeOutbox } from "./outbox.js";
import { attachOvertime } from "./overtime.js";
import { makePresence } from "./presence.js";
import { tr } from "./words.js";

const HEARTBEAT_MS = 20_000;
const DESK_MS = 60_000;

const page = document.querySelector("[data-work]");
const facts = page.dataset;
const dialog = page.querySelector("[data-confirm]");
const help = page.querySelector("[data-help]");
const api = makeApi(document.querySelector("meta[name=csrf-token]").content);
const clock = makeClock(facts.now, facts.zone, { locale: facts.locale, cycle: facts.cycle });
const kept = makeKept(facts.owner);
const board = makeBoard({ page, kept, clock });
const addresses = { next: facts.next, answer: facts.answer, return: facts.return };
const feed = makeFeed({ api, addresses, clock, view: board });
const presence = makePresence({
  api,
  address: facts.presence,
  clock,
  bar: page.querySelector("[data-presence-bar]"),
  view: board,
  changed: () => feed.refresh(),
});
const outbox = makeOutbox({ kept, lines: { ...feed.lines, ...presence.lines }, moved: board.network });

function send() {
  if (!feed.shown) return;
  const found = board.form.faults();
  if (found.length) {
    board.showFaults(found);
    board.form.focus(found[0]);
    return;
  }
  board.quiet();
  feed.answer(board.form.read(), board.handlingSeconds());
}

async function giveBack() {
  const item = feed.shown;
  if (!item || !(await confirm(dialog, tr("Return this item? Somebody else gets it; it comes back to you only when nobody else can take it."), tr("Return it")))) return;
  if (feed.shown?.token === item.token) feed.giveBack();
}

const QUESTIONS = {
  break_start: [tr("Start your break? The item that is open goes back to its queue."), tr("Start the break")],
  sign_out: [tr("Sign out of work? The item that is open goes back to its queue."), tr("Sign out of work")],
  coaching_start: [tr("Start coaching? The item that is open goes back to its queue."), tr("Start coaching")],
  system_down: [tr("Report that the system is down? The item that is open goes back to its queue."), tr("Report it")],
};
const NEEDS_ITEM = new Set(["break_start", "coaching_start", "system_down"]);

async function happen(event) {
  if (!presence.offers(event)) return;
  const isAsked = event in QUESTIONS && (feed.shown || !NEEDS_ITEM.has(event));
  if (isAsked && !(await confirm(dialog, ...QUESTIONS[event]))) return;
  if (event in QUESTIONS) feed.stop();
  board.quiet();
  presence.send(event);
}

const toggle = { working: "break_start", on_break: "break_end", coaching: "break_start", system_down: "break_start" };
const media = (name) => () => board.media.do(name);

attachKeys({
  isOff: () => dialog.open || help.open,
  digit: (number) => Boolean(feed.shown && board.form.pick(number - 1)),
  actions: {
    Enter: () => (presence.state === "signed_out" ? happen("sign_in") : send()),
    Escape: giveBack,
    r: giveBack,
    b: () => toggle[presence.state] && happen(toggle[presence.state]),
    s: () => happen(presence.state === "signed_out" ? "sign_in" : "sign_out"),
    p: () => feed.shown && board.form.focusPoint(),
    "?": () => help.showModal(),
    " ": media("play"),
    "[": media("slower"),
    "]": media("faster"),
    ",": media("back"),
    ".": media("forward"),
    l: media("loop"),
    "+": media("larger"),
    "=": media("larger"),
    "-": media("smaller"),
    0: media("whole"),
  },
});

page.querySelector("[data-presence-bar]").addEventListener("click", (event) => {
  const kind = event.target.closest("[data-event]")?.dataset.event;
  if (kind) happen(kind);
});
page.querySelector("[data-answer-form]").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
page.querySelector("[data-give-back]").addEventListener("click", giveBack);
page.querySelector("[data-show-help]").addEventListener("click", () => help.showModal());
attachAsking({
  form: page.querySelector("[data-asking]"),
  api,
  address: facts.ask,
  clock,
  say: board.say,
  moved: presence.refresh,
});

attachOvertime({
  clock,
  until: () => board.worksUntilAt,
  item: () => feed.shown,
  handBack: feed.giveBack,
  say: board.say,
});

async function beat() {
  if (document.visibilityState === "hidden" && !feed.shown) return;
  try {
    const answer = await api.post(facts.heartbeat);
    board.isFailing(false);
    feed.extend(answer.expires_at);
  } catch (error) {
    if (error.isSignedOut) board.signedOut(error.message);
    else board.isFailing(!error.status);
  }
}

presence.start(outbox);
feed.start(outbox);
outbox.start();
setInterval(beat, HEARTBEAT_MS);
setInterval(presence.refresh, DESK_MS);
window.addEventListener("beforeunload", (event) => {
  if (outbox.size) event.preventDefault();
});
page.dataset.ready = "";
