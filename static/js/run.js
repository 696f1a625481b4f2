// Follows a planning run. An event is only a hint that something moved; what is shown is fetched again from the server.

const region = document.querySelector("[data-run]");
const status = document.querySelector("[data-run-status]");
const stop = document.querySelector("[data-run-stop]");
const TICK_MS = 2000;
let running = null;
let next = null;
let phase = "";

async function load() {
  const answer = await fetch(region.dataset.live);
  if (answer.ok) region.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
}

// One fetch at a time. Whoever asks during one waits for another, which is shared: what it shows is no older than the asking.
function refresh() {
  if (running) {
    next ??= running.then(() => {
      next = null;
      return refresh();
    });
    return next;
  }
  // The server may be away for a moment; the next tick tries again.
  running = load()
    .catch(() => {})
    .finally(() => {
      running = null;
    });
  return running;
}

function announce(state) {
  const words = state.is_ended ? `The run is ${state.state}.` : `${state.phase || state.state}`;
  if (words === phase) return;
  phase = words;
  status.textContent = words;
}

// The time goes on while the solver has nothing new to say.
const tick = setInterval(() => document.hidden || refresh(), TICK_MS);
const events = new EventSource(region.dataset.events);
events.addEventListener("progress", (event) => {
  const state = JSON.parse(event.data);
  announce(state);
  stop.querySelector("button").disabled = state.state === "stopping";
  refresh();
});
events.addEventListener("ended", async (event) => {
  events.close();
  clearInterval(tick);
  announce(JSON.parse(event.data));
  stop.hidden = true;
  await refresh();
  // A rotation is there in a moment; whoever asked for it wants to see its rows, and would come back to this page for nothing.
  const made = region.querySelector("[data-run-next]");
  if (made) location.replace(made.href);
});
