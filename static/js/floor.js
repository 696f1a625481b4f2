// Keeps the floor's page up to date. An event only says that there are new figures; what is shown is fetched again from the
// server, and only the parts that differ are put in place, so that nobody loses focus, an open list or the place in a table.

const region = document.querySelector("[data-floor]");
const state = document.querySelector("[data-floor-state]");
const news = document.querySelector("[data-floor-news]");
const POLL_MS = 5000;
const STALE_MS = 20000;
const HIDDEN_SLACK_MS = 1000;

let isFetching = false;
let isOwed = false;
let isOffline = false;
let skew = null;
let polling = 0;

const parts = () => new Map([...region.querySelectorAll(":scope > [data-part]")].map((part) => [part.dataset.part, part]));
const age = () => region.querySelector("[data-part=age]");

function path(root, element) {
  const steps = [];
  for (let at = element; at !== root; at = at.parentElement) steps.unshift([...at.parentElement.children].indexOf(at));
  return steps;
}

// What a person has changed in a part: what is open, how far it is scrolled, what was typed, where the focus is.
function remember(part) {
  const focused = part.contains(document.activeElement) && document.activeElement !== part ? document.activeElement : null;
  return {
    open: new Map([...part.querySelectorAll("details[data-key]")].map((one) => [one.dataset.key, one.open])),
    scroll: new Map([...part.querySelectorAll("[data-scroll]")].map((one) => [one.dataset.scroll, [one.scrollLeft, one.scrollTop]])),
    typed: new Map([...part.querySelectorAll("input[data-typed]")].map((one) => [one.id, one.value])),
    focus: focused && { path: path(part, focused), tag: focused.tagName, text: focused.textContent },
  };
}

function recall(part, kept) {
  for (const one of part.querySelectorAll("details[data-key]")) if (kept.open.has(one.dataset.key)) one.open = kept.open.get(one.dataset.key);
  for (const one of part.querySelectorAll("[data-scroll]")) {
    if (kept.scroll.has(one.dataset.scroll)) [one.scrollLeft, one.scrollTop] = kept.scroll.get(one.dataset.scroll);
  }
  for (const one of part.querySelectorAll("input[data-typed]")) one.value = kept.typed.get(one.id) ?? "";
  if (!kept.focus) return;
  const there = kept.focus.path.reduce((at, step) => at?.children[step], part);
  const same = (one) => one && one.tagName === kept.focus.tag && one.textContent === kept.focus.text;
  const found = same(there) ? there : [...part.querySelectorAll(kept.focus.tag)].find(same);
  // What had the focus is gone: its part takes it, so that the next key goes on from there.
  if (!found) part.tabIndex = -1;
  (found ?? part).focus({ preventScroll: true });
}

// A button that somebody is just pressing, or text that is selected, is not taken away.
const isHeld = (part) => {
  const chosen = document.getSelection();
  return part.matches(":active") || part.querySelector(":active") || (chosen && !chosen.isCollapsed && part.contains(chosen.anchorNode));
};

// As the server sent it, so that what a person opened does not count as a difference.
const sent = new WeakMap();

function put(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  const shown = parts();
  for (const part of [...fresh.querySelectorAll(":scope > [data-part]")]) {
    const old = shown.get(part.dataset.part);
    const text = part.outerHTML;
    if (!old) {
      region.append(part);
    } else if ((sent.get(old) ?? old.outerHTML) !== text) {
      if (isHeld(old)) {
        isOwed = true;
        continue;
      }
      const kept = remember(old);
      old.replaceWith(part);
      recall(part, kept);
      if (part.dataset.part === "offers") news.textContent = "The proposals have changed.";
    } else {
      continue;
    }
    sent.set(part, text);
  }
}

async function refresh() {
  if (isFetching) {
    isOwed = true;
    return;
  }
  isFetching = true;
  isOwed = false;
  try {
    const answer = await fetch(region.dataset.live, { cache: "no-cache" });
    if (answer.redirected || answer.status === 401) {
      location.reload();
      return;
    }
    if (answer.ok) put(await answer.text());
    isOffline = !answer.ok;
    skew ??= Date.now() - Date.parse(answer.headers.get("date") ?? new Date());
  } catch {
    isOffline = true;
  } finally {
    isFetching = false;
    tell();
  }
  if (isOwed) setTimeout(refresh, HIDDEN_SLACK_MS);
}

function tell() {
  const computed = Date.parse(age()?.dataset.computed ?? "");
  if (!computed) return;
  const old = Date.now() - (skew ?? 0) - computed;
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(computed);
  const words = isOffline ? `no connection; figures of ${clock}, your time` : old > STALE_MS ? `not up to date: figures of ${clock}, your time` : "live";
  if (state.textContent !== words) state.textContent = words;
  state.classList.toggle("floor-off", words !== "live");
}

function poll(on) {
  if (on && !polling) polling = setInterval(refresh, POLL_MS);
  if (!on && polling) {
    clearInterval(polling);
    polling = 0;
  }
}

function listen() {
  const events = new EventSource(region.dataset.stream, { withCredentials: true });
  events.addEventListener("floor", (event) => {
    // A stream that says something works; one that only opens may be cut by whatever stands between.
    poll(false);
    if (event.data !== age()?.dataset.version && !document.hidden) refresh();
  });
  events.addEventListener("error", () => {
    // The browser tries again by itself, unless it was refused; meanwhile the page asks now and then.
    poll(true);
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 20000 + Math.random() * 20000);
  });
}

document.addEventListener("visibilitychange", () => document.hidden || refresh());
setInterval(tell, 1000);
listen();
