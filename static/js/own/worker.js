// The service worker of associates: their days, requests and notices stay readable without a network, as they were last seen.
// Other pages of theirs say when there is none, and everything else passes by untouched. What is kept goes when somebody signs
// out or is no longer signed in.

const STORE = "own-days";
const PAGES = new Set(["/me", "/me/week", "/me/month", "/me/requests", "/me/notices", "/me/changes"]);
// What stands in for every other page of theirs when there is no network.
const STAND_IN = "/me/offline";
const LINKED_ASSETS = /(?:href|src)="(\/(?:bootstrap\/)?static\/[^"]+)"/g;
const PATIENCE_MS = 6_000;

const isAsset = (url) => url.pathname.startsWith("/static/") || url.pathname.startsWith("/bootstrap/static/");
const forget = () => caches.delete(STORE);
const kept = async (request, options = {}) => (await caches.open(STORE)).match(request, { ignoreVary: true, ...options });

async function keep(request, answer) {
  // A redirect leads to the page on which one signs in.
  if (answer.type === "opaqueredirect" || answer.redirected || answer.status === 401 || answer.status === 403) await forget();
  else if (answer.ok) await (await caches.open(STORE)).put(request, answer.clone());
}

// A page is of no use without its looks and scripts, which may never have been asked for before.
async function keepWhole(address) {
  const answer = await fetch(address, { credentials: "same-origin" });
  await keep(address, answer.clone());
  if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("text/html")) return;
  const linked = [...(await answer.text()).matchAll(LINKED_ASSETS)].map((found) => found[1].replaceAll("&amp;", "&"));
  for (const asset of linked) if (!(await kept(asset))) await keep(asset, await fetch(asset));
}

async function orStandIn(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const found = await kept(STAND_IN);
    if (found) return found;
    throw error;
  }
}

function inTime(promise) {
  return Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(new Error("too slow")), PATIENCE_MS))]);
}

async function newest(request, isPage) {
  const url = new URL(request.url);
  const asked = fetch(request).then(async (answer) => {
    // A store that is full, or that is forgotten at this moment, is no reason to hold an answer back.
    await keep(request, answer).catch(() => {});
    return answer;
  });
  try {
    const before = await kept(request);
    return await (before ? inTime(asked) : asked);
  } catch (error) {
    asked.catch(() => {});
    const found = (await kept(request)) ?? (isPage ? await kept(url.pathname, { ignoreSearch: true }) : undefined);
    if (found) return found;
    throw error;
  }
}

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && (url.pathname === "/sign-out" || url.pathname === "/sign-in")) event.waitUntil(forget());
  if (request.method !== "GET") return;
  const isPage = request.mode === "navigate" && PAGES.has(url.pathname);
  if (isPage || isAsset(url)) event.respondWith(newest(request, isPage));
  else if (request.mode === "navigate" && /^\/(me|work|account)(\/|$)/.test(url.pathname)) event.respondWith(orStandIn(request));
});

addEventListener("message", (event) => {
  if (event.data.forget) event.waitUntil(forget());
  for (const address of event.data.keep ?? []) {
    event.waitUntil(keepWhole(address).catch(() => {}));
  }
});
