// The arithmetic of a break policy follows what is typed: the server, which decides, is asked a moment after each change.

const PAUSE_MILLISECONDS = 250;

const form = document.querySelector("[data-policy]");
const verdict = form.querySelector("[data-verdict]");
let timer = 0;
let asked = 0;

async function ask() {
  const number = ++asked;
  const answer = await fetch(form.dataset.check, { method: "POST", body: new FormData(form) });
  // An answer that was overtaken by a later question says nothing about what stands there now.
  if (answer.ok && number === asked) verdict.innerHTML = await answer.text();
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => ask().catch(() => {}), PAUSE_MILLISECONDS);
});
