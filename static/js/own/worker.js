// The service worker of associates: their days, requests and notices stay readable without a network, as they were last seen.
// Everything else passes by untouched, and what is kept goes when somebody signs out or is no longer signed in.

const STORE = "own-days";
const PAGES = new Set(["/me", "/me/week", "/me/month", "/me/requests", "/me/notices", "/me/changes"]);
const PATIENCE_MS = 6_000;

const isAsset = (url) => url.pathname.startsWith("/static/") || url.pathname.startsWith("/bootstrap/static/");
const forget = () => caches.delete(STORE);
const kept = async (request, options = {}) => (await caches.open(STORE)).match(request, { ignoreVary: true, ...options });

async function keep(request, answer) {
  // A redirect leads to the page on which one signs in.
  if (answer.type === "opaqueredirect" || answer.redirected || answer.status === 401 || answer.status === 403) await forget();
  else if (answer.ok) await (await caches.open(STORE)).put(request, answer.clone());
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
});

addEventListener("message", (event) => {
  if (event.data.forget) event.waitUntil(forget());
  for (const address of event.data.keep ?? []) {
    event.waitUntil(
      fetch(address, { credentials: "same-origin" })
        .then((answer) => keep(address, answer))
        .catch(() => {}),
    );
  }
});
