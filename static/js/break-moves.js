// Breaks on the Gantt of a day are picked up and moved, by pointer or by keys, to where the server says that they may go.
//
// Keys: arrows walk over breaks (left, right) and shifts (up, down); Enter picks a break up; then left and right take it to the
// next legal start, Enter puts it down there, Escape puts it back. With a pointer: drag it, or click it and then one of its marks.

const area = document.querySelector("[data-gantt]");
const said = document.querySelector("[data-said]");
const SVG = "http://www.w3.org/2000/svg";

let picked = null; // { slot, bar, starts, index, from }
let dragging = false;

const barOf = (slot) => slot.closest("[data-who]");
const slotsOf = (bar) => [...bar.querySelectorAll("[data-at]")];
const minuteAt = (bar, minute) => Number(bar.dataset.left) + minute;

function clock(bar, minute) {
  const at = (Number(bar.dataset.clock) + minute) % 1440;
  return `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;
}

function say(text, isFault = false) {
  said.textContent = text;
  said.classList.toggle("stop", isFault);
  said.hidden = text === "";
}

function focusOn(slot) {
  if (!slot) return;
  for (const one of area.querySelectorAll('[data-at][tabindex="0"]')) one.setAttribute("tabindex", "-1");
  slot.setAttribute("tabindex", "0");
  slot.focus();
}

async function pickUp(slot) {
  const bar = barOf(slot);
  const query = new URLSearchParams({ who: bar.dataset.who, day: area.dataset.day, at: slot.dataset.at });
  const answer = await fetch(`${area.dataset.starts}?${query}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) return refused(answer);
  const starts = (await answer.json()).starts;
  const from = Number(slot.dataset.at);
  picked = { slot, bar, starts, index: starts.indexOf(from), from };
  slot.classList.add("picked");
  slot.setAttribute("aria-pressed", "true");
  for (const start of starts) if (start !== from) mark(bar, slot, start);
  say(starts.length > 1
    ? `Picked up: ${slot.dataset.kind} at ${clock(bar, from)}. ${starts.length - 1} other starts are legal, ${clock(bar, starts[0])} to ${clock(bar, starts.at(-1))}.`
    : `The ${slot.dataset.kind} at ${clock(bar, from)} can start nowhere else while the other breaks stay.`);
  return undefined;
}

function mark(bar, slot, start) {
  const target = document.createElementNS(SVG, "rect");
  target.setAttribute("class", "legal");
  target.setAttribute("x", minuteAt(bar, start));
  target.setAttribute("y", 8);
  target.setAttribute("width", 5);
  target.setAttribute("height", 8);
  target.addEventListener("click", () => { step(start); putDown(); });
  slot.before(target);
}

function step(start) {
  picked.index = picked.starts.indexOf(start);
  picked.slot.setAttribute("x", minuteAt(picked.bar, start));
  say(`${picked.slot.dataset.kind} at ${clock(picked.bar, start)}`);
}

function letGo() {
  const { slot, bar, from } = picked;
  slot.setAttribute("x", minuteAt(bar, from));
  slot.classList.remove("picked");
  slot.setAttribute("aria-pressed", "false");
  for (const target of bar.querySelectorAll(".legal")) target.remove();
  picked = null;
  return slot;
}

async function refused(answer) {
  const body = await answer.json().catch(() => ({ message: "The server did not answer; nothing was moved." }));
  say(body.faults ? body.faults.map((one) => one.reason).join(" ") : body.message, true);
}

async function putDown() {
  const { bar, from, starts, index } = picked;
  const to = starts[index];
  const slot = letGo();
  if (to === from) return say("");
  const body = new URLSearchParams({ who: bar.dataset.who, day: area.dataset.day, seen: bar.dataset.seen, at: from, to });
  const headers = { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content, Accept: "application/json" };
  const answer = await fetch(area.dataset.move, { method: "POST", body, headers });
  if (!answer.ok) await refused(answer);
  const worse = answer.ok ? (await answer.json()).broken : [];
  await refresh();
  const again = area.querySelector(`[data-who="${CSS.escape(bar.dataset.who)}"] [data-at="${answer.ok ? to : from}"]`);
  focusOn(again ?? area.querySelector("[data-at]"));
  if (answer.ok) say(`Moved: ${slot.dataset.kind} from ${clock(bar, from)} to ${clock(bar, to)}. ${worse.join(" ")}`, worse.length > 0);
  return undefined;
}

async function refresh() {
  const answer = await fetch(location.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  area.innerHTML = page.querySelector("[data-gantt]").innerHTML;
  const coverage = document.querySelector("[data-coverage]");
  if (coverage) coverage.innerHTML = page.querySelector("[data-coverage]").innerHTML;
}

function walk(slot, key) {
  const bars = [...area.querySelectorAll("[data-who]")];
  const bar = barOf(slot);
  const slots = slotsOf(bar);
  const place = slots.indexOf(slot);
  if (key === "ArrowLeft") return focusOn(slots[place - 1]);
  if (key === "ArrowRight") return focusOn(slots[place + 1]);
  const next = bars[bars.indexOf(bar) + (key === "ArrowDown" ? 1 : -1)];
  return next && focusOn(slotsOf(next)[Math.min(place, slotsOf(next).length - 1)]);
}

area?.addEventListener("keydown", (event) => {
  const slot = event.target.closest("[data-at]");
  if (!slot) return;
  const keys = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Enter", " ", "Escape"];
  if (!keys.includes(event.key)) return;
  event.preventDefault();
  if (!picked) {
    if (event.key === "Enter" || event.key === " ") pickUp(slot);
    else if (event.key !== "Escape") walk(slot, event.key);
    return;
  }
  if (event.key === "Escape") { letGo(); say("Put back."); return; }
  if (event.key === "Enter" || event.key === " ") { putDown(); return; }
  const toward = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  const start = picked.starts[picked.index + toward];
  if (toward && start !== undefined) step(start);
});

area?.addEventListener("pointerdown", async (event) => {
  const slot = event.target.closest("[data-at]");
  if (!slot || event.button !== 0) return;
  // Otherwise the browser may take the gesture for a selection of text, and send no more moves.
  event.preventDefault();
  if (picked && picked.slot === slot) { dragging = true; return; }
  if (picked) letGo();
  dragging = true;
  focusOn(slot);
  await pickUp(slot);
});

document.addEventListener("pointermove", (event) => {
  if (!dragging || !picked) return;
  const svg = picked.slot.ownerSVGElement;
  const box = svg.getBoundingClientRect();
  const half = Number(picked.slot.getAttribute("width")) / 2;
  const minute = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width - Number(picked.bar.dataset.left) - half;
  const near = picked.starts.reduce((best, start) => (Math.abs(start - minute) < Math.abs(best - minute) ? start : best));
  if (near !== picked.starts[picked.index]) step(near);
});

document.addEventListener("pointerup", () => {
  if (!dragging) return;
  dragging = false;
  // Where it was only clicked it stays picked up, with its marks to click on.
  if (picked && picked.starts[picked.index] !== picked.from) putDown();
});
