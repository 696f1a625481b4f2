// Asks what shall stand in cells that somebody else changed first: theirs stays unless the planner says otherwise.

export class Conflicts {
  constructor(dialog, sheet, saver, focus) {
    Object.assign(this, { dialog, sheet, saver });
    this.rows = dialog.querySelector("tbody");
    dialog.querySelector("form").addEventListener("submit", () => this.#decide());
    dialog.addEventListener("close", focus);
  }

  open(job, conflicts) {
    this.job = job;
    this.conflicts = conflicts.map((one) => ({ ...one, row: this.sheet.rowOf.get(one.who), column: this.sheet.columnOf.get(one.day) }));
    this.rows.replaceChildren(...this.conflicts.map((one, index) => this.#row(one, index)));
    this.dialog.showModal();
  }

  #row({ row, column, wanted, found, by, isLocked }, index) {
    const line = document.createElement("tr");
    const head = line.appendChild(document.createElement("th"));
    head.scope = "row";
    head.textContent = `${this.sheet.people[row].name}, ${this.sheet.dayWords(column)}`;
    line.append(this.#choice(index, "theirs", found, by ? `by ${by}` : isLocked ? "locked" : "", true));
    line.append(this.#choice(index, "mine", wanted, "yours", false));
    return line;
  }

  #choice(index, value, word, whose, isChosen) {
    const cell = document.createElement("td");
    const label = cell.appendChild(document.createElement("label"));
    const input = label.appendChild(document.createElement("input"));
    Object.assign(input, { type: "radio", name: `cell-${index}`, value, checked: isChosen });
    label.append(` ${word} ${whose}`.trimEnd());
    return cell;
  }

  // What nobody else touched is sent again with what the planner insists on.
  #decide() {
    const chosen = new FormData(this.dialog.querySelector("form"));
    const contested = new Set(this.conflicts.map(({ row, column }) => this.sheet.key(row, column)));
    const mine = this.conflicts.filter((_, index) => chosen.get(`cell-${index}`) === "mine");
    const wanted = new Map(this.job.cells.map((cell) => [this.sheet.key(cell.row, cell.column), cell]));
    const others = this.job.cells.filter(({ row, column }) => !contested.has(this.sheet.key(row, column)));
    const insisted = mine.map(({ row, column, wanted: word, isLocked }) => {
      const { lock } = wanted.get(this.sheet.key(row, column)) ?? {};
      return { row, column, word, lock: lock ?? (isLocked ? true : undefined) };
    });
    this.saver.edit([...others.map(({ row, column, word, lock }) => ({ row, column, word, lock })), ...insisted]);
  }
}
