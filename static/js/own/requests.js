// Requests: a look at the server now and then, so that a decision is seen without asking for the page again.

import { showConnection } from "./app.js";

const POLL_MS = 20_000;
const page = document.querySelector("[data-requests]");
let state = null;

async function look() {
  if (document.visibilityState !== "visible") return;
  try {
    const answer = await fetch(page.dataset.poll, { headers: { Accept: "application/json" }, redirect: "error", cache: "no-cache" });
    showConnection(true);
    if (!answer.ok) return;
    const seen = answer.headers.get("ETag") ?? "";
    // Nothing is typed on this page, so that nothing is lost when it is made anew.
    if (state !== null && state !== seen) location.reload();
    state = seen;
  } catch {
    showConnection(false);
  }
}

look();
setInterval(look, POLL_MS);
document.addEventListener("visibilitychange", look);
