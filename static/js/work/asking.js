// The small form with which somebody asks for a break at another time, and hears at once whether that can be.

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
    if (offers.nearest) nearest.textContent = `Ask for ${clock.words(offers.nearest)} instead`;
  }

  async function post(body) {
    asked = body;
    show("Asking …");
    try {
      const answer = await api.post(address, body);
      if (answer.accepted) {
        show(`Taken. ${answer.message}`);
        say(`Taken. ${answer.message}`);
        moved();
        return;
      }
      asked.nearest = answer.nearest;
      show(answer.message, {
        accept: answer.answer !== "no",
        nearest: answer.answer === "no" ? answer.nearest : null,
      });
    } catch (error) {
      show(error.status ? error.message : "Not connected: nothing was asked. Try again in a moment.");
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    post({ kind: form.elements.kind.value, at: clock.instantOf(form.elements.at.value) });
  });
  accept.addEventListener("click", () => post({ kind: asked.kind, at: asked.at, accept: true }));
  nearest.addEventListener("click", () => post({ kind: asked.kind, at: asked.nearest }));
}
