// What a cell looks like and what it says: the classes of its style, its text, and words for whoever hears it.

const TEXTS = { none: "", leave: "L", off: "·" };
const LABELS = { none: "no contract", leave: "leave", off: "day off" };

export class Looks {
  constructor(sheet, list) {
    Object.assign(this, { sheet, list });
    this.pending = new Set();
    this.viewers = new Map();
    this.plain = sheet.words.map((word) => {
      const tone = sheet.shifts.find(({ code }) => code === word)?.tone;
      const base = tone ? `w ${tone}` : word;
      const classes = sheet.columnClasses.map((column) => (column ? `${base} ${column}` : base));
      return { classes, text: TEXTS[word] ?? word, label: LABELS[word] ?? "" };
    });
  }

  classes(entry, column) {
    if (entry.label) return this.sheet.columnClasses[column];
    const { classes } = this.plain[this.sheet.values[entry.row][column]];
    return classes[column] + this.#signs(entry.row, column);
  }

  text(entry, column) {
    return entry.label ? String(this.#headsOf(entry)[column]) : this.plain[this.sheet.values[entry.row][column]].text;
  }

  label(entry, column) {
    if (entry.label) return "";
    return this.#signs(entry.row, column) ? this.sheet.say(entry.row, column) : this.plain[this.sheet.values[entry.row][column]].label;
  }

  // Heads of a group are counted again when something changed, not with every drawing.
  #headsOf(entry) {
    if (entry.changes !== this.sheet.changes) {
      entry.changes = this.sheet.changes;
      entry.counts = this.list.heads(entry.rows);
    }
    return entry.counts;
  }

  #signs(row, column) {
    const { sheet } = this;
    const key = sheet.key(row, column);
    const severity = sheet.marks.get(key);
    let signs = "";
    if (sheet.locks.has(key)) signs += " lk";
    if (severity !== undefined) signs += severity ? " v1" : " v0";
    if (this.pending.has(key)) signs += " pend";
    if (sheet.inForce && sheet.was(row, column)) signs += " chg";
    if (this.viewers.has(key)) signs += " other";
    return signs;
  }
}
