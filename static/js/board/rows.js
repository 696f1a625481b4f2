// The rows of the table that can be seen, as elements for whoever hears or touches the board; what is seen is the picture above them.
// Rows that leave on one side come back on the other with other words in them.

const SPARE_ROWS = 4;
const HEADS = 2;
const FEET = 2;

export class Rows {
  constructor(table, sheet, list, selection, looks, personAddress) {
    Object.assign(this, { table, sheet, list, selection, looks, personAddress });
    this.body = table.tBodies[0];
    this.above = this.#spacer();
    this.below = this.#spacer();
    this.body.replaceChildren(this.above, this.below);
    this.pool = [];
    this.first = 0;
  }

  // `seen` is the number of rows for which there is room.
  make(seen, rowHeight) {
    this.rowHeight = rowHeight;
    const wanted = seen + 2 * SPARE_ROWS;
    while (this.pool.length < wanted) this.pool.push(this.body.insertBefore(this.#row(), this.below));
    for (const row of this.pool.splice(wanted)) row.remove();
    this.table.setAttribute("aria-rowcount", this.list.count + HEADS + FEET);
  }

  #spacer() {
    const row = document.createElement("tr");
    row.setAttribute("aria-hidden", "true");
    const cell = row.appendChild(document.createElement("td"));
    cell.colSpan = this.sheet.columns + 1;
    cell.className = "spacer";
    return row;
  }

  #row() {
    const row = document.createElement("tr");
    const head = row.appendChild(document.createElement("th"));
    head.scope = "row";
    const link = head.appendChild(document.createElement("a"));
    link.tabIndex = -1;
    const id = link.appendChild(document.createElement("span"));
    id.className = "id";
    const name = link.appendChild(document.createElement("span"));
    const cells = this.sheet.dates.map((_, column) => {
      const cell = row.appendChild(document.createElement("td"));
      cell.setAttribute("aria-colindex", column + 2);
      return { cell, classes: "", text: "", label: "", isChosen: false, id: "" };
    });
    row.parts = { link, id, name, cells, place: -1, label: null };
    return row;
  }

  // `top` is the first place that is seen.
  draw(top) {
    const { pool, list } = this;
    const first = Math.max(0, Math.min(list.count - pool.length, top - SPARE_ROWS));
    this.#turn(first - this.first);
    this.first = first;
    const shown = Math.min(pool.length, list.count);
    this.#height(this.above, first);
    this.#height(this.below, list.count - first - shown);
    const area = this.selection.area;
    pool.forEach((row, step) => this.#fill(row, first + step, area));
  }

  // Rows stay in the order of the page, so that a screen reader reads them in the order in which they are seen.
  #turn(steps) {
    const { pool } = this;
    if (!steps || Math.abs(steps) >= pool.length) return;
    if (steps > 0) {
      const moved = pool.splice(0, steps);
      for (const row of moved) this.body.insertBefore(row, this.below);
      pool.push(...moved);
    } else {
      const moved = pool.splice(steps);
      for (const row of moved) this.body.insertBefore(row, pool[0]);
      pool.unshift(...moved);
    }
  }

  #height(spacer, rows) {
    const height = `${Math.max(0, rows) * this.rowHeight}px`;
    if (spacer.cells[0].style.height !== height) spacer.cells[0].style.height = height;
    if (spacer.hidden !== rows <= 0) spacer.hidden = rows <= 0;
  }

  #fill(row, place, area) {
    const entry = this.list.entries[place];
    if (row.hidden === Boolean(entry)) row.hidden = !entry;
    const { parts } = row;
    if (!entry) {
      for (const part of parts.cells) this.#write(part, part, false, false);
      return;
    }
    if (parts.place !== place) row.setAttribute("aria-rowindex", HEADS + place + 1);
    parts.place = place;
    if (entry.label) this.#heading(row, entry);
    else this.#person(row, entry.row);
    const isIn = place >= area.top && place <= area.bottom;
    const [activePlace, activeColumn] = this.selection.active;
    parts.cells.forEach((part, column) => {
      const isChosen = isIn && column >= area.left && column <= area.right;
      this.#write(part, this.#shown(part, entry, column), isChosen, place === activePlace && column === activeColumn);
    });
  }

  // Words are put together only when they change, for that takes longer than all else.
  #shown(part, entry, column) {
    const [classes, text] = [this.looks.classes(entry, column), this.looks.text(entry, column)];
    const said = `${entry.row} ${classes} ${text}`;
    const label = part.said === said ? part.label : this.looks.label(entry, column);
    part.said = said;
    return { classes, text, label };
  }

  #heading(row, { label, rows }) {
    const { parts } = row;
    const said = `${label} ${rows.length}`;
    if (parts.label === said) return;
    parts.label = said;
    row.className = "group";
    delete row.dataset.who;
    parts.link.removeAttribute("href");
    parts.link.title = label;
    parts.id.textContent = rows.length;
    parts.name.textContent = label;
  }

  #person(row, number) {
    const { parts } = row;
    if (parts.label === number) return;
    parts.label = number;
    const { code, name, team } = this.sheet.people[number];
    row.className = "";
    row.dataset.who = code;
    parts.link.href = this.personAddress.replace("CODE", encodeURIComponent(code));
    parts.link.title = `${name}, ${code}, team ${team}`;
    parts.id.textContent = code;
    parts.name.textContent = name;
  }

  #write(part, { classes, text, label }, isChosen, isActive) {
    const { cell } = part;
    if (part.classes !== classes) cell.className = part.classes = classes;
    if (part.text !== text) cell.textContent = part.text = text;
    if (part.label !== label) {
      part.label = label;
      if (label) cell.setAttribute("aria-label", label);
      else cell.removeAttribute("aria-label");
    }
    if (part.isChosen !== isChosen) {
      part.isChosen = isChosen;
      if (isChosen) cell.setAttribute("aria-selected", "true");
      else cell.removeAttribute("aria-selected");
    }
    const id = isActive ? "active-cell" : "";
    if (part.id !== id) {
      part.id = id;
      if (id) cell.id = id;
      else cell.removeAttribute("id");
    }
  }
}
