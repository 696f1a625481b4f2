// What every page of an associate does: keeps days readable without a network, says when there is none, offers to install.

const script = document.querySelector("script[data-worker]");

// Pages that are kept; the worker takes them again whenever one of them is opened.
const KEPT_PAGES = ["/me", "/me/week", "/me/month", "/me/requests", "/me/notices", "/me/changes", "/me/offline"];

export function showConnection(isConnected) {
  for (const note of document.querySelectorAll("[data-offline]")) note.hidden = isConnected;
  for (const form of document.querySelectorAll("[data-needs-network] button")) form.disabled = !isConnected;
}

// Ask the worker to take the days that were not opened yet, once for each state of them.
export async function keepDays(state) {
  if (!("serviceWorker" in navigator) || sessionStorage.getItem("kept-days") === state) return;
  const registration = await navigator.serviceWorker.ready;
  const assets = performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => name.includes("/static/"));
  registration.active?.postMessage({ keep: [...KEPT_PAGES, ...assets] });
  sessionStorage.setItem("kept-days", state);
}

function watchConnection() {
  showConnection(navigator.onLine);
  addEventListener("offline", () => showConnection(false));
  addEventListener("online", () => showConnection(true));
}

function showDeviceZone() {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const part of document.querySelectorAll("[data-device-zone]")) {
    const differs = own && offsetIn(own) !== offsetIn(part.dataset.deviceZone);
    part.textContent = part.dataset.words.replace("%s", own ?? "");
    part.hidden = !differs;
  }
}

// Minutes by which clocks of a zone are ahead now; two names may well be the same clock.
function offsetIn(zone) {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric",
  }).formatToParts(new Date());
  const value = Object.fromEntries(parts.map((part) => [part.type, Number(part.value)]));
  const wall = Date.UTC(value.year, value.month - 1, value.day, value.hour, value.minute);
  return Math.round((wall - Date.now()) / 60_000);
}

function offerInstall() {
  const button = document.querySelector("[data-install]");
  if (!button) return;
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    button.hidden = false;
    button.addEventListener("click", () => event.prompt(), { once: true });
  });
}

// What is kept belongs to whoever is signed in; the worker does the same, but it may not run yet.
function forgetOnLeaving() {
  const form = document.querySelector('form[action="/sign-out"]');
  form?.addEventListener("submit", () => {
    sessionStorage.removeItem("kept-days");
    navigator.serviceWorker?.controller?.postMessage({ forget: true });
  });
}

watchConnection();
showDeviceZone();
offerInstall();
forgetOnLeaving();
if ("serviceWorker" in navigator && script) {
  // Browsers refuse a worker where the connection is not safe; the pages then work as before, only not without a network.
  navigator.serviceWorker.register(script.dataset.worker, { scope: "/" }).catch(() => {});
}
