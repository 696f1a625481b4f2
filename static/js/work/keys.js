// Keys of the work page: what each does; letters and numbers are left alone while somebody types.

const TYPED = "textarea, input[type=text], input[type=time], input[type=date], select";

// `actions` maps the name of a key (letters in lower case) to what it does; a digit is handed to `digit(number)`.
export function attachKeys({ actions, digit, isOff }) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented || isOff()) return;
    if (event.target.closest?.("[data-own-keys]")) return;
    const isTyping = event.target.closest?.(TYPED);
    const isLine = event.target.closest?.("textarea") && event.shiftKey;
    if (isTyping && (isLine || !["Enter", "Escape"].includes(event.key))) return;
    // A focused button or link does its own thing.
    if (["Enter", " "].includes(event.key) && event.target.closest?.("button, a, summary")) return;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (/^[1-9]$/.test(name) && !event.repeat) {
      if (digit(Number(name))) event.preventDefault();
      return;
    }
    const action = actions[name];
    if (!action || (event.repeat && name === "Enter")) return;
    event.preventDefault();
    action();
  });
}

// A question that is answered with Enter or Escape; gives true for yes.
export function confirm(dialog, question, yes) {
  dialog.querySelector("[data-question]").textContent = question;
  dialog.querySelector("[data-yes]").textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  dialog.querySelector("[data-yes]").focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
