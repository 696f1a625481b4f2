// The field that opens over a cell when somebody types: the codes that fit stand below it, Enter and Tab take the first.

export class Editor {
  constructor(view, sheet, selection, { take, leave }) {
    Object.assign(this, { view, sheet, selection, take, leave });
    this.frame = view.box.querySelector("[data-editor]");
    this.input = this.frame.querySelector("input");
    this.choices = this.frame.querySelector("ul");
    this.chosen = 0;
    this.input.addEventListener("input", () => this.#offer());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("blur", () => this.close());
    this.choices.addEventListener("pointerdown", (event) => {
      const choice = event.target.closest("li");
      event.preventDefault();
      if (choice) this.#commit(choice.dataset.word, 1, 0);
    });
  }

  get isOpen() {
    return !this.frame.hidden;
  }

  open(text) {
    const [place, column] = this.selection.active;
    const cell = this.selection.cell;
    if (!cell || !this.sheet.mayChange(...cell)) return false;
    this.frame.hidden = false;
    this.view.place(this.frame, { ...this.view.rect({ top: place, bottom: place, left: column, right: column }) });
    this.input.setAttribute("aria-label", `New value of ${this.sheet.say(...cell)}`);
    this.input.value = text;
    this.#offer();
    this.input.focus({ preventScroll: true });
    return true;
  }

  close() {
    if (!this.isOpen) return;
    this.frame.hidden = true;
    this.leave();
  }

  #offer() {
    const fitting = this.sheet.choices(this.input.value);
    this.chosen = 0;
    this.choices.replaceChildren(
      ...fitting.map(([word, time], index) => {
        const choice = document.createElement("li");
        choice.role = "option";
        choice.id = `choice-${index}`;
        choice.dataset.word = word;
        const code = choice.appendChild(document.createElement("b"));
        code.textContent = word;
        choice.append(` ${time}`);
        return choice;
      }),
    );
    this.choices.classList.toggle("none-fits", !fitting.length);
    if (!fitting.length) this.choices.textContent = "No shift begins so";
    this.#choose(0);
  }

  #choose(index) {
    const all = [...this.choices.children];
    if (!all.length) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    this.chosen = (index + all.length) % all.length;
    all.forEach((choice, at) => choice.setAttribute("aria-selected", at === this.chosen));
    all[this.chosen].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", all[this.chosen].id);
  }

  #key(event) {
    const step = { Enter: [event.shiftKey ? -1 : 1, 0], Tab: [0, event.shiftKey ? -1 : 1] }[event.key];
    event.stopPropagation();
    if (event.key === "Escape") this.close();
    else if (event.key === "ArrowDown") this.#choose(this.chosen + 1);
    else if (event.key === "ArrowUp") this.#choose(this.chosen - 1);
    else if (step) this.#commit(this.choices.children[this.chosen]?.dataset.word, ...step);
    else return;
    event.preventDefault();
  }

  #commit(word, down, across) {
    if (!word) return;
    this.frame.hidden = true;
    this.leave();
    this.take(word);
    const [place, column] = this.selection.active;
    if (this.selection.size === 1) this.selection.to(place + down, column + across);
  }
}
