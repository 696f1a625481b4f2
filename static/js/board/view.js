// Draws the rows that can be seen, no more: rows that leave on one side come back on the other with other words in them.

const SPARE_ROWS = 8;
const STEP_ROWS = 4;
const TEXTS = { none: "", leave: "L", off: "·" };
const LABELS = { none: "no contract", leave: "leave", off: "day off" };

export class View {
  constructor(box, sheet, list, selection, personAddress) {
    Object.assign(this, { box, sheet, list, selection, personAddress });
    this.table = box.querySelector("table");
    this.body = this.table.tBodies[0];
    this.heads = [...this.table.tHead.rows[1].cells];
    this.pending = new Set();
    this.viewers = new Map();
    this.copied = null;
    box.style.setProperty("--columns", sheet.columns);
    this.looks = sheet.words.map((word) => {
      const tone = sheet.shifts.find(({ code }) => code === word)?.tone;
      return { classes: tone ? `w ${tone}` : word, text: TEXTS[word] ?? word, label: LABELS[word] ?? "" };
    });
    this.above = this.#spacer();
    this.below = this.#spacer();
    this.body.replaceChildren(this.above, this.below);
    this.pool = [];
    this.first = 0;
    this.outline = box.querySelector("[data-outline]");
    this.isAsked = false;
    // Spare rows stand ready on both sides, so that not every frame has rows to change.
    box.addEventListener("scroll", () => Math.abs(this.#firstRow() - this.first) >= STEP_ROWS && this.ask(), { passive: true });
    new ResizeObserver(() => this.layout()).observe(box);
    selection.addEventListener("change", () => {
      this.reveal();
      this.ask();
    });
    this.layout();
  }

  // Many reasons to draw in one frame are one drawing.
  ask() {
    if (this.isAsked) return;
    this.isAsked = true;
    requestAnimationFrame(() => {
      this.isAsked = false;
      this.draw();
    });
  }

  layout() {
    this.rowHeight = parseFloat(getComputedStyle(this.box).getPropertyValue("--row"));
    this.headHeight = this.table.tHead.offsetHeight;
    this.footHeight = this.table.tFoot.offsetHeight;
    this.nameWidth = this.table.tHead.rows[0].cells[0].offsetWidth;
    // Read once: to ask the page for a place between two writes makes it lay out everything again.
    this.places = this.heads.map((head) => [head.offsetLeft, head.offsetLeft + head.offsetWidth]);
    this.room = [this.box.clientWidth, this.box.clientHeight];
    const wanted = Math.ceil(this.box.clientHeight / this.rowHeight) + 2 * SPARE_ROWS;
    while (this.pool.length < wanted) this.pool.push(this.body.insertBefore(this.#row(), this.below));
    this.draw();
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
    row.parts = { head, link, id, name, cells, place: -1, label: null };
    return row;
  }

  draw() {
    const { pool, list } = this;
    const first = this.#firstRow();
    this.#turn(first - this.first);
    this.first = first;
    const shown = Math.min(pool.length, list.count);
    this.#height(this.above, first);
    this.#height(this.below, list.count - first - shown);
    const area = this.selection.area;
    pool.forEach((row, step) => this.#fill(row, first + step, area));
    this.#outline(area);
  }

  #firstRow() {
    const most = Math.max(0, this.list.count - this.pool.length);
    return Math.max(0, Math.min(most, Math.floor(this.box.scrollTop / this.rowHeight) - SPARE_ROWS));
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
      for (const part of parts.cells) this.#write(part, part.classes, part.text, part.label, false, false);
      return;
    }
    if (parts.place !== place) row.setAttribute("aria-rowindex", place + 3);
    parts.place = place;
    if (entry.label) this.#heading(row, entry);
    else this.#person(row, entry.row);
    parts.cells.forEach((part, column) => this.#cell(part, entry, place, column, area));
  }

  #heading(row, { label, rows }) {
    const { parts } = row;
    if (parts.label !== label) {
      row.className = "group";
      parts.link.removeAttribute("href");
      parts.link.title = label;
      parts.id.textContent = rows.length;
      parts.name.textContent = label;
    }
    parts.label = label;
  }

  #person(row, number) {
    const { parts } = row;
    if (parts.label !== number) {
      const { code, name, team } = this.sheet.people[number];
      row.className = "";
      row.dataset.who = code;
      parts.link.href = this.personAddress.replace("CODE", encodeURIComponent(code));
      parts.link.title = `${name}, ${code}, team ${team}`;
      parts.id.textContent = code;
      parts.name.textContent = name;
    }
    parts.label = number;
  }

  #cell(part, entry, place, column, area) {
    const { sheet } = this;
    const isChosen = place >= area.top && place <= area.bottom && column >= area.left && column <= area.right;
    const isActive = place === this.selection.active[0] && column === this.selection.active[1];
    let classes = sheet.columnClasses[column];
    let text = "";
    let label = "";
    if (entry.label) {
      text = String(this.#headsOf(entry, column));
    } else {
      const key = sheet.key(entry.row, column);
      const look = this.looks[sheet.values[entry.row][column]];
      ({ text, label } = look);
      classes = classes ? `${look.classes} ${classes}` : look.classes;
      const signs = this.#signs(entry.row, column, key);
      if (signs) classes += signs;
      // Words are put together only when they change, for that takes longer than all else.
      const said = `${entry.row} ${classes} ${text}`;
      if (signs) label = part.said === said ? part.label : sheet.say(entry.row, column);
      part.said = said;
    }
    if (isChosen) classes += " sel";
    if (isActive) classes += " act";
    this.#write(part, classes, text, label, isChosen, isActive);
  }

  // Heads of a group are counted again when something changed, not with every drawing.
  #headsOf(entry, column) {
    if (entry.changes !== this.sheet.changes) {
      entry.changes = this.sheet.changes;
      entry.counts = this.list.heads(entry.rows);
    }
    return entry.counts[column];
  }

  #signs(row, column, key) {
    const { sheet } = this;
    let signs = "";
    if (sheet.locks.has(key)) signs += " lk";
    const severity = sheet.marks.get(key);
    if (severity !== undefined) signs += severity ? " v1" : " v0";
    if (this.pending.has(key)) signs += " pend";
    if (sheet.inForce && sheet.was(row, column)) signs += " chg";
    if (this.viewers.has(key)) signs += " other";
    return signs;
  }

  #write(part, classes, text, label, isChosen, isActive) {
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

  rect({ top, bottom, left, right }) {
    const [from, to] = [this.places[left][0], this.places[right][1]];
    return {
      left: from,
      top: this.headHeight + top * this.rowHeight,
      width: to - from,
      height: (bottom - top + 1) * this.rowHeight,
    };
  }

  #outline(area) {
    this.outline.hidden = !this.list.count;
    if (this.list.count) this.place(this.outline, this.rect(area));
  }

  place(element, rect) {
    for (const side of ["left", "top", "width", "height"]) {
      const value = `${rect[side]}px`;
      if (element.style[side] !== value) element.style[side] = value;
    }
  }

  // The place and the column at a point of the screen, taken to the nearest cell.
  at(x, y) {
    const box = this.box.getBoundingClientRect();
    const across = x - box.left + this.box.scrollLeft;
    const down = y - box.top + this.box.scrollTop - this.headHeight;
    const column = this.places.findIndex(([, right]) => across < right);
    const place = Math.floor(down / this.rowHeight);
    const last = this.sheet.columns - 1;
    return [Math.max(0, Math.min(place, this.list.count - 1)), column < 0 ? last : column];
  }

  reveal() {
    const [place, column] = this.selection.active;
    const [start, end] = this.places[column];
    const { box } = this;
    const top = place * this.rowHeight;
    const room = this.room[1] - this.headHeight - this.footHeight;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + this.rowHeight > box.scrollTop + room) box.scrollTop = top + this.rowHeight - room;
    const left = start - this.nameWidth;
    if (left < box.scrollLeft) box.scrollLeft = left;
    else if (end > box.scrollLeft + this.room[0]) box.scrollLeft = end - this.room[0];
  }
}
