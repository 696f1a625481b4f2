// The requirement follows the sliders at once; the server computes and draws it.

const PAUSE_MILLISECONDS = 120;

const form = document.querySelector("[data-what-if]");
const shown = document.querySelector("[data-requirement]");
let timer = 0;
let asked = 0;

async function ask() {
  const number = ++asked;
  const query = new URLSearchParams(new FormData(form));
  const answer = await fetch(`${form.dataset.whatIf}?${query}`);
  // An answer that was overtaken by a later question says nothing about where the sliders are now.
  if (answer.ok && number === asked) shown.innerHTML = await answer.text();
}

form?.addEventListener("input", (event) => {
  const output = form.querySelector(`output[for="${event.target.id}"]`);
  if (output) output.value = event.target.value;
  clearTimeout(timer);
  timer = setTimeout(() => ask().catch(() => {}), PAUSE_MILLISECONDS);
});
