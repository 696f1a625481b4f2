// The roster as the board holds it: what each associate does on each day, which days are locked, and which rules are broken.

const NONE = 0;
const LEAVE = 1;
const FIRST_LETTER = 48;

export class Sheet {
  constructor(data) {
    this.version = data.version;
    this.isEditable = data.isEditable;
    this.dates = data.dates.map(([date]) => date);
    this.columnClasses = data.dates.map(([, classes]) => classes);
    this.shifts = data.shifts.map(([code, tone, time]) => ({ code, tone, time }));
    this.words = ["none", "leave", "off", ...this.shifts.map(({ code }) => code)];
    this.people = data.people.map(([code, name, team, mode, timing, skills]) => ({ code, name, team, mode, timing, skills }));
    this.rowOf = new Map(this.people.map(({ code }, row) => [code, row]));
    this.columnOf = new Map(this.dates.map((date, column) => [date, column]));
    this.numberOf = new Map(this.words.map((word, number) => [word, number]));
    this.values = data.days.map((letters) => Uint8Array.from(letters, (letter) => letter.charCodeAt(0) - FIRST_LETTER));
    this.locks = new Set(data.locks.map(([row, column]) => this.key(row, column)));
    this.marks = new Map();
    this.rowMarks = new Map();
    this.inForce = null;
    this.changes = 0;
    this.shortDays = this.dates.map((_, column) => this.dayWords(column, { weekday: "short", day: "numeric", month: "short" }));
  }

  get columns() {
    return this.dates.length;
  }

  key(row, column) {
    return row * this.columns + column;
  }

  word(row, column) {
    return this.words[this.values[row][column]];
  }

  isLocked(row, column) {
    return this.locks.has(this.key(row, column));
  }

  // Leave and days outside the contract are decided elsewhere.
  mayChange(row, column) {
    return this.isEditable && this.values[row][column] > LEAVE;
  }

  works(row, column) {
    return this.values[row][column] > 2;
  }

  put(row, column, word, isLocked) {
    this.changes += 1;
    this.values[row][column] = this.numberOf.get(word) ?? NONE;
    if (isLocked) this.locks.add(this.key(row, column));
    else this.locks.delete(this.key(row, column));
  }

  mark({ rules, marks }) {
    this.rules = rules;
    this.marks.clear();
    this.rowMarks.clear();
    for (const [row, column, severity] of marks) {
      this.rowMarks.set(row, Math.min(severity, this.rowMarks.get(row) ?? 1));
      if (column >= 0) this.marks.set(this.key(row, column), Math.min(severity, this.marks.get(this.key(row, column)) ?? 1));
    }
  }

  putInForce(days) {
    this.inForce = new Map();
    for (const [who, date, word] of days) {
      const row = this.rowOf.get(who);
      if (row !== undefined && this.columnOf.has(date)) this.inForce.set(this.key(row, this.columnOf.get(date)), word);
    }
  }

  // What is published for the day where that is something else, else an empty text.
  was(row, column) {
    const word = this.inForce?.get(this.key(row, column));
    return word === undefined || word === this.word(row, column) ? "" : word;
  }

  isChanged(row) {
    return this.dates.some((_, column) => this.was(row, column));
  }

  // The word that a typed text means: the shift with this code, the first that begins so, or a day off; undefined for none.
  meant(text) {
    const sought = text.trim().toLocaleLowerCase();
    if (["off", "o", "·", "-"].includes(sought)) return "off";
    const codes = this.shifts.map(({ code }) => code);
    const lower = (code) => code.toLocaleLowerCase();
    return sought ? codes.find((code) => lower(code) === sought) ?? codes.find((code) => lower(code).startsWith(sought)) : undefined;
  }

  choices(text) {
    const sought = text.trim().toLocaleLowerCase();
    const all = [...this.shifts.map(({ code, time }) => [code, time]), ["off", "day off"]];
    return all.filter(([code]) => code.toLocaleLowerCase().startsWith(sought));
  }

  dayWords(column, options) {
    if (!options) return this.shortDays[column];
    return new Date(`${this.dates[column]}T12:00:00Z`).toLocaleDateString("en-GB", { ...options, timeZone: "UTC" });
  }

  say(row, column) {
    const { code, name } = this.people[row];
    const word = this.word(row, column);
    const time = this.shifts.find((shift) => shift.code === word)?.time;
    const parts = [{ none: "no contract", off: "day off" }[word] ?? word, time];
    if (this.isLocked(row, column)) parts.push("locked");
    const severity = this.marks.get(this.key(row, column));
    if (severity !== undefined) parts.push(severity ? "a rule needs a reason" : "a rule blocks publishing");
    if (this.was(row, column)) parts.push(`published: ${this.was(row, column)}`);
    return `${name} ${code}, ${this.dayWords(column)}: ${parts.filter(Boolean).join(", ")}`;
  }
}
