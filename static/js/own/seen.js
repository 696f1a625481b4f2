// What is on the page counts as seen when it was in sight for a moment; the list stays as it is until it is opened again.

const SIGHT_MS = 1_200;
const form = document.querySelector("form[data-seen]");

function send() {
  if (document.visibilityState !== "visible") return;
  document.removeEventListener("visibilitychange", wait);
  fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(() => {});
}

function wait() {
  if (document.visibilityState === "visible") setTimeout(send, SIGHT_MS);
}

if (form) {
  document.addEventListener("visibilitychange", wait);
  wait();
}
