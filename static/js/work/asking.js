// The small form with which somebody asks for a break at another time, and hears at once whether that can be.

import { tr } from "./words.js";

// `say(text)` is heard by who does not see the form; `moved()` is called when the break was moved.
export function attachAsking({ form, api, address, clock, say, moved }) {
  const reply = form.querySelector("[data-reply]");
  const accept = form.querySelector("[data-accept]");
  const nearest = form.querySelector("[data-nearest]");
  let asked;

  function show(words, offers = {}) {
    reply.textContent = words;
    accept.hidden = !offers.accept;
    nearest.hidden = !offers.nearest;
    if (offers.nearest) nearest.textContent = tr("Ask for %(time)s instead", { time: clock.words(offers.nearest) });
  }

  async function post(body) {
    asked = body;
    show(tr("Asking …"));
    try {
      const answer = await api.post(address, body);
      if (answer.accepted) {
        const taken = tr("Taken. %(words)s", { words: answer.message });
        show(taken);
        say(taken);
        moved();
        return;
      }
      asked.nearest = answer.nearest;
      show(answer.message, {
        accept: answer.answer !== "no",
        nearest: answer.answer === "no" ? answer.nearest : null,
      });
    } catch (error) {
      show(error.status ? error.message : tr("Not connected: nothing was asked. Try again in a moment."));
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    post({ kind: form.elements.kind.value, at: clock.instantOf(form.elements.at.value) });
  });

  // The button that was pressed goes away; the focus waits where the answer comes, just before what it offers.
  function follow(body) {
    reply.focus();
    post(body);
  }

  accept.addEventListener("click", () => follow({ kind: asked.kind, at: asked.at, accept: true }));
  nearest.addEventListener("click", () => follow({ kind: asked.kind, at: asked.nearest }));
}
