// A look at the server now and then, as long as the page is seen, so that it shows what happened without being asked for again.

import { showConnection } from "./app.js";

// `seen(tag, answer)` is told what the address says now; the tag changes with it.
export function lookAgainAndAgain(address, everyMs, seen) {
  async function look() {
    if (document.visibilityState !== "visible") return;
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" }, redirect: "error", cache: "no-cache" });
      showConnection(true);
      if (answer.ok) await seen(answer.headers.get("ETag") ?? "", answer);
    } catch {
      showConnection(false);
    }
  }

  look();
  setInterval(look, everyMs);
  document.addEventListener("visibilitychange", look);
}
