// Two ways to hold the rows of the roster grid, with one face: a table that is wholly on the page, and a virtual list.
//
// A sheet has: `count` (rows shown), `columns`, `cell(row, column)` (the td, brought into the page if need be), `tones(row)`
// (the tone of each column, empty where nobody works), `position(td)`, `find(code)` (the row of an associate, or -1), and
// `filter(query, team)`.

const TONES = ["morning", "day", "evening", "night"];
const toneIn = (classes) => (classes.includes("w") ? TONES.find((tone) => classes.includes(tone)) ?? "" : "");
const matches = (code, name, ofTeam, query, team) =>
  (!team || team === ofTeam) && (!query || code.toLocaleLowerCase().includes(query) || name.toLocaleLowerCase().includes(query));

export class TableSheet {
  constructor(table) {
    this.columns = table.tHead.rows[1].cells.length;
    this.rows = [...table.tBodies[0].rows].map((row) => ({
      row,
      code: row.dataset.who,
      team: row.dataset.team,
      name: row.cells[0].textContent,
      tones: [...row.cells].slice(1).map((cell) => toneIn([...cell.classList])),
    }));
    this.shown = this.rows;
  }

  get count() {
    return this.shown.length;
  }

  cell(row, column) {
    return this.shown[row]?.row.cells[column + 1];
  }

  tones(row) {
    return this.shown[row].tones;
  }

  position(cell) {
    return [this.shown.findIndex(({ row }) => row === cell.parentElement), cell.cellIndex - 1];
  }

  find(code) {
    return this.shown.findIndex((entry) => entry.code === code);
  }

  filter(query, team) {
    this.shown = this.rows.filter((entry) => {
      entry.row.hidden = !matches(entry.code, entry.name, entry.team, query, team);
      return !entry.row.hidden;
    });
  }
}

const SPARE_ROWS = 12;

export class VirtualSheet {
  static async load(box) {
    const answer = await fetch(box.dataset.source, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`The rows could not be read (${answer.status}).`);
    return new VirtualSheet(box, await answer.json());
  }

  constructor(box, data) {
    this.box = box;
    this.body = box.querySelector("tbody");
    this.columns = data.columns.length;
    this.cells = data.cells.map(([classes, text, words]) => this.#template(classes, text, words));
    this.cellTones = data.cells.map(([classes]) => toneIn(classes.split(" ")));
    this.rows = data.rows;
    this.shown = data.rows;
    this.from = this.to = 0;
    this.#draw(0, 1);
    this.rowHeight = this.body.rows[1].getBoundingClientRect().height;
    box.addEventListener("scroll", () => requestAnimationFrame(() => this.render()), { passive: true });
    new ResizeObserver(() => this.render()).observe(box);
    this.render();
  }

  #template(classes, text, words) {
    const cell = document.createElement("td");
    cell.className = classes;
    cell.textContent = text;
    if (words) cell.setAttribute("aria-label", words);
    return cell;
  }

  #row(index) {
    const [code, name, team, cells] = this.shown[index];
    const row = document.createElement("tr");
    row.dataset.who = code;
    row.dataset.team = team;
    row.setAttribute("aria-rowindex", index + 3);
    const head = row.appendChild(document.createElement("th"));
    head.scope = "row";
    const link = head.appendChild(document.createElement("a"));
    link.href = this.box.dataset.person.replace("CODE", encodeURIComponent(code));
    link.title = `${name}, ${code}, team ${team}`;
    link.tabIndex = -1;
    const id = link.appendChild(document.createElement("span"));
    id.className = "id";
    id.textContent = code;
    link.append(name);
    row.append(...cells.map((cell) => this.cells[cell].cloneNode(true)));
    return row;
  }

  #spacer(rows) {
    const row = document.createElement("tr");
    row.setAttribute("aria-hidden", "true");
    const cell = row.appendChild(document.createElement("td"));
    cell.colSpan = this.columns + 1;
    cell.className = "spacer";
    cell.style.height = `${rows * (this.rowHeight ?? 26)}px`;
    row.hidden = rows === 0;
    return row;
  }

  #draw(from, to) {
    const focused = this.body.contains(document.activeElement) ? this.position(document.activeElement) : null;
    [this.from, this.to] = [from, to];
    const rows = Array.from({ length: to - from }, (_, index) => this.#row(from + index));
    this.body.replaceChildren(this.#spacer(from), ...rows, this.#spacer(this.shown.length - to));
    if (!focused) return;
    const [row, column] = focused;
    if (row >= from && row < to) {
      const cell = this.body.rows[row - from + 1].cells[column + 1];
      cell.tabIndex = 0;
      cell.focus({ preventScroll: true });
    } else {
      // The row with the focus was scrolled away; its box takes the focus, so that the next key goes on from there.
      this.box.focus({ preventScroll: true });
    }
  }

  render() {
    const first = Math.floor(this.box.scrollTop / this.rowHeight);
    const visible = Math.ceil(this.box.clientHeight / this.rowHeight);
    const from = Math.max(0, Math.min(first, this.shown.length - visible) - SPARE_ROWS);
    const to = Math.min(this.shown.length, first + visible + SPARE_ROWS);
    const isEnough = this.from <= Math.max(0, first - 2) && this.to >= Math.min(this.shown.length, first + visible + 2);
    if (!isEnough || this.to > this.shown.length) this.#draw(from, to);
  }

  get count() {
    return this.shown.length;
  }

  cell(row, column) {
    if (row < 0 || row >= this.shown.length) return undefined;
    if (row < this.from || row >= this.to) {
      this.box.scrollTop = Math.max(0, row * this.rowHeight - this.box.clientHeight / 2);
      this.render();
    }
    return this.body.rows[row - this.from + 1]?.cells[column + 1];
  }

  tones(row) {
    return this.shown[row][3].map((cell) => this.cellTones[cell]);
  }

  find(code) {
    return this.shown.findIndex(([of]) => of === code);
  }

  position(cell) {
    return [this.from + cell.parentElement.sectionRowIndex - 1, cell.cellIndex - 1];
  }

  filter(query, team) {
    this.shown = this.rows.filter(([code, name, ofTeam]) => matches(code, name, ofTeam, query, team));
    this.box.scrollTop = 0;
    this.#draw(0, Math.min(this.shown.length, Math.ceil(this.box.clientHeight / this.rowHeight) + SPARE_ROWS));
  }
}
