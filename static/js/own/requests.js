// Requests: a decision is seen without asking for the page again.

import { lookAgainAndAgain } from "./look.js";

const POLL_MS = 20_000;
let state = null;

lookAgainAndAgain(document.querySelector("[data-requests]").dataset.poll, POLL_MS, (tag) => {
  // Nothing is typed on this page, so that nothing is lost when it is made anew.
  if (state !== null && state !== tag) location.reload();
  state = tag;
});
