// The list of broken rules beside the board: of the associate of the active cell or of all, each with its cell and its nearest fix.

import { read } from "./read.js";

const WAIT_MS = 200;
const SEVERITIES = ["■ Blocks publishing", "△ Needs a reason"];
const words = (rule) => rule.replaceAll("_", " ").replaceAll("-", " ").replace(/^./, (letter) => letter.toUpperCase());

export class Rules {
  constructor(root, sheet, selection, addresses, { apply, tell, focus }) {
    Object.assign(this, { sheet, selection, addresses, apply, tell, focus });
    this.region = root.querySelector("[data-rules]");
    this.list = this.region.querySelector("ul");
    this.title = this.region.querySelector("[data-rules-title]");
    this.scope = this.region.querySelector("select");
    this.scope.addEventListener("change", () => this.load());
    this.list.addEventListener("click", (event) => this.#click(event));
    selection.addEventListener("change", () => {
      const who = this.#who();
      if (this.scope.value === "one" && who !== this.shown) this.soon();
    });
  }

  #who() {
    const cell = this.selection.cell;
    return this.scope.value === "one" && cell ? this.sheet.people[cell[0]].code : "";
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), WAIT_MS);
  }

  async load() {
    const who = this.#who();
    this.shown = who;
    const data = await read(this.addresses.findings, { who });
    if (data && who === this.#who()) this.put(data, who);
    return data;
  }

  put({ found, list }, who) {
    const name = who ? this.sheet.people[this.sheet.rowOf.get(who)].name : "the whole roster";
    this.title.textContent = found ? `${found} broken in ${who ? `the days of ${name}` : name}` : `No rule is broken in ${who ? `the days of ${name}` : name}`;
    this.list.replaceChildren(...list.map((one) => this.#item(one)));
    if (found > list.length) {
      const more = this.list.appendChild(document.createElement("li"));
      more.className = "soft";
      more.textContent = `and ${found - list.length} more, on the page of violations`;
    }
  }

  #item({ rule, severity, who, day, message }) {
    const item = document.createElement("li");
    Object.assign(item.dataset, { rule, who, day });
    const head = item.appendChild(document.createElement("p"));
    const sign = head.appendChild(document.createElement("span"));
    sign.className = `sev ${severity ? "reason" : "stop"}`;
    sign.textContent = SEVERITIES[severity];
    head.append(` ${words(rule)}`);
    item.appendChild(document.createElement("p")).textContent = message;
    const doing = item.appendChild(document.createElement("p"));
    doing.className = "doing";
    if (who && day && this.sheet.columnOf.has(day)) {
      doing.append(this.#button("go", "Show the cell", who, day));
      if (this.sheet.isEditable) doing.append(this.#button("fix", "Nearest fix", who, day));
    }
    return item;
  }

  #button(action, label, who, day) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn small";
    button.dataset.action = action;
    button.textContent = label;
    const said = document.createElement("span");
    said.className = "visually-hidden";
    said.textContent = ` of ${who} on ${this.sheet.dayWords(this.sheet.columnOf.get(day))}`;
    button.append(said);
    return button;
  }

  async #click(event) {
    const button = event.target.closest("button");
    if (!button) return;
    const item = button.closest("li");
    const { rule, who, day } = item.dataset;
    if (button.dataset.action === "go") {
      if (!this.selection.find(who, this.sheet.columnOf.get(day))) this.tell(`${who} is not among the rows that are shown.`);
      this.focus();
    } else if (button.dataset.action === "fix") await this.#offer(button, item, { rule, who, day });
    else this.apply(item.fix);
  }

  async #offer(button, item, asked) {
    button.disabled = true;
    const found = await read(this.addresses.fix, asked);
    button.disabled = false;
    if (!found) {
      this.tell("The nearest fix could not be looked for; try again.");
      return;
    }
    const { edits, blocking, reasons } = found;
    const offer = document.createElement("p");
    offer.className = "fix";
    if (edits.length) {
      item.fix = edits.map(([who, day, seen, word]) => ({ row: this.sheet.rowOf.get(who), column: this.sheet.columnOf.get(day), seen, word }));
      const changes = item.fix.map(({ column, seen, word }) => `${word} in place of ${seen} on ${this.sheet.dayWords(column)}`);
      offer.textContent = `Give ${changes.join(", and ")}. Then ${blocking} of this associate block publishing, ${reasons} need a reason. `;
      const apply = this.#button("apply", "Apply this", asked.who, asked.day);
      apply.classList.add("primary");
      offer.append(apply);
      button.parentElement.replaceWith(offer);
      apply.focus();
    } else {
      offer.textContent = "No change of one or two days of this associate mends it without breaking a hard rule. Repair a selection, or swap with somebody.";
      button.replaceWith(offer);
      offer.tabIndex = -1;
      offer.focus();
    }
  }
}
