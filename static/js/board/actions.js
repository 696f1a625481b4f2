// What a planner does with a selection: each action is a list of cells for the saver, and a sentence of what happened.

const say = (count, words) => `${count} ${count === 1 ? "cell" : "cells"} ${words}.`;

export class Actions {
  constructor(sheet, selection, saver, tell) {
    Object.assign(this, { sheet, selection, saver, tell });
    this.copied = null;
  }

  // Sends the cells that may change; locked ones stay unless the action says what becomes of the lock.
  #edit(cells, words) {
    const free = cells.filter(({ row, column }) => this.sheet.mayChange(row, column));
    const open = free.filter(({ row, column, word, lock }) => {
      return lock !== undefined || word === this.sheet.word(row, column) || !this.sheet.isLocked(row, column);
    });
    const locked = free.length - open.length;
    const changed = this.saver.edit(open);
    const kept = [];
    if (locked) kept.push(`${say(locked, locked === 1 ? "is locked and stays" : "are locked and stay")} Take the lock away first.`);
    if (free.length < cells.length) kept.push(this.sheet.isEditable ? "Leave and days outside a contract stay." : "Only a draft can be changed.");
    this.tell([changed || !kept.length ? say(changed, words) : "", ...kept].filter(Boolean).join(" "));
    return changed;
  }

  type(word) {
    return this.#edit(this.selection.cells().map(([row, column]) => ({ row, column, word })), `set to ${word}`);
  }

  put(cells, words) {
    return this.#edit(cells, words);
  }

  lock() {
    const cells = this.selection.cells();
    const isLocking = cells.some(([row, column]) => this.sheet.mayChange(row, column) && !this.sheet.isLocked(row, column));
    const edits = cells.map(([row, column]) => ({ row, column, word: this.sheet.word(row, column), lock: isLocking }));
    this.#edit(edits, isLocking ? "locked" : "unlocked");
  }

  // Fills `area` with what stands in the cells of `from`, repeated as often as it takes.
  fill(from, area) {
    const { entries } = this.selection.list;
    const [height, width] = [from.bottom - from.top + 1, from.right - from.left + 1];
    const cells = [];
    for (let place = area.top; place <= area.bottom; place += 1) {
      const source = entries[from.top + (((place - from.top) % height) + height) % height].row;
      const { row } = entries[place];
      if (row === undefined || source === undefined) continue;
      for (let column = area.left; column <= area.right; column += 1) {
        const word = this.sheet.word(source, from.left + (((column - from.left) % width) + width) % width);
        if (word !== "leave" && word !== "none") cells.push({ row, column, word });
      }
    }
    this.#edit(cells, "filled");
  }

  fillDown() {
    const { area } = this.selection;
    // One row alone takes what stands above it, as in a spreadsheet.
    const top = area.top === area.bottom ? Math.max(0, area.top - 1) : area.top;
    this.fill({ ...area, top, bottom: top }, area);
  }

  fillRight() {
    const { area } = this.selection;
    const left = area.left === area.right ? Math.max(0, area.left - 1) : area.left;
    this.fill({ ...area, left, right: left }, area);
  }

  // Moves what stands in `from` so that its corner comes to a place and a column; where it stood are days off.
  move(from, place, column) {
    const { list } = this.selection;
    const taken = this.selection.lines(from);
    const cells = new Map();
    for (const { row, columns } of taken) {
      for (const at of columns) cells.set(this.sheet.key(row, at), { row, column: at, word: "off" });
    }
    taken.forEach(({ row, columns }) => {
      const target = list.entries[list.placeOf.get(row) + place - from.top]?.row;
      if (target === undefined) return;
      for (const at of columns) {
        const to = at + column - from.left;
        const word = this.sheet.word(row, at);
        if (to < this.sheet.columns && word !== "leave" && word !== "none") cells.set(this.sheet.key(target, to), { row: target, column: to, word });
      }
    });
    this.#edit([...cells.values()], "moved or cleared");
    this.selection.set({ top: place, left: column, bottom: place + from.bottom - from.top, right: column + from.right - from.left });
  }

  // The selection as text, one line an associate, cells divided by tabs: what spreadsheets give and take.
  copy(isCut) {
    const { area } = this.selection;
    this.copied = { area, isCut };
    const lines = this.selection.lines();
    this.tell(say(this.selection.cells().length, isCut ? "cut: paste them where they shall go" : "copied"));
    return lines.map(({ row, columns }) => columns.map((column) => this.sheet.word(row, column)).join("\t")).join("\n");
  }

  paste(text) {
    const { area } = this.selection;
    if (this.copied?.isCut) {
      const { area: from } = this.copied;
      this.copied = null;
      this.move(from, area.top, area.left);
      return;
    }
    const lines = text.replace(/\r/g, "").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
    const [height, width] = [lines.length, Math.max(...lines.map((line) => line.length))];
    // A larger selection is filled with copies, as long as they fit without remainder.
    const tall = Math.max(height, Math.floor((area.bottom - area.top + 1) / height) * height);
    const wide = Math.max(width, Math.floor((area.right - area.left + 1) / width) * width);
    const { entries } = this.selection.list;
    const cells = [];
    const unknown = new Set();
    for (let down = 0; down < tall; down += 1) {
      const row = entries[area.top + down]?.row;
      if (row === undefined) continue;
      for (let across = 0; across < wide && area.left + across < this.sheet.columns; across += 1) {
        const given = (lines[down % height][across % width] ?? "").trim();
        const word = this.sheet.meant(given);
        if (word) cells.push({ row, column: area.left + across, word });
        else if (given && !["leave", "none", "l"].includes(given.toLocaleLowerCase())) unknown.add(given);
      }
    }
    if (unknown.size) {
      this.tell(`Nothing was pasted: ${[...unknown].slice(0, 5).join(", ")} ${unknown.size === 1 ? "is no shift" : "are no shifts"} of this roster.`);
      return;
    }
    this.#edit(cells, "pasted");
    this.selection.set({ ...area, bottom: Math.min(area.top + tall, entries.length) - 1, right: Math.min(area.left + wide, this.sheet.columns) - 1 });
  }
}
